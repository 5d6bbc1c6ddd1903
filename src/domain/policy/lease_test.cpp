#include "domain/policy/lease.h"

#include "tests/support/clocks.h"
#include "tests/support/policies.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

namespace sallyport::policy {

namespace {

using namespace std::chrono_literals;

const Time noon = from_micros(1'795'348'800'000'000);

template <class IdType>
IdType id(unsigned number) {
    return IdType::from_bytes(IdBytes{std::byte{1}, static_cast<std::byte>(number)});
}

struct Visit {
    unsigned session = 1;
    unsigned account = 1;
    unsigned person = 1;
    unsigned device = 1;
    unsigned grant = 1;
    Duration length = 1h;
    std::int64_t policy_version = 1;
    std::optional<unsigned> parent = std::nullopt;  // the sign-in that it was handed on from
    std::optional<Time> since = std::nullopt;
    Time decided_at = noon;
};

Permit permit_for(const Visit& visit) {
    auto policy = test::policy_with_codes(test::SettableClock().now());
    policy.version = visit.policy_version;
    const Subject subject{
        .session = id<SessionId>(visit.session),
        .account = id<AccountId>(visit.account),
        .person = id<PersonId>(visit.person),
        .role = "engineer",
        .scope = "gateway",
        .proven = Strength::two_factors,
        .last_proof = noon,
        .ends_at = noon + 8h,
        .parent = visit.parent ? std::optional(id<SessionId>(*visit.parent)) : std::nullopt,
    };
    const Question question{
        .subject = subject,
        .action = Permission::device_visit,
        .device = id<DeviceId>(visit.device),
        .about = std::nullopt,
        .grant =
            GrantFacts{
                .id = id<GrantId>(visit.grant),
                .requester = subject.account,
                .device = id<DeviceId>(visit.device),
                .approved = true,
                .from = noon,
                .until = noon + visit.length,
            },
        .visit_since = visit.since,
    };
    return decide(policy, question, visit.decided_at).value();
}

// A registry, and what each lease held in it was told.
class Door {
public:
    Lease open(const Visit& visit, unsigned connection) {
        told.resize(std::max<std::size_t>(told.size(), connection + 1));
        return leases.hold(
            permit_for(visit),
            id<ConnectionId>(connection),
            [this, connection](CutCause cause) { told[connection].push_back(cause); }
        );
    }

    Leases leases;
    std::vector<std::vector<CutCause>> told;
};

TEST_CASE("a cut reaches every lease that names its key, once, and no other") {
    struct Case {
        const char* by;
        std::size_t (*cut)(Leases&);
    };

    for (const auto& [by, cut] : {
             Case{
                 "session",
                 [](Leases& l) { return l.cut_session(id<SessionId>(2), CutCause::logout); }
             },
             Case{
                 "account",
                 [](Leases& l) { return l.cut_account(id<AccountId>(2), CutCause::logout); }
             },
             Case{
                 "device", [](Leases& l) { return l.cut_device(id<DeviceId>(2), CutCause::logout); }
             },
             Case{"grant", [](Leases& l) { return l.cut_grant(id<GrantId>(2), CutCause::logout); }},
         }) {
        CAPTURE(by);
        Door door;
        const auto other = door.open({}, 0);
        const Visit both{.session = 2, .account = 2, .person = 2, .device = 2, .grant = 2};
        const auto first = door.open(both, 1);
        const auto second = door.open(both, 2);

        CHECK(cut(door.leases) == 2);
        CHECK(cut(door.leases) == 0);

        CHECK(door.told[0].empty());
        CHECK(door.told[1] == std::vector{CutCause::logout});
        CHECK(door.told[2] == std::vector{CutCause::logout});
        CHECK(door.leases.list().size() == 1);
    }
}

TEST_CASE("the end of a sign-in cuts what was handed on from it, that of a device host its own") {
    constexpr unsigned sign_in = 1;
    constexpr unsigned pump = 2;
    constexpr unsigned ventilator = 3;
    constexpr unsigned elsewhere = 4;
    Door door;
    const auto to_pump = door.open({.session = pump, .parent = sign_in}, 0);
    const auto to_ventilator = door.open({.session = ventilator, .parent = sign_in}, 1);
    const auto other = door.open({.session = elsewhere, .parent = 9}, 2);
    const auto of_its_own = door.open({.session = sign_in}, 3);

    CHECK(door.leases.cut_session(id<SessionId>(pump), CutCause::session_ended) == 1);
    CHECK(door.told[0] == std::vector{CutCause::session_ended});
    CHECK(door.leases.list().size() == 3);

    CHECK(door.leases.cut_session(id<SessionId>(sign_in), CutCause::logout) == 2);
    CHECK(door.told[0].size() == 1);
    CHECK(door.told[1] == std::vector{CutCause::logout});
    CHECK(door.told[2].empty());
    CHECK(door.told[3] == std::vector{CutCause::logout});
}

TEST_CASE("a holder that fails when it is told leaves nobody else untold") {
    Leases leases;
    int told = 0;
    std::vector<Lease> held;
    for (unsigned i = 0; i < 3; ++i) {
        held.push_back(leases.hold(permit_for({}), id<ConnectionId>(i), [&](CutCause) {
            ++told;
            throw std::runtime_error("no memory to be told");
        }));
    }
    CHECK_THROWS_AS(leases.cut_all(CutCause::shutdown), std::runtime_error);
    CHECK(told == 3);
    CHECK(leases.list().empty());
}

TEST_CASE("one connection can be cut, and all of them") {
    Door door;
    const auto first = door.open({}, 0);
    const auto second = door.open({}, 1);
    const auto third = door.open({}, 2);

    CHECK(door.leases.cut_connection(id<ConnectionId>(1), CutCause::ended_by_watcher) == 1);
    CHECK(door.told[1] == std::vector{CutCause::ended_by_watcher});
    CHECK(door.leases.cut_all(CutCause::shutdown) == 2);
    CHECK(door.told[0] == std::vector{CutCause::shutdown});
    CHECK(door.told[2] == std::vector{CutCause::shutdown});
}

TEST_CASE("a lease that is given back is not told any more") {
    Door door;
    {
        const auto lease = door.open({}, 0);
        CHECK(door.leases.list().size() == 1);
    }
    CHECK(door.leases.list().empty());
    CHECK(door.leases.cut_all(CutCause::shutdown) == 0);
    CHECK(door.told[0].empty());
}

TEST_CASE("a lease may outlive the registry, and be moved") {
    auto leases = std::make_unique<Leases>();
    auto lease = leases->hold(permit_for({}), id<ConnectionId>(1), [](CutCause) {});
    auto moved = std::move(lease);
    leases.reset();
    CHECK(moved.ends_at() == noon + 1h);
}

TEST_CASE("a lease ends from the second on that its Permit names") {
    Door door;
    const auto lease = door.open({.length = 1h}, 0);

    CHECK(door.leases.cut_ended(noon, 0s) == 0);
    CHECK(door.leases.cut_ended(noon + 1h - 1us, 1h - 1us) == 0);
    CHECK(door.leases.cut_ended(noon + 1h, 1h) == 1);
    CHECK(door.told[0] == std::vector{CutCause::grant_over});
}

TEST_CASE("a wall clock that steps back keeps nothing open") {
    Door door;
    const auto lease = door.open({.length = 1h}, 0);
    CHECK(door.leases.cut_ended(noon, 100s) == 0);

    CHECK(door.leases.cut_ended(noon - 24h, 100s + 59min) == 0);
    CHECK(door.leases.cut_ended(noon - 23h, 100s + 60min) == 1);
}

TEST_CASE("a wall clock that steps forward ends what is over by it") {
    Door door;
    const auto lease = door.open({.length = 1h}, 0);
    CHECK(door.leases.cut_ended(noon, 0s) == 0);
    CHECK(door.leases.cut_ended(noon + 2h, 1s) == 1);
}

TEST_CASE("a policy change finds what was decided under an older version") {
    Door door;
    const auto older = door.open({}, 0);
    const auto oldest = door.open({.policy_version = 0}, 1);
    const auto newer = door.open({.policy_version = 2}, 2);

    CHECK(door.leases.decided_before(1).size() == 1);
    CHECK(door.leases.decided_before(2).size() == 2);
    CHECK(door.leases.decided_before(3).size() == 3);
    CHECK(door.leases.decided_before(0).empty());
}

TEST_CASE("a lease that is decided anew goes on under the new version, never for longer") {
    Door door;
    const auto lease = door.open({.length = 1h}, 0);
    const auto connection = id<ConnectionId>(0);
    CHECK(door.leases.cut_ended(noon, 100s) == 0);
    CHECK(door.leases.list()[0].decided_at == noon);

    // The grant became longer: this lease does not.
    const Visit longer{.length = 3h, .policy_version = 2, .since = noon, .decided_at = noon + 5min};
    CHECK(door.leases.renew(connection, permit_for(longer)));
    CHECK(lease.ends_at() == noon + 1h);
    CHECK(door.leases.list()[0].policy_version == 2);
    CHECK(door.leases.list()[0].decided_at == noon);

    // The new policy gives it less, by either clock.
    const Visit shorter{
        .length = 30min, .policy_version = 3, .since = noon, .decided_at = noon + 5min
    };
    CHECK(door.leases.renew(connection, permit_for(shorter)));
    CHECK(lease.ends_at() == noon + 30min);
    CHECK(door.told[0].empty());
    CHECK(door.leases.cut_ended(noon - 24h, 100s + 30min - 1us) == 0);
    CHECK(door.leases.cut_ended(noon - 24h, 100s + 30min) == 1);
}

TEST_CASE("a lease that is shortened before the first sweep is short by the monotonic clock too") {
    Door door;
    const auto lease = door.open({.length = 1h}, 0);
    const Visit shorter{.length = 30min, .policy_version = 2};
    CHECK(door.leases.renew(id<ConnectionId>(0), permit_for(shorter)));
    CHECK(door.leases.cut_ended(noon - 24h, 0s) == 0);
    CHECK(door.leases.cut_ended(noon - 24h, 30min - 1us) == 0);
    CHECK(door.leases.cut_ended(noon - 24h, 30min) == 1);
}

TEST_CASE("only a newer Permit for the same thing renews a lease, and only while it is held") {
    Door door;
    const auto connection = id<ConnectionId>(0);
    auto lease = std::optional(door.open({.policy_version = 2}, 0));
    const auto refuses = [&](const Visit& visit) {
        return !door.leases.renew(connection, permit_for(visit));
    };
    CHECK(refuses({.policy_version = 1}));
    CHECK(refuses({.policy_version = 2}));
    CHECK(refuses({.session = 2, .policy_version = 3}));
    CHECK(refuses({.account = 2, .policy_version = 3}));
    CHECK(refuses({.device = 2, .policy_version = 3}));
    CHECK(refuses({.grant = 2, .policy_version = 3}));
    CHECK(door.leases.list()[0].policy_version == 2);
    CHECK_FALSE(refuses({.policy_version = 3}));

    CHECK(door.leases.cut_connection(connection, CutCause::logout) == 1);
    CHECK(refuses({.policy_version = 4}));
    lease.reset();
    CHECK(refuses({.policy_version = 4}));
}

TEST_CASE("a lease in doubt waits to be decided anew, under the same version too") {
    Door door;
    const auto lease = door.open({.policy_version = 2}, 0);
    CHECK(door.leases.decided_before(2).empty());
    door.leases.doubt_all();
    CHECK(door.leases.decided_before(2).size() == 1);
    CHECK(door.told[0].empty());
    CHECK(door.leases.renew(id<ConnectionId>(0), permit_for({.policy_version = 2})));
    CHECK(door.leases.decided_before(2).empty());
    CHECK(lease.ends_at() == noon + 1h);
}

TEST_CASE("for a lease it is as late as the later of its clocks says") {
    Door door;
    const auto lease = door.open({.length = 1h}, 0);
    CHECK(door.leases.list()[0].now(noon + 7min, 0s) == noon + 7min);  // not swept yet
    CHECK(door.leases.cut_ended(noon, 100s) == 0);
    const auto held = door.leases.list()[0];
    CHECK(held.now(noon + 10min, 100s + 10min) == noon + 10min);
    CHECK(held.now(noon - 24h, 100s + 10min) == noon + 10min);
    CHECK(held.now(noon + 20min, 100s + 10min) == noon + 20min);
}

TEST_CASE("a callback may use the registry and give back its own lease") {
    Leases leases;
    std::optional<Lease> own;
    std::optional<Lease> other;
    int told = 0;
    own = leases.hold(permit_for({}), id<ConnectionId>(1), [&](CutCause) {
        ++told;
        own.reset();
        leases.cut_connection(id<ConnectionId>(2), CutCause::logout);
    });
    other = leases.hold(permit_for({}), id<ConnectionId>(2), [&](CutCause) { ++told; });

    CHECK(leases.cut_connection(id<ConnectionId>(1), CutCause::logout) == 1);
    CHECK(told == 2);
    CHECK(leases.list().empty());
}

TEST_CASE("cutting, holding and giving back from many threads tells each lease once at most") {
    constexpr int threads = 4;
    constexpr int rounds = 400;
    Leases leases;
    std::atomic<int> told{0};
    std::atomic<int> told_twice{0};
    std::atomic<std::size_t> cut{0};
    std::atomic<bool> stop{false};

    std::thread cutter([&] {
        while (!stop) {
            cut += leases.cut_session(id<SessionId>(1), CutCause::logout);
            cut += leases.cut_ended(noon + 1min, 1min);
            std::ignore = leases.list();
        }
    });
    {
        std::vector<std::jthread> holders;
        for (int thread = 0; thread < threads; ++thread) {
            holders.emplace_back([&, thread] {
                for (int round = 0; round < rounds; ++round) {
                    auto mine = std::make_shared<std::atomic<int>>(0);
                    const Visit visit{.session = static_cast<unsigned>(round % 3)};
                    auto lease = leases.hold(
                        permit_for(visit),
                        id<ConnectionId>(static_cast<unsigned>(thread)),
                        [&told, &told_twice, mine](CutCause) {
                            ++told;
                            if (++*mine > 1) ++told_twice;
                        }
                    );
                }
            });
        }
    }
    stop = true;
    cutter.join();

    CHECK(told_twice == 0);
    CHECK(static_cast<std::size_t>(told) == cut);
    CHECK(leases.list().empty());
}

TEST_CASE("every cause has a text of its own") {
    CHECK(to_text(CutCause::grant_over) == "grant_over");
    CHECK(to_text(CutCause::shutdown) == "shutdown");
    CHECK(to_text(static_cast<CutCause>(99)) == "?");
}

}  // namespace

}  // namespace sallyport::policy
