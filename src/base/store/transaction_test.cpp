// What a transaction promises, on every engine.
#include "tests/support/databases.h"

#include "base/store/database.h"
#include "base/store/driver_tx.h"
#include "base/store/faults.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>

namespace sallyport::store {

namespace {

using test::for_each_engine;

void make_tables(Database& database) {
    test::write_as_owner(database, [&](Tx& tx) {
        const std::string blob = database.engine() == Engine::sqlite ? "BLOB" : "BYTEA";
        const std::string strict = database.engine() == Engine::sqlite ? " STRICT" : "";
        tx.execute(
            "CREATE TABLE shelf (name TEXT PRIMARY KEY, size BIGINT CHECK (size >= 0), label TEXT)"
        );
        tx.execute("CREATE TABLE jar (id TEXT PRIMARY KEY, shelf TEXT REFERENCES shelf (name))");
        tx.execute(
            "CREATE TABLE sample (id INTEGER PRIMARY KEY, whole " +
            std::string(strict.empty() ? "BIGINT" : "INTEGER") + ", words TEXT, raw " + blob +
            ", must TEXT NOT NULL)" + strict
        );
    });
}

void put_shelf(Tx& tx, const std::string& name, std::int64_t size = 0) {
    tx.execute("INSERT INTO shelf (name, size) VALUES (?, ?)", {name, size});
}

std::int64_t count_shelves(Database& database) {
    return database.read([](Tx& tx) {
        return tx.query("SELECT count(*) FROM shelf").front().integer(0);
    });
}

bool has_shelf(Database& database, const std::string& name) {
    return database.read([&](Tx& tx) {
        return !tx.query("SELECT name FROM shelf WHERE name = ?", {name}).empty();
    });
}

Bytes all_bytes() {
    Bytes bytes;
    for (int i = 0; i < 256; ++i) {
        bytes.push_back(static_cast<std::byte>(i));
    }
    return bytes;
}

}  // namespace

TEST_CASE("values of every kind come back as they went in") {
    for_each_engine([](Database& database) {
        make_tables(database);
        constexpr auto highest = std::numeric_limits<std::int64_t>::max();
        constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
        const std::string words = "Müller 護 '?' \"$1\" \\x00 \U0001F691";
        const std::vector<std::vector<Value>> samples = {
            {highest, words, all_bytes()},
            {lowest, std::string(), Bytes{}},
            {std::int64_t{-1}, std::string(100'000, 'a'), Bytes(100'000, std::byte{0})},
            {nullptr, nullptr, nullptr},
        };

        database.write([&](Tx& tx) {
            std::int64_t id = 0;
            for (const auto& sample : samples) {
                std::vector<Value> values = {++id};
                values.insert(values.end(), sample.begin(), sample.end());
                values.emplace_back("x");
                CHECK(
                    tx.execute(
                        "INSERT INTO sample (id, whole, words, raw, must) VALUES (?, ?, ?, ?, ?)",
                        values
                    ) == 1
                );
            }
        });
        const auto rows = database.read([](Tx& tx) {
            return tx.query("SELECT whole, words, raw FROM sample ORDER BY id");
        });

        REQUIRE(rows.size() == samples.size());
        for (std::size_t i = 0; i + 1 < samples.size(); ++i) {
            CHECK(rows[i].integer(0) == std::get<std::int64_t>(samples[i][0]));
            CHECK(rows[i].text(1) == std::get<std::string>(samples[i][1]));
            CHECK(rows[i].blob(2) == std::get<Bytes>(samples[i][2]));
        }
        CHECK(rows.back().is_null(0));
        CHECK_FALSE(rows.back().maybe_integer(0).has_value());
        CHECK_FALSE(rows.back().maybe_text(1).has_value());
        CHECK_FALSE(rows.back().maybe_time(0).has_value());
        CHECK(rows.back().is_null(2));
    });
}

TEST_CASE("one statement takes a null where it took a value before") {
    for_each_engine([](Database& database) {
        make_tables(database);
        database.write([](Tx& tx) {
            const auto* const sql = "INSERT INTO shelf (name, size, label) VALUES (?, ?, ?)";
            tx.execute(sql, {"a", std::int64_t{1}, "first"});
            tx.execute(sql, {"b", nullptr, "second"});
            tx.execute(sql, {"c", std::int64_t{3}, nullptr});
        });

        const auto rows = database.read([](Tx& tx) {
            return tx.query("SELECT size, label FROM shelf ORDER BY name");
        });

        CHECK(rows.at(0).integer(0) == 1);
        CHECK_FALSE(rows.at(1).maybe_integer(0).has_value());
        CHECK(rows.at(1).text(1) == "second");
        CHECK_FALSE(rows.at(2).maybe_text(1).has_value());
    });
}

TEST_CASE("sums, counts and truths are integers") {
    for_each_engine([](Database& database) {
        make_tables(database);
        database.write([](Tx& tx) {
            put_shelf(tx, "a", 40);
            put_shelf(tx, "b", 2);
        });

        const auto row = database.read([](Tx& tx) {
            return tx.query("SELECT sum(size), count(*), max(size) > 3, min(name) FROM shelf")
                .front();
        });

        CHECK(row.integer(0) == 42);
        CHECK(row.integer(1) == 2);
        CHECK(row.integer(2) == 1);
        CHECK(row.text(3) == "a");
    });
}

TEST_CASE("a column of another type than asked for is a fault, and so is one that is not there") {
    const Row row({std::int64_t{1}, std::string("two"), nullptr, Bytes{}});

    CHECK_THROWS_AS((void)row.text(0), Fault);
    CHECK_THROWS_AS((void)row.integer(1), Fault);
    CHECK_THROWS_AS((void)row.integer(2), Fault);
    CHECK_THROWS_AS((void)row.text(3), Fault);
    CHECK_THROWS_AS((void)row.blob(1), Fault);
    CHECK_THROWS_AS((void)row.integer(4), Fault);
    CHECK_THROWS_AS((void)row.is_null(4), Fault);
}

TEST_CASE("texts that one engine could not store are refused by both") {
    CHECK(is_storable_text(""));
    CHECK(is_storable_text("plain"));
    CHECK(is_storable_text("\xC3\xBC \xF0\x9F\x9A\x91"));
    CHECK_FALSE(is_storable_text(std::string_view("a\0b", 3)));
    CHECK_FALSE(is_storable_text("\xFF"));
    CHECK_FALSE(is_storable_text("\xC0\x80"));      // an overlong zero
    CHECK_FALSE(is_storable_text("\xED\xA0\x80"));  // half a surrogate pair

    for_each_engine([](Database& database) {
        make_tables(database);
        CHECK_THROWS_AS(
            database.write([](Tx& tx) { put_shelf(tx, std::string("a\0b", 3)); }), Fault
        );
        CHECK_THROWS_AS(database.write([](Tx& tx) { put_shelf(tx, "\xFF"); }), Fault);
        CHECK(count_shelves(database) == 0);
    });
}

TEST_CASE("a question mark in quotes is no placeholder, and values must be as many as those") {
    for_each_engine([](Database& database) {
        make_tables(database);
        database.write([](Tx& tx) {
            tx.execute(
                "INSERT INTO shelf (name, label) VALUES ('what?', ?) -- is this one?", {"it''s?"}
            );
        });
        CHECK(has_shelf(database, "what?"));
        CHECK_THROWS_AS(
            database.write([](Tx& tx) {
                tx.execute("INSERT INTO shelf (name) VALUES (?)", {"a", "b"});
            }),
            Fault
        );
        CHECK_THROWS_AS(
            database.write([](Tx& tx) { tx.execute("INSERT INTO shelf (name) VALUES (?)"); }), Fault
        );
    });
}

TEST_CASE("one text is one statement") {
    for_each_engine([](Database& database) {
        make_tables(database);
        CHECK_THROWS_AS(
            database.write([](Tx& tx) {
                tx.execute("INSERT INTO shelf (name) VALUES ('a'); DELETE FROM shelf");
            }),
            Fault
        );
        CHECK_THROWS_AS(database.write([](Tx& tx) { tx.execute("NOT A STATEMENT"); }), Fault);
        CHECK(count_shelves(database) == 0);
    });
}

TEST_CASE("execute tells how many rows were changed") {
    for_each_engine([](Database& database) {
        make_tables(database);
        database.write([](Tx& tx) {
            put_shelf(tx, "a");
            put_shelf(tx, "b");
            CHECK(tx.execute("UPDATE shelf SET size = 5") == 2);
            CHECK(tx.execute("UPDATE shelf SET size = 6 WHERE name = ?", {"c"}) == 0);
            CHECK(tx.execute("SELECT name FROM shelf") == 0);
            CHECK(
                tx.execute("INSERT INTO shelf (name) VALUES ('a') ON CONFLICT (name) DO NOTHING") ==
                0
            );
            CHECK(tx.execute("DELETE FROM shelf WHERE name = 'a'") == 1);
            const auto returned =
                tx.query("INSERT INTO shelf (name, size) VALUES ('r', 9) RETURNING size");
            CHECK(returned.at(0).integer(0) == 9);
        });
    });
}

TEST_CASE("a refusal commits what is outside attempt() and undoes what is inside") {
    for_each_engine([](Database& database) {
        make_tables(database);

        const auto answer = database.write([](Tx& tx) {
            put_shelf(tx, "noted before");
            auto attempted = tx.attempt([&]() -> Result<int> {
                put_shelf(tx, "undone");
                return refuse(Refusal::denied, "shelf.full");
            });
            put_shelf(tx, "noted after");
            return attempted;
        });

        REQUIRE_FALSE(answer.has_value());
        CHECK(answer.error().reason == "shelf.full");
        CHECK(has_shelf(database, "noted before"));
        CHECK_FALSE(has_shelf(database, "undone"));
        CHECK(has_shelf(database, "noted after"));
    });
}

TEST_CASE("an attempt that succeeds is kept, and attempts nest") {
    for_each_engine([](Database& database) {
        make_tables(database);

        database.write([](Tx& tx) {
            const auto outer = tx.attempt([&]() -> Result<void> {
                put_shelf(tx, "outer");
                const auto inner = tx.attempt([&]() -> Result<void> {
                    put_shelf(tx, "inner refused");
                    return refuse(Refusal::denied, "shelf.full");
                });
                CHECK_FALSE(inner.has_value());
                return tx.attempt([&]() -> Result<void> {
                    put_shelf(tx, "inner kept");
                    return {};
                });
            });
            CHECK(outer.has_value());
        });

        CHECK(has_shelf(database, "outer"));
        CHECK_FALSE(has_shelf(database, "inner refused"));
        CHECK(has_shelf(database, "inner kept"));
    });
}

TEST_CASE("an exception rolls everything back and reaches the caller") {
    for_each_engine([](Database& database) {
        make_tables(database);

        CHECK_THROWS_WITH_AS(
            database.write([](Tx& tx) {
                put_shelf(tx, "lost");
                (void)tx.attempt([&]() -> Result<void> { throw Fault("the roof is gone"); });
            }),
            "the roof is gone",
            Fault
        );

        CHECK(count_shelves(database) == 0);
    });
}

TEST_CASE("broken constraints can be told from other faults") {
    for_each_engine([](Database& database) {
        make_tables(database);
        database.write([](Tx& tx) { put_shelf(tx, "a"); });

        CHECK_THROWS_AS(database.write([](Tx& tx) { put_shelf(tx, "a"); }), ConstraintViolation);
        CHECK_THROWS_AS(
            database.write([](Tx& tx) {
                tx.execute("INSERT INTO jar (id, shelf) VALUES ('j', 'nowhere')");
            }),
            ConstraintViolation
        );
        CHECK_THROWS_AS(
            database.write([](Tx& tx) { put_shelf(tx, "b", -1); }), ConstraintViolation
        );
        try {
            database.write([](Tx& tx) {
                tx.execute("INSERT INTO sample (id, must) VALUES (1, NULL)");
            });
            FAIL("a missing value was stored");
        } catch (const ConstraintViolation&) {
            FAIL("a missing value is our mistake, not a race for a name");
        } catch (const Fault&) {
            CHECK(true);
        }
    });
}

TEST_CASE("a broken constraint caught outside attempt() leaves the transaction usable") {
    for_each_engine([](Database& database) {
        make_tables(database);

        database.write([](Tx& tx) {
            put_shelf(tx, "a");
            try {
                (void)tx.attempt([&]() -> Result<void> {
                    put_shelf(tx, "b");
                    put_shelf(tx, "a");
                    return {};
                });
                FAIL("the name was taken");
            } catch (const ConstraintViolation&) {
                put_shelf(tx, "c");
            }
        });

        CHECK(has_shelf(database, "a"));
        CHECK_FALSE(has_shelf(database, "b"));
        CHECK(has_shelf(database, "c"));
    });
}

TEST_CASE("a work that swallows a fault is not committed") {
    for_each_engine([](Database& database) {
        make_tables(database);

        CHECK_THROWS_AS(
            database.write([](Tx& tx) {
                put_shelf(tx, "a");
                CHECK_THROWS_AS(put_shelf(tx, "a"), ConstraintViolation);
                // Neither engine goes on from here without a savepoint.
                CHECK_THROWS_AS(put_shelf(tx, "b"), Fault);
            }),
            Fault
        );
        CHECK_THROWS_AS(
            database.write([](Tx& tx) {
                (void)tx.attempt([&]() -> Result<void> {
                    put_shelf(tx, "c");
                    CHECK_THROWS_AS(put_shelf(tx, "c"), ConstraintViolation);
                    return {};
                });
            }),
            Fault
        );

        CHECK(count_shelves(database) == 0);
    });
}

TEST_CASE("more statements than are kept prepared still work") {
    for_each_engine([](Database& database) {
        make_tables(database);
        database.write([](Tx& tx) {
            for (int round = 0; round < 2; ++round) {
                for (int i = 0; i < 400; ++i) {
                    const auto sql = "SELECT " + std::to_string(i) + " + size FROM shelf";
                    CHECK(tx.query(sql).empty());
                }
            }
            put_shelf(tx, "a");
        });
        CHECK(count_shelves(database) == 1);
    });
}

}  // namespace sallyport::store
