// A disk that is full, that fails, that loses its fsync: nothing acknowledged is lost, and nothing
// is acknowledged any more.
#include "tests/support/databases.h"
#include "tests/support/faulty_vfs.h"

#include "base/store/database.h"
#include "base/store/faults.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

namespace sallyport::store {

namespace {

std::unique_ptr<Database> open_with_table(const std::string& path) {
    auto database = open_sqlite({.path = path, .readers = 1});
    database->write([](Tx& tx) {
        tx.execute("CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY, what TEXT) STRICT");
    });
    return database;
}

// Commits rows from `first` on until one is not acknowledged, at most `count`. Returns those that
// were.
std::set<std::int64_t> commit_rows(Database& database, std::int64_t first, std::int64_t count) {
    std::set<std::int64_t> acknowledged;
    for (auto id = first; id < first + count; ++id) {
        try {
            database.write([&](Tx& tx) {
                tx.execute(
                    "INSERT INTO row (id, what) VALUES (?, ?)", {id, std::string(2000, 'x')}
                );
            });
            acknowledged.insert(id);
        } catch (const StorageFailed&) {
            return acknowledged;
        }
    }
    return acknowledged;
}

std::set<std::int64_t> ids(Database& database) {
    return database.read([](Tx& tx) {
        std::set<std::int64_t> found;
        for (const auto& row : tx.query("SELECT id FROM row")) {
            found.insert(row.integer(0));
        }
        return found;
    });
}

bool is_sound(Database& database) {
    return database.read([](Tx& tx) {
        return tx.query("PRAGMA integrity_check").front().text(0) == "ok";
    });
}

void check_poisoned(Database& database) {
    CHECK_FALSE(database.healthy());
    CHECK_THROWS_AS(database.write([](Tx&) {}), StorageFailed);
    CHECK_THROWS_AS(database.read([](Tx&) {}), StorageFailed);
}

bool has_all(const std::set<std::int64_t>& found, const std::set<std::int64_t>& wanted) {
    return std::ranges::includes(found, wanted);
}

}  // namespace

TEST_CASE("a full disk ends it: what was acknowledged is kept, nothing more is accepted") {
    test::FaultyVfs disk;
    const test::TemporaryFolder folder;
    std::set<std::int64_t> acknowledged;
    {
        const auto database = open_with_table(folder.file("db"));
        disk.fill_after(100'000);
        acknowledged = commit_rows(*database, 0, 1000);
        CHECK(acknowledged.size() > 3);
        CHECK(acknowledged.size() < 100);

        disk.mend();  // room again: still final for this process
        check_poisoned(*database);
    }
    const auto database = open_with_table(folder.file("db"));
    CHECK(ids(*database) == acknowledged);
    CHECK(is_sound(*database));
    CHECK(commit_rows(*database, 2000, 5).size() == 5);
}

TEST_CASE("a failed fsync is final and is never tried again") {
    test::FaultyVfs disk;
    const test::TemporaryFolder folder;
    std::set<std::int64_t> acknowledged;
    {
        const auto database = open_with_table(folder.file("db"));
        acknowledged = commit_rows(*database, 0, 5);
        CHECK(acknowledged.size() == 5);

        disk.fail_syncs();
        CHECK(commit_rows(*database, 5, 1).empty());
        disk.mend();
        const auto syncs = disk.syncs();
        check_poisoned(*database);
        CHECK(disk.syncs() == syncs);
    }
    const auto database = open_with_table(folder.file("db"));
    CHECK(has_all(ids(*database), acknowledged));
}

TEST_CASE("closing after a failed fsync does not try it again either") {
    test::FaultyVfs disk;
    const test::TemporaryFolder folder;
    std::int64_t syncs = 0;
    {
        const auto database = open_with_table(folder.file("db"));
        disk.fail_syncs();
        CHECK(commit_rows(*database, 0, 1).empty());
        syncs = disk.syncs();
    }
    CHECK(disk.syncs() == syncs);
}

TEST_CASE("a failed fsync of a checkpoint is final too, and the log that has the rows stays") {
    test::FaultyVfs disk;
    const test::TemporaryFolder folder;
    std::set<std::int64_t> acknowledged;
    {
        const auto database = open_with_table(folder.file("db"));
        disk.fail_database_syncs();
        acknowledged = commit_rows(*database, 0, 5000);
        // A checkpoint came after about a thousand pages, and ended it.
        CHECK(acknowledged.size() > 100);
        CHECK(acknowledged.size() < 2000);
        disk.mend();
        check_poisoned(*database);
    }
    const auto database = open_with_table(folder.file("db"));
    CHECK(has_all(ids(*database), acknowledged));
    CHECK(is_sound(*database));
}

TEST_CASE("an error in any of its calls loses nothing that was acknowledged") {
    // The whole life of a database, with its first, second, third, … call failing.
    constexpr std::int64_t rows = 12;
    std::int64_t faults_met = 0;
    bool ran_through = false;
    for (std::int64_t call = 1; !ran_through; ++call) {
        CAPTURE(call);
        REQUIRE(call < 2000);
        test::FaultyVfs disk;
        const test::TemporaryFolder folder;
        std::set<std::int64_t> acknowledged;
        disk.fail_call(call);
        try {
            const auto database = open_with_table(folder.file("db"));
            acknowledged = commit_rows(*database, 0, rows);
            acknowledged.merge(
                ids(*database).empty() ? std::set<std::int64_t>() : std::set<std::int64_t>()
            );
        } catch (const Fault&) {
            ++faults_met;
        }
        ran_through = disk.calls() < call;
        disk.mend();

        const auto database = open_with_table(folder.file("db"));
        CHECK(has_all(ids(*database), acknowledged));
        CHECK(is_sound(*database));
        if (ran_through) CHECK(acknowledged.size() == rows);
    }
    CHECK(faults_met > 5);
}

TEST_CASE("a disk that can't be read ends it for readers and writers") {
    test::FaultyVfs disk;
    const test::TemporaryFolder folder;
    const auto database = open_with_table(folder.file("db"));
    CHECK(commit_rows(*database, 0, 500).size() == 500);

    disk.fail_reads();
    CHECK_THROWS_AS((void)ids(*database), StorageFailed);
    disk.mend();

    check_poisoned(*database);
}

}  // namespace sallyport::store
