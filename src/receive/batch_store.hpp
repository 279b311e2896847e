// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Accepted batches on disk: DIR/<upload_id>/batch-000001.file.gz and batch-000001.event.json,
/// each complete or absent (written aside, then renamed), and DIR/index.ndjson with one line a
/// batch in the order of acceptance. The intake server writes; verify reads the same names.
/// put() may be called from any thread for different batches at once.

#include "receive/batch_record.hpp"
#include "symup/error.hpp"

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace symup::receive {

inline constexpr std::string_view index_name = "index.ndjson";

/// The files of a batch, relative to the store's folder.
struct batch_files {
  std::filesystem::path file, event;
};
[[nodiscard]] batch_files files_of(const batch_facts& facts);

/// All records of an index, in order. A last line without newline is left out: whoever wrote it
/// was interrupted and had not answered yet. `complete_bytes` tells where the complete lines end.
[[nodiscard]] expected<std::vector<batch_record>> read_index(const std::filesystem::path& folder,
                                                             std::uint64_t* complete_bytes);

class batch_store {
public:
  /// Makes the folder if it is not there; otherwise goes on with what it holds.
  static expected<batch_store> open(const std::filesystem::path& folder);

  batch_store(batch_store&&) = default;
  batch_store& operator=(batch_store&&) = default;

  /// What the index held when the store was opened.
  [[nodiscard]] const std::vector<batch_record>& loaded() const noexcept { return loaded_; }

  /// Stores both parts, then the index line. On an error no line was added.
  expected<void> put(const batch_record& record, std::string_view file, std::string_view event);

private:
  struct index_file;
  struct close_index {
    void operator()(index_file* index) const noexcept;
  };
  batch_store(std::filesystem::path folder, std::vector<batch_record> loaded, index_file* index);

  std::filesystem::path folder_;
  std::vector<batch_record> loaded_;
  std::unique_ptr<index_file, close_index> index_;
};

} // namespace symup::receive
