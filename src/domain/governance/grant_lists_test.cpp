#include "tests/support/databases.h"
#include "tests/support/hospital.h"

#include "domain/governance/grant_store.h"
#include "domain/governance/grants.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace sallyport::governance {

namespace {

using namespace std::chrono_literals;
using test::Hospital;
using test::Somebody;

// Two engineers and two pumps, and requests as rows, since one requester may not ask for so many.
struct Requests {
    explicit Requests(store::Database& opened)
        : database(opened),
          hospital(opened),
          erik(hospital.employ("erik", "engineer")),
          eva(hospital.employ("eva", "engineer")),
          approver(hospital.employ("anna", "approver")),
          pump(hospital.device("pump-07", approver.account.id).id),
          other_pump(hospital.device("pump-08", approver.account.id).id) {}

    Grant add(store::Tx& tx, const Somebody& who, const DeviceId& device) {
        const auto moment = hospital.moment();
        Grant grant{
            .id = GrantId::fresh(moment.now, moment.random),
            .requester = who.account.id,
            .device = device,
            .purpose = "replace the flow sensor",
            .change_ticket = "CHG-1234",
            .from = moment.now,
            .until = moment.now + 1h,
            .capabilities = {},
            .state = GrantState::requested,
            .requested_at = moment.now,
            .decided_by = {},
            .decided_at = {},
            .decision_reason = {},
            .ended_by = {},
            .ended_at = {},
            .end_reason = {},
        };
        insert_grant(tx, grant);
        return grant;
    }

    Grant add(const Somebody& who, const DeviceId& device) {
        return database.write([&](store::Tx& tx) { return add(tx, who, device); });
    }

    void deny(Grant& grant) {
        grant.state = GrantState::denied;
        grant.decided_by = approver.account.id;
        grant.decided_at = hospital.clock().now();
        database.write([&](store::Tx& tx) { write_decision(tx, grant); });
    }

    store::Page<Grant> page(const GrantFilter& filter) {
        return database.read([&](store::Tx& tx) { return list_grants(tx, filter); });
    }

    std::vector<Grant> all(GrantFilter filter) {
        std::vector<Grant> grants;
        for (;;) {
            const auto next = page(filter);
            grants.insert(grants.end(), next.begin(), next.end());
            if (!next.more) return grants;
            filter.after = {grants.back().requested_at, grants.back().id};
        }
    }

    std::optional<Grant> latest(const Somebody& who, const DeviceId& device) {
        return database.read([&](store::Tx& tx) { return latest_grant(tx, who.account.id, device); }
        );
    }

    store::Database& database;
    Hospital hospital;
    Somebody erik;
    Somebody eva;
    Somebody approver;
    DeviceId pump;
    DeviceId other_pump;
};

TEST_CASE("grants are read page by page, none missing and none twice, also of one microsecond") {
    test::for_each_engine([](store::Database& database) {
        Requests requests(database);
        std::set<std::string> asked;
        database.write([&](store::Tx& tx) {
            for (int i = 0; i < 240; ++i) {
                if (i % 40 == 0) requests.hospital.clock().advance(1us);
                const auto& who = i % 2 == 0 ? requests.erik : requests.eva;
                asked.insert(requests.add(tx, who, requests.pump).id.text());
            }
        });

        CHECK(requests.page({}).size() == 100);
        CHECK(requests.page({}).more);
        for (const std::size_t at_once : {7U, 100U, 240U}) {
            const auto seen = requests.all({.count_max = at_once});
            std::set<std::string> told;
            for (const auto& grant : seen) {
                told.insert(grant.id.text());
            }
            CHECK(seen.size() == 240);
            CHECK(told == asked);
            CHECK(std::ranges::is_sorted(seen, std::greater(), &Grant::requested_at));
        }
        const auto own = requests.all({.requester = requests.eva.account.id, .count_max = 50});
        CHECK(own.size() == 120);
        CHECK(std::ranges::all_of(own, [&](const Grant& grant) {
            return grant.requester == requests.eva.account.id;
        }));
    });
}

TEST_CASE("what waits for a decision is found, however much was decided or has lapsed since") {
    test::for_each_engine([](store::Database& database) {
        Requests requests(database);
        std::ignore = requests.add(requests.erik, requests.pump);
        requests.hospital.clock().advance(1h);
        const auto waiting = requests.add(requests.eva, requests.pump);
        for (int i = 0; i < 3; ++i) {
            auto denied = requests.add(requests.erik, requests.pump);
            requests.deny(denied);
        }

        const auto now = requests.hospital.clock().now();
        const auto found = requests.page({.undecided_at = now, .count_max = 1});

        REQUIRE(found.size() == 1);
        CHECK(found.rows.front().id == waiting.id);
        CHECK_FALSE(found.more);
        CHECK(requests.page({.undecided_at = now + 1h}).empty());
    });
}

TEST_CASE("the latest grant is the one asked for last, of that account and device alone") {
    test::for_each_engine([](store::Database& database) {
        Requests requests(database);
        CHECK_FALSE(requests.latest(requests.erik, requests.pump).has_value());
        std::ignore = requests.add(requests.erik, requests.pump);
        requests.hospital.clock().advance(1us);
        auto last = requests.add(requests.erik, requests.pump);
        requests.hospital.clock().advance(1us);
        const auto other = requests.add(requests.erik, requests.other_pump);
        std::ignore = requests.add(requests.eva, requests.pump);
        requests.deny(last);

        CHECK(requests.latest(requests.erik, requests.pump)->id == last.id);
        CHECK(requests.latest(requests.erik, requests.pump)->state == GrantState::denied);
        CHECK(requests.latest(requests.erik, requests.other_pump)->id == other.id);
        CHECK_FALSE(requests.latest(requests.eva, requests.other_pump).has_value());
    });
}

}  // namespace

}  // namespace sallyport::governance
