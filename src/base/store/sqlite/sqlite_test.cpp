// What is particular to SQLite: how it is opened, how writes are grouped, who else holds the file.
#include "tests/support/databases.h"
#include "tests/support/faulty_vfs.h"

#include "base/store/database.h"
#include "base/store/faults.h"
#include "base/store/sqlite/connection.h"

#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <future>
#include <latch>

namespace sallyport::store {

namespace {

std::unique_ptr<Database> open_with_table(const SqliteSettings& settings) {
    auto database = open_sqlite(settings);
    database->write([](Tx& tx) {
        tx.execute("CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY, what TEXT) STRICT");
    });
    return database;
}

void put(Tx& tx, std::int64_t id) {
    tx.execute("INSERT INTO row (id, what) VALUES (?, 'x')", {id});
}

std::vector<std::int64_t> ids(Database& database) {
    return database.read([](Tx& tx) {
        std::vector<std::int64_t> found;
        for (const auto& row : tx.query("SELECT id FROM row ORDER BY id")) {
            found.push_back(row.integer(0));
        }
        return found;
    });
}

mode_t mode_of(const std::string& path) {
    struct stat status{};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 0777U;
}

// Another process that has the write lock of a database for as long as it lives.
class OtherProcess {
public:
    explicit OtherProcess(const std::string& path) {
        int pipe[2];
        REQUIRE(::pipe(pipe) == 0);
        child_ = ::fork();
        REQUIRE(child_ >= 0);
        if (child_ == 0) hold(path, pipe[1]);
        ::close(pipe[1]);
        char told = 0;
        REQUIRE(::read(pipe[0], &told, 1) == 1);
        ::close(pipe[0]);
    }

    ~OtherProcess() {
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
    }

