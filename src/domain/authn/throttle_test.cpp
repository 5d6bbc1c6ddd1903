#include "domain/authn/throttle.h"

#include "tests/support/databases.h"
#include "tests/support/people.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

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
