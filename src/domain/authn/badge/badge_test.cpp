// Badges from the first tap to the tenth wrong PIN.

#include "domain/authn/badge/badge_fixture.h"
#include "domain/authn/badge/badge_pin.h"
#include "domain/authn/badge/badge_store.h"
#include "domain/authn/own_authenticators.h"
#include "domain/authn/person_notice.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace sallyport::authn {

namespace {

using namespace std::chrono_literals;

TEST_CASE("a card is bound as a badge at a workstation whose reader just saw it") {
    BadgeWard::on_each_engine([](BadgeWard& ward) {
        const auto here = ward.reader(ward.workstation("ward-3-a").workstation);
        const auto there = ward.reader(ward.workstation("ward-3-b").workstation);
        const auto tapped = ward.tap(here, nora_card).value();
        CHECK_FALSE(tapped.badge.has_value());
        const NewBadge wanted{.label = "My badge", .tap = tapped.id};
        CHECK(reason_of(ward.bind(ward.nora, there, wanted)) == "badge.tap_over");
        const auto bound = ward.bind(ward.nora, here, wanted);
        REQUIRE(bound.has_value());
        const auto badge = ward.authenticator(*bound);
        CHECK(badge.kind == AuthenticatorKind::badge);
        CHECK(badge.state == AuthenticatorState::active);
        CHECK(badge.label == "My badge");
        CHECK(badge.serial.size() == 16);
        CHECK(ward.people.events("cred.bound").front().leaf_json.contains(bound->text()));
        // The tap is used up, and the card is hers.
        CHECK(reason_of(ward.bind(ward.nora, here, wanted)) == "badge.tap_over");
        const auto again = ward.tap(here, nora_card).value();
        CHECK(again.badge->account == ward.nora.account);
        CHECK(again.badge->first_name == "Test");
        CHECK(
            reason_of(ward.bind(ward.nora, here, {.label = "My badge", .tap = again.id})) ==
            "badge.somebodys"
        );
    });
}

TEST_CASE("a badge is for work at the bedside, and nobody has more than three") {
    BadgeWard::on_each_engine([](BadgeWard& ward) {
        const auto here = ward.reader(ward.workstation("ward-3-a").workstation);
        const auto erik = ward.people.enrolled(ward.administrator, "erik.engineer", "engineer");
        const auto tapped = ward.tap(here, nora_card).value();
        CHECK(
            reason_of(ward.bind(erik, here, {.label = "Badge", .tap = tapped.id})) == "badge.role"
        );
        CHECK(
            reason_of(ward.bind(ward.nora, here, {.label = "", .tap = tapped.id})) ==
            "authenticator.label_malformed"
        );
        for (std::size_t i = 0; i < badges_max; ++i) {
            (void)ward.badge(ward.nora, here, Bytes(4, static_cast<std::byte>(0x21 + i)));
        }
        const auto more = ward.tap(here, nora_card).value();
        CHECK(
            reason_of(ward.bind(ward.nora, here, {.label = "One more", .tap = more.id})) ==
            "badge.too_many_own"
        );
    });
}

TEST_CASE("S1-26: no badge is bound to a person whose identity nobody checked") {
    BadgeWard::on_each_engine([](BadgeWard& ward) {
        const auto here = ward.reader(ward.workstation("ward-3-a").workstation);
        const NewBadge wanted{.label = "Badge", .tap = ward.tap(here, nora_card)->id};
        ward.write([](store::Tx& tx) { tx.execute("DELETE FROM identity_proofing"); });
        CHECK(reason_of(ward.bind(ward.nora, here, wanted)) == "identity.not_proofed");
    });
}

TEST_CASE("neither a card's number nor a PIN is in a table or in the log") {
    BadgeWard::on_each_engine([](BadgeWard& ward) {
        const auto here = ward.reader(ward.workstation("ward-3-a").workstation);
        (void)ward.badge(ward.nora, here, nora_card);
        ward.write([](store::Tx& tx) {
            const auto rows = tx.query("SELECT uid_mac, pin_verifier FROM badge");
            REQUIRE(rows.size() == 1);
            CHECK(rows.front().blob(0).size() == 32);
            CHECK(rows.front().text(1).contains("argon2id"));
            CHECK_FALSE(rows.front().text(1).contains(nora_pin));
            CHECK(tx.query("SELECT uid_mac FROM badge_tap").front().blob(0).size() == 32);
        });
        for (const auto& event : ward.people.events("")) {
            CHECK_FALSE(event.leaf_json.contains("04a1b2c3d4e5f6"));
        }
    });
}

TEST_CASE("badge and PIN prove one factor, once for each tap, within half a minute") {
    BadgeWard::on_each_engine([](BadgeWard& ward) {
        const auto here = ward.reader(ward.workstation("ward-3-a").workstation);
        const auto id = ward.badge(ward.nora, here, nora_card);
        const auto tapped = ward.tap(here, nora_card).value();
        CHECK(reason_of(ward.pin(tapped, "111222")) == "badge.refused");
        const auto proof = ward.pin(tapped, nora_pin);
        REQUIRE(proof.has_value());
        CHECK(proof->account() == ward.nora.account);
        // A number that anybody can copy makes no sign-in of two factors.
        CHECK(proof->strength() == policy::Strength::one_factor);
        CHECK(proof->factor().amr == "badge+pin");
        CHECK(proof->factor().aal == 1);
        CHECK(proof->factor().authenticator_id == id.text());
        CHECK(ward.authenticator(id).last_used_at == ward.people.clock.now());
        // Replayed.
        CHECK(reason_of(ward.pin(tapped, nora_pin)) == "badge.tap_over");
        CHECK(reason_of(ward.pending(here)) == "badge.tap_over");

        (void)ward.tap(here, nora_card);
        ward.people.clock.advance(tap_life - 1us);
        CHECK(reason_of(ward.pending(here)) == "ok");
        ward.people.clock.advance(1us);
        CHECK(reason_of(ward.pending(here)) == "badge.tap_over");
    });
}

TEST_CASE("a tap is of one workstation, and the next one there takes its place") {
    BadgeWard::on_each_engine([](BadgeWard& ward) {
        const auto here = ward.reader(ward.workstation("ward-3-a").workstation);
        const auto there = ward.reader(ward.workstation("ward-3-b").workstation);
        (void)ward.badge(ward.nora, here, nora_card);
        const auto first = ward.tap(here, nora_card).value();
        CHECK(reason_of(ward.pending(there)) == "badge.tap_over");
        CHECK(ward.pending(here)->id == first.id);
        const auto wrong = ward.tap(here, other_card).value();
        CHECK(ward.pending(here)->id == wrong.id);
        CHECK_FALSE(ward.pending(here)->badge.has_value());
        CHECK(reason_of(ward.pin(first, nora_pin)) == "badge.tap_over");
        CHECK(detail_of(ward.pin(wrong, nora_pin)) == "badge.unknown");
        const auto events = ward.people.events("badge.tapped");
        CHECK(events.size() == 3);
    });
}

TEST_CASE("S1-18: the tenth wrong PIN in a row suspends the badge, and its holder is told") {
    BadgeWard::on_each_engine([](BadgeWard& ward) {
        const auto here = ward.reader(ward.workstation("ward-3-a").workstation);
        const auto id = ward.badge(ward.nora, here, nora_card);
        ward.people.clock.advance(1min);
        const auto tapped = [&] { return ward.tap(here, nora_card).value(); };
        for (int i = 1; i < badge_wrong_pins_max; ++i) {
            CHECK(detail_of(ward.pin(tapped(), "111222")) == "badge.pin_wrong");
        }
        // A right one forgets them.
        CHECK(reason_of(ward.pin(tapped(), nora_pin)) == "ok");
        for (int i = 1; i < badge_wrong_pins_max; ++i) {
            CHECK(detail_of(ward.pin(tapped(), "111222")) == "badge.pin_wrong");
        }
        CHECK(ward.authenticator(id).state == AuthenticatorState::active);
        CHECK(detail_of(ward.pin(tapped(), "111222")) == "badge.pin_wrong");
        CHECK(ward.authenticator(id).state == AuthenticatorState::suspended);
        CHECK(detail_of(ward.pin(tapped(), nora_pin)) == "badge.not_usable");
        CHECK(ward.people.events("cred.suspended").size() == 1);
        const auto notices =
            ward.write([&](store::Tx& tx) { return unread_notices(tx, ward.nora.account); });
        REQUIRE_FALSE(notices.empty());
        CHECK(notices.front().kind == NoticeKind::authenticator_suspended);

        // It can't be taken up again before it has another PIN.
        const OwnAuthenticators own(ward.people.context);
        const auto resume = [&] {
            return reason_of(ward.write([&](store::Tx& tx) {
                const auto by = ward.people.acting(ward.nora);
                return own.resume(tx, ward.people.now(), ward.nora.account, id, by);
            }));
        };
        const auto change_pin = [&](const test::TestPerson& person) {
            return reason_of(ward.write([&, kept = ward.verifier("603185")](store::Tx& tx) {
                const auto by = ward.people.acting(person);
                return change_badge_pin(tx, ward.people.now(), person.account, id, kept, by);
            }));
        };
        CHECK(resume() == "badge.pin_blocked");
        CHECK(change_pin(ward.administrator) == "authenticator.unknown");
        CHECK(change_pin(ward.nora) == "ok");
        CHECK(ward.people.events("cred.pin_set").size() == 1);
        CHECK(resume() == "ok");
        CHECK(detail_of(ward.pin(tapped(), nora_pin)) == "badge.pin_wrong");
        CHECK(reason_of(ward.pin(tapped(), "603185")) == "ok");
    });
}

TEST_CASE("guesses side by side are all counted before any is looked at") {
    BadgeWard::on_each_engine([](BadgeWard& ward) {
        const auto here = ward.reader(ward.workstation("ward-3-a").workstation);
        (void)ward.badge(ward.nora, here, nora_card);
        const auto tapped = ward.tap(here, nora_card).value();
        const auto begin = [&] {
            return ward.write([&](store::Tx& tx) {
                return begin_badge_pin(tx, ward.people.now(), tapped, ward.people.where);
            });
        };
        for (int i = 0; i < badge_wrong_pins_max; ++i) {
            CHECK(begin().has_value());
        }
        CHECK(detail_of(begin()) == "badge.pin_blocked");
    });
}

TEST_CASE(
    "S1-28: a badge that is suspended, expired or revoked opens nothing; its card may come back"
) {
    BadgeWard::on_each_engine([](BadgeWard& ward) {
        const auto here = ward.reader(ward.workstation("ward-3-a").workstation);
        const auto id = ward.badge(ward.nora, here, nora_card);
        const auto by = ward.people.acting(ward.nora);
        const auto tried = [&] {
            return detail_of(ward.pin(ward.tap(here, nora_card).value(), nora_pin));
        };
        (void)ward.write([&](store::Tx& tx) {
            return suspend_authenticator(tx, ward.people.now(), id, by);
        });
        CHECK(tried() == "badge.not_usable");
        (void)ward.write([&](store::Tx& tx) {
            return resume_authenticator(tx, ward.people.now(), id, by);
        });
        (void)ward.write([&](store::Tx& tx) {
            return set_expiry(tx, ward.people.now(), id, ward.people.clock.now() + 1h, by);
        });
        CHECK(tried() == "ok");
        ward.people.clock.advance(1h);
        CHECK(tried() == "badge.not_usable");
        (void)ward.write([&](store::Tx& tx) {
            return revoke_authenticator(tx, ward.people.now(), id, RevokeCause::lost, by);
        });
        CHECK(tried() == "badge.unknown");
        const auto anew = ward.badge(ward.nora, here, nora_card);
        CHECK(anew != id);
        CHECK(tried() == "ok");
    });
}

TEST_CASE("whoever tries numbers at a reader is slowed down, and a known badge is not") {
    BadgeWard::on_each_engine([](BadgeWard& ward) {
        const auto here = ward.reader(ward.workstation("ward-3-a").workstation);
        (void)ward.badge(ward.nora, here, nora_card);
        ward.people.clock.advance(61s);
        for (int i = 0; i < unknown_taps_max; ++i) {
            CHECK(reason_of(ward.tap(here, Bytes(7, static_cast<std::byte>(i + 1)))) == "ok");
        }
        const auto before = ward.people.events("badge.tapped").size();
        CHECK(reason_of(ward.tap(here, other_card)) == "badge.too_many");
        CHECK(ward.people.events("badge.tapped").size() == before);
        CHECK(reason_of(ward.tap(here, nora_card)) == "ok");
        ward.people.clock.advance(61s);
        CHECK(reason_of(ward.tap(here, other_card)) == "ok");
    });
}

}  // namespace

}  // namespace sallyport::authn
