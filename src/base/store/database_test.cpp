// What a database promises to those who send it work, on every engine.
#include "base/store/database.h"

#include "tests/support/clocks.h"
#include "tests/support/databases.h"

#include "base/store/faults.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <future>
#include <latch>
#include <set>
#include <thread>

namespace sallyport::store {

namespace {

using test::for_each_engine;

void make_table(Database& database) {
    test::write_as_owner(database, [](Tx& tx) {
        tx.execute("CREATE TABLE tally (name TEXT PRIMARY KEY, count BIGINT NOT NULL)");
    });
}

void put(Tx& tx, const std::string& name, std::int64_t count = 0) {
    tx.execute("INSERT INTO tally (name, count) VALUES (?, ?)", {name, count});
}

std::int64_t count_rows(Tx& tx) {
    return tx.query("SELECT count(*) FROM tally").front().integer(0);
}

std::int64_t count_rows(Database& database) {
    return database.read([](Tx& tx) { return count_rows(tx); });
}

// A work that keeps a database thread until it is let go.
class Plug {
public:
    explicit Plug(Database& database) {
        database.submit_write(
            [this](Tx&) {
                if (!started_) begun_.set_value();  // a work may be run again
                started_ = true;
                go_.wait();
            },
            [this](const std::exception_ptr&) { ended_.count_down(); }
        );
        begun_.get_future().wait();
    }

