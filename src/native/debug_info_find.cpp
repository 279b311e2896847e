// SPDX-License-Identifier: Apache-2.0
#include "native/debug_info_find.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace symup::native {

namespace {

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

std::string absolute_directory_of(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  return directory_of(real ? real.get() : path);
}

// The CRC-32 a debuglink carries: that of the whole file.
expected<std::uint32_t> file_crc(const elf_file& file) {
  std::vector<unsigned char> block(1U << 20U);
  auto crc = crc32(0, nullptr, 0);
  for (off_t at = 0;;) {
    const auto got = ::pread(file.file.get(), block.data(), block.size(), at);
    if (got < 0)
      return fail(errc::io_failed, file.path + ": " + std::strerror(errno));
    if (got == 0)
      return static_cast<std::uint32_t>(crc);
    crc = crc32(crc, block.data(), static_cast<uInt>(got));
    at += got;
  }
}

// Opens a candidate; nothing if it is not there, is no debug file, or is one of another binary.
std::optional<elf_file> candidate(const std::string& path, const elf_file& binary,
                                  const binary_options& options, bool by_link) {
  if (::access(path.c_str(), R_OK) != 0)
    return std::nullopt;
  auto file = open_elf(path, options.max_inflate);
  if (!file || !file->has_debug_info)
    return std::nullopt;
  if (by_link) {
    const auto crc = file_crc(*file);
    if (!crc || *crc != binary.link.crc)
      return std::nullopt;
  } else if (file->build_id != binary.build_id) {
    return std::nullopt;
  }
  return std::move(*file);
}

std::vector<std::string> debug_directories(const binary_options& options) {
  auto directories = options.debug_dirs;
  directories.emplace_back("/usr/lib/debug");
  return directories;
}

std::vector<std::string> build_id_paths(const elf_file& binary, const binary_options& options) {
  std::vector<std::string> paths;
  if (binary.build_id.size() > 2)
    for (const auto& directory : debug_directories(options))
      paths.push_back(directory + "/.build-id/" + binary.build_id.substr(0, 2) + '/' +
                      binary.build_id.substr(2) + ".debug");
  return paths;
}

std::vector<std::string> link_paths(const elf_file& binary, const binary_options& options) {
  std::vector<std::string> paths;
  if (binary.link.name.empty() || binary.link.name.find('/') != std::string::npos)
    return paths;
  const auto own = absolute_directory_of(binary.path);
  paths.push_back(own + '/' + binary.link.name);
  paths.push_back(own + "/.debug/" + binary.link.name);
  for (const auto& directory : debug_directories(options)) {
    paths.push_back(directory + own + '/' + binary.link.name);
    paths.push_back(directory + '/' + binary.link.name);
  }
  return paths;
}

tl::unexpected<error> not_found(const elf_file& binary, const std::vector<std::string>& searched,
                                bool fetched) {
  auto text = binary.path + ": no debug information; build-id " +
              (binary.build_id.empty() ? std::string("none") : binary.build_id);
  if (!searched.empty())
    text += "; searched " + searched.front() +
            (searched.size() > 1 ? " and " + std::to_string(searched.size() - 1) + " more" : "");
  text += "; build with -g, install the debug package, name its directory (--debug-dir)";
  if (!fetched)
    text += " or allow a download (--debuginfod)";
  return fail(errc::no_debug_info, std::move(text));
}

} // namespace

expected<elf_file> find_debug_info(elf_file binary, const binary_options& options) {
  if (binary.has_debug_info)
    return binary;
  std::vector<std::string> searched;
  const auto search = [&](const std::vector<std::string>& paths,
                          bool by_link) -> std::optional<elf_file> {
    for (const auto& path : paths) {
      searched.push_back(path);
      if (auto found = candidate(path, binary, options, by_link))
        return found;
    }
    return std::nullopt;
  };
  auto found = search(build_id_paths(binary, options), false);
  if (!found)
    found = search(link_paths(binary, options), true);
  if (!found && options.fetch_debug_info && !binary.build_id.empty()) {
    const auto path = options.fetch_debug_info(binary.build_id);
    if (!path)
      return fail(path.error());
    found = candidate(*path, binary, options, false);
  }
  if (!found)
    return not_found(binary, searched, static_cast<bool>(options.fetch_debug_info));
  if (found->code.empty())
    found->code = binary.code;
  found->build_id = binary.build_id;
  return std::move(*found);
}

expected<file_handle> make_temporary_file(const binary_options& options) {
  const std::string& directory = options.temporary_dir;
  file_handle file(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file)
    return file;
  auto name = directory + "/symup-XXXXXX"; // a file system without O_TMPFILE
  file = file_handle(::mkostemp(name.data(), O_CLOEXEC));
  if (!file)
    return fail(errc::io_failed, directory + ": no temporary file: " + std::strerror(errno));
  ::unlink(name.c_str());
  return file;
}

} // namespace symup::native
