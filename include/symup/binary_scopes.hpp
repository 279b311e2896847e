// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A source of scopes: a native binary (ELF with DWARF, from C, C++, Rust or Go). A host opens the
/// binary, sees which languages it holds, and extracts one language after the other into a
/// scope_sink, an upload or a file each. extract() blocks its caller; it runs workers of its own,
/// but calls the sink and the progress callback only from the calling thread.

#include "symup/error.hpp"
#include "symup/scope_sink.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace symup {

/// Source paths that begin with `from` begin with `to` instead.
struct path_mapping {
  std::string from;
  std::string to;
};

/// What a root scope stands for in C and C++. (Rust: always a module. Go: always a package.)
enum class binary_root : std::uint8_t {
  file,       ///< a source file
  namespace_, ///< a namespace
  unit,       ///< a compilation unit
};

enum class template_policy : std::uint8_t {
  merge, ///< instances of one template are one scope, named name<...>
  each,  ///< every instance is a scope
};

struct binary_options {
  std::size_t threads = 0; ///< workers; 0 = one per core
  binary_root root = binary_root::file;
  template_policy templates = template_policy::merge;

  /// Keeps what comes from system, toolchain and vendored paths too.
  bool all = false;
  /// Prefixes of paths, or globs where they hold one of *?[. Given: only these are kept, whatever
  /// the default says. (Go: prefixes of packages as well.)
  std::vector<std::string> include;
  std::vector<std::string> exclude;   ///< never kept
  std::vector<path_mapping> path_map; ///< the first that fits is applied
  std::string source_root;            ///< where relative source paths begin

  std::vector<std::string> debug_dirs; ///< searched before /usr/lib/debug
  /// Asked last for debug information, with the build-id in hex; answers with the path of a file.
  /// Not set: no download.
  std::function<expected<std::string>(const std::string& build_id)> fetch_debug_info;

  /// Bytes of pieces of scopes held in memory; what goes beyond lies in an unlinked file in
  /// temporary_dir.
  std::size_t memory_limit = 64U * 1024U * 1024U;
  std::uint64_t max_inflate = 4ULL * 1024U * 1024U * 1024U; ///< bytes of compressed sections
  std::string temporary_dir = "/tmp";
};

struct binary_summary {
  std::string language;
  std::uint64_t units = 0;        ///< of the language
  std::uint64_t units_failed = 0; ///< damaged, skipped
  std::string first_failure;      ///< why the first (in the file) of them failed
  std::uint64_t roots = 0;        ///< root scopes
  std::uint64_t scopes = 0;       ///< all scopes, roots included
  std::uint64_t symbols = 0;
  std::uint64_t functions = 0;  ///< functions, methods and closures
  std::uint64_t classes = 0;    ///< classes, structs, unions
  std::uint64_t left_out = 0;   ///< functions and classes the first-party filter left out
  std::uint64_t duplicates = 0; ///< descriptions of what another unit had described
  std::uint64_t debug_info_bytes = 0;
  std::uint64_t spilled_bytes = 0; ///< pieces written to the temporary file
};

struct binary_progress {
  std::uint64_t units_done = 0, units_total = 0;
  std::uint64_t scopes = 0; ///< found so far; while roots are written: written so far
  bool writing = false;     ///< all units are read, roots go to the sink
};

/// Called several times a second; false stops the extraction within a second.
using progress_callback = std::function<bool(const binary_progress&)>;

/// Whether a file begins as an ELF file does. False also if it cannot be read.
[[nodiscard]] bool is_elf(const std::string& path);
/// The same for the first bytes of a file.
[[nodiscard]] bool is_elf_magic(std::string_view first_bytes) noexcept;

class binary_scopes {
public:
  /// Opens a binary and finds its debug information. Errors: io_failed; unsupported_binary for
  /// formats that are not read; no_debug_info, which names the build-id and what to do.
  [[nodiscard]] static expected<binary_scopes> open(const std::string& path,
                                                    binary_options options = {});

  binary_scopes(binary_scopes&&) noexcept;
  binary_scopes& operator=(binary_scopes&&) noexcept;
  ~binary_scopes();

  /// "cpp", "c", "rust", "go": the one with most units first. One upload for each.
  [[nodiscard]] const std::vector<std::string>& languages() const noexcept;
  /// In hex; "" if the binary has none.
  [[nodiscard]] const std::string& build_id() const noexcept;
  /// The file that holds the debug information: the binary itself or a separate one.
  [[nodiscard]] const std::string& debug_file() const noexcept;

  /// Writes the scopes of one of languages() into the sink, the same bytes for any number of
  /// threads. A damaged unit is skipped and counted. Errors: cancelled if the sink or the callback
  /// said stop, io_failed if the temporary file failed, out_of_memory, invalid_config for a
  /// language that is not there.
  [[nodiscard]] expected<binary_summary> extract(std::string_view language, scope_sink& out,
                                                 const progress_callback& progress = {});

private:
  struct state;
  static expected<void> make_readable(state& opened);
  explicit binary_scopes(std::unique_ptr<state> opened);
  std::unique_ptr<state> state_;
};

} // namespace symup
