# Debian's cpp-httplib is a compiled library without a CMake package. The definitions are those it
# was compiled with: they decide the layout of its classes.
find_package(OpenSSL QUIET)
find_path(cpp-httplib_INCLUDE_DIR httplib.h)
find_library(cpp-httplib_LIBRARY cpp-httplib)
if(cpp-httplib_INCLUDE_DIR)
  file(STRINGS "${cpp-httplib_INCLUDE_DIR}/httplib.h" cpp-httplib_VERSION
    REGEX "^#define CPPHTTPLIB_VERSION ")
  string(REGEX REPLACE ".*\"(.*)\".*" "\\1" cpp-httplib_VERSION "${cpp-httplib_VERSION}")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(cpp-httplib
  REQUIRED_VARS cpp-httplib_LIBRARY cpp-httplib_INCLUDE_DIR OPENSSL_FOUND
  VERSION_VAR cpp-httplib_VERSION)
if(cpp-httplib_FOUND AND NOT TARGET cpp-httplib::cpp-httplib)
  add_library(cpp-httplib::cpp-httplib UNKNOWN IMPORTED)
  set_target_properties(cpp-httplib::cpp-httplib PROPERTIES
    IMPORTED_LOCATION "${cpp-httplib_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${cpp-httplib_INCLUDE_DIR}"
    INTERFACE_COMPILE_DEFINITIONS
      "CPPHTTPLIB_OPENSSL_SUPPORT;CPPHTTPLIB_ZLIB_SUPPORT;CPPHTTPLIB_BROTLI_SUPPORT"
    INTERFACE_LINK_LIBRARIES OpenSSL::SSL)
endif()
mark_as_advanced(cpp-httplib_INCLUDE_DIR cpp-httplib_LIBRARY)
