#pragma once
// A ward where people sign in at workstations, lock and unlock, for tests.

#include "domain/authn/badge/badge_fixture.h"
#include "domain/session/badge_sessions.h"
#include "domain/session/unlock.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <utility>

namespace sallyport::session {

using authn::at_ward;
using authn::reason_of;
using test::TestPerson;

class Ward : public authn::BadgeWard {
public:
    using BadgeWard::BadgeWard;

    Opened signed_in(const TestPerson& person, const directory::Workstation& at) {
        auto proof = people.sign_in(person);
        REQUIRE(proof.has_value());
        std::optional<authn::AuthenticationProof> held(*std::move(proof));
        auto opened = write([&](store::Tx& tx) -> Result<Opened> {
            SP_TRY(
                auto session,
                open(tx, people.now(), people.policy, *std::move(held), people.where, Channel::web)
            );
            note_workstation(tx, people.policy, session.session, at);
            return session;
        });
        REQUIRE(opened.has_value());
        return *std::move(opened);
    }

    // Nobody does anything until idleness ends it; the timer comes by.
    void idle_out(const Opened& opened) {
        people.clock.advance(opened.session.idle_max);
        write([&](store::Tx& tx) { return end_expired(tx, people.now()); });
    }

    std::optional<LockedSession> locked(const Opened& opened) {
        return write([&](store::Tx& tx) {
            return find_locked(tx, digest_of(opened.token.expose()));
        });
    }

    Result<Opened> unlock_with(
        const LockedSession& locked, const directory::Workstation& here, bool right = true
    ) {
        const authn::StepUp flow(people.context);
        return write([&](store::Tx& tx) -> Result<Opened> {
            SP_TRY(
                auto proof,
                flow.finish_unlock(
                    tx,
                    people.now(),
                    locked.session.account,
                    {.passphrase = authn::PassphraseAnswer{.correct = right}, .code = {}},
                    people.acting(nora)
                )
            );
            return unlock(
                tx, people.now(), people.policy, locked, {here}, std::move(proof), people.where
            );
        });
    }

    // Badge and PIN, right or not, at a workstation.
    Result<BadgeUnlocked> unlock_with(
        const authn::BadgeReader& at, const authn::BadgeTap& tap, std::string_view typed
    ) {
        auto proof = pin(tap, typed);
        if (!proof) return std::unexpected(proof.error());
        std::optional<authn::AuthenticationProof> held(*std::move(proof));
        return write([&](store::Tx& tx) {
            return unlock_with_badge(
                tx, people.now(), people.policy, *std::move(held), at.workstation, people.where
            );
        });
    }

    Tapped put_on(
        const authn::BadgeReader& at,
        BytesView uid,
        std::optional<authn::CardProof> proof = std::nullopt
    ) {
        const authn::CardSeen card{.uid = Bytes(uid.begin(), uid.end()), .proof = std::move(proof)};
        auto tapped = write([&](store::Tx& tx) {
            return badge_tapped(tx, people.now(), people.keys, at, card, people.where);
        });
        REQUIRE_MESSAGE(tapped.has_value(), reason_of(tapped));
        return *std::move(tapped);
    }

    std::vector<SessionId> take_away(const authn::BadgeReader& at) {
        return write([&](store::Tx& tx) {
            return badge_removed(tx, people.now(), at, people.where);
        });
    }

    // The card on the reader, the PIN, and whatever comes of it.
    Result<BadgeUnlocked> come(
        const authn::BadgeReader& at, BytesView uid, std::string_view typed = authn::nora_pin
    ) {
        CHECK(put_on(at, uid).outcome == TapOutcome::asks_for_pin);
        return unlock_with(at, pending(at).value(), typed);
    }

    bool is_open(const Session& session) {
        return write([&](store::Tx& tx) { return find(tx, session.id); }).has_value();
    }
};

template <class Body>
void on_each_ward(Body body) {
    test::for_each_engine([&](store::Database& database) {
        Ward ward(database);
        body(ward);
    });
}

}  // namespace sallyport::session
