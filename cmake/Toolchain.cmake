# Flags that hold for every target: warnings, hardening, sanitizers, and the fastest linker and
# compiler cache that the machine has.
add_library(sallyport_flags INTERFACE)
target_include_directories(sallyport_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(sallyport_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wimplicit-fallthrough)
if(SALLYPORT_WERROR)
  target_compile_options(sallyport_flags INTERFACE -Werror)
endif()

if(SALLYPORT_SANITIZE)
  target_compile_options(sallyport_flags INTERFACE
    -fsanitize=${SALLYPORT_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(sallyport_flags INTERFACE -fsanitize=${SALLYPORT_SANITIZE})
else()
  target_compile_options(sallyport_flags INTERFACE
    -fstack-protector-strong -fstack-clash-protection -fcf-protection
    -ftrivial-auto-var-init=zero)
  target_compile_definitions(sallyport_flags INTERFACE _GLIBCXX_ASSERTIONS)
  target_compile_options(sallyport_flags INTERFACE
    $<$<CONFIG:Release,RelWithDebInfo>:-D_FORTIFY_SOURCE=3>)
endif()
# One build serves the sanitized tests and the fuzz targets: what the fuzzer steers by is compiled
# in, and only the targets link it.
if(SALLYPORT_FUZZ)
  target_compile_options(sallyport_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
# Coroutine frames are kept for the next one of their size: 16 of a kind on each thread rather than 2,
# since a request needs more than two. For every target, so that they agree on Asio's memory.
target_compile_definitions(sallyport_flags INTERFACE BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=16)
target_link_options(sallyport_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
include(CheckPIESupported)
check_pie_supported()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  target_link_options(sallyport_flags INTERFACE -fuse-ld=mold)
endif()
