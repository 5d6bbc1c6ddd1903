#include "domain/policy/lease.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
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
};

Permit permit_for(const Visit& visit) {
    auto policy = default_policy();
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
    };
    return decide(policy, question, noon).value();
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
                 "person", [](Leases& l) { return l.cut_person(id<PersonId>(2), CutCause::logout); }
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

TEST_CASE("after a policy change every lease of an older version is decided anew") {
    Door door;
    const auto kept = door.open({.account = 1}, 0);
    const auto lost = door.open({.account = 2}, 1);
    const auto newer = door.open({.account = 3, .policy_version = 2}, 2);

    int asked = 0;
    const auto cut = door.leases.cut_decided_before(2, [&](const HeldLease& held) {
        ++asked;
        return held.account == id<AccountId>(1);
    });

    CHECK(asked == 2);
    CHECK(cut == 1);
    CHECK(door.told[0].empty());
    CHECK(door.told[1] == std::vector{CutCause::policy_changed});
    CHECK(door.told[2].empty());
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
