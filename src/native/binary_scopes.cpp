// SPDX-License-Identifier: Apache-2.0
#include "symup/binary_scopes.hpp"

#include "native/debug_info_find.hpp"
#include "native/elf_copy.hpp"
#include "native/go_build_info.hpp"
#include "native/json_object.hpp"
#include "native/root_write.hpp"
#include "native/unit_read.hpp"
#include "native/unit_survey.hpp"
#include "symup/version.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <new>
#include <thread>

namespace symup {

using namespace native;

namespace {

// A handle is closed and opened anew after so many units or bytes of them: its caches only grow.
constexpr std::size_t units_per_handle = 64;
constexpr std::uint64_t bytes_per_handle = 32ULL * 1024 * 1024;

// What went wrong in the workers; the first in the order of the file is told.
struct failures {
  std::mutex mutex;
  std::uint64_t units = 0;
  std::uint32_t first_ordinal = 0;
  std::string first;
  std::optional<error> fatal;

  void add(std::uint32_t ordinal, std::string why) {
    const std::lock_guard<std::mutex> lock(mutex);
    if (units++ == 0 || ordinal < first_ordinal) {
      first_ordinal = ordinal;
      first = std::move(why);
    }
  }
};

// The units of one language, shared out to the workers.
class unit_crew {
public:
  unit_crew(extraction& shared, int fd, const std::vector<unit_place>& units,
            std::vector<std::uint32_t> todo, std::uint64_t file_size)
      : shared_(shared), fd_(fd), units_(units), todo_(std::move(todo)), file_size_(file_size) {}

  // Blocks until all units are done or the callback said stop.
  expected<void> run(std::size_t threads, const progress_callback& progress);
  failures failed;

private:
  void work() noexcept;
  void work_through();
  bool read_one(unit_reader& reader, dwarf_session& session, std::uint32_t ordinal);
  void give_up(error why);
  bool file_changed() const;

  extraction& shared_;
  int fd_;
  const std::vector<unit_place>& units_;
  std::vector<std::uint32_t> todo_;
  std::uint64_t file_size_;
  std::atomic<std::size_t> next_{0}, done_{0};
  std::mutex mutex_;
  std::condition_variable finished_;
  std::size_t working_ = 0;
};

void unit_crew::give_up(error why) {
  const std::lock_guard<std::mutex> lock(failed.mutex);
  if (!failed.fatal)
    failed.fatal = std::move(why);
  shared_.stop.store(true);
}

// A file that shrinks while it is mapped would end the process.
bool unit_crew::file_changed() const {
  struct stat status {};
  return ::fstat(fd_, &status) != 0 || static_cast<std::uint64_t>(status.st_size) != file_size_;
}

bool unit_crew::read_one(unit_reader& reader, dwarf_session& session, std::uint32_t ordinal) {
  if (file_changed()) {
    give_up({errc::io_failed, "the file changed while it was read", std::nullopt});
    return false;
  }
  const auto& place = units_[ordinal];
  const auto unit_name = [&] {
    return "unit " + std::to_string(ordinal) + " at offset " + std::to_string(place.die_offset) +
           ": ";
  };
  std::string why;
  auto* const view = session.open_unit(place, why);
  if (view == nullptr) {
    failed.add(ordinal, unit_name() + why);
    return true;
  }
  auto parts = session.type_units_beside(*view, why);
  parts.insert(parts.begin(), view);
  bool sound = why.empty();
  for (auto* const part : parts) {
    const auto read = reader.read(*part, ordinal, why);
    if (!read) {
      give_up(read.error());
      return false;
    }
    sound = sound && *read;
  }
  if (!sound && !shared_.stop.load())
    failed.add(ordinal, unit_name() + why);
  return true;
}

void unit_crew::work_through() {
  dwarf_session session(fd_);
  unit_reader reader(shared_, session);
  std::size_t units = units_per_handle;
  std::uint64_t bytes = 0;
  while (!shared_.stop.load()) {
    const auto at = next_.fetch_add(1);
    if (at >= todo_.size())
      return;
    if (units >= units_per_handle || bytes >= bytes_per_handle) {
      reader.clear();
      if (!session.reopen()) {
        give_up({errc::unsupported_binary,
                 std::string("the debug information cannot be opened: ") + dwarf_errmsg(-1),
                 std::nullopt});
        return;
      }
      units = 0;
      bytes = 0;
    }
    ++units;
    bytes += units_[todo_[at]].bytes;
    if (!read_one(reader, session, todo_[at]))
      return;
    done_.fetch_add(1);
  }
}

void unit_crew::work() noexcept {
  try {
    work_through();
  } catch (const std::bad_alloc&) {
    give_up({errc::out_of_memory, "no memory while reading units", std::nullopt});
  } catch (const std::exception& e) {
    give_up({errc::internal, e.what(), std::nullopt});
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  --working_;
  finished_.notify_all();
}

expected<void> unit_crew::run(std::size_t threads, const progress_callback& progress) {
  threads = std::clamp<std::size_t>(threads, 1, std::max<std::size_t>(todo_.size(), 1));
  std::vector<std::thread> crew;
  working_ = threads;
  for (std::size_t i = 0; i < threads; ++i) {
    try {
      crew.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
      const std::lock_guard<std::mutex> lock(mutex_);
      working_ -= threads - i; // fewer do, one at least
      if (i == 0) {
        give_up({errc::out_of_memory, "no thread could be started", std::nullopt});
        working_ = 0;
      }
      break;
    }
  }
  bool told_to_stop = false;
  std::unique_lock<std::mutex> lock(mutex_);
  while (working_ != 0) {
    finished_.wait_for(lock, std::chrono::milliseconds(100));
    lock.unlock();
    if (progress && !told_to_stop &&
        !progress({done_.load(), todo_.size(), shared_.entities.size(), false})) {
      told_to_stop = true;
      shared_.stop.store(true);
    }
    lock.lock();
  }
  lock.unlock();
  for (auto& thread : crew)
    thread.join();
  if (failed.fatal)
    return fail(*failed.fatal);
  if (told_to_stop)
    return fail(errc::cancelled, "told to stop");
  return {};
}

} // namespace

struct binary_scopes::state {
  binary_options options;
  elf_file elf;
  file_handle readable; // inflated or copied; not set: elf.file
  std::uint64_t readable_size = 0;
  unit_survey survey;
  std::vector<std::string> languages;
  std::string go_module;

