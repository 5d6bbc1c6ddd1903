#include "domain/authn/throttle.h"

#include "tests/support/databases.h"
#include "tests/support/people.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <set>
#include <string>
#include <vector>

namespace sallyport::authn {

namespace {

using namespace std::chrono_literals;

const Time start = from_micros(1'795'334'400'000'000);

Throttle fresh() {
    return {.counted_at = start, .blocked_until = start};
}

TEST_CASE("S0-64 (part): after five failures each further attempt waits 1 s, 2 s, 4 s … 15 minutes"
) {
    auto throttle = fresh();
    auto now = start;
    std::vector<std::chrono::seconds> waits;
    for (int i = 0; i < 18; ++i) {
        throttle = after_failure(throttle, now, account_rules);
        const auto wait = wait_of(throttle, now);
        waits.push_back(std::chrono::duration_cast<std::chrono::seconds>(wait));
        now += wait;
    }
    // 1,023 s have gone by at the fifteenth: one failure is forgotten, and then no more than the
    // pace of one attempt in 15 minutes is left.
    const std::vector<std::chrono::seconds> expected = {
        0s, 0s, 0s, 0s, 1s, 2s, 4s, 8s, 16s, 32s, 64s, 128s, 256s, 512s, 512s, 900s, 900s, 900s
    };
    CHECK(waits == expected);
}

TEST_CASE(
    "S0-64 (part): the hard stop comes before the hundredth failure in a row, however slow they are"
) {
    auto throttle = fresh();
    auto now = start;
    int failures = 0;
    while (!stopped(throttle, account_rules)) {
        throttle = after_failure(throttle, now, account_rules);
        now += 24h;  // long enough for every delay to run down
        ++failures;
        REQUIRE(failures < 100);
    }
    CHECK(failures == 99);
    CHECK(run_down(throttle, now + 1000h, account_rules).failures == 0);
    CHECK(stopped(run_down(throttle, now + 1000h, account_rules), account_rules));
}

TEST_CASE("failures run down one by one with time") {
    auto throttle = fresh();
    for (int i = 0; i < 7; ++i) {
        throttle = after_failure(throttle, start, account_rules);
    }
    CHECK(run_down(throttle, start + 15min - 1us, account_rules).failures == 7);
    CHECK(run_down(throttle, start + 15min, account_rules).failures == 6);
    CHECK(run_down(throttle, start + 45min, account_rules).failures == 4);
    CHECK(run_down(throttle, start + 24h, account_rules).failures == 0);
    // What is left of a step is kept: two looks in between do not make it slower.
    const auto looked = run_down(throttle, start + 14min, account_rules);
    CHECK(run_down(looked, start + 15min, account_rules).failures == 6);
}

TEST_CASE("a block never lies further ahead than the longest delay, even if the clock was set back"
) {
    auto throttle = fresh();
    for (int i = 0; i < 30; ++i) {
        throttle = after_failure(throttle, start, account_rules);
    }
    const auto set_back = run_down(throttle, start - 48h, account_rules);
    CHECK(wait_of(set_back, start - 48h) == 15min);
    CHECK(set_back.failures == 30);
}

TEST_CASE("more failures never mean a shorter wait") {
    const bool holds = rc::check([] {
        auto throttle = fresh();
        auto now = start;
        const auto pauses = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 2'000'000));
        for (const int pause : pauses) {
            now += std::chrono::milliseconds(pause);
            const auto before = run_down(throttle, now, account_rules);
            const auto after = after_failure(throttle, now, account_rules);
            RC_ASSERT(after.failures == before.failures + 1);
            RC_ASSERT(after.in_a_row == before.in_a_row + 1);
            RC_ASSERT(wait_of(after, now) >= Duration(0));
            RC_ASSERT(wait_of(after, now) <= account_rules.delay_max);
            RC_ASSERT((wait_of(after, now) > Duration(0)) == (after.failures >= 5));
            throttle = after;
        }
    });
    CHECK(holds);
}

TEST_CASE("IPv6 addresses are counted by their network") {
    CHECK(source_bucket("192.0.2.7") == "192.0.2.7");
    CHECK(source_bucket("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64");
    CHECK(source_bucket("2001:db8:1:2:ffff::1") == source_bucket("2001:0db8:1:2::9"));
    CHECK(source_bucket("2001:db8:1:3::1") != source_bucket("2001:db8:1:2::1"));
    // An IPv4 address in IPv6 clothes is that IPv4 address, not the network of all of them.
    CHECK(source_bucket("::ffff:192.0.2.7") == "192.0.2.7");
    CHECK(source_bucket("local") == "local");
    CHECK(source_bucket("") == "");
}

// Counters in a database.
struct Gate {
    explicit Gate(store::Database& opened) : database(opened) {}

    store::Database& database;
    test::SettableClock clock;
    test::ReplayedRandom random;
    test::Moments moments{clock, random};

    std::optional<Blocked> attempt(const std::string& name, const std::string& source) {
        return database.write([&](store::Tx& tx) {
            return charge(tx, moments.now(), ThrottleKind::passphrase, {name, source});
        });
    }

    void right(const std::string& name, const std::string& source) {
        database.write([&](store::Tx& tx) {
            settle(tx, moments.now(), ThrottleKind::passphrase, {name, source});
        });
    }
};

TEST_CASE("the sixth attempt at an account waits, from wherever it comes") {
    test::for_each_engine([](store::Database& database) {
        Gate gate(database);
        for (int i = 0; i < 5; ++i) {
            CHECK_FALSE(gate.attempt("account:a", "10.0.0." + std::to_string(i)).has_value());
        }
        const auto blocked = gate.attempt("account:a", "10.0.0.9");
        REQUIRE(blocked.has_value());
        CHECK(blocked->wait == 1s);
        CHECK_FALSE(blocked->by_source);
        CHECK_FALSE(blocked->for_good);
        CHECK_FALSE(gate.attempt("account:b", "10.0.0.9").has_value());

        gate.clock.advance(1s);
        CHECK_FALSE(gate.attempt("account:a", "10.0.0.9").has_value());
        CHECK(gate.attempt("account:a", "10.0.0.9").value().wait == 2s);
    });
}

TEST_CASE("a blocked attempt is not counted, so waiting is enough") {
    test::for_each_engine([](store::Database& database) {
        Gate gate(database);
        for (int i = 0; i < 5; ++i) {
            (void)gate.attempt("account:a", "10.0.0.1");
        }
        for (int i = 0; i < 50; ++i) {
            CHECK(gate.attempt("account:a", "10.0.0.1").value().wait == 1s);
        }
        gate.clock.advance(1s);
        CHECK_FALSE(gate.attempt("account:a", "10.0.0.1").has_value());
    });
}

TEST_CASE("a source that tries many names waits too, and a success there does not free it") {
    test::for_each_engine([](store::Database& database) {
        Gate gate(database);
        for (int i = 0; i < 20; ++i) {
            CHECK_FALSE(gate.attempt("name:" + std::to_string(i), "10.0.0.1").has_value());
        }
        const auto blocked = gate.attempt("name:another", "10.0.0.1");
        REQUIRE(blocked.has_value());
        CHECK(blocked->by_source);
        CHECK(blocked->wait == 1s);
        CHECK_FALSE(gate.attempt("name:another", "10.0.0.2").has_value());

        gate.right("name:0", "10.0.0.1");
        CHECK(gate.attempt("name:another", "10.0.0.1").has_value());
    });
}

TEST_CASE("a success forgets the account's failures") {
    test::for_each_engine([](store::Database& database) {
        Gate gate(database);
        for (int i = 0; i < 4; ++i) {
            (void)gate.attempt("account:a", "10.0.0.1");
        }
        gate.right("account:a", "10.0.0.1");
        for (int i = 0; i < 5; ++i) {
            CHECK_FALSE(gate.attempt("account:a", "10.0.0.2").has_value());
        }
        CHECK(gate.attempt("account:a", "10.0.0.2").has_value());
    });
}

TEST_CASE(
    "L-27 (part): a hundred thousand names that nobody has share at most 1,024 counters of each "
    "kind"
) {
    test::SqliteFixture fixture;
    Gate gate(fixture.database());
    const keys::KeyRing keys(crypto::Secret::random(32));
    const keys::KeyRing others(crypto::Secret::random(32));
    const auto where = test::from_web("198.51.100.3");
    std::set<std::string> counters;
    int moved = 0;
    constexpr int names = 100'000;
    gate.database.write([&](store::Tx& tx) {
        // Somebody signs in here, so that half of the names seem to have a place.
        const auto somebody = AccountId::fresh(gate.clock.now(), gate.random);
        settle(tx, gate.moments.now(), ThrottleKind::passphrase, subject_of(somebody, where));
        for (int i = 0; i < names; ++i) {
            const auto typed = name_of(keys, "nobody." + std::to_string(i));
            const auto from = i % 2 == 0 ? "" : "zone:ward-3";
            const auto first = subject_of_name(keys, typed, std::nullopt, where, from);
            for (const auto& subject : {first, subject_of_second_form(first)}) {
                count_failure(tx, gate.moments.now(), ThrottleKind::passphrase, subject);
            }
            for (const auto& counter : {first.place, first.known, first.shared}) {
                if (!counter.empty()) counters.insert(counter);
            }
            const auto elsewhere = subject_of_name(others, typed, std::nullopt, where, from);
            if (elsewhere.shared != first.shared) ++moved;
        }
    });
    const auto kept = [&](const std::string& pattern) {
        return gate.database.read([&](store::Tx& tx) {
            return tx.query("SELECT COUNT(*) FROM throttle WHERE subject LIKE ?", {pattern})
                .front()
                .integer(0);
        });
    };
    CHECK(counters.size() == shared_counters_max);  // all of them are used, and no other
    CHECK(kept("names:%") <= 1024);
    CHECK(kept("sign_in:names:%") <= 1024);
    CHECK(kept("name:%") == 0);
    // Whoever chooses the names does not choose the counter: another key, another one.
    CHECK(moved > names * 9 / 10);
}

TEST_CASE("names from elsewhere can't fill the counters of those who are where people are known") {
    const keys::KeyRing keys(crypto::Secret::random(32));
    const auto number = [](const std::string& counter) {
        return std::stoul(counter.substr(counter.find(':') + 1));
    };
    for (int i = 0; i < 1'000; ++i) {
        const auto typed = name_of(keys, "nobody." + std::to_string(i));
        const auto subject =
            subject_of_name(keys, typed, std::nullopt, test::from_web(), "zone:ward-3");
        CHECK(number(subject.shared) < shared_counters_max / 2);
        CHECK(number(subject.known) >= shared_counters_max / 2);
        CHECK(number(subject.place) >= shared_counters_max / 2);
    }
}

TEST_CASE("a shared counter makes known names from elsewhere wait too, and stops nobody else") {
    test::for_each_engine([](store::Database& database) {
        Gate gate(database);
        const keys::KeyRing keys(crypto::Secret::random(32));
        const auto where = test::from_web("198.51.100.3");
        const auto account = AccountId::fresh(gate.clock.now(), gate.random);
        const auto typed = name_of(keys, "nora");
        const auto hers = subject_of_name(keys, typed, account, where);
        // Another name that shares her counter.
        std::string other;
        for (int i = 0; other.empty(); ++i) {
            const auto name = name_of(keys, "nobody." + std::to_string(i));
            const auto subject = subject_of_name(keys, name, std::nullopt, where);
            if (subject.shared == hers.shared) other = name;
        }
        const auto attempt = [&](const ThrottleSubject& subject) {
            return database.write([&](store::Tx& tx) {
                return charge(tx, gate.moments.now(), ThrottleKind::passphrase, subject);
            });
        };
        const auto nobodys = [&](int i) {
            const auto from = test::from_web("198.51.100." + std::to_string(i + 10));
            return subject_of_name(keys, other, std::nullopt, from);
        };
        for (int i = 0; i < 5; ++i) {
            CHECK_FALSE(attempt(nobodys(i)).has_value());
        }
        // Else whoever fills the counters would see by her not waiting that she exists.
        REQUIRE(attempt(hers).has_value());
        const auto known = subject_of_name(keys, typed, account, where, "zone:ward-3");
        CHECK_FALSE(attempt(known).has_value());

        // The stop is of the name that was guessed at, not of those that share its counter.
        for (int i = 0; i < 94; ++i) {
            gate.clock.advance(15min);
            REQUIRE_FALSE(attempt(nobodys(i)).has_value());
        }
        gate.clock.advance(24h);
        const auto stopped_now = attempt(nobodys(0));
        REQUIRE(stopped_now.has_value());
        CHECK(stopped_now->for_good);
        CHECK_FALSE(attempt(hers).has_value());
    });
}

TEST_CASE("a source's class is its workstation, else its zone in the house, else none") {
    auto policy = policy::default_policy();
    const auto class_of = [&](const std::string& source, const std::string& workstation) {
        auto where = test::from_web(source);
        where.workstation = workstation;
        return source_class(policy, where);
    };
    CHECK(class_of("10.3.0.5", "unregistered").empty());
    const auto network = [](const char* text) { return IpNetwork::parse(text).value(); };
    policy.zones = {
        {.name = "ward-3", .kind = policy::ZoneKind::ward, .networks = {network("10.3.0.0/16")}},
        {.name = "vpn", .kind = policy::ZoneKind::remote, .networks = {network("10.9.0.0/16")}},
    };
    CHECK(class_of("10.3.0.5", "unregistered") == "zone:ward-3");
    CHECK(class_of("10.3.0.5", "ward-3-a") == "workstation:ward-3-a");
    CHECK(class_of("203.0.113.9", "ward-3-a") == "workstation:ward-3-a");
    CHECK(class_of("10.9.0.5", "unregistered").empty());
    CHECK(class_of("203.0.113.9", "unregistered").empty());
}

TEST_CASE("counters that say nothing any more are forgotten; those of accounts stay") {
    test::for_each_engine([](store::Database& database) {
        Gate gate(database);
        (void)gate.attempt("account:a", "10.0.0.1");
        (void)gate.attempt("name:b", "10.0.0.1");
        const auto left = [&] {
            return database.write([&](store::Tx& tx) {
                sweep_throttles(tx, gate.moments.now());
                return tx.query("SELECT COUNT(*) FROM throttle").front().integer(0);
            });
        };
        CHECK(left() == 3);
        gate.clock.advance(25h);
        CHECK(left() == 2);
        gate.clock.advance(31 * 24h);
        CHECK(left() == 1);
    });
}

}  // namespace

}  // namespace sallyport::authn