    void pull() {
        let_go_.set_value();
        ended_.wait();
    }

private:
    std::promise<void> begun_;
    std::promise<void> let_go_;
    std::shared_future<void> go_ = let_go_.get_future().share();
    std::latch ended_{1};
    bool started_ = false;
};

// The same body on databases of one connection and with room for two more works.
void for_each_narrow_engine(const std::function<void(Database&)>& body) {
    {
        test::SqliteFixture fixture;
        make_table(fixture.database());
        auto settings = fixture.settings();
        settings.queue_max = 2;
        const auto database = open_sqlite(settings);
        body(*database);
    }
    if (test::postgres_socket_folder().empty()) return;
    test::PostgresFixture fixture;
    make_table(fixture.database());
    auto settings = fixture.settings();
    settings.queue_max = 2;
    settings.connections = 1;
    const auto database = open_postgres(settings);
    body(*database);
}

}  // namespace

TEST_CASE("a read sees one moment, whatever is written meanwhile") {
    for_each_engine([](Database& database) {
        make_table(database);
        database.write([](Tx& tx) { put(tx, "a"); });
        std::promise<void> written;
        std::promise<std::pair<std::int64_t, std::int64_t>> seen;

        database.submit_read(
            [&](Tx& tx) {
                const auto before = count_rows(tx);
                database.submit_write(
                    [](Tx& writer) { put(writer, "b"); },
                    [&](const std::exception_ptr& error) {
                        CHECK_FALSE(error);
                        written.set_value();
                    }
                );
                written.get_future().wait();
                seen.set_value({before, count_rows(tx)});
            },
            [](const std::exception_ptr& error) { CHECK_FALSE(error); }
        );

        CHECK(seen.get_future().get() == std::pair<std::int64_t, std::int64_t>(1, 1));
        CHECK(count_rows(database) == 2);
    });
}

TEST_CASE("a reading transaction can't write") {
    for_each_engine([](Database& database) {
        make_table(database);
        CHECK_THROWS_AS(database.read([](Tx& tx) { put(tx, "a"); }), Fault);
        CHECK(count_rows(database) == 0);
    });
}

TEST_CASE("no update is lost when many write the same row") {
    for_each_engine([](Database& database) {
        make_table(database);
        database.write([](Tx& tx) { put(tx, "row", 0); });
        constexpr int writers = 4;
        constexpr int rounds = 50;

        {
            std::vector<std::jthread> threads;
            for (int i = 0; i < writers; ++i) {
                threads.emplace_back([&] {
                    for (int round = 0; round < rounds; ++round) {
                        database.write([](Tx& tx) {
                            const auto now =
                                tx.query("SELECT count FROM tally WHERE name = 'row'").front();
                            tx.execute(
                                "UPDATE tally SET count = ? WHERE name = 'row'",
                                {now.integer(0) + 1}
                            );
                        });
                    }
                });
            }
        }

        const auto total = database.read([](Tx& tx) {
            return tx.query("SELECT count FROM tally WHERE name = 'row'").front().integer(0);
        });
        CHECK(total == writers * rounds);
    });
}

TEST_CASE("what one checked is still true when it writes") {
    for_each_engine([](Database& database) {
        make_table(database);
        // Two who each may only go when nobody went: one goes.
        std::atomic<int> gone = 0;
        std::latch start(2);
        {
            std::vector<std::jthread> threads;
            for (const std::string name : {"a", "b"}) {
                threads.emplace_back([&, name] {
                    start.arrive_and_wait();
                    const bool went = database.write([&](Tx& tx) {
                        if (count_rows(tx) != 0) return false;
                        put(tx, name);
                        return true;
                    });
                    if (went) ++gone;
                });
            }
        }
        CHECK(gone == 1);
        CHECK(count_rows(database) == 1);
    });
}

TEST_CASE("a full queue answers at once that nothing was done") {
    for_each_narrow_engine([](Database& database) {
        Plug plug(database);
        std::latch taken(2);
        for (const std::string name : {"a", "b"}) {
            database.submit_write(
                [name](Tx& tx) { put(tx, name); },
                [&](const std::exception_ptr& error) {
                    CHECK_FALSE(error);
                    taken.count_down();
                }
            );
        }

        bool refused = false;
        database.submit_write(
            [](Tx& tx) { put(tx, "one too many"); },
            [&](const std::exception_ptr& error) {
                REQUIRE(error);
                CHECK_THROWS_AS(std::rethrow_exception(error), Overloaded);
                refused = true;
            }
        );

        CHECK(refused);
        plug.pull();
        taken.wait();
        CHECK(count_rows(database) == 2);
    });
}

TEST_CASE("waiting for the database on one of its own threads is a fault, not a standstill") {
    for_each_engine([](Database& database) {
        CHECK_THROWS_AS(database.write([&](Tx&) { database.write([](Tx&) {}); }), Fault);
        CHECK_THROWS_AS(
            database.read([&](Tx&) { (void)database.read([](Tx&) { return 1; }); }), Fault
        );
    });
}

TEST_CASE("a completion that throws harms nobody else") {
    for_each_engine([](Database& database) {
        make_table(database);
        std::promise<void> told;
        database.submit_write(
            [](Tx& tx) { put(tx, "a"); },
            [&](const std::exception_ptr&) {
                told.set_value();
                throw std::runtime_error("the caller's mistake");
            }
        );
        told.get_future().wait();
        for (const std::string name : {"b", "c", "d", "e", "f"}) {
            database.write([&](Tx& tx) { put(tx, name); });
        }
        CHECK(count_rows(database) == 6);
    });
}

TEST_CASE("whoever closes a database waits for what was queued") {
    const auto check = [](auto& fixture) {
        make_table(fixture.database());
        std::atomic<int> done = 0;
        for (int i = 0; i < 100; ++i) {
            fixture.database().submit_write(
                [i](Tx& tx) { put(tx, std::to_string(i)); },
                [&](const std::exception_ptr& error) {
                    if (!error) ++done;
                }
            );
        }

        fixture.reopen();

        CHECK(done == 100);
        CHECK(count_rows(fixture.database()) == 100);
    };
    test::SqliteFixture sqlite;
    check(sqlite);
    if (test::postgres_socket_folder().empty()) return;
    test::PostgresFixture postgres;
    check(postgres);
}

namespace {

// In a child process: commits rows 0, 1, 2, … from several writers and tells of each on `out` once
// it is acknowledged. Until it is killed.
[[noreturn]] void commit_for_ever(const std::function<std::unique_ptr<Database>()>& open, int out) {
    const auto or_say_why = [](auto work) {
        try {
            work();
        } catch (const std::exception& error) {
            ::dprintf(2, "child: %s\n", error.what());
            ::_exit(1);
        }
    };
    or_say_why([&] {
        const auto database = open();
        std::atomic<std::int64_t> next = 0;
        const auto commit = [&] {
            for (;;) {
                const std::int64_t row = next++;
                database->write([&](Tx& tx) { put(tx, std::to_string(row), row); });
                if (::write(out, &row, sizeof row) != sizeof row) ::_exit(1);
            }
        };
        std::vector<std::jthread> writers;
        for (int i = 0; i < 3; ++i) {
            writers.emplace_back([&] { or_say_why(commit); });
        }
    });
    ::_exit(1);
}

// Kills such a child after about `rows` acknowledgements and returns all that it sent.
std::set<std::int64_t> acknowledged_until_killed(
    const std::function<std::unique_ptr<Database>()>& open, std::size_t rows
) {
    int pipe[2];
    REQUIRE(::pipe(pipe) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::close(pipe[0]);
        commit_for_ever(open, pipe[1]);
    }
    ::close(pipe[1]);
    std::set<std::int64_t> acknowledged;
    std::int64_t row = 0;
    while (::read(pipe[0], &row, sizeof row) == sizeof row) {
        acknowledged.insert(row);
        if (acknowledged.size() == rows) ::kill(child, SIGKILL);
    }
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    CHECK(acknowledged.size() >= rows);
    return acknowledged;
}

template <class Fixture>
void check_kills(Fixture& fixture, const std::function<std::unique_ptr<Database>()>& open) {
    make_table(fixture.database());
    test::ReplayedRandom dice(20);
    for (int kill = 0; kill < 20; ++kill) {
        fixture.database().write([](Tx& tx) { tx.execute("DELETE FROM tally"); });
        fixture.close();  // no threads while forking
        std::array<std::byte, 1> die{};
        dice.fill(die);

        const auto acknowledged =
            acknowledged_until_killed(open, 1 + std::to_integer<std::size_t>(die[0]));

        fixture.reopen();
        const auto rows = fixture.database().read([](Tx& tx) {
            return tx.query("SELECT name, count FROM tally");
        });
        std::set<std::int64_t> found;
        for (const auto& row : rows) {
            CHECK(row.text(0) == std::to_string(row.integer(1)));
            found.insert(row.integer(1));
        }
        std::size_t missing = 0;
        for (const auto row : acknowledged) {
            missing += found.contains(row) ? 0 : 1;
        }
        CHECK(missing == 0);
    }
}

}  // namespace

TEST_CASE("every acknowledged row is there after kill -9 at 20 random moments (SQLite)") {
    test::SqliteFixture fixture;
    check_kills(fixture, [&] { return open_sqlite(fixture.settings()); });
    const auto sound = fixture.database().read([](Tx& tx) {
        return tx.query("PRAGMA integrity_check").front().text(0);
    });
    CHECK(sound == "ok");
}

TEST_CASE("every acknowledged row is there after kill -9 at 20 random moments (PostgreSQL)") {
    if (test::postgres_socket_folder().empty()) {
        MESSAGE("left out: SALLYPORT_TEST_PG_SOCKET_DIR is not set");
        return;
    }
    test::PostgresFixture fixture;
    check_kills(fixture, [&] { return open_postgres(fixture.settings()); });
}

}  // namespace sallyport::store
