# cmake -DFOLDER=migrations -DOUTPUT=migrations.cpp -P EmbedMigrations.cmake
# Writes the migration files into a C++ source, with the SHA-256 of each, in order of their numbers.
file(GLOB files ${FOLDER}/*.sql)
list(SORT files)
set(entries "")
set(previous "")
set(count 0)
foreach(file IN LISTS files)
  get_filename_component(name ${file} NAME)
  if(NOT name MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)\\.sql$")
    message(FATAL_ERROR "${name}: migrations are called NNNN_name.sql")
  endif()
  set(number ${CMAKE_MATCH_1})
  set(title ${CMAKE_MATCH_2})
  if(number STREQUAL previous)
    message(FATAL_ERROR "two migrations have the number ${number}")
  endif()
  set(previous ${number})
  string(REGEX REPLACE "^0+" "" version ${number})
  file(SHA256 ${file} digest)
  file(READ ${file} sql)
  if(NOT "${sql}" MATCHES "^-- room: [a-z]+/[a-z]+\n")
    message(FATAL_ERROR "${name}: the first line names the owning room, as in \"-- room: domain/audit\"")
  endif()
  string(APPEND entries
    "    {.version = ${version}, .name = \"${title}\", .sql = R\"migration(${sql})migration\",\n"
    "     .digest = \"${digest}\"},\n")
  math(EXPR count "${count} + 1")
endforeach()

file(WRITE ${OUTPUT}
"// Made from migrations/ by cmake/EmbedMigrations.cmake.
#include \"base/store/migration.h\"

#include <array>

namespace sallyport::store {

namespace {

constexpr std::array<Migration, ${count}> migrations = {{
${entries}}};

}  // namespace

std::span<const Migration> embedded_migrations() {
    return migrations;
}

}  // namespace sallyport::store
")
