#pragma once
// The way to the card host and back. A browser shows a client certificate to a TLS listener of its
// own, where it has none of our cookies; so codes carry what was asked there and what was seen
// back:
//
//   1. ask_for_card()      on the sign-in host: a token for the browser's cookie, and a code that
//                          goes to the card host in the address
//   2. redeem_card_code()  on the card host, once TLS has shown a certificate
//   3. settle_card()       on the card host: what the certificate came to, and another code, that
//                          goes back in the address
//   4. take_card()         on the sign-in host: the code, in the browser that holds the token, for
//                          what it was asked for
//
// Each code is good once. A stolen code to the card host lets a thief show their own card, for a
// browser that they have not got; one from the card host is worth nothing without the token.

#include "base/core/bytes.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/certificate/presented_card.h"
#include "domain/authn/context.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sallyport::authn {

// To the card host: between the redirect and the request people put their card in, choose the
// certificate and type its PIN.
inline constexpr std::chrono::minutes card_code_life{2};
inline constexpr std::chrono::seconds card_return_life{30};  // back: nobody types anything
inline constexpr std::chrono::minutes card_presentation_max{5};
inline constexpr std::size_t card_next_max = 1024;  // bytes; a longer one is forgotten

enum class CardPurpose : std::uint8_t {
    sign_in,        // the card alone
    second_factor,  // after a passphrase
    step_up,
    enrolment,
    workstation,  // to register one by its certificate
    recognition,  // of a workstation that was
};

[[nodiscard]] std::string_view to_text(CardPurpose purpose) noexcept;

struct CardQuestion {
    CardPurpose purpose;
    Bytes holder = {};      // what the answer has to come with besides the token: a flow, a session
    std::string next = {};  // the path to go on to
    std::string label = {};  // of what is to be bound
    std::string zone = {};   // of a workstation
};

struct CardAsked {
    crypto::Secret token;  // 32 bytes, for a cookie
    crypto::Secret code;   // 32 bytes, for the card host's address
};

// Attempts are counted against the source alone: a certificate can't be guessed, but looking at one
// costs. Refuses throttled "authn.throttled", denied "clock.behind". Writes authn.card_asked.
[[nodiscard]] Result<CardAsked> ask_for_card(
    store::Tx& tx,
    const Moment& moment,
    const Context& context,
    CardQuestion question,
    const audit::Actor& actor
);

// Uses the code up; what it gives is settle_card()'s. Refuses denied "card.code_refused" (unknown,
// used, over); authn.failure says so, of one source once a minute.
[[nodiscard]] Result<Bytes> redeem_card_code(
    store::Tx& tx,
    const Moment& moment,
    const Context& context,
    BytesView code,
    const audit::Where& where
);

struct CardSettled {
    CardPurpose purpose;
    std::string next;
    crypto::Secret code;  // 32 bytes, for the sign-in host's address
};

// A refusal goes back too, for whoever waits there. Writes authn.card_shown, or authn.failure with
// the refusal's reason. Refuses expired "card.over" where it took too long.
[[nodiscard]] Result<CardSettled> settle_card(
    store::Tx& tx,
    const Moment& moment,
    const Bytes& presentation,
    const Result<PresentedCard>& found,
    const audit::Where& where
);

// What a browser came back with.
struct CardAnswer {
    Bytes token;  // of its cookie
    Bytes code;   // of the address
};

struct TakenCard {
    PresentedCard card;
    std::string label;
    std::string zone;
};

// Ends the presentation, whatever comes of it. Refuses expired "card.over" (another browser's or
// flow's, another purpose's, used, too late; authn.failure says which, of one source once a
// minute), denied "card.not_accepted" (the certificate was refused, as recorded), "clock.behind".
[[nodiscard]] Result<TakenCard> take_card(
    store::Tx& tx,
    const Moment& moment,
    const Context& context,
    const CardAnswer& answer,
    CardPurpose purpose,
    BytesView holder,
    const audit::Where& where
);

// Forgets those that are over. For a job.
void sweep_card_presentations(store::Tx& tx, const Moment& moment);

}  // namespace sallyport::authn
