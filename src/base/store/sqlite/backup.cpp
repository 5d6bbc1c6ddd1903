#include "base/store/backup.h"

#include "base/core/fault.h"
#include "base/core/system_error_text.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

namespace sallyport::store {

namespace {

struct Close {
    void operator()(sqlite3* database) const noexcept { sqlite3_close(database); }
};

using Handle = std::unique_ptr<sqlite3, Close>;

[[noreturn]] void fail(const std::string& path, const std::string& what) {
    throw Fault(path + ": " + what);
}

Handle open_database(const std::string& path, int flags) {
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_EXRESCODE, nullptr);
    Handle handle(raw);
    if (code != SQLITE_OK) fail(path, sqlite3_errstr(code));
    constexpr int busy_milliseconds = 5000;
    sqlite3_busy_timeout(handle.get(), busy_milliseconds);
    return handle;
}

// The only answer that is good is the single row `expected`, or no row where that is empty.
void expect_answer(
    sqlite3* database, const std::string& path, const char* sql, const char* expected
) {
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v2(database, sql, -1, &raw, nullptr) != SQLITE_OK) {
        fail(path, sqlite3_errmsg(database));
    }
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(raw, sqlite3_finalize);
    const int step = sqlite3_step(raw);
    if (expected == nullptr) {
        if (step != SQLITE_DONE) fail(path, std::string(sql) + " found something");
        return;
    }
    const bool good =
        step == SQLITE_ROW &&
        std::strcmp(reinterpret_cast<const char*>(sqlite3_column_text(raw, 0)), expected) == 0;
    if (!good) fail(path, std::string(sql) + " found something");
}

void copy_pages(const std::string& from, const std::string& to) {
    const auto source = open_database(from, SQLITE_OPEN_READONLY);
    const auto target = open_database(to, SQLITE_OPEN_READWRITE);
    auto* const backup = sqlite3_backup_init(target.get(), "main", source.get(), "main");
    if (backup == nullptr) fail(to, sqlite3_errmsg(target.get()));
    // All pages in one step: one snapshot, and under WAL nobody waits for it.
    const int stepped = sqlite3_backup_step(backup, -1);
    const int finished = sqlite3_backup_finish(backup);
    if (stepped != SQLITE_DONE || finished != SQLITE_OK) {
        fail(to, sqlite3_errstr(stepped == SQLITE_DONE ? finished : stepped));
    }
}

}  // namespace

void copy_sqlite(const std::string& from, const std::string& to) {
    constexpr mode_t private_mode = 0600;
    const int made = open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, private_mode);
    if (made < 0) fail(to, system_error_text(errno));
    close(made);
    try {
        copy_pages(from, to);
        sync_path(to);
        sync_path(std::filesystem::path(to).parent_path().string());
    } catch (...) {
        std::error_code ignored;
        std::filesystem::remove(to, ignored);
        throw;
    }
}

void check_sqlite(const std::string& path) {
    const auto database = open_database(path, SQLITE_OPEN_READONLY);
    expect_answer(database.get(), path, "PRAGMA integrity_check", "ok");
    expect_answer(database.get(), path, "PRAGMA foreign_key_check", nullptr);
}

void sync_path(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) fail(path, system_error_text(errno));
    const int synced = fsync(file);
    const int error = errno;
    close(file);
    if (synced != 0) fail(path, system_error_text(error));
}

}  // namespace sallyport::store
