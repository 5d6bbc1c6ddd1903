#pragma once
// Migrations: the files of migrations/, embedded by the build, and how their text is read.
//
// One text serves both engines. `{int}`, `{text}`, `{blob}` are column types, `) {strict};` ends a
// table, `{server_role}` is the PostgreSQL role that the server runs as. A line `--- sqlite`,
// `--- postgres` or `--- both` says for whom the following lines are. A statement ends with `;` at
// the end of a line (a trigger of SQLite with `END;`, a body between `$$` as a whole); a comment
// has its own line.

#include "base/store/database.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::store {

struct Migration {
    int version;
    std::string_view name;  // "audit" of 0001_audit.sql
    std::string_view sql;
    std::string_view digest;  // SHA-256 of the file, in hexadecimal
};

// In order of their versions. Generated from migrations/ (see cmake/EmbedMigrations.cmake).
[[nodiscard]] std::span<const Migration> embedded_migrations();

// The statements of a migration for this engine. `server_role` is put in as a quoted identifier.
// Throws a Fault that names what it can't read.
[[nodiscard]] std::vector<std::string> migration_statements(
    std::string_view sql, Engine engine, std::string_view server_role
);

// What store::migrate() does with the embedded ones.
void migrate(Database& database, std::span<const Migration> migrations);

}  // namespace sallyport::store
