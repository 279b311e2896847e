# What every target of symup is built with, and how a test program is declared.
if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Build type" FORCE)
endif()

add_library(symup_flags INTERFACE)
target_compile_features(symup_flags INTERFACE cxx_std_17)
if(PROJECT_IS_TOP_LEVEL)
  target_compile_options(symup_flags INTERFACE -Wall -Wextra -Wpedantic)
endif()
if(SYMUP_SANITIZE)
  target_compile_options(symup_flags INTERFACE
    -fsanitize=${SYMUP_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(symup_flags INTERFACE -fsanitize=${SYMUP_SANITIZE})
endif()

# A library of one folder: symup_library(NAME [INSTALLED] SOURCES... LIBS...). Those that stand
# behind a public target are INSTALLED, the others are parts of programs and always static.
function(symup_library name)
  cmake_parse_arguments(arg "INSTALLED" "" "SOURCES;LIBS" ${ARGN})
  if(arg_INSTALLED)
    add_library(${name} ${arg_SOURCES}) # static or as BUILD_SHARED_LIBS says
    set_target_properties(${name} PROPERTIES
      VERSION ${symup_VERSION} SOVERSION ${symup_VERSION_MAJOR}.${symup_VERSION_MINOR}
      DEFINE_SYMBOL "" INSTALL_RPATH "$ORIGIN")
  else()
    add_library(${name} STATIC ${arg_SOURCES})
  endif()
  target_include_directories(${name} PUBLIC
    $<BUILD_INTERFACE:${symup_SOURCE_DIR}/include>
    $<BUILD_INTERFACE:${symup_SOURCE_DIR}/src>)
  target_link_libraries(${name} PUBLIC ${arg_LIBS} PRIVATE $<BUILD_INTERFACE:symup_flags>)
  target_compile_features(${name} PUBLIC cxx_std_17)
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
endfunction()

# One doctest program, registered with CTest: symup_test(NAME SOURCES... LIBS... [TIMEOUT s]).
function(symup_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LIBS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE symup_flags symup_test_main ${arg_LIBS})
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT})
endfunction()

# The one other place that knows the version.
file(READ "${symup_SOURCE_DIR}/include/symup/version.hpp" symup_version_header)
if(NOT symup_version_header MATCHES "library_version = \"${symup_VERSION}\"")
  message(FATAL_ERROR "include/symup/version.hpp does not say ${symup_VERSION}, the project's version")
endif()
