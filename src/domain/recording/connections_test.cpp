#include "domain/recording/connections.h"

#include "tests/support/clocks.h"
#include "tests/support/databases.h"
#include "tests/support/policies.h"
#include "tests/support/recorded.h"

#include "domain/audit/log.h"
#include "domain/policy/policy.h"
#include "domain/recording/recordings.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace sallyport;
using namespace sallyport::recording;

namespace {

// An engineer in front of a pump, with a grant.
struct Scene {
    test::SettableClock clock;
    test::ReplayedRandom random{3};
    test::Moments moments{clock, random};
    policy::Policy policy = test::policy_with_codes(test::SettableClock().now());
    DeviceId device = DeviceId::fresh(clock.now(), random);
    GrantId grant = GrantId::fresh(clock.now(), random);
    policy::Subject subject{
        .session = SessionId::fresh(clock.now(), random),
        .account = AccountId::fresh(clock.now(), random),
        .person = PersonId::fresh(clock.now(), random),
        .role = "engineer",
        .scope = "gateway",
        .proven = policy::Strength::two_factors,
        .last_proof = clock.now(),
        .ends_at = clock.now() + std::chrono::hours(4),
    };

    audit::Actor actor() const {
        audit::Actor by;
        by.who.person = subject.person;
        by.who.account = subject.account;
        by.who.account_name = "erin";
        by.who.role = "engineer";
        by.where = {"192.0.2.9", "web", "unregistered", "unzoned"};
        by.factor = audit::Factor{
            .amr = "pwd+otp", .aal = 2, .authenticator_id = "password+totp", .age = {}
        };
        by.session = subject.session;
        by.policy_version = 1;
        return by;
    }

    policy::Permit permit(policy::Permission action = policy::Permission::device_visit) const {
        const policy::Question question{
            .subject = subject,
            .action = action,
            .device = device,
            .about = {},
            .grant =
                policy::GrantFacts{
                    grant,
                    subject.account,
                    device,
                    true,
                    clock.now() - std::chrono::hours(1),
                    clock.now() + std::chrono::hours(1)
                },
        };
        return policy::decide(policy, question, clock.now()).value();
    }

    ConnectionId open(store::Database& database) {
        const auto id = ConnectionId::fresh(clock.now(), random);
        database.write([&](store::Tx& tx) {
            const auto opened =
                open_connection(tx, moments.now(), permit(), {id, "pump-07", "http"}, actor());
            CHECK(opened.has_value());
            record_started(tx, moments.now(), id, actor());
        });
        return id;
    }
};

std::vector<audit::Entry> events(store::Database& database, const std::string& prefix) {
    return database.read([&](store::Tx& tx) {
        audit::Filter filter;
        filter.type_prefix = prefix;
        return audit::list(tx, filter);
    });
}

std::size_t count_of(store::Database& database, const std::string& type) {
    return events(database, type).size();
}

Connection row(store::Database& database, const ConnectionId& id) {
    return database.read([&](store::Tx& tx) { return find_connection(tx, id); }).value();
}

}  // namespace

