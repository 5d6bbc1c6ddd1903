#include "tests/support/databases.h"

#include "base/core/fault.h"
#include "base/core/log.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace sallyport::test {

namespace {

// Without a line for every migration of every test.
void bring_up(store::Database& database) {
    log::set_level(log::Level::warning);
    store::migrate(database);
    log::set_level(log::Level::info);
}

}  // namespace

// A busy machine is no failure: fixtures wait for a lock or a server longer than servers do.
SqliteFixture::SqliteFixture()
    : settings_{.path = folder_.file("sallyport.db"), .busy_milliseconds = 60'000} {
    reopen();
    bring_up(*database_);
}

void SqliteFixture::reopen() {
    database_.reset();
    database_ = store::open_sqlite(settings_);
}

namespace {

// What no transaction may do: CREATE and DROP DATABASE.
void administer(const std::string& sql) {
    const auto conninfo = "host=" + postgres_socket_folder() + " user=postgres dbname=postgres";
    const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(
        PQconnectdb(conninfo.c_str()), &PQfinish
    );
    PQsetNoticeProcessor(connection.get(), [](void*, const char*) {}, nullptr);
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexec(connection.get(), sql.c_str()), &PQclear
    );
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
        throw Fault("test database: " + std::string(PQerrorMessage(connection.get())));
    }
}

// Roles belong to the whole cluster, and other tests may be making this one at the same moment.
void make_server_role() {
    administer(
        "DO $$ BEGIN CREATE ROLE sallyport_server LOGIN;"
        " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    );
}

std::string fresh_name() {
    static std::atomic<int> count = 0;
    return "sallyport_test_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
}

}  // namespace

std::string postgres_socket_folder() {
    const char* folder = std::getenv(  // NOLINT(concurrency-mt-unsafe)
        "SALLYPORT_TEST_PG_SOCKET_DIR"
    );
    return folder == nullptr ? "" : folder;
}

PostgresFixture::PostgresFixture() : name_(fresh_name()) {
    make_server_role();
    administer("CREATE DATABASE " + name_);
    const auto at = "host=" + postgres_socket_folder() + " dbname=" + name_ + " connect_timeout=60";
    settings_.conninfo = at + " user=sallyport_server";
    settings_.owner_conninfo = at + " user=postgres";
    settings_.connections = 4;
    settings_.away_milliseconds = 60'000;
    reopen();
    bring_up(*database_);
}

PostgresFixture::~PostgresFixture() {
    database_.reset();
    try {
        administer("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
    } catch (const std::exception& error) {
        log::warning(
            "a test's database is left behind", {{"name", name_}, {"error", error.what()}}
        );
    }
}

void PostgresFixture::reopen() {
    database_.reset();
    database_ = store::open_postgres(settings_);
}

void write_as_owner(store::Database& database, const std::function<void(store::Tx&)>& work) {
    const auto owner = database.open_as_owner();
    (owner ? *owner : database).write(work);
}

}  // namespace sallyport::test
