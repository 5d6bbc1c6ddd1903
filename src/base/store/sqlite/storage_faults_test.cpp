// A disk that is full, that fails, that loses its fsync: nothing acknowledged is lost, and nothing
// is acknowledged any more, where it is only full until there is room.
#include "tests/support/databases.h"
#include "tests/support/faulty_vfs.h"

#include "base/store/database.h"
#include "base/store/faults.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <vector>

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
        } catch (const StorageFull&) {
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

TEST_CASE("a full disk takes nothing more until there is room, and what was acknowledged is kept") {
    test::FaultyVfs disk;
    const test::TemporaryFolder folder;
    std::set<std::int64_t> acknowledged;
    {
        const auto database = open_with_table(folder.file("db"));
        disk.fill_after(100'000);
        acknowledged = commit_rows(*database, 0, 1000);
        CHECK(acknowledged.size() > 3);
        CHECK(acknowledged.size() < 100);
        CHECK_FALSE(database->healthy());
        CHECK(commit_rows(*database, 500, 1).empty());
        CHECK(ids(*database) == acknowledged);  // reading goes on
        database->write([](Tx& tx) { tx.execute("DELETE FROM row WHERE id < 0"); });
        CHECK_FALSE(database->healthy());  // what changes nothing says nothing about room

        disk.mend();
        acknowledged.merge(commit_rows(*database, 1000, 5));
        CHECK(acknowledged.contains(1004));
        CHECK(database->healthy());
        CHECK(ids(*database) == acknowledged);
    }
    const auto database = open_with_table(folder.file("db"));
    CHECK(ids(*database) == acknowledged);
    CHECK(is_sound(*database));
}

TEST_CASE("a disk that is full again and again, wherever that is met, loses and invents no row") {
    std::int64_t refused = 0;
    for (std::int64_t room = 4096; room < 400'000; room += 12'345) {
        CAPTURE(room);
        test::FaultyVfs disk;
        const test::TemporaryFolder folder;
        std::set<std::int64_t> acknowledged;
        {
            const auto database = open_with_table(folder.file("db"));
            for (std::int64_t round = 0; round < 3; ++round) {
                disk.fill_after(room);
                const auto taken = commit_rows(*database, 1000 * round, 300);
                if (taken.size() < 300) ++refused;
                acknowledged.insert(taken.begin(), taken.end());
                disk.mend();
                CHECK(commit_rows(*database, 1000 * round + 900, 1).size() == 1);
                acknowledged.insert(1000 * round + 900);
                CHECK(ids(*database) == acknowledged);
            }
        }
        const auto database = open_with_table(folder.file("db"));
        CHECK(ids(*database) == acknowledged);
        CHECK(is_sound(*database));
    }
    CHECK(refused > 30);
}

TEST_CASE("a checkpoint that finds the disk full keeps nobody from writing") {
    test::FaultyVfs disk;
    const test::TemporaryFolder folder;
    std::set<std::int64_t> acknowledged;
    {
        const auto database = open_with_table(folder.file("db"));
        disk.fill_database();
        acknowledged = commit_rows(*database, 0, 3000);
        CHECK(acknowledged.size() == 3000);  // more than a checkpoint's worth, all in the log
        CHECK(database->healthy());
        disk.mend();
        CHECK(commit_rows(*database, 3000, 3000).size() == 3000);
        CHECK(ids(*database).size() == 6000);
    }
    const auto database = open_with_table(folder.file("db"));
    CHECK(has_all(ids(*database), acknowledged));
    CHECK(is_sound(*database));
}

TEST_CASE("of works that share a commit none is kept when one finds the disk full") {
    test::FaultyVfs disk;
    const test::TemporaryFolder folder;
    const auto database = open_with_table(folder.file("db"));
    disk.fill_after(60'000);
    // The first waits until the others are queued behind it, so that they share its commit.
    std::promise<void> queued;
    std::vector<std::future<bool>> taken;
    for (std::int64_t id = 0; id < 40; ++id) {
        auto answered = std::make_shared<std::promise<bool>>();
        taken.push_back(answered->get_future());
        database->submit_write(
            [&, id](Tx& tx) {
                if (id == 0) queued.get_future().wait();
                tx.execute(
                    "INSERT INTO row (id, what) VALUES (?, ?)", {id, std::string(9000, 'x')}
                );
            },
            [answered](const std::exception_ptr& error) { answered->set_value(!error); }
        );
    }
    queued.set_value();
    std::set<std::int64_t> acknowledged;
    for (std::size_t id = 0; id < taken.size(); ++id) {
        if (taken[id].get()) acknowledged.insert(static_cast<std::int64_t>(id));
    }
    CHECK(acknowledged.size() < 40);
    CHECK(ids(*database) == acknowledged);
    disk.mend();
    CHECK(commit_rows(*database, 100, 1).size() == 1);
    CHECK(is_sound(*database));
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
