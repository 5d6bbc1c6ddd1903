// Badges whose card has a key, and cards that only say the same number.

#include "domain/authn/badge/card_proof.h"

#include "domain/authn/badge/badge_fixture.h"
#include "domain/authn/badge/key_card_fixture.h"
#include "domain/authn/webauthn_challenge.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>

namespace sallyport::authn {

namespace {

using namespace std::chrono_literals;

Bytes challenge_at(BadgeWard& ward, const BadgeReader& at) {
    return tap_challenge(ward.people.keys, ward.people.now(), at);
}

Result<BadgeTap> tap_with(
    BadgeWard& ward, const BadgeReader& at, const KeyCard& card, BytesView uid
) {
    return ward.tap(at, uid, card.proof(challenge_at(ward, at), uid));
}

// Hers, with the card's key.
AuthenticatorId bound(BadgeWard& ward, const BadgeReader& at, const KeyCard& card) {
    const auto tapped = tap_with(ward, at, card, nora_card);
    REQUIRE(tapped.has_value());
    REQUIRE(tapped->card_key.has_value());
    const auto id = ward.bind(ward.nora, at, {.label = "My badge", .tap = tapped->id});
    REQUIRE_MESSAGE(id.has_value(), reason_of(id));
    return *id;
}

TEST_CASE("S1-34 (part): a badge bound with its card's key asks for a PIN only after a signature") {
    BadgeWard::on_each_engine([](BadgeWard& ward) {
        const auto here = ward.reader(ward.workstation("ward-3-a").workstation);
        const KeyCard card;
        const auto id = bound(ward, here, card);
        const auto own =
            ward.write([&](store::Tx& tx) { return list_own_badges(tx, ward.nora.account); });
        REQUIRE(own.size() == 1);
        CHECK(own.front().authenticator.id == id);
        CHECK(own.front().proves_itself);

        ward.people.clock.advance(1s);
        // A copy of the number.
        const auto copied = ward.tap(here, nora_card).value();
        REQUIRE(copied.badge.has_value());
        CHECK_FALSE(copied.badge->proven);
        CHECK_FALSE(copied.badge->usable);
        CHECK_FALSE(ward.pending(here)->badge->usable);
        CHECK(detail_of(ward.pin(copied, nora_pin)) == "badge.not_proven");

        // A copy of the number on a card with another key.
        const KeyCard other;
        const auto forged = tap_with(ward, here, other, nora_card).value();
        CHECK(forged.card_key.has_value());
        CHECK_FALSE(forged.badge->usable);
        CHECK(detail_of(ward.pin(forged, nora_pin)) == "badge.not_proven");

        const auto real = tap_with(ward, here, card, nora_card).value();
        CHECK(real.badge->usable);
        CHECK(ward.pending(here)->badge->usable);
        CHECK(reason_of(ward.pin(real, nora_pin)) == "ok");
        const auto events = ward.people.events("badge.tapped");
        REQUIRE(events.size() == 4);
        const auto refused = std::ranges::count_if(events, [](const auto& event) {
            return event.leaf_json.contains("badge.not_proven");
        });
        CHECK(refused == 2);
    });
}

TEST_CASE("a challenge is good once, at its reader, for ten seconds, and for the number signed") {
    BadgeWard::on_each_engine([](BadgeWard& ward) {
        const auto here = ward.reader(ward.workstation("ward-3-a").workstation);
        const auto there = ward.reader(ward.workstation("ward-3-b").workstation);
        const KeyCard card;
        (void)bound(ward, here, card);
        const auto usable = [&](const BadgeReader& at, const CardProof& proof) {
            return ward.tap(at, nora_card, proof).value().badge->usable;
        };
        const auto proof = card.proof(challenge_at(ward, here), nora_card);
        CHECK(usable(here, proof));
        CHECK_FALSE(usable(here, proof));  // replayed
        CHECK_FALSE(usable(there, card.proof(challenge_at(ward, here), nora_card)));
        CHECK_FALSE(usable(here, card.proof(challenge_at(ward, here), other_card)));
        CHECK_FALSE(usable(here, card.proof(Bytes(48), nora_card)));  // not the server's
        const auto late = card.proof(challenge_at(ward, here), nora_card);
        ward.people.clock.advance(tap_challenge_life - 1us);
        const auto last = card.proof(late.challenge, nora_card);
        CHECK(usable(here, last));
        const auto over = card.proof(challenge_at(ward, here), nora_card);
        ward.people.clock.advance(tap_challenge_life);
        CHECK_FALSE(usable(here, over));
    });
}

TEST_CASE("a badge bound by its number alone works on, and a proof that fails binds no key") {
    BadgeWard::on_each_engine([](BadgeWard& ward) {
        const auto here = ward.reader(ward.workstation("ward-3-a").workstation);
        (void)ward.badge(ward.nora, here, nora_card);
        const KeyCard card;
        CHECK(ward.tap(here, nora_card)->badge->usable);
        CHECK(tap_with(ward, here, card, nora_card)->badge->usable);
        auto broken = card.proof(challenge_at(ward, here), other_card);
        broken.signature.back() ^= std::byte{1};
        const auto tapped = ward.tap(here, other_card, broken).value();
        CHECK_FALSE(tapped.card_key.has_value());
    });
}

TEST_CASE("a proof is of P-256 or RSA-2048, and of these bytes") {
    const Bytes challenge(48, std::byte{7});
    const auto said = [&](const CardProof& proof) {
        return reason_of(proven_card_key(proof, nora_card));
    };
    for (const auto* const kind : {"P-256", "RSA-2048"}) {
        const KeyCard card(kind);
        auto proof = card.proof(challenge, nora_card);
        CHECK(proven_card_key(proof, nora_card).value() == card.issued.certificate()->key.spki);
        CHECK(reason_of(proven_card_key(proof, other_card)) == "badge.proof_refused");
        proof.challenge.back() = std::byte{8};
        CHECK(said(proof) == "badge.proof_refused");
    }
    CHECK(said(KeyCard("P-384").proof(challenge, nora_card)) == "badge.proof_malformed");
    auto proof = KeyCard().proof(challenge, nora_card);
    proof.certificate.resize(card_certificate_max + 1);
    CHECK(said(proof) == "badge.proof_malformed");
    proof.certificate.clear();
    CHECK(said(proof) == "badge.proof_malformed");
}

TEST_CASE("a reader's report of a proof is hex within bounds") {
    const auto said = [](std::string_view a, std::string_view b, std::string_view c) {
        return reason_of(parse_card_proof(a, b, c));
    };
    CHECK(parse_card_proof("01", "0203", "04").value().certificate == from_hex("0203").value());
    CHECK(said("", "02", "03") == "badge.proof_malformed");
    CHECK(said("01", "", "03") == "badge.proof_malformed");
    CHECK(said("01", "02", "x3") == "badge.proof_malformed");
    const std::string most(2 * card_certificate_max, 'a');
    CHECK(said("01", most, "03") == "ok");
    CHECK(said("01", most + "aa", "03") == "badge.proof_malformed");
}

}  // namespace

}  // namespace sallyport::authn
