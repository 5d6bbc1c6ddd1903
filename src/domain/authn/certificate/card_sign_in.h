#pragma once
// Sign-in with a smart card and nothing else: the certificate says who it is, and where the
// operator vouches that the card asks for its PIN, that is the other factor. (After a passphrase:
// SignIn::submit_card().)

#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/authentication_proof.h"
#include "domain/authn/certificate/card_presentation.h"
#include "domain/authn/context.h"

namespace sallyport::authn {

class CardSignIn {
public:
    // `context` must outlive it.
    explicit CardSignIn(const Context& context) : context_(context) {}

    // Refuses what ask_for_card() does.
    [[nodiscard]] Result<CardAsked> ask(
        store::Tx& tx, const Moment& moment, std::string next, const audit::Actor& actor
    ) const;

    // Refuses what take_card() does, denied "card.not_accepted" (nobody's, suspended, run out, or
    // of an account that is not active: authn.failure says which), "authn.too_weak".
    [[nodiscard]] Result<AuthenticationProof> submit(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        const CardAnswer& answer,
        const audit::Where& where
    ) const;

private:
    const Context& context_;
};

}  // namespace sallyport::authn
