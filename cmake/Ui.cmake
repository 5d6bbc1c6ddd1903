# ui/ as one script and one style sheet, for the server to carry: ui_script.inc, ui_style.inc in
# build/ui, one build for all presets.
find_program(NPM npm REQUIRED)
set(ui_source ${CMAKE_SOURCE_DIR}/ui)
set(ui_build ${CMAKE_SOURCE_DIR}/build/ui)
file(GLOB_RECURSE ui_files CONFIGURE_DEPENDS ${ui_source}/src/*.ts ${ui_source}/src/*.svelte)
list(FILTER ui_files EXCLUDE REGEX "(\\.test|openapi\\.d)\\.ts$")

add_custom_command(
  OUTPUT ${ui_build}/packages.stamp
  # Not `npm ci`: the lock lists the platforms that its author's registry had, and ci wants all.
  COMMAND ${NPM} install --no-save --silent
  COMMAND ${CMAKE_COMMAND} -E touch ${ui_build}/packages.stamp
  DEPENDS ${ui_source}/package-lock.json
  WORKING_DIRECTORY ${ui_source}
  COMMENT "Fetching what ui/ is built with"
  VERBATIM)
add_custom_command(
  OUTPUT ${ui_build}/ui_script.inc ${ui_build}/ui_style.inc
  COMMAND ${CMAKE_COMMAND} -E env SALLYPORT_UI_OUT=${ui_build}/dist ${NPM} run --silent build -- --logLevel warn
  COMMAND ${CMAKE_COMMAND} -DFILE=${ui_build}/dist/console.js -DOUTPUT=${ui_build}/ui_script.inc
          -P ${CMAKE_SOURCE_DIR}/cmake/EmbedText.cmake
  COMMAND ${CMAKE_COMMAND} -DFILE=${ui_build}/dist/console.css -DOUTPUT=${ui_build}/ui_style.inc
          -P ${CMAKE_SOURCE_DIR}/cmake/EmbedText.cmake
  DEPENDS ${ui_build}/packages.stamp ${ui_source}/vite.config.ts ${ui_source}/svelte.config.js
          ${ui_source}/tsconfig.json ${ui_files} ${CMAKE_SOURCE_DIR}/cmake/EmbedText.cmake
  WORKING_DIRECTORY ${ui_source}
  COMMENT "Building ui/"
  VERBATIM)
add_custom_target(sallyport_ui DEPENDS ${ui_build}/ui_script.inc ${ui_build}/ui_style.inc)