TEST_CASE("S2-21: the record of a visit answers who, when, what and with which outcome") {
    test::for_each_engine([](store::Database& database) {
        Scene scene;
        const auto id = scene.open(database);
        const auto opened_at = scene.clock.now();
        scene.clock.advance(std::chrono::seconds(90));
        const Bytes root(32, std::byte{7});
        database.write([&](store::Tx& tx) {
            const auto moment = scene.moments.now();
            close_connection(tx, moment, id, {"logout", 2000, 300, 4}, scene.actor());
            close_connection(tx, moment, id, {"again", 0, 0, 0}, scene.actor());
            record_sealed(tx, moment, id, root, scene.actor());
            record_sealed(tx, moment, id, Bytes(32), scene.actor());
        });

        const auto visit = row(database, id);
        CHECK(visit.login_name == "erin");
        CHECK(visit.person == scene.subject.person);
        CHECK(visit.account == scene.subject.account);
        CHECK(visit.session == scene.subject.session);
        CHECK(visit.grant == scene.grant);
        CHECK(visit.device == scene.device);
        CHECK(visit.device_name == "pump-07");
        CHECK(visit.source == "192.0.2.9");
        CHECK(visit.node == "test");
        CHECK(visit.opened_at == opened_at);
        CHECK(visit.closed_at == opened_at + std::chrono::seconds(90));
        CHECK(visit.cause == "logout");
        CHECK(visit.bytes_in == 2000);
        CHECK(visit.bytes_out == 300);
        CHECK(visit.exchanges == 4);
        CHECK(visit.state == SealState::sealed);
        CHECK(visit.root_hash == root);

        REQUIRE(count_of(database, "pam.connect") == 1);
        const auto connect = events(database, "pam.connect").front();
        CHECK(connect.object == "connection:" + id.text());
        CHECK(connect.leaf_json.find("pump-07") != std::string::npos);
        CHECK(connect.leaf_json.find(scene.grant.text()) != std::string::npos);
        CHECK(connect.amr == "pwd+otp");
        REQUIRE(count_of(database, "pam.disconnect") == 1);
        const auto disconnect = events(database, "pam.disconnect").front();
        CHECK(disconnect.leaf_json.find("logout") != std::string::npos);
        CHECK(count_of(database, "rec.started") == 1);
        REQUIRE(count_of(database, "rec.sealed") == 1);
        const auto sealed = events(database, "rec.sealed").front();
        CHECK(sealed.object == "recording:" + id.text());
        CHECK(sealed.leaf_json.find(to_hex(root)) != std::string::npos);
    });
}

TEST_CASE("a visit opens only with a Permit for it, in the same session, that is not over") {
    test::for_each_engine([](store::Database& database) {
        Scene scene;
        const auto refusal_of = [&](policy::Permit permit, const audit::Actor& by) {
            return database.write([&](store::Tx& tx) {
                const auto id = ConnectionId::fresh(scene.clock.now(), scene.random);
                const auto opened =
                    open_connection(tx, scene.moments.now(), permit, {id, "pump-07", "http"}, by);
                return opened ? std::string() : std::string(opened.error().reason);
            });
        };
        CHECK(
            refusal_of(scene.permit(policy::Permission::self_read), scene.actor()) ==
            "connection.wrong_permit"
        );
        auto other = scene.actor();
        other.session = SessionId::fresh(scene.clock.now(), scene.random);
        CHECK(refusal_of(scene.permit(), other) == "connection.wrong_permit");
        auto late = scene.permit();
        scene.clock.advance(std::chrono::hours(1));
        CHECK(refusal_of(std::move(late), scene.actor()) == "connection.permit_over");
        CHECK(count_of(database, "pam.connect") == 0);
    });
}

TEST_CASE("who views or exports a recording is in the log, with reason and step-up") {
    test::for_each_engine([](store::Database& database) {
        Scene scene;
        const auto id = scene.open(database);
        database.write([&](store::Tx& tx) {
            const auto moment = scene.moments.now();
            const Access access{"complaint 4711", "step-up-1"};
            record_viewed(tx, moment, id, access, scene.actor());
            record_exported(tx, moment, id, {"har", "download", 7}, access, scene.actor());
            record_gap(tx, moment, id, {3, 5, "lost"}, scene.actor());
            record_integrity_failed(tx, moment, id, "segment.changed", 8, scene.actor());
        });

        for (const auto* const type : {"rec.viewed", "rec.exported"}) {
            REQUIRE(count_of(database, type) == 1);
            const auto event = events(database, type).front();
            CHECK(event.leaf_json.find("complaint 4711") != std::string::npos);
            CHECK(event.leaf_json.find("step-up-1") != std::string::npos);
            CHECK(event.account_name == "erin");
        }
        CHECK(events(database, "rec.gap").front().outcome == "failed");
        CHECK(events(database, "rec.integrity_failed").front().outcome == "failed");
    });
}

