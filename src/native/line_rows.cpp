// SPDX-License-Identifier: Apache-2.0
#include "native/line_rows.hpp"

#include <algorithm>
#include <queue>
#include <tuple>

namespace symup::native {

namespace {

struct deeper {
  bool operator()(const code_interval* a, const code_interval* b) const noexcept {
    return a->depth != b->depth ? a->depth < b->depth : a->begin < b->begin;
  }
};

// The intervals around an address that only grows.
class interval_sweep {
public:
  explicit interval_sweep(std::vector<code_interval>& intervals) : intervals_(intervals) {
    std::sort(intervals.begin(), intervals.end(),
              [](const code_interval& a, const code_interval& b) {
                return std::tie(a.begin, a.begin_view, a.depth, a.instance) <
                       std::tie(b.begin, b.begin_view, b.depth, b.instance);
              });
  }
  // The instance whose code the row is.
  std::uint32_t at(std::uint64_t address, std::uint32_t view) {
    for (; next_ < intervals_.size(); ++next_) {
      const auto& interval = intervals_[next_];
      if (interval.begin > address || (interval.begin == address && interval.begin_view > view))
        break;
      open_.push(&interval);
    }
    while (!open_.empty() && open_.top()->end <= address)
      open_.pop(); // what has ended below the top is found when it comes up
    return open_.empty() ? no_instance : open_.top()->instance;
  }

private:
  std::vector<code_interval>& intervals_;
  std::size_t next_ = 0;
  std::priority_queue<const code_interval*, std::vector<const code_interval*>, deeper> open_;
};

} // namespace

bool assign_rows(unit_view& view, path_table& paths, std::vector<code_interval>& intervals,
                 std::vector<std::uint32_t>& files, const std::atomic<bool>& stop,
                 std::vector<own_row>& rows) {
  if (intervals.empty())
    return true;
  Dwarf_Lines* lines = nullptr;
  std::size_t count = 0;
  if (dwarf_getsrclines(&view.root, &lines, &count) != 0)
    return true; // a unit without line table has functions all the same
  interval_sweep sweep(intervals);
  std::uint64_t last_address = 0;
  std::uint32_t view_number = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if ((i & 0xFFFFU) == 0 && stop.load(std::memory_order_relaxed))
      return false;
    Dwarf_Line* const line = dwarf_onesrcline(lines, i);
    Dwarf_Addr address = 0;
    bool ends = false;
    if (line == nullptr || dwarf_lineaddr(line, &address) != 0 ||
        dwarf_lineendsequence(line, &ends) != 0 || ends)
      continue;
    view_number = i != 0 && address == last_address ? view_number + 1 : 0;
    last_address = address;
    const auto instance = sweep.at(address, view_number);
    int number = 0;
    if (instance == no_instance || dwarf_lineno(line, &number) != 0 || number <= 0)
      continue;
    Dwarf_Files* row_files = nullptr;
    std::size_t file = 0;
    bool is_statement = false;
    if (dwarf_line_file(line, &row_files, &file) != 0 ||
        dwarf_linebeginstatement(line, &is_statement) != 0)
      continue;
    const auto path = view.row_path_id(row_files, file, paths);
    if (files[instance] == no_path)
      files[instance] = path;
    if (path != files[instance])
      continue;
    rows.push_back({address, number, instance, is_statement});
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const own_row& a, const own_row& b) { return a.instance < b.instance; });
  return true;
}

} // namespace symup::native
