#pragma once
// Which account a certificate signs in: the one that it was bound to by showing it once. Names in a
// certificate map nobody here. One certificate is one account's for ever, so one person's.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/certificate/presented_card.h"
#include "domain/policy/strength.h"

#include <cstddef>
#include <optional>

namespace sallyport::authn {

inline constexpr std::size_t cards_max = 8;  // usable ones of one account

struct AcceptedCard {
    AuthenticatorId id;
    AccountId account;
    bool key_in_hardware;
    bool pin_asked;

    // Beside a passphrase.
    [[nodiscard]] policy::Strength strength() const noexcept {
        return key_in_hardware ? policy::Strength::device_bound
                               : policy::Strength::phishing_resistant;
    }

    // Alone: a card that asks for no PIN is possession only, whoever holds it.
    [[nodiscard]] policy::Strength strength_alone() const noexcept {
        return pin_asked ? strength() : policy::Strength::one_factor;
    }
};

// As the log tells it, by RFC 8176 §2: "sc" where the operator vouches that the key lives in a
// card, else "pop" (a key was shown to be held), with "+pin" where the card asks for it. TLS binds
// the answer to the card host, so it resists phishing in any case.
[[nodiscard]] audit::Factor factor_of(const AcceptedCard& card);

// `account`: whose it has to be; none: whoever's it is. Keeps last use and what the operator says
// of key and PIN now. Refuses, for the log and not for the person, unauthenticated "card.unknown"
// (bound to nobody, or another account's, or not usable at that time).
[[nodiscard]] Result<AcceptedCard> accept_bound_card(
    store::Tx& tx,
    const Moment& moment,
    const PresentedCard& card,
    const std::optional<AccountId>& account
);

// Whether certificate or key are anybody's, a person's or a workstation's, in whatever state.
[[nodiscard]] bool is_bound(store::Tx& tx, const PresentedCard& card);
// Of an authenticator that was inserted before.
void insert_card(store::Tx& tx, const AuthenticatorId& authenticator, const PresentedCard& card);
[[nodiscard]] std::size_t count_usable_cards(store::Tx& tx, const AccountId& account, Time now);

}  // namespace sallyport::authn
