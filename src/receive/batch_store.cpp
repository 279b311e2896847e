// SPDX-License-Identifier: Apache-2.0
#include "receive/batch_store.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace symup::receive {

namespace fs = std::filesystem;

namespace {

tl::unexpected<error> io_error(const std::string& what, const fs::path& path, int number) {
  return fail(errc::io_failed, "cannot " + what + " " + path.string() + ": " +
                                   std::generic_category().message(number));
}

/// write() until all is written.
bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

expected<void> write_atomically(const fs::path& path, std::string_view bytes) {
  fs::path aside = path;
  aside += ".tmp";
  const int descriptor = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0)
    return io_error("create", aside, errno);
  const bool written = write_all(descriptor, bytes);
  const int problem = errno;
  const bool closed = ::close(descriptor) == 0;
  if (!written || !closed) {
    const int number = written ? errno : problem;
    ::unlink(aside.c_str());
    return io_error("write", aside, number);
  }
  if (::rename(aside.c_str(), path.c_str()) != 0)
    return io_error("rename", aside, errno);
  return {};
}

} // namespace

struct batch_store::index_file {
  std::mutex mutex;
  int descriptor = -1;
  std::uint64_t size = 0; ///< of the complete lines
};

void batch_store::close_index::operator()(index_file* index) const noexcept {
  ::close(index->descriptor);
  delete index;
}

batch_files files_of(const batch_facts& facts) {
  std::string number = std::to_string(facts.batch_num);
  number.insert(0, number.size() < 6 ? 6 - number.size() : 0, '0');
  const fs::path folder = facts.upload_id;
  return {folder / ("batch-" + number + ".file.gz"), folder / ("batch-" + number + ".event.json")};
}

expected<std::vector<batch_record>> read_index(const fs::path& folder,
                                               std::uint64_t* complete_bytes) {
  const fs::path path = folder / index_name;
  std::ifstream input(path, std::ios::binary);
  if (!input)
    return io_error("open", path, errno);
  std::vector<batch_record> records;
  std::uint64_t complete = 0;
  std::string line;
  while (std::getline(input, line) && !input.eof()) {
    auto record = parse_line(line);
    if (!record.has_value())
      return fail(errc::invalid_line, path.string() + " line " +
                                          std::to_string(records.size() + 1) + ": " +
                                          record.error().message);
    records.push_back(std::move(*record));
    complete += line.size() + 1;
  }
  if (input.bad())
    return io_error("read", path, errno);
  if (complete_bytes != nullptr)
    *complete_bytes = complete;
  return records;
}

batch_store::batch_store(fs::path folder, std::vector<batch_record> loaded, index_file* index)
    : folder_(std::move(folder)), loaded_(std::move(loaded)), index_(index) {}

expected<batch_store> batch_store::open(const fs::path& folder) {
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem)
    return io_error("create", folder, problem.value());
  const fs::path path = folder / index_name;
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor < 0)
    return io_error("open", path, errno);
  auto* index = new index_file;
  index->descriptor = descriptor;
  batch_store store(folder, {}, index);
  auto records = read_index(folder, &index->size);
  if (!records.has_value())
    return fail(records.error());
  store.loaded_ = std::move(*records);
  if (::ftruncate(descriptor, static_cast<off_t>(index->size)) != 0)
    return io_error("truncate", path, errno);
  return store;
}

expected<void> batch_store::put(const batch_record& record, std::string_view file,
                                std::string_view event) {
  const batch_files files = files_of(record.facts);
  std::error_code problem;
  fs::create_directory(folder_ / record.facts.upload_id, problem);
  if (problem)
    return io_error("create", folder_ / record.facts.upload_id, problem.value());
  if (auto done = write_atomically(folder_ / files.file, file); !done.has_value())
    return done;
  if (auto done = write_atomically(folder_ / files.event, event); !done.has_value())
    return done;
  const std::string line = to_line(record) + '\n';
  const std::lock_guard lock(index_->mutex);
  if (!write_all(index_->descriptor, line)) {
    const int number = errno;
    // Half a line must not stand before the next one.
    if (::ftruncate(index_->descriptor, static_cast<off_t>(index_->size)) != 0)
      return io_error("truncate", folder_ / index_name, errno);
    return io_error("append to", folder_ / index_name, number);
  }
  index_->size += line.size();
  return {};
}

} // namespace symup::receive