  [[nodiscard]] int fd() const noexcept { return readable ? readable.get() : elf.file.get(); }
};

binary_scopes::binary_scopes(std::unique_ptr<state> opened) : state_(std::move(opened)) {}
binary_scopes::binary_scopes(binary_scopes&&) noexcept = default;
binary_scopes& binary_scopes::operator=(binary_scopes&&) noexcept = default;
binary_scopes::~binary_scopes() = default;

const std::vector<std::string>& binary_scopes::languages() const noexcept {
  return state_->languages;
}
const std::string& binary_scopes::build_id() const noexcept {
  return state_->elf.build_id;
}
const std::string& binary_scopes::debug_file() const noexcept {
  return state_->elf.path;
}

// What the workers map: the file itself only where it is large and needs no inflating, or where
// other files are found from its place.
expected<void> binary_scopes::make_readable(state& opened) {
  auto& elf = opened.elf;
  opened.readable_size = elf.size;
  expected<file_handle> made;
  if (elf.has_compressed_debug)
    made = inflate_debug_sections(elf, opened.options);
  if (!made)
    return fail(made.error());
  auto surveyed = survey_units(*made ? made->get() : elf.file.get(), opened.options);
  if (!surveyed)
    return fail(surveyed.error().code, elf.path + ": " + surveyed.error().message);
  opened.survey = std::move(*surveyed);
  if (!*made && elf.size <= max_copied_bytes && !elf.has_supplement && !opened.survey.has_split)
    made = copy_file(elf);
  if (!made)
    return fail(made.error());
  struct stat status {};
  if (*made && ::fstat(made->get(), &status) == 0) {
    opened.readable = std::move(*made);
    opened.readable_size = static_cast<std::uint64_t>(status.st_size);
  }
  return {};
}

expected<binary_scopes> binary_scopes::open(const std::string& path, binary_options options) {
  auto opened = std::make_unique<state>();
  opened->options = std::move(options);
  auto binary = open_elf(path, opened->options.max_inflate);
  if (!binary)
    return fail(binary.error());
  opened->go_module = go_module_of(*binary);
  auto found = find_debug_info(std::move(*binary), opened->options);
  if (!found)
    return fail(found.error());
  opened->elf = std::move(*found);
  if (auto made = make_readable(*opened); !made)
    return fail(made.error());
  for (const auto language : opened->survey.languages)
    opened->languages.emplace_back(to_string(language));
  return binary_scopes(std::move(opened));
}

expected<binary_summary> binary_scopes::extract(std::string_view language, scope_sink& out,
                                                const progress_callback& progress) try {
  auto& survey = state_->survey;
  const auto wanted =
      std::find_if(survey.languages.begin(), survey.languages.end(),
                   [&](source_language known) { return to_string(known) == language; });
  if (wanted == survey.languages.end())
    return fail(errc::invalid_config, "language " + std::string(language) + ": not in the binary");
  extraction shared(state_->options, state_->elf, *wanted,
                    first_party_filter(state_->options, survey.own_directory(*wanted)));
  shared.rust_crates = survey.rust_crates;
  shared.go_module = state_->go_module;
  shared.split_off_parts = state_->elf.split_off_parts();
  auto todo = survey.units_for(*wanted);
  binary_summary summary;
  summary.language = language;
  summary.units = todo.size();
  summary.debug_info_bytes = state_->elf.debug_info_bytes;
  unit_crew crew(shared, state_->fd(), survey.units, std::move(todo), state_->readable_size);
  const auto threads = state_->options.threads != 0
                           ? state_->options.threads
                           : std::max<std::size_t>(std::thread::hardware_concurrency(), 1);
  if (auto ran = crew.run(threads, progress); !ran)
    return fail(ran.error());
  summary.units_failed = crew.failed.units + (survey.damaged ? 1 : 0);
  summary.first_failure = crew.failed.first;
  if (survey.damaged && summary.first_failure.empty())
    summary.first_failure = "units behind number " + std::to_string(survey.units.size()) +
                            " cannot be found: a header is damaged";
  summary.left_out = shared.left_out.load();
  summary.duplicates = shared.described.load() - shared.entities.size();
  json_object specifics;
  specifics.add("agent_version", library_version);
  if (!state_->elf.build_id.empty())
    specifics.add("build_id", state_->elf.build_id);
  if (const auto& producer = survey.producer(*wanted); !producer.empty())
    specifics.add("producer", producer);
  const auto units = summary.units;
  const write_progress written = [&](std::uint64_t scopes) {
    return !progress || progress({units, units, scopes, true});
  };
  if (auto wrote = write_roots(shared, specifics.finish(), out, written, summary); !wrote)
    return fail(wrote.error());
  summary.spilled_bytes = shared.pieces.spilled_bytes();
  return summary;
} catch (const std::bad_alloc&) {
  return fail(errc::out_of_memory, "no memory while extracting scopes");
}

} // namespace symup
