// SPDX-License-Identifier: Apache-2.0
#include "native/unit_survey.hpp"

#include <dwarf.h>

#include <algorithm>

namespace symup::native {

namespace {

class surveyor {
public:
  surveyor(const binary_options& options, unit_survey& survey)
      : options_(options), survey_(survey) {}

  void look_at_all(Dwarf* dwarf, bool supplement) {
    Dwarf_CU* cu = nullptr;
    Dwarf_Half version = 0;
    std::uint8_t type = 0;
    Dwarf_Die own{}, split{};
    int more = 0;
    while ((more = dwarf_get_units(dwarf, cu, &cu, &version, &type, &own, &split)) == 0) {
      unit_place place;
      place.die_offset = dwarf_dieoffset(&own);
      place.in_types_section = version < 5 && type == DW_UT_type;
      place.in_supplement = supplement;
      look_at(cu, type == DW_UT_skeleton, split, place);
      survey_.units.push_back(place);
    }
    survey_.damaged |= more < 0;
  }

  void sort_languages() {
    for (const auto& [language, count] : counts_)
      survey_.languages.push_back(language);
    std::stable_sort(survey_.languages.begin(), survey_.languages.end(),
                     [&](auto a, auto b) { return counts_[a] > counts_[b]; });
  }

private:
  void look_at(Dwarf_CU* cu, bool skeleton, const Dwarf_Die& split, unit_place& place) {
    const auto view = unit_view::make(cu);
    if (!view)
      return; // counted when it is read
    place.bytes = static_cast<std::uint64_t>(view->bounds.end - view->bounds.begin);
    survey_.has_split |= skeleton;
    die_attributes entry;
    if (skeleton && split.addr == nullptr) {
      if (survey_.missing_split.empty() && entry.read(view->root, view->bounds))
        survey_.missing_split = entry.text(attribute::dwo_name);
      return;
    }
    const auto part = skeleton ? unit_view::make(split.cu) : nullptr;
    const auto& described = part ? *part : *view;
    place.language = described.language;
    if (place.language == source_language::none)
      return;
    ++counts_[place.language];
    if (entry.read(described.root, described.bounds))
      survey_.producers.try_emplace(place.language, entry.text(attribute::producer));
    if (entry.tag() == DW_TAG_compile_unit)
      note_directory(place.language,
                     part && part->comp_dir.empty() ? view->comp_dir : described.comp_dir,
                     described.name);
  }

  void note_directory(source_language language, const std::string& comp_dir,
                      const std::string& name) {
    const auto path = normalised_path(comp_dir, name, options_);
    if (is_third_party_path(path) || path.front() != '/')
      return;
    if (language == source_language::rust)
      note_crate(name);
    auto directory = path.substr(0, path.rfind('/'));
    if (const auto at = directory.find("/@");
        at != std::string::npos && language == source_language::rust)
      directory = directory.substr(0, directory.rfind('/', at - 1)); // src/main.rs/@/main.x-cgu.0
    const auto build = normalised_path("", comp_dir, options_);
    if (!build.empty() && build.front() == '/' && !is_third_party_path(build))
      directory = common_directory(directory, build);
    const auto [at, is_new] = survey_.own_directories.try_emplace(language, directory);
    if (!is_new)
      at->second = common_directory(at->second, directory);
  }

  // "src/main.rs/@/main.235e3519f142be8b-cgu.0": the crate is "main".
  void note_crate(const std::string& name) {
    const auto at = name.find("/@/");
    if (at == std::string::npos)
      return;
    const auto crate = name.substr(at + 3);
    survey_.rust_crates.insert(crate.substr(0, crate.find('.')));
  }

  const binary_options& options_;
  unit_survey& survey_;
  std::map<source_language, std::uint64_t> counts_;
};

} // namespace

std::vector<std::uint32_t> unit_survey::units_for(source_language language) const {
  std::vector<std::uint32_t> numbers;
  for (std::uint32_t i = 0; i < units.size(); ++i)
    if (units[i].language == language || units[i].language == source_language::none)
      numbers.push_back(i);
  return numbers;
}

std::string unit_survey::own_directory(source_language language) const {
  const auto found = own_directories.find(language);
  return found == own_directories.end() ? "" : found->second;
}

const std::string& unit_survey::producer(source_language language) const {
  static const std::string none;
  const auto found = producers.find(language);
  return found == producers.end() ? none : found->second;
}

expected<unit_survey> survey_units(int fd, const binary_options& options) {
  dwarf_handle dwarf(dwarf_begin(fd, DWARF_C_READ));
  if (!dwarf)
    return fail(errc::unsupported_binary,
                std::string("the debug information cannot be read: ") + dwarf_errmsg(-1));
  unit_survey survey;
  surveyor look(options, survey);
  look.look_at_all(dwarf.get(), false);
  if (Dwarf* const supplement = dwarf_getalt(dwarf.get()); supplement != nullptr)
    look.look_at_all(supplement, true);
  look.sort_languages();
  if (survey.languages.empty() && !survey.missing_split.empty())
    return fail(errc::no_debug_info, "its debug information is split and " + survey.missing_split +
                                         " could not be joined (.dwo files are read where they "
                                         "were made or beside the binary, unless they hold type "
                                         "units of DWARF 5; .dwp packages are not read)");
  if (survey.languages.empty())
    return fail(survey.damaged ? errc::unsupported_binary : errc::no_debug_info,
                "no readable unit in C, C++, Rust or Go");
  return survey;
}

} // namespace symup::native
