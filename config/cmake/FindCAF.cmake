# Debian's libcaf-dev ships neither a CMake package nor a pkg-config file.
# Defines CAF::core; newer CAF installations that bring their own package are taken as they are.
find_package(CAF QUIET CONFIG)
if(NOT CAF_FOUND)
  find_path(CAF_INCLUDE_DIR caf/actor_system.hpp)
  find_library(CAF_CORE_LIBRARY caf_core)
  if(CAF_INCLUDE_DIR)
    file(STRINGS "${CAF_INCLUDE_DIR}/caf/config.hpp" caf_version_line REGEX "define CAF_VERSION [0-9]+")
    string(REGEX MATCH "[0-9]+$" caf_version_number "${caf_version_line}")
    math(EXPR caf_major "${caf_version_number} / 10000")
    math(EXPR caf_minor "${caf_version_number} / 100 % 100")
    math(EXPR caf_patch "${caf_version_number} % 100")
    set(CAF_VERSION "${caf_major}.${caf_minor}.${caf_patch}")
  endif()
  include(FindPackageHandleStandardArgs)
  find_package_handle_standard_args(CAF
    REQUIRED_VARS CAF_CORE_LIBRARY CAF_INCLUDE_DIR
    VERSION_VAR CAF_VERSION)
  if(CAF_FOUND AND NOT TARGET CAF::core)
    add_library(CAF::core UNKNOWN IMPORTED)
    set_target_properties(CAF::core PROPERTIES
      IMPORTED_LOCATION "${CAF_CORE_LIBRARY}"
      INTERFACE_INCLUDE_DIRECTORIES "${CAF_INCLUDE_DIR}")
  endif()
endif()
