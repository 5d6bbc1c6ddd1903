#pragma once
// Fresh databases for tests, on every engine that this machine offers.

#include "base/store/database.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace sallyport::test {

// A new folder of our own, removed with all that is in it at the end.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

    [[nodiscard]] std::string file(const std::string& name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

// A new SQLite database in a folder of its own, brought up to the newest schema.
class SqliteFixture {
public:
    SqliteFixture();

    [[nodiscard]] store::Database& database() noexcept { return *database_; }

    [[nodiscard]] const store::SqliteSettings& settings() const noexcept { return settings_; }

    // As after a restart of the process.
    void reopen();

private:
    TemporaryFolder folder_;
    store::SqliteSettings settings_;
    std::unique_ptr<store::Database> database_;
};

// Runs `body` on a fresh, migrated SQLite database, and on a fresh PostgreSQL database if the
// environment's SALLYPORT_TEST_PG_SOCKET_DIR names the socket folder of a private cluster (see
// tests/support/pg_cluster.sh); otherwise it says that PostgreSQL was left out. Each run starts
// from nothing, and what it made is removed.
void for_each_engine(const std::function<void(store::Database&)>& body);

}  // namespace sallyport::test
