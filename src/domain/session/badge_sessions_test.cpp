#include "domain/session/badge_sessions.h"

#include "tests/support/browser_key.h"

#include "domain/authn/badge/key_card_fixture.h"
#include "domain/session/sender_key.h"
#include "domain/session/ward_fixture.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace sallyport::session {

namespace {

using namespace std::chrono_literals;
using authn::nora_card;
using authn::nora_pin;
using authn::otto_card;
using authn::ReaderMode;

constexpr std::string_view otto_pin = "816203";

// Two workstations with readers, and two nurses with badges.
struct Badges {
    explicit Badges(Ward& made, ReaderMode mode = ReaderMode::tap)
        : ward(made),
          here(made.reader(made.workstation("ward-3-a").workstation, mode)),
          there(made.reader(made.workstation("ward-3-b").workstation, mode)),
          otto(made.people.enrolled(made.administrator, "otto.nurse", "clinician")) {
        (void)ward.badge(ward.nora, here, nora_card);
        (void)ward.badge(otto, here, otto_card, otto_pin);
    }

    nlohmann::json newest(const std::string& type) const {
        const auto events = ward.people.events(type);
        REQUIRE_FALSE(events.empty());
        const auto newest = std::ranges::max_element(events, {}, &audit::Entry::at);
        return nlohmann::json::parse(newest->leaf_json);
    }

