# Debian's package ships no CMake package. Defines elfutils::elfutils.
find_path(elfutils_INCLUDE_DIR elfutils/libdwfl.h)
find_library(elfutils_LIBRARY dw)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(elfutils REQUIRED_VARS elfutils_LIBRARY elfutils_INCLUDE_DIR)
if(elfutils_FOUND AND NOT TARGET elfutils::elfutils)
  add_library(elfutils::elfutils UNKNOWN IMPORTED)
  set_target_properties(elfutils::elfutils PROPERTIES
    IMPORTED_LOCATION "${elfutils_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${elfutils_INCLUDE_DIR}")
endif()
if(elfutils_FOUND)
  find_library(elfutils_ELF_LIBRARY elf)
  set_property(TARGET elfutils::elfutils APPEND PROPERTY
    INTERFACE_LINK_LIBRARIES "${elfutils_ELF_LIBRARY}")
endif()
