#pragma once
// Fresh databases for tests, on every engine that this machine offers.

#include "tests/support/temporary_folder.h"

#include "base/store/database.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace sallyport::test {

// A new SQLite database in a folder of its own, brought up to the newest schema.
class SqliteFixture {
public:
    SqliteFixture();

    [[nodiscard]] store::Database& database() noexcept { return *database_; }

    [[nodiscard]] const store::SqliteSettings& settings() const noexcept { return settings_; }

    // As after a restart of the process.
    void close() { database_.reset(); }

    void reopen();

private:
    TemporaryFolder folder_;
    store::SqliteSettings settings_;
    std::unique_ptr<store::Database> database_;
};

// The socket folder of a private PostgreSQL cluster, from SALLYPORT_TEST_PG_SOCKET_DIR; empty when
// this run has none.
[[nodiscard]] std::string postgres_socket_folder();

// A new PostgreSQL database, brought up to the newest schema by its owner; the server's role is
// another one and not a superuser. Dropped at the end. Needs a cluster.
class PostgresFixture {
public:
    PostgresFixture();
    ~PostgresFixture();
    PostgresFixture(const PostgresFixture&) = delete;
    PostgresFixture& operator=(const PostgresFixture&) = delete;

    [[nodiscard]] store::Database& database() noexcept { return *database_; }

    [[nodiscard]] const store::PostgresSettings& settings() const noexcept { return settings_; }

    void close() { database_.reset(); }

    void reopen();

private:
    std::string name_;
    store::PostgresSettings settings_;
    std::unique_ptr<store::Database> database_;
};

// Runs `work` as the role that owns the schema, to make tables of a test's own.
void write_as_owner(store::Database& database, const std::function<void(store::Tx&)>& work);

// Runs `body` on a fresh, migrated SQLite database, and on a fresh PostgreSQL database if the
// environment's SALLYPORT_TEST_PG_SOCKET_DIR names the socket folder of a private cluster (see
// tests/support/pg_cluster.sh); otherwise it says that PostgreSQL was left out. Each run starts
// from nothing, and what it made is removed.
void for_each_engine(const std::function<void(store::Database&)>& body);

}  // namespace sallyport::test