    Ward& ward;
    authn::BadgeReader here;
    authn::BadgeReader there;
    TestPerson otto;
};

TEST_CASE("S1-34 (part): a tap to go locks at once, and badge and PIN open the same session again"
) {
    on_each_ward([](Ward& ward) {
        const Badges badges(ward);
        const auto opened = ward.signed_in(ward.nora, badges.here.workstation);
        const auto gone = ward.put_on(badges.here, nora_card);
        CHECK(gone.outcome == TapOutcome::locked);
        CHECK(gone.locked == std::vector{opened.session.id});
        CHECK_FALSE(ward.is_open(opened.session));
        CHECK(badges.newest("session.locked")["fields"]["cause"] == "tap_out");
        CHECK(badges.newest("session.locked")["where"]["workstation"] == "ward-3-a");
        // The tap to go asks for no PIN.
        CHECK(reason_of(ward.pending(badges.here)) == "badge.tap_over");

        ward.people.clock.advance(20min);
        const auto back = ward.come(badges.here, nora_card);
        REQUIRE_MESSAGE(back.has_value(), reason_of(back));
        const auto& session = back->opened.session;
        CHECK(session.account == ward.nora.account);
        CHECK(session.ends_at == opened.session.ends_at);
        CHECK(session.last_proof_at == opened.session.last_proof_at);
        CHECK(session.factor.amr == "badge+pin");
        CHECK(session.factor.aal == opened.session.factor.aal);
        const auto event = badges.newest("session.unlocked");
        CHECK(event["fields"]["from_session"] == opened.session.id.text());
        CHECK(event["factor"]["amr"] == "badge+pin");
        CHECK(ward.people.events("session.roamed").empty());
    });
}

TEST_CASE("S1-34 (part): a card alone opens nothing, and neither does a badge with a wrong PIN") {
    on_each_ward([](Ward& ward) {
        const Badges badges(ward);
        const auto opened = ward.signed_in(ward.nora, badges.here.workstation);
        (void)ward.put_on(badges.here, nora_card);
        const auto before = ward.people.events("session.unlocked").size();
        CHECK(ward.put_on(badges.here, nora_card).outcome == TapOutcome::asks_for_pin);
        const auto tap = ward.pending(badges.here).value();
        CHECK(reason_of(ward.unlock_with(badges.here, tap, "")) == "badge.refused");
        CHECK(reason_of(ward.unlock_with(badges.here, tap, otto_pin)) == "badge.refused");
        CHECK(ward.people.events("session.unlocked").size() == before);
        CHECK_FALSE(ward.is_open(opened.session));
        // Nobody's card asks for nothing.
        CHECK(ward.put_on(badges.here, authn::other_card).outcome == TapOutcome::unknown);
        const auto wrong = ward.pending(badges.here).value();
        CHECK(reason_of(ward.unlock_with(badges.here, wrong, nora_pin)) == "badge.refused");
    });
}

TEST_CASE("S1-34 (part): a copy of the number of a badge with a key locks and never asks for a PIN"
) {
    on_each_ward([](Ward& ward) {
        const Badges badges(ward);
        const authn::KeyCard card;
        const auto proof = [&] {
            const auto challenge =
                authn::tap_challenge(ward.people.keys, ward.people.now(), badges.here);
            return card.proof(challenge, authn::other_card);
        };
        CHECK(ward.put_on(badges.here, authn::other_card, proof()).outcome == TapOutcome::unknown);
        const auto tap = ward.pending(badges.here).value();
        const auto bound =
            ward.bind(ward.nora, badges.here, {.label = "With a key", .tap = tap.id});
        REQUIRE(bound.has_value());
        const auto hers = ward.signed_in(ward.nora, badges.here.workstation);
        // Like a hand that was too quick: it takes her own session away.
        CHECK(ward.put_on(badges.here, authn::other_card).outcome == TapOutcome::locked);
        CHECK_FALSE(ward.is_open(hers.session));
        CHECK(ward.put_on(badges.here, authn::other_card).outcome == TapOutcome::not_proven);
        const auto his = ward.signed_in(badges.otto, badges.here.workstation);
        CHECK(ward.put_on(badges.here, authn::other_card).outcome == TapOutcome::not_proven);
        CHECK(ward.is_open(his.session));
        const auto real = ward.put_on(badges.here, authn::other_card, proof());
        CHECK(real.outcome == TapOutcome::asks_for_pin);
        CHECK_FALSE(ward.is_open(his.session));
        const auto waiting = ward.pending(badges.here).value();
        CHECK(reason_of(ward.unlock_with(badges.here, waiting, nora_pin)) == "ok");
    });
}

TEST_CASE("S1-34 (part): another person's tap locks the session before and never opens it") {
    on_each_ward([](Ward& ward) {
        const Badges badges(ward);
        const auto opened = ward.signed_in(ward.nora, badges.here.workstation);
        const auto other = ward.put_on(badges.here, otto_card);
        CHECK(other.outcome == TapOutcome::asks_for_pin);
        CHECK(other.locked == std::vector{opened.session.id});
        CHECK(badges.newest("session.locked")["fields"]["cause"] == "switched");
        const auto tap = ward.pending(badges.here).value();
        // With his own PIN he has no session to go on with, and with hers he proves nothing.
        CHECK(reason_of(ward.unlock_with(badges.here, tap, nora_pin)) == "badge.refused");
        CHECK(reason_of(ward.unlock_with(badges.here, tap, otto_pin)) == "badge.sign_in_first");
        CHECK_FALSE(ward.is_open(opened.session));
        // Hers waits for her.
        const auto back = ward.come(badges.here, nora_card);
        REQUIRE(back.has_value());
        CHECK(back->opened.session.account == ward.nora.account);
    });
}

TEST_CASE("S1-35 (part): on a shared workstation each has a session of their own, switched by tap"
) {
    on_each_ward([](Ward& ward) {
        const Badges badges(ward);
        const auto hers = ward.signed_in(ward.nora, badges.here.workstation);
        (void)ward.put_on(badges.here, nora_card);
        const auto his = ward.signed_in(badges.otto, badges.here.workstation);
        CHECK(his.session.account == badges.otto.account);
        const auto back = ward.come(badges.here, nora_card);
        REQUIRE(back.has_value());
        CHECK_FALSE(ward.is_open(his.session));
        const auto switched = ward.write([&](store::Tx& tx) {
            return note_switch(
                tx,
                ward.people.now(),
                digest_of(his.token.expose()),
                back->opened.session,
                ward.people.where
            );
        });
        CHECK(switched.from_another);
        const auto event = badges.newest("session.switch_user");
        CHECK(event["fields"]["from_session"] == his.session.id.text());
        CHECK(event["fields"]["to_session"] == back->opened.session.id.text());
        // And he comes back to his.
        const auto again = ward.come(badges.here, otto_card, otto_pin);
        REQUIRE(again.has_value());
        CHECK(again->opened.session.account == badges.otto.account);
        CHECK(again->opened.session.ends_at == his.session.ends_at);

        const auto same = ward.write([&](store::Tx& tx) {
            return note_switch(
                tx,
                ward.people.now(),
                digest_of(hers.token.expose()),
                back->opened.session,
                ward.people.where
            );
        });
        CHECK_FALSE(same.from_another);
    });
}

TEST_CASE("S1-35 (part): somebody else's session that a browser still holds is over before the next"
) {
    on_each_ward([](Ward& ward) {
        const Badges badges(ward);
        const auto erik = ward.people.enrolled(ward.administrator, "erik.engineer", "engineer");
        const auto left =
            ward.signed_in(erik, badges.here.workstation);  // no session of the ward's
        const auto hers = ward.signed_in(ward.nora, badges.here.workstation);
        const auto switched = ward.write([&](store::Tx& tx) {
            return note_switch(
                tx,
                ward.people.now(),
                digest_of(left.token.expose()),
                hers.session,
                ward.people.where
            );
        });
        CHECK(switched.from_another);
        CHECK(switched.locked == std::vector{left.session.id});
        CHECK_FALSE(ward.is_open(left.session));
    });
}

TEST_CASE(
    "S1-80 (part): a session roams to another workstation of the ward, and the first is locked"
) {
    on_each_ward([](Ward& ward) {
        const Badges badges(ward);
        const auto first = ward.signed_in(ward.nora, badges.here.workstation);
        ward.write([&](store::Tx& tx) {
            bind_sender_key(tx, ward.people.now(), first, test::BrowserKey().spki());
        });
        const auto moved = ward.come(badges.there, nora_card);
        REQUIRE_MESSAGE(moved.has_value(), reason_of(moved));
        CHECK(moved->locked == std::vector{first.session.id});
        CHECK_FALSE(ward.is_open(first.session));
        CHECK(moved->opened.session.ends_at == first.session.ends_at);
        // The key stays in the browser that it was made in.
        CHECK_FALSE(ward.write([&](store::Tx& tx) {
                            return sender_key_of(tx, moved->opened.session.id);
                        }
        ).has_value());
        CHECK(badges.newest("session.locked")["fields"]["cause"] == "roamed");
        const auto event = badges.newest("session.roamed");
        CHECK(event["fields"]["from_workstation"] == badges.here.workstation.id.text());
        CHECK(event["fields"]["to_workstation"] == badges.there.workstation.id.text());
        CHECK(event["fields"]["from_session"] == first.session.id.text());
        CHECK(event["session"] == moved->opened.session.id.text());
        // Back again: the same lineage.
        const auto back = ward.come(badges.here, nora_card);
        REQUIRE(back.has_value());
        CHECK(
            badges.newest("session.roamed")["fields"]["from_session"] ==
            moved->opened.session.id.text()
        );
        CHECK(ward.people.events("session.created").size() == 1);
    });
}

TEST_CASE(
    "S1-33 (part): badge and PIN are enough for four hours and inside the cap, then all factors"
) {
    on_each_ward([](Ward& ward) {
        const Badges badges(ward);
        const auto opened = ward.signed_in(ward.nora, badges.here.workstation);
        const auto proven_at = opened.session.last_proof_at;
        (void)ward.put_on(badges.here, nora_card);
        while (ward.people.clock.now() + 1h < proven_at + 4h) {
            ward.people.clock.advance(1h);
            REQUIRE(ward.come(badges.here, nora_card).has_value());
            CHECK(ward.put_on(badges.here, nora_card).outcome == TapOutcome::locked);
        }
        ward.people.clock.advance(proven_at + 4h - ward.people.clock.now());
        REQUIRE(ward.come(badges.here, nora_card).has_value());
        (void)ward.put_on(badges.here, nora_card);
        ward.people.clock.advance(1us);
        CHECK(reason_of(ward.come(badges.here, nora_card)) == "badge.sign_in_first");
    });
}

TEST_CASE(
    "S1-72 (part): at a workstation off the list, or out of its zone, all factors are asked for"
) {
    on_each_ward([](Ward& ward) {
        Badges badges(ward);
        const auto office = ward.reader(ward.workstation("desk-1", "offices").workstation);
        (void)ward.signed_in(ward.nora, badges.here.workstation);
        (void)ward.put_on(badges.here, nora_card);
        CHECK(reason_of(ward.come(office, nora_card)) == "badge.sign_in_first");
        ward.people.where = test::from_web("10.5.0.5");
        CHECK(reason_of(ward.come(office, nora_card)) == "badge.sign_in_first");
        CHECK(reason_of(ward.come(badges.here, nora_card)) == "badge.sign_in_first");
        ward.people.where = test::from_web(std::string(at_ward));
        // Its reader is not heard any more, so no tap comes from there.
        ward.remove(badges.here.workstation);
        const auto found = ward.write([&](store::Tx& tx) {
            return directory::find_workstation(tx, badges.here.workstation.id);
        });
        CHECK_FALSE(found.has_value());
    });
}

TEST_CASE("a badge is no sign-in: without a session to go on with, it opens none") {
    on_each_ward([](Ward& ward) {
        const Badges badges(ward);
        CHECK(reason_of(ward.come(badges.here, nora_card)) == "badge.sign_in_first");
        // What a person or an administrator ended stays ended.
        const auto opened = ward.signed_in(ward.nora, badges.here.workstation);
        const auto by = ward.people.acting(ward.nora);
        ward.write([&](store::Tx& tx) {
            return end(tx, ward.people.now(), opened.session, EndCause::logout, by);
        });
        CHECK(reason_of(ward.come(badges.here, nora_card)) == "badge.sign_in_first");
        CHECK(ward.people.events("session.created").size() == 1);
        // Nor does its proof open a session where sign-ins do.
        (void)ward.put_on(badges.here, nora_card);
        auto proof = ward.pin(ward.pending(badges.here).value(), nora_pin);
        REQUIRE(proof.has_value());
        std::optional<authn::AuthenticationProof> held(*std::move(proof));
        const auto tried = ward.write([&](store::Tx& tx) {
            return open(
                tx,
                ward.people.now(),
                ward.people.policy,
                *std::move(held),
                ward.people.where,
                Channel::web
            );
        });
        CHECK(reason_of(tried) == "session.too_weak");
    });
}

TEST_CASE(
    "S1-34 (part): where badges stay on the reader, taking one away locks, and so does losing it"
) {
    on_each_ward([](Ward& ward) {
        const Badges badges(ward, ReaderMode::stay);
        const auto opened = ward.signed_in(ward.nora, badges.here.workstation);
        // She puts it there after she signed in: nothing is locked by that.
        CHECK(ward.put_on(badges.here, nora_card).locked.empty());
        CHECK(ward.is_open(opened.session));
        CHECK(ward.take_away(badges.here) == std::vector{opened.session.id});
        CHECK_FALSE(ward.is_open(opened.session));
        CHECK(badges.newest("session.locked")["fields"]["cause"] == "tap_out");
        // The badge that was taken away asks for no PIN any more.
        CHECK(ward.put_on(badges.here, nora_card).outcome == TapOutcome::asks_for_pin);
        const auto tap = ward.pending(badges.here).value();
        (void)ward.take_away(badges.here);
        CHECK(reason_of(ward.unlock_with(badges.here, tap, nora_pin)) == "badge.tap_over");
        CHECK(ward.come(badges.here, nora_card).has_value());
    });
}

TEST_CASE("where badges are tapped, lifting one off the reader locks nothing") {
    on_each_ward([](Ward& ward) {
        const Badges badges(ward);
        const auto opened = ward.signed_in(ward.nora, badges.here.workstation);
        CHECK(ward.take_away(badges.here).empty());
        CHECK(ward.is_open(opened.session));
    });
}

TEST_CASE("a suspended badge still locks its own person's session, and nobody else's") {
    on_each_ward([](Ward& ward) {
        const Badges badges(ward);
        const auto id = ward.write([&](store::Tx& tx) {
            for (const auto& each : authn::list_authenticators(tx, ward.nora.account)) {
                if (each.kind == authn::AuthenticatorKind::badge) return each.id;
            }
            FAIL("no badge");
            std::abort();
        });
        const auto by = ward.people.acting(ward.nora);
        REQUIRE(ward.write([&](store::Tx& tx) {
                        return authn::suspend_authenticator(tx, ward.people.now(), id, by);
                    }
        ).has_value());
        const auto his = ward.signed_in(badges.otto, badges.here.workstation);
        CHECK(ward.put_on(badges.here, nora_card).outcome == TapOutcome::unknown);
        CHECK(ward.is_open(his.session));
        const auto hers = ward.signed_in(ward.nora, badges.here.workstation);
        CHECK(ward.put_on(badges.here, nora_card).outcome == TapOutcome::locked);
        CHECK_FALSE(ward.is_open(hers.session));
    });
}

}  // namespace

}  // namespace sallyport::session
