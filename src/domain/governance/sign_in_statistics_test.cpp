#include "domain/governance/sign_in_statistics.h"

#include "tests/support/databases.h"
#include "tests/support/people.h"

#include "domain/session/session.h"

#include <doctest/doctest.h>

#include <optional>
#include <utility>

namespace sallyport::governance {

namespace {

using namespace std::chrono_literals;
using test::People;

TEST_CASE("sign-ins are counted by role, and shifts by person and eight hours") {
    test::for_each_engine([](store::Database& database) {
        People people(database);
        const auto anna = people.first_administrator();
        const auto erik = people.enrolled(anna, "erik", "engineer");
        const auto from = people.clock.now();
        const auto sign_in = [&] {
            auto proof = people.sign_in(erik);
            REQUIRE(proof.has_value());
            std::optional held(*std::move(proof));
            const auto opened = database.write([&](store::Tx& tx) {
                return session::open(
                    tx,
                    people.now(),
                    people.policy,
                    *std::move(held),
                    people.where,
                    session::Channel::web
                );
            });
            REQUIRE(opened.has_value());
        };
        sign_in();
        people.clock.advance(1min);
        sign_in();
        people.clock.advance(24h);
        sign_in();
        const auto until = people.clock.now();
        database.read([&](store::Tx& tx) {
            const auto counted = sign_in_statistics(tx, from, until);
            REQUIRE(counted.size() == 1);
            CHECK(counted.front().role == "engineer");
            CHECK(counted.front().sign_ins == 3);
            CHECK(counted.front().phishing_resistant == 0);
            CHECK(counted.front().shifts == 2);
            CHECK(counted.front().prompts == 0);
            // Both ends are part of it.
            CHECK(sign_in_statistics(tx, from, until - 1us).front().sign_ins == 2);
            CHECK(sign_in_statistics(tx, until, until).front().sign_ins == 1);
            CHECK(sign_in_statistics(tx, until + 1us, until + 2s).empty());
        });
    });
}

}  // namespace

}  // namespace sallyport::governance
