#include "apps/sallyport/badge/badge_agent.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sallyport::cli {

BadgeAgent::BadgeAgent(
    CardReader& reader, BadgeServer& server, const Clock& clock, Mode mode, Say say
)
    : reader_(reader), server_(server), clock_(clock), mode_(mode), say_(std::move(say)) {}

bool BadgeAgent::step(std::chrono::milliseconds time_max) {
    if (const auto change = reader_.next(time_max)) note(*change);
    const bool due = wait_.count() == 0 || clock_.monotonic() >= next_try_;
    return !due || tell();
}

void BadgeAgent::note(const CardChange& change) {
    switch (change.kind) {
        case CardChange::reader_found:
            say_(fmt::format("reader {}: ready", change.detail));
            return;
        case CardChange::reader_lost:
            say_(fmt::format("reader {}: gone; waiting for it", change.detail));
            note_gone();
            return;
        case CardChange::removed:
            note_gone();
            return;
        case CardChange::unreadable:
            say_(fmt::format("a card that can't be a badge ({})", change.detail));
            return;
        case CardChange::placed:
            break;
    }
    const auto now = clock_.monotonic();
    const bool bounced =
        last_tap_ && last_tap_->uid == change.uid && now - last_tap_->seen_at < bounce;
    // Where cards stay, each return counts: it was told that the card was gone.
    if (bounced && mode_ == Mode::tap) return;
    card_there_ = true;
    last_tap_ = Tap{.uid = change.uid, .has_key = change.has_key, .seen_at = now};
    owed_tap_ = last_tap_;
}

void BadgeAgent::note_gone() {
    if (!std::exchange(card_there_, false) || mode_ != Mode::stay) return;
    owed_tap_.reset();
    owes_removal_ = true;
}

// What went before what came.
bool BadgeAgent::tell() {
    std::string said;
    if (owes_removal_) {
        const auto delivery = server_.removal(said);
        if (delivery != Delivery::away) owes_removal_ = false;
        if (!settle(delivery, said)) return false;
        if (delivery == Delivery::away) return true;
    }
    if (owed_tap_ && clock_.monotonic() - owed_tap_->seen_at >= told_within_max) {
        say_("a card came while the server was away; it has to be put on again");
        owed_tap_.reset();
    }
    if (!owed_tap_) return true;
    const auto delivery = tell_tap(*owed_tap_, said);
    if (delivery != Delivery::away) owed_tap_.reset();
    return settle(delivery, said);
}

// A card that can't sign any more, since it went too soon, has said its number: a badge that is
// known by it locks, and the server says what else it is worth.
Delivery BadgeAgent::tell_tap(const Tap& tap, std::string& said) {
    authn::CardSeen card{.uid = tap.uid};
    if (tap.has_key) {
        Bytes challenge;
        const auto asked = server_.challenge(challenge, said);
        if (asked != Delivery::done) return asked;
        auto made = reader_.sign(authn::card_proof_message(challenge, tap.uid));
        if (made) {
            card.proof = authn::CardProof{
                .challenge = std::move(challenge),
                .certificate = std::move(made->certificate),
                .signature = std::move(made->signature),
            };
        } else {
            say_(fmt::format("the card did not prove itself ({})", made.error().reason));
        }
    }
    return server_.tap(card, said);
}

bool BadgeAgent::settle(Delivery delivery, std::string_view said) {
    if (delivery == Delivery::away) {
        wait_ = std::clamp(2 * wait_, wait_min, wait_max);
        next_try_ = clock_.monotonic() + wait_;
        say_(fmt::format("server away ({}); trying again in {} s", said, wait_.count()));
        return true;
    }
    if (wait_.count() != 0) say_("server back");
    wait_ = std::chrono::seconds(0);
    if (delivery == Delivery::done) {
        say_(said);
        return true;
    }
    say_(fmt::format("refused: {}", said));
    return delivery != Delivery::unregistered;
}

}  // namespace sallyport::cli
