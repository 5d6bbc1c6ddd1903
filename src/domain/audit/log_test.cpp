#include "domain/audit/log.h"

#include "tests/support/databases.h"

#include "base/core/fault.h"
#include "domain/audit/audit_samples.h"
#include "domain/audit/leaf.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace sallyport::audit {

namespace {

struct Desk {
    test::SettableClock clock;
    test::ReplayedRandom random;
    test::Moments moments{clock, random};

    EventId append_one(store::Database& database, const Event& event) {
        clock.advance(Duration(1000));
        return database.write([&](store::Tx& tx) { return append(tx, moments.now(), event); });
    }
};

Event event_on(std::string object) {
    return event_by(samples::engineer(), "pam.command", "run", std::move(object));
}

Event command_on(std::string object) {
    auto event = event_on(std::move(object));
    event.fields.push_back({"seq", std::int64_t{1}});
    event.fields.push_back({"command", "GET /status"});
    return event;
}

}  // namespace

TEST_CASE("an appended event is found with its personal text, and not numbered yet") {
    test::for_each_engine([](store::Database& database) {
        Desk desk;
        const auto id = desk.append_one(database, samples::sign_in());

        const auto entry = database.read([&](store::Tx& tx) { return find(tx, id); });

        REQUIRE(entry);
        CHECK(entry->id == id);
        CHECK_FALSE(entry->leaf_index);
        CHECK(entry->type == "authn.success");
        CHECK(entry->account_name == "e.larsson");
        CHECK(entry->source == "192.0.2.17");
        CHECK(entry->role == "engineer");
        CHECK(entry->outcome == "success");
        CHECK(entry->amr == "pwd+otp");
        CHECK(entry->at == desk.clock.now());
        CHECK(
            entry->personal_json ==
            R"({"where.source":"192.0.2.17","who.account_name":"e.larsson"})"
        );
        CHECK(read_leaf(entry->leaf_json)->columns.event_id == id.text());

        const auto nobody = EventId::fresh(desk.clock.now(), desk.random);
        CHECK_FALSE(database.read([&](store::Tx& tx) { return find(tx, nobody); }));
    });
}

TEST_CASE(
    "an event goes with its transaction: a fault takes both, a refusal keeps what stands outside"
) {
    test::for_each_engine([](store::Database& database) {
        Desk desk;
        CHECK_THROWS_AS(
            database.write([&](store::Tx& tx) {
                append(tx, desk.moments.now(), samples::sign_in());
                throw Fault("later");
            }),
            Fault
        );
        auto bad = samples::sign_in();
        bad.factor.reset();
        CHECK_THROWS_AS(desk.append_one(database, bad), Fault);

        CHECK(database.read([](store::Tx& tx) { return list(tx, {}); }).empty());
    });
}

TEST_CASE("the list is filtered by each condition and shows the newest first") {
    test::for_each_engine([](store::Database& database) {
        Desk desk;
        const auto first = desk.append_one(database, samples::sign_in());
        const auto middle = desk.clock.now() + Duration(500);
        desk.append_one(database, samples::failure());
        const auto last = desk.append_one(database, command_on("device:pump-07"));
        const auto count = [&](const Filter& filter) {
            return database.read([&](store::Tx& tx) { return list(tx, filter); }).size();
        };

        const auto all = database.read([](store::Tx& tx) { return list(tx, {}); });
        REQUIRE(all.size() == 3);
        CHECK(all.front().id == last);
        CHECK(all.back().id == first);

        CHECK(count({.type_prefix = "authn."}) == 2);
        CHECK(count({.type_prefix = "authn.failure"}) == 1);
        CHECK(count({.type_prefix = "auth_n"}) == 0);
        CHECK(count({.account = samples::engineer().who.account}) == 2);
        CHECK(count({.session = samples::engineer().session}) == 2);
        CHECK(count({.object = "device:pump-07"}) == 1);
        CHECK(count({.from = middle}) == 2);
        CHECK(count({.until = middle}) == 1);
        CHECK(count({.type_prefix = "authn.", .until = middle}) == 1);
        CHECK(count({.count_max = 2}) == 2);
        CHECK(count({.count_max = 0}) == 0);
    });
}

