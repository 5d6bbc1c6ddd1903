#include "domain/authn/certificate/card_sign_in.h"

#include "domain/audit/log.h"
#include "domain/authn/authn_events.h"
#include "domain/authn/certificate/bound_card.h"
#include "domain/authn/proof_maker.h"
#include "domain/directory/account.h"

#include <string>
#include <utility>

namespace sallyport::authn {

Result<CardAsked> CardSignIn::ask(
    store::Tx& tx, const Moment& moment, std::string next, const audit::Actor& actor
) const {
    CardQuestion question{.purpose = CardPurpose::sign_in, .next = std::move(next)};
    return ask_for_card(tx, moment, context_, std::move(question), actor);
}

Result<AuthenticationProof> CardSignIn::submit(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const CardAnswer& answer,
    const audit::Where& where
) const {
    SP_TRY(
        const auto taken, take_card(tx, moment, context_, answer, CardPurpose::sign_in, {}, where)
    );
    const auto accepted = accept_bound_card(tx, moment, taken.card, std::nullopt);
    if (!accepted) {
        const auto nobody = actor_trying(tx, std::nullopt, where, ThrottleKind::certificate);
        const auto shown = "certificate:" + to_hex(taken.card.fingerprint);
        write_failure(tx, moment, nobody, "factor1", shown, accepted.error().reason);
        return refuse(Refusal::denied, "card.not_accepted", "nobody's, or not usable");
    }
    const auto account = directory::find_account(tx, accepted->account);
    const auto subject = "account:" + accepted->account.text();
    const auto actor = actor_trying(tx, account, where, ThrottleKind::certificate);
    if (!account || account->state != directory::AccountState::active) {
        write_failure(tx, moment, actor, "factor1", subject, "account.not_active");
        return refuse(Refusal::denied, "card.not_accepted", "account.not_active");
    }
    const auto strength = accepted->strength_alone();
    if (strength < role_strength(policy, account->role)) {
        write_failure(tx, moment, actor, "factor1", subject, "authn.too_weak");
        return refuse(Refusal::denied, "authn.too_weak");
    }
    auto factor = factor_of(*accepted);
    if (!accepted->pin_asked) factor.aal = 1;
    return ProofMaker::make(account->id, strength, factor, moment.now);
}

}  // namespace sallyport::authn