TEST_CASE("visits are kept, and a seal is final, whoever writes SQL") {
    test::for_each_engine([](store::Database& database) {
        Scene scene;
        const auto id = scene.open(database);
        database.write([&](store::Tx& tx) {
            record_sealed(tx, scene.moments.now(), id, Bytes(32), scene.actor());
        });
        for (const std::string sql :
             {"DELETE FROM connection",
              "UPDATE connection SET login_name = 'mallory'",
              "UPDATE connection SET opened_at = 1",
              "UPDATE connection SET root_hash = NULL, recording_state = 'open'"}) {
            CHECK_THROWS(database.write([&](store::Tx& tx) { tx.execute(sql); }));
        }
        CHECK(row(database, id).login_name == "erin");
    });
}

TEST_CASE("recordings are listed from the table, and what is not in its folder shows as missing") {
    test::for_each_engine([](store::Database& database) {
        Scene scene;
        test::RecorderInMemory here;
        here.start();
        const auto record = [&](const ConnectionId& id) {
            const auto recording = here.open(id);
            test::submit_and_wait(*recording, test::frame_of("{}", FrameKind::exchange_begin));
            const auto root = test::seal(*recording).get();
            database.write([&](store::Tx& tx) {
                const auto moment = scene.moments.now();
                close_connection(tx, moment, id, {"logout", 0, 0, 1}, scene.actor());
                record_sealed(tx, moment, id, root, scene.actor());
            });
        };
        std::vector<ConnectionId> ids;
        for (int i = 0; i < 5; ++i) {
            ids.push_back(scene.open(database));
            scene.clock.advance(std::chrono::seconds(1));
        }
        for (int i = 1; i < 5; ++i) {
            record(ids[static_cast<std::size_t>(i)]);
        }
        for (const auto& name : here.disk.list("/rec/" + folder_of(ids[2]))) {
            here.disk.remove(here.path(ids[2], name));
        }
        here.disk.bytes_of(here.path(ids[3], "manifest.json"))[0] = std::byte{' '};
        here.disk.bytes_of(here.path(ids[4], "000001.segment")).pop_back();

        const auto list = database.read([&](store::Tx& tx) {
            return list_recordings(tx, here.disk, "/rec", ConnectionFilter{}).rows;
        });
        REQUIRE(list.size() == 5);
        CHECK(list[4].state == RecordingState::open);
        CHECK(list[3].state == RecordingState::sealed);
        CHECK(list[3].exchanges == 1);
        CHECK(list[3].bytes > 100);
        CHECK(list[2].state == RecordingState::missing);
        CHECK(list[1].state == RecordingState::broken);
        CHECK(list[0].state == RecordingState::broken);
    });
}

TEST_CASE("after a crash every visit is closed, sealed or shown as missing, once") {
    test::for_each_engine([](store::Database& database) {
        Scene scene;
        test::RecorderInMemory here;
        here.start();
        const auto interrupted = scene.open(database);
        const auto sealed = scene.open(database);
        const auto lost = scene.open(database);
        {
            const auto first = here.open(interrupted);
            const auto second = here.open(sealed);
            test::submit_and_wait(*first, test::frame_of("GET /"));
            (void)test::seal(*second, "grant_over", 60).get();
        }
        here.recorder.reset();  // the events of these were never written
        here.start();
        const auto settle = [&] {
            return database.write([&](store::Tx& tx) {
                return settle_recordings(tx, scene.moments.now(), here.disk, "/rec");
            });
        };

        CHECK(settle() == 3);
        CHECK(settle() == 0);

        CHECK(row(database, interrupted).state == SealState::interrupted);
        CHECK(row(database, interrupted).cause == "interrupted");
        CHECK(row(database, sealed).state == SealState::sealed);
        CHECK(row(database, sealed).cause == "grant_over");
        CHECK(row(database, lost).state == SealState::missing);
        CHECK(count_of(database, "pam.disconnect") == 3);
        CHECK(count_of(database, "rec.sealed") == 2);
        REQUIRE(count_of(database, "rec.gap") == 1);
        CHECK(events(database, "rec.gap").front().object == "recording:" + lost.text());
        const auto list = database.read([&](store::Tx& tx) {
            return list_recordings(tx, here.disk, "/rec", ConnectionFilter{});
        });
        REQUIRE(list.size() == 3);
        std::map<std::string, RecordingState> states;
        for (const auto& entry : list) {
            states[entry.connection.id.text()] = entry.state;
        }
        CHECK(states[interrupted.text()] == RecordingState::interrupted);
        CHECK(states[sealed.text()] == RecordingState::sealed);
        CHECK(states[lost.text()] == RecordingState::missing);
    });
}