    OtherProcess(const OtherProcess&) = delete;
    OtherProcess& operator=(const OtherProcess&) = delete;

private:
    [[noreturn]] static void hold(const std::string& path, int out) {
        sqlite3* db = nullptr;
        const bool held =
            sqlite3_open(path.c_str(), &db) == SQLITE_OK &&
            sqlite3_exec(db, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK;
        if (held && ::write(out, "!", 1) == 1) ::pause();
        ::_exit(1);
    }

    pid_t child_ = -1;
};

}  // namespace

TEST_CASE("a database is opened durable, strict and for nobody else to read") {
    const test::TemporaryFolder folder;
    const auto path = folder.file("sallyport.db");
    const auto pragma = [](sqlite::Connection& connection, const std::string& name) {
        return connection.run("PRAGMA " + name).rows.at(0);
    };

    sqlite::Connection writer(path, sqlite::Mode::read_write, 0);
    CHECK(pragma(writer, "journal_mode").text(0) == "wal");
    CHECK(pragma(writer, "synchronous").integer(0) == 2);
    CHECK(pragma(writer, "foreign_keys").integer(0) == 1);
    CHECK(pragma(writer, "trusted_schema").integer(0) == 0);
    CHECK(pragma(writer, "secure_delete").integer(0) == 1);
    writer.run("CREATE TABLE t (id INTEGER PRIMARY KEY) STRICT");
    CHECK(mode_of(path) == 0600);
    CHECK(mode_of(path + "-wal") == 0600);
    CHECK(mode_of(path + "-shm") == 0600);

    // Defensive: nobody edits the schema behind our back; no double-quoted texts; no second file.
    writer.run("PRAGMA writable_schema = ON");
    CHECK_THROWS_AS(writer.run("DELETE FROM sqlite_schema"), Fault);
    CHECK_THROWS_AS(writer.run("SELECT \"no column, so a text\""), Fault);
    CHECK_THROWS_AS(writer.run("ATTACH ':memory:' AS other"), Fault);
    CHECK_THROWS_AS(writer.run("SELECT 1.5"), Fault);

    sqlite::Connection reader(path, sqlite::Mode::read_only, 0);
    CHECK(pragma(reader, "query_only").integer(0) == 1);
    CHECK_THROWS_AS(reader.run("INSERT INTO t (id) VALUES (1)"), Fault);
}

TEST_CASE("a database in a folder that is not there is a fault that names it") {
    const test::TemporaryFolder folder;
    CHECK_THROWS_WITH_AS(
        (void)open_sqlite({.path = folder.file("nowhere/sallyport.db")}),
        doctest::Contains("nowhere/sallyport.db"),
        Fault
    );
}

TEST_CASE("a file that is no database is a fault") {
    const test::TemporaryFolder folder;
    const auto path = folder.file("sallyport.db");
    std::ofstream(path) << std::string(4096, 'x');

    CHECK_THROWS_AS((void)open_sqlite({.path = path}), Fault);
}

TEST_CASE("waiting works share one durable commit, and one's fault leaves the others") {
    test::FaultyVfs disk;
    const test::TemporaryFolder folder;
    const auto database = open_with_table({.path = folder.file("db")});
    std::promise<void> begun;
    std::promise<void> go;
    constexpr int works = 100;
    std::latch ended(works + 1);
    std::atomic<int> kept = 0;
    std::atomic<int> failed = 0;
    const auto syncs_before = disk.syncs();

    // Holds the writer until all are queued: then they are one group.
    database->submit_write(
        [&](Tx& tx) {
            put(tx, 0);
            begun.set_value();
            go.get_future().wait();
        },
        [&](const std::exception_ptr& error) {
            CHECK_FALSE(error);
            ended.count_down();
        }
    );
    begun.get_future().wait();
    for (int i = 1; i <= works; ++i) {
        database->submit_write(
            [i](Tx& tx) {
                put(tx, i);
                if (i == 50) throw Fault("number fifty fails");
            },
            [&](const std::exception_ptr& error) {
                ++(error ? failed : kept);
                ended.count_down();
            }
        );
    }
    go.set_value();
    ended.wait();

    CHECK(kept == works - 1);
    CHECK(failed == 1);
    const auto found = ids(*database);
    CHECK(found.size() == works);
    CHECK(std::ranges::find(found, 50) == found.end());
    // Each on its own would take a hundred. (How many groups it is depends on how fast they run.)
    CHECK(disk.syncs() - syncs_before < works);
}

TEST_CASE("nothing is acknowledged before the commit is durable") {
    test::FaultyVfs disk;
    const test::TemporaryFolder folder;
    const auto database = open_with_table({.path = folder.file("db")});

    for (int i = 0; i < 10; ++i) {
        const auto before = disk.syncs();
        database->write([&](Tx& tx) { put(tx, i); });
        CHECK(disk.syncs() > before);
    }
}

TEST_CASE("while another process holds the lock, work is turned away; after that it goes on") {
    const test::TemporaryFolder folder;
    const SqliteSettings settings{.path = folder.file("db"), .busy_milliseconds = 20};
    open_with_table(settings).reset();
    {
        const OtherProcess other(settings.path);
        const auto database = open_sqlite(settings);

        CHECK_THROWS_WITH_AS(
            database->write([](Tx& tx) { put(tx, 1); }),
            doctest::Contains("another process holds the lock; nothing was done"),
            Overloaded
        );
        CHECK(ids(*database).empty());  // readers are not disturbed
        CHECK(database->healthy());
    }
    const auto database = open_sqlite(settings);
    database->write([](Tx& tx) { put(tx, 2); });
    CHECK(ids(*database) == std::vector<std::int64_t>{2});
}

TEST_CASE("the log is copied into the database file again and again, and does not grow for ever") {
    const test::TemporaryFolder folder;
    const SqliteSettings settings{.path = folder.file("db")};
    const auto database = open_with_table(settings);
    const std::string page(4000, 'x');
    for (int commit = 0; commit < 40; ++commit) {
        database->write([&](Tx& tx) {
            for (int i = 0; i < 100; ++i) {
                tx.execute("INSERT INTO row (what) VALUES (?)", {page});
            }
        });
    }
    // 4000 pages were written; a thousand are let gather.
    CHECK(std::filesystem::file_size(settings.path + "-wal") < 2000 * 4120);
    CHECK(std::filesystem::file_size(settings.path) > 3000 * 4096);
}

TEST_CASE("a clean end leaves one file with everything in it") {
    const test::TemporaryFolder folder;
    const SqliteSettings settings{.path = folder.file("db")};
    auto database = open_with_table(settings);
    database->write([](Tx& tx) { put(tx, 1); });
    database.reset();

    std::error_code none;
    const auto left = std::filesystem::file_size(settings.path + "-wal", none);
    CHECK((none || left == 0));
    std::filesystem::copy_file(settings.path, folder.file("copy"));
    const auto copy = open_sqlite({.path = folder.file("copy")});
    CHECK(ids(*copy) == std::vector<std::int64_t>{1});
}

}  // namespace sallyport::store
