#include "domain/authn/expiry.h"

#include "tests/support/databases.h"
#include "tests/support/people.h"

#include "domain/authn/authenticator.h"
#include "domain/authn/person_notice.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sallyport::authn {

namespace {

using namespace std::chrono_literals;
using test::People;
using test::TestPerson;

std::string reason_of(const auto& result) {
    return result ? "ok" : std::string(result.error().reason);
}

struct Ward {
    explicit Ward(store::Database& database) : people(database) {}

    People people;
    TestPerson anna = people.first_administrator();
    TestPerson erik = people.enrolled(anna, "erik", "engineer");

    [[nodiscard]] Authenticator app() {
        return people.database().read([&](store::Tx& tx) {
            const auto all = list_authenticators(tx, erik.account);
            return *std::ranges::find(all, AuthenticatorKind::totp, &Authenticator::kind);
        });
    }

    Result<void> set_end(AuthenticatorId id, std::optional<Time> end) {
        return people.database().write([&](store::Tx& tx) {
            return set_expiry(tx, people.now(), id, end, people.acting(anna));
        });
    }

    std::size_t turn() {
        return people.database().write([&](store::Tx& tx) {
            return expire_authenticators(tx, people.now());
        });
    }

    [[nodiscard]] std::vector<std::int64_t> days_warned() {
        std::vector<std::int64_t> days;
        for (const auto& event : people.events("cred.expiring")) {
            const auto at = event.leaf_json.find("\"days_left\":");
            REQUIRE(at != std::string::npos);
            days.push_back(std::stoll(event.leaf_json.substr(at + 12)));
        }
        std::ranges::sort(days, std::ranges::greater());
        return days;
    }

    Result<AuthenticationProof> sign_in() { return people.sign_in(erik); }
};

template <class Body>
void on_each_engine(Body body) {
    test::for_each_engine([&](store::Database& database) {
        Ward ward(database);
        body(ward);
    });
}

TEST_CASE(
    "S1-28 (part): 30, 7 and 1 days before an authenticator expires its holder is told, once each"
) {
    on_each_engine([](Ward& ward) {
        const auto end = ward.people.clock.now() + 31 * 24h;
        REQUIRE(reason_of(ward.set_end(ward.app().id, end)) == "ok");
        CHECK(ward.turn() == 0);
        // Just before and at each day that is named; twice, since a job comes round again.
        for (const auto [days, told] : {std::pair{30, 1}, {7, 2}, {1, 3}}) {
            ward.people.clock.advance(end - 24h * days - 1s - ward.people.clock.now());
            ward.turn();
            CHECK(ward.people.events("cred.expiring").size() == static_cast<std::size_t>(told - 1));
            ward.people.clock.advance(1s);
            ward.turn();
            ward.turn();
            CHECK(ward.people.events("cred.expiring").size() == static_cast<std::size_t>(told));
        }
        CHECK(ward.days_warned() == std::vector<std::int64_t>{30, 7, 1});
        const auto notices = ward.people.database().read([&](store::Tx& tx) {
            return unread_notices(tx, ward.erik.account);
        });
        CHECK(notices.size() == 3);
    });
}

TEST_CASE("S1-28 (part): an expired authenticator stops working at the second, job or no job") {
    on_each_engine([](Ward& ward) {
        const auto end = ward.people.clock.now() + 48h;
        REQUIRE(reason_of(ward.set_end(ward.app().id, end)) == "ok");
        ward.people.clock.advance(end - 31s - ward.people.clock.now());
        CHECK(ward.sign_in().has_value());  // which takes 30 s: the last second
        CHECK(ward.app().state == AuthenticatorState::active);
        CHECK_FALSE(ward.sign_in().has_value());

        ward.turn();
        CHECK(ward.app().state == AuthenticatorState::expired);
        CHECK(ward.people.events("cred.expired").size() == 1);
        CHECK_FALSE(ward.sign_in().has_value());
        CHECK(ward.turn() == 0);
    });
}

TEST_CASE("a later date makes an expired authenticator work again, and the warnings begin anew") {
    on_each_engine([](Ward& ward) {
        const auto id = ward.app().id;
        REQUIRE(reason_of(ward.set_end(id, ward.people.clock.now() + 12h)) == "ok");
        ward.turn();
        ward.people.clock.advance(12h);
        ward.turn();
        REQUIRE(ward.app().state == AuthenticatorState::expired);
        REQUIRE(reason_of(ward.set_end(id, ward.people.clock.now() + 12h)) == "ok");
        CHECK(ward.sign_in().has_value());
        ward.turn();
        CHECK(ward.people.events("cred.expiring").size() == 2);
        REQUIRE(reason_of(ward.set_end(id, std::nullopt)) == "ok");
        ward.people.clock.advance(1000h);
        CHECK(ward.turn() == 0);
    });
}

TEST_CASE("S0-85 (part): no passphrase can be given an end by its age") {
    on_each_engine([](Ward& ward) {
        const auto passphrase = ward.people.database().read([&](store::Tx& tx) {
            const auto all = list_authenticators(tx, ward.erik.account);
            return *std::ranges::find(all, AuthenticatorKind::passphrase, &Authenticator::kind);
        });
        CHECK_FALSE(passphrase.expires_at.has_value());
        const auto set = ward.set_end(passphrase.id, ward.people.clock.now() + 24h * 90);
        CHECK(reason_of(set) == "authenticator.never_expires");
        ward.people.clock.advance(24h * 365 * 10);
        ward.turn();
        CHECK(ward.sign_in().has_value());
    });
}

TEST_CASE("an end in the past is refused") {
    on_each_engine([](Ward& ward) {
        const auto set = ward.set_end(ward.app().id, ward.people.clock.now());
        CHECK(reason_of(set) == "authenticator.expiry_past");
    });
}

}  // namespace

}  // namespace sallyport::authn
