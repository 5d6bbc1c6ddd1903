#pragma once
// A person adds a smart card to their own account while signed in, by showing it once. Session,
// permission and step-up are the caller's. What it becomes, and how it is renamed, suspended,
// revoked, is every authenticator's (own_authenticators.h).

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/certificate/card_presentation.h"
#include "domain/authn/context.h"

#include <string_view>

namespace sallyport::authn {

class OwnCards {
public:
    // `context` must outlive it.
    explicit OwnCards(const Context& context) : context_(context) {}

    // `session`: the card has to come back in the same. Refuses invalid
    // "authenticator.label_malformed", conflict "authenticator.too_many", "identity.not_proofed",
    // not_found "account.unknown", and what ask_for_card() refuses. Writes cred.enrolment_started.
    [[nodiscard]] Result<CardAsked> begin(
        store::Tx& tx,
        const Moment& moment,
        const AccountId& account,
        const SessionId& session,
        std::string_view label,
        const audit::Actor& actor
    ) const;

    // Refuses what take_card() does, conflict "card.bound" (somebody's already, or was; or a
    // workstation's), and what begin() refuses. The authenticator ends with its certificate. Writes
    // cred.bound.
    [[nodiscard]] Result<AuthenticatorId> finish(
        store::Tx& tx,
        const Moment& moment,
        const AccountId& account,
        const SessionId& session,
        const CardAnswer& answer,
        const audit::Actor& actor
    ) const;

private:
    const Context& context_;
};

}  // namespace sallyport::authn
