#include "base/store/migration.h"

#include "tests/support/databases.h"

#include "base/store/faults.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

namespace sallyport::store {

namespace {

using Statements = std::vector<std::string>;

// On both engines, with a database that has the embedded schema; a migration for it has a number
// after those.
constexpr int later = 9001;

Migration migration(int version, std::string_view sql, std::string_view digest = "d") {
    return {.version = version, .name = "test", .sql = sql, .digest = digest};
}

std::vector<Migration> embedded_and(std::initializer_list<Migration> more) {
    const auto embedded = embedded_migrations();
    std::vector<Migration> all(embedded.begin(), embedded.end());
    all.insert(all.end(), more);
    return all;
}

std::string fault_of(Database& database, std::span<const Migration> migrations) {
    try {
        migrate(database, migrations);
    } catch (const Fault& fault) {
        return fault.what();
    }
    return "";
}

}  // namespace

TEST_CASE("one migration text serves both engines") {
    constexpr std::string_view sql =
        "-- room: base/store\n"
        "\n"
        "CREATE TABLE thing (\n"
        "    id {int} PRIMARY KEY,  -- a comment here is kept\n"
        "    name {text} NOT NULL,\n"
        "    raw {blob}\n"
        ") {strict};\n"
        "--- sqlite\n"
        "CREATE INDEX only_there ON thing (name);\n"
        "--- postgres\n"
        "REVOKE UPDATE ON thing FROM {server_role};\n"
        "--- both\n"
        "CREATE INDEX everywhere ON thing (id);\n";

    CHECK(
        migration_statements(sql, Engine::sqlite, "") ==
        Statements{
            "CREATE TABLE thing (\nid INTEGER PRIMARY KEY,  -- a comment here is kept\n"
            "name TEXT NOT NULL,\nraw BLOB\n) STRICT;",
            "CREATE INDEX only_there ON thing (name);",
            "CREATE INDEX everywhere ON thing (id);",
        }
    );
    CHECK(
        migration_statements(sql, Engine::postgres, "sally\"port") ==
        Statements{
            "CREATE TABLE thing (\nid BIGINT PRIMARY KEY,  -- a comment here is kept\n"
            "name TEXT NOT NULL,\nraw BYTEA\n) ;",
            "REVOKE UPDATE ON thing FROM \"sally\"\"port\";",
            "CREATE INDEX everywhere ON thing (id);",
        }
    );
}

TEST_CASE("the body of a trigger or of a function is one statement") {
    constexpr std::string_view trigger =
        "create trigger t before update on thing\n"
        "BEGIN\n"
        "    SELECT RAISE(ABORT, 'never');\n"
        "END;\n"
        "CREATE INDEX i ON thing (id);\n";
    CHECK(migration_statements(trigger, Engine::sqlite, "").size() == 2);

    constexpr std::string_view function =
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$\n"
        "BEGIN\n"
        "    RAISE EXCEPTION 'never';\n"
        "END\n"
        "$$;\n"
        "CREATE TRIGGER t BEFORE UPDATE ON thing FOR EACH ROW EXECUTE FUNCTION f();\n";
    CHECK(migration_statements(function, Engine::postgres, "").size() == 2);
}

TEST_CASE("a migration that can't be read is a fault") {
    const auto read = [](std::string_view sql) {
        return migration_statements(sql, Engine::sqlite, "");
    };
    CHECK_THROWS_AS(read("CREATE TABLE t (id {integer});\n"), Fault);
    CHECK_THROWS_AS(read("GRANT ALL ON t TO {server_role};\n"), Fault);
    CHECK_THROWS_AS(read("--- mysql\n"), Fault);
    CHECK_THROWS_AS(read("CREATE TABLE t (id {int})\n"), Fault);
    CHECK_THROWS_AS(read("CREATE TABLE t\n--- sqlite\n(id {int});\n"), Fault);
    CHECK(read("INSERT INTO t VALUES ('{} {\"a\": 1} {');\n").size() == 1);
}

TEST_CASE("the embedded migrations are in order, each once, with their digests") {
    const auto embedded = embedded_migrations();
    CHECK(std::ranges::is_sorted(embedded, std::ranges::less_equal{}, &Migration::version));
    for (const auto& each : embedded) {
        CAPTURE(each.version);
        CHECK(each.version > 0);
        CHECK(each.digest.size() == 64);
        CHECK(each.sql.starts_with("-- room: "));
    }
    CHECK(schema_version() == (embedded.empty() ? 0 : embedded.back().version));
}

TEST_CASE("migrations are applied once and remembered") {
    test::for_each_engine([](Database& database) {
        const auto all = embedded_and({
            migration(later, "CREATE TABLE later (id {int}) {strict};\n"),
            migration(later + 5, "INSERT INTO later (id) VALUES (5);\n"),
        });

        migrate(database, all);
        migrate(database, all);

        const auto rows = database.read([](Tx& tx) { return tx.query("SELECT id FROM later"); });
        CHECK(rows.size() == 1);
        const auto versions = database.read([](Tx& tx) {
            return tx.query(
                "SELECT version, name, digest, applied_at FROM schema_migration "
                "ORDER BY version"
            );
        });
        REQUIRE(versions.size() == all.size());
        CHECK(versions.back().integer(0) == later + 5);
        CHECK(versions.back().text(1) == "test");
        CHECK(versions.back().text(2) == "d");
        CHECK(versions.back().time(3) > from_micros(0));
    });
}

TEST_CASE("a database that was written by a newer Sallyport is refused, with what to do") {
    test::for_each_engine([](Database& database) {
        migrate(database, embedded_and({migration(later, "CREATE TABLE later (id {int});\n")}));

        CHECK_THROWS_AS(migrate(database), SchemaTooNew);
        const auto text = fault_of(database, embedded_migrations());
        CHECK(text.find("9001") != std::string::npos);
        CHECK(text.find("Start that version") != std::string::npos);
    });
}

TEST_CASE("a migration that was changed after it had been applied is refused by its name") {
    test::for_each_engine([](Database& database) {
        migrate(database, embedded_and({migration(later, "CREATE TABLE later (id {int});\n")}));

        const auto text = fault_of(
            database, embedded_and({migration(later, "CREATE TABLE later (id {text});\n", "other")})
        );

        CHECK(text.find("9001_test was changed") != std::string::npos);
    });
}

TEST_CASE("a migration that fails leaves nothing of itself, and what came before it stays") {
    test::for_each_engine([](Database& database) {
        const auto failing = embedded_and({
            migration(later, "CREATE TABLE first (id {int});\n"),
            migration(
                later + 1, "CREATE TABLE second (id {int});\nINSERT INTO nowhere (x) VALUES (1);\n"
            ),
        });
        CHECK_THROWS_AS(migrate(database, failing), Fault);

        const auto mended = embedded_and({
            migration(later, "CREATE TABLE first (id {int});\n"),
            migration(later + 1, "CREATE TABLE second (id {int});\n"),
        });
        CHECK_NOTHROW(migrate(database, mended));
    });
}

TEST_CASE("migrations only go forward") {
    test::for_each_engine([](Database& database) {
        migrate(database, embedded_and({migration(later + 1, "CREATE TABLE b (id {int});\n")}));

        const auto text = fault_of(
            database,
            embedded_and({
                migration(later, "CREATE TABLE a (id {int});\n"),
                migration(later + 1, "CREATE TABLE b (id {int});\n"),
            })
        );

        CHECK(text.find("only go forward") != std::string::npos);
    });
}

TEST_CASE("two nodes that start together bring the schema forward once") {
    const auto race = [](auto& fixture, const auto& open) {
        const auto all = embedded_and({
            migration(later, "CREATE TABLE later (id {int});\n"),
            migration(later + 1, "INSERT INTO later (id) VALUES (1);\n"),
        });
        const auto other = open(fixture.settings());
        {
            const std::jthread first([&] { CHECK_NOTHROW(migrate(fixture.database(), all)); });
            const std::jthread second([&] { CHECK_NOTHROW(migrate(*other, all)); });
        }
        const auto rows =
            other->read([](Tx& tx) { return tx.query("SELECT id FROM later").size(); });
        CHECK(rows == 1);
    };
    test::SqliteFixture sqlite;
    race(sqlite, open_sqlite);
    if (test::postgres_socket_folder().empty()) return;
    test::PostgresFixture postgres;
    race(postgres, open_postgres);
}

TEST_CASE("on PostgreSQL the server's role uses the tables, and does not own them") {
    if (test::postgres_socket_folder().empty()) {
        MESSAGE("left out: SALLYPORT_TEST_PG_SOCKET_DIR is not set");
        return;
    }
    test::PostgresFixture fixture;
    auto& database = fixture.database();
    migrate(
        database,
        embedded_and({migration(
            later,
            "CREATE TABLE open_table (id {int});\n"
            "CREATE TABLE log_table (id {int}, leaf_index {int});\n"
            "--- postgres\n"
            "REVOKE ALL ON log_table FROM {server_role};\n"
            "GRANT SELECT, INSERT, UPDATE (leaf_index) ON log_table TO {server_role};\n"
        )})
    );

    CHECK_NOTHROW(database.write([](Tx& tx) {
        tx.execute("INSERT INTO open_table (id) VALUES (1)");
        tx.execute("UPDATE open_table SET id = 2");
        tx.execute("DELETE FROM open_table");
        tx.execute("INSERT INTO log_table (id) VALUES (1)");
        tx.execute("UPDATE log_table SET leaf_index = 0 WHERE id = 1");
    }));
    for (const std::string_view forbidden : {
             "UPDATE log_table SET id = 2",
             "DELETE FROM log_table",
             "TRUNCATE log_table",
             "TRUNCATE open_table",
             "DROP TABLE log_table",
             "ALTER TABLE log_table ADD COLUMN more TEXT",
             "CREATE TABLE own (id BIGINT)",
             "DELETE FROM schema_migration",
             "GRANT ALL ON log_table TO sallyport_server",
         }) {
        CAPTURE(std::string(forbidden));
        if (forbidden.starts_with("GRANT")) {
            // PostgreSQL only warns that nothing was granted.
            try {
                database.write([&](Tx& tx) { tx.execute(forbidden); });
            } catch (const Fault&) {
                CHECK(true);
            }
            CHECK_THROWS_AS(
                database.write([](Tx& tx) { tx.execute("DELETE FROM log_table"); }), Fault
            );
            continue;
        }
        CHECK_THROWS_AS(database.write([&](Tx& tx) { tx.execute(forbidden); }), Fault);
    }
}

}  // namespace sallyport::store