TEST_CASE("connections are found by account, device, state and time, newest first") {
    test::for_each_engine([](store::Database& database) {
        Scene scene;
        const auto first = scene.open(database);
        scene.clock.advance(std::chrono::seconds(10));
        const auto between = scene.clock.now();
        const auto second = scene.open(database);
        const auto list = [&](ConnectionFilter filter) {
            return database.read([&](store::Tx& tx) { return list_connections(tx, filter).rows; });
        };

        CHECK(list({}).size() == 2);
        CHECK(list({}).front().id == second);
        ConnectionFilter filter;
        filter.until = between;
        CHECK(list(filter).front().id == first);
        filter = {};
        filter.from = between;
        CHECK(list(filter).size() == 1);
        filter = {};
        filter.account = AccountId::fresh(between, scene.random);
        CHECK(list(filter).empty());
        filter = {};
        filter.device = scene.device;
        filter.state = SealState::open;
        filter.count_max = 1;
        CHECK(list(filter).size() == 1);
    });
}

TEST_CASE("visits are read page by page, none missing and none twice, also of one microsecond") {
    test::for_each_engine([](store::Database& database) {
        Scene scene;
        constexpr int count = 230;
        std::set<std::string> opened;
        database.write([&](store::Tx& tx) {
            for (int i = 0; i < count; ++i) {
                if (i % 40 == 0) scene.clock.advance(std::chrono::microseconds(1));
                const auto id = ConnectionId::fresh(scene.clock.now(), scene.random);
                const NewConnection wanted{id, "pump-07", "http"};
                const auto moment = scene.moments.now();
                CHECK(open_connection(tx, moment, scene.permit(), wanted, scene.actor()));
                opened.insert(id.text());
            }
        });

        for (const std::size_t at_once : {1U, 7U, 100U, 229U, 230U, 1000U}) {
            CAPTURE(at_once);
            ConnectionFilter filter;
            filter.device = scene.device;
            filter.count_max = at_once;
            std::vector<Connection> seen;
            for (;;) {
                const auto page =
                    database.read([&](store::Tx& tx) { return list_connections(tx, filter); });
                REQUIRE_FALSE(page.empty());
                CHECK(page.size() <= at_once);
                seen.insert(seen.end(), page.begin(), page.end());
                if (!page.more) break;
                filter.after = {seen.back().opened_at, seen.back().id};
            }
            std::set<std::string> told;
            for (const auto& visit : seen) {
                told.insert(visit.id.text());
            }
            CHECK(seen.size() == count);
            CHECK(told == opened);
            CHECK(std::ranges::is_sorted(seen, std::greater(), &Connection::opened_at));
        }
    });
}

TEST_CASE("visits that begin while somebody reads shift nothing") {
    test::for_each_engine([](store::Database& database) {
        Scene scene;
        std::vector<ConnectionId> ids;
        for (int i = 0; i < 4; ++i) {
            ids.push_back(scene.open(database));
            scene.clock.advance(std::chrono::seconds(1));
        }
        ConnectionFilter filter;
        filter.count_max = 2;
        const auto page = [&] {
            return database.read([&](store::Tx& tx) { return list_connections(tx, filter); });
        };

        const auto newest = page();
        filter.after = {newest.rows.back().opened_at, newest.rows.back().id};
        scene.open(database);
        const auto older = page();

        CHECK(newest.rows[1].id == ids[2]);
        REQUIRE(older.size() == 2);
        CHECK(older.rows[0].id == ids[1]);
        CHECK(older.rows[1].id == ids[0]);
        CHECK_FALSE(older.more);
    });
}

TEST_CASE("a page holds at least one row and at most a thousand, whatever was wanted") {
    CHECK(store::page_rows(0) == 1);
    CHECK(store::page_rows(1000) == 1000);
    CHECK(store::page_rows(1'000'000) == 1000);
    CHECK(store::page_limit(1'000'000) == 1001);
}