TEST_CASE("S0-79: rows of the log can't be changed or deleted through the server's own account") {
    test::for_each_engine([](store::Database& database) {
        Desk desk;
        desk.append_one(database, samples::sign_in());
        desk.append_one(database, samples::failure());
        for (const auto* sql :
             {"UPDATE audit_event SET leaf = leaf",
              "UPDATE audit_event SET reason = 'other'",
              "UPDATE audit_event SET seq = seq + 100",
              "DELETE FROM audit_event",
              "UPDATE audit_personal SET content = 'other'"}) {
            CAPTURE(sql);
            CHECK_THROWS_AS(database.write([&](store::Tx& tx) { tx.execute(sql); }), Fault);
        }
        database.write([](store::Tx& tx) {
            CHECK(
                tx.execute("UPDATE audit_event SET leaf_index = 0 WHERE type = 'authn.success'") ==
                1
            );
        });
        for (const auto* sql :
             {"UPDATE audit_event SET leaf_index = 5 WHERE type = 'authn.success'",
              "UPDATE audit_event SET leaf_index = NULL",
              "UPDATE audit_event SET leaf_index = 0 WHERE leaf_index IS NULL"}) {
            CAPTURE(sql);
            CHECK_THROWS_AS(database.write([&](store::Tx& tx) { tx.execute(sql); }), Fault);
        }
        if (database.engine() == store::Engine::postgres) {
            // In the server's role; the file of SQLite has none, and its triggers stand before
            // what is changed row by row only: audit verify tells of the rest.
            for (const auto* sql :
                 {"TRUNCATE audit_event",
                  "TRUNCATE audit_event CASCADE",
                  "DROP TABLE audit_event",
                  "DROP TABLE audit_event CASCADE",
                  "ALTER TABLE audit_event DISABLE TRIGGER ALL",
                  "DROP TRIGGER audit_event_never_changed ON audit_event",
                  "ALTER TABLE audit_event RENAME TO elsewhere",
                  "ALTER TABLE audit_event DROP COLUMN leaf",
                  "SET session_replication_role = replica"}) {
                CAPTURE(sql);
                CHECK_THROWS_AS(database.write([&](store::Tx& tx) { tx.execute(sql); }), Fault);
            }
            // Without the right to give, nothing is given: that is a warning and not an error.
            database.write([](store::Tx& tx) {
                tx.execute("GRANT ALL ON audit_event TO CURRENT_USER");
                const auto held = tx.query(
                    "SELECT has_table_privilege('audit_event', 'DELETE')::int + "
                    "has_table_privilege('audit_event', 'TRUNCATE')::int + "
                    "has_table_privilege('audit_event', 'TRIGGER')::int + "
                    "has_table_privilege('audit_event', 'UPDATE')::int"
                );
                CHECK(held.front().integer(0) == 0);
            });
        }
        CHECK(database.read([](store::Tx& tx) { return list(tx, {}); }).size() == 2);
    });
}

TEST_CASE("personal text is erased by an event of its own, and the leaf stays") {
    test::for_each_engine([](store::Database& database) {
        Desk desk;
        const auto id = desk.append_one(database, samples::sign_in());
        const auto other = desk.append_one(database, samples::failure());
        const PersonalScope scope{samples::engineer().who.account, desk.clock.now() + Duration(1)};

        const auto count = database.write([&](store::Tx& tx) {
            return erase_personal(tx, desk.moments.now(), system_actor("retention"), scope);
        });

        CHECK(count == 2);
        const auto entry = database.read([&](store::Tx& tx) { return find(tx, id); });
        CHECK(entry->account_name.empty());
        CHECK(entry->source.empty());
        CHECK(entry->personal_json == "{}");
        CHECK(read_leaf(entry->leaf_json)->commitments.size() == 2);
        CHECK(
            database.read([&](store::Tx& tx) { return find(tx, other); })->source == "192.0.2.99"
        );
        const auto told = database.read([](store::Tx& tx) {
            return list(tx, {.type_prefix = "audit.personal_erased"});
        });
        REQUIRE(told.size() == 1);
        CHECK(told[0].leaf_json.find(R"("count":2)") != std::string::npos);
        CHECK(told[0].system == "retention");
    });
}

TEST_CASE("S0-45: a secret typed into the name field is not in the leaf, and can be erased") {
    test::for_each_engine([](store::Database& database) {
        Desk desk;
        const std::string canary = "canary-Tr0ub4dor&3";
        const auto id = desk.append_one(database, samples::failure(canary));
        const auto before = database.read([&](store::Tx& tx) { return find(tx, id); });
        CHECK(before->leaf_json.find(canary) == std::string::npos);

        database.write([&](store::Tx& tx) {
            return erase_personal(
                tx,
                desk.moments.now(),
                system_actor("retention"),
                {std::nullopt, desk.clock.now() + Duration(1)}
            );
        });

        const auto after = database.read([&](store::Tx& tx) { return find(tx, id); });
        CHECK(after->personal_json.find(canary) == std::string::npos);
    });
}

}  // namespace sallyport::audit
