# What others get: the targets symup::symup and symup::native, and what `cmake --install` copies.
include(CMakePackageConfigHelpers)

set(symup_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/symup")

# A target for hosts: symup_public(NAME HEADERS files of include/symup... LIBS what they include...
# BEHIND our libraries to link). It shows its users the public headers and nothing of src/.
function(symup_public name)
  cmake_parse_arguments(arg "" "" "HEADERS;LIBS;BEHIND" ${ARGN})
  add_library(symup_${name}_public INTERFACE)
  add_library(symup::${name} ALIAS symup_${name}_public)
  list(TRANSFORM arg_HEADERS PREPEND "${symup_SOURCE_DIR}/include/symup/")
  target_sources(symup_${name}_public INTERFACE
    FILE_SET HEADERS BASE_DIRS "${symup_SOURCE_DIR}/include" FILES ${arg_HEADERS})
  list(TRANSFORM arg_BEHIND REPLACE "(.+)" "$<LINK_ONLY:\\1>" OUTPUT_VARIABLE behind)
  target_link_libraries(symup_${name}_public INTERFACE ${arg_LIBS} ${behind})
  target_compile_features(symup_${name}_public INTERFACE cxx_std_17)
  set_target_properties(symup_${name}_public PROPERTIES EXPORT_NAME ${name})
  install(TARGETS symup_${name}_public ${arg_BEHIND} EXPORT symup_${name}
    FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
  install(EXPORT symup_${name} NAMESPACE symup:: FILE symup_${name}.cmake
    DESTINATION "${symup_package_dir}")
endfunction()

symup_public(symup
  HEADERS
    caf.hpp config.hpp config_file.hpp config_sources.hpp error.hpp pipeline.hpp receipt.hpp
    scope.hpp scope_file.hpp scope_sink.hpp version.hpp
  LIBS tl::expected CAF::core
  BEHIND symup_actors symup_core)

# The source of scopes from native binaries.
if(TARGET symup_native)
  symup_public(native HEADERS binary_scopes.hpp LIBS symup::symup BEHIND symup_native)
endif()

configure_package_config_file(
  "${CMAKE_CURRENT_LIST_DIR}/symupConfig.cmake.in" "${symup_BINARY_DIR}/symupConfig.cmake"
  INSTALL_DESTINATION "${symup_package_dir}" NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file("${symup_BINARY_DIR}/symupConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${symup_BINARY_DIR}/symupConfig.cmake" "${symup_BINARY_DIR}/symupConfigVersion.cmake"
  DESTINATION "${symup_package_dir}")
# Debian ships no CMake packages for these.
install(FILES
  "${CMAKE_CURRENT_LIST_DIR}/FindCAF.cmake" "${CMAKE_CURRENT_LIST_DIR}/Findelfutils.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/Findlibdeflate.cmake" "${CMAKE_CURRENT_LIST_DIR}/Finduuid.cmake"
  DESTINATION "${symup_package_dir}/modules")
install(FILES "${symup_SOURCE_DIR}/config/symup.reference.conf"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/symup")
install(FILES "${symup_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
if(SYMUP_CLI)
  if(BUILD_SHARED_LIBS)
    set_target_properties(symup_command PROPERTIES
      INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
  endif()
  install(TARGETS symup_command)
endif()
