#pragma once
// Consistent copies of an SQLite database while it is in use. PostgreSQL has tools of its own for
// that (pg_basebackup, pg_dump).

#include <string>

namespace sallyport::store {

// Copies the database at `from` into the new file `to` (0600) and fsyncs it: one snapshot, taken
// by a reader of its own, so that writers go on. Throws Fault if `to` exists, or a step fails; a
// half copy is removed.
void copy_sqlite(const std::string& from, const std::string& to);

// Throws Fault unless the file is a database whose pages and keys hold together
// (PRAGMA integrity_check, foreign_key_check).
void check_sqlite(const std::string& path);

// fsyncs a file, or a folder and so the names in it. Throws Fault.
void sync_path(const std::string& path);

}  // namespace sallyport::store
