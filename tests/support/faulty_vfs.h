#pragma once
// A disk under SQLite that fails when a test says so.

#include <cstdint>
#include <string>

namespace sallyport::test {

// While it lives, it is SQLite's default file system: every database that is opened meanwhile goes
// through it, and has to be closed before it ends. One at a time. Thread-safe. What fails is what
// databases and their write-ahead logs read and write; the real disk below stays as it is.
class FaultyVfs {
public:
    FaultyVfs();
    ~FaultyVfs();
    FaultyVfs(const FaultyVfs&) = delete;
    FaultyVfs& operator=(const FaultyVfs&) = delete;

    // The disk has room for this many bytes more; then writes find it full (SQLITE_FULL).
    void fill_after(std::int64_t bytes);
    // The database file finds it full, its write-ahead log does not: commits succeed.
    void fill_database();
    // Every fsync fails from now on (SQLITE_IOERR_FSYNC), and nothing is brought to the disk.
    void fail_syncs();
    // The same for the database file alone, so that commits succeed and checkpoints fail.
    void fail_database_syncs();
    // The call with this number from now on, counted from 1, fails once (SQLITE_IOERR): a read, a
    // write, an fsync or a truncation.
    void fail_call(std::int64_t number);
    // Every read fails from now on.
    void fail_reads();
    void mend();

    // Since the beginning.
    [[nodiscard]] std::int64_t calls() const;
    [[nodiscard]] std::int64_t syncs() const;
};

}  // namespace sallyport::test
