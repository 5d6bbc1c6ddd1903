// The sign-in's second form (sign_in.h) answered with a smart card.

#include "base/crypto/crypto.h"
#include "domain/authn/certificate/bound_card.h"
#include "domain/authn/certificate/card_presentation.h"
#include "domain/authn/sign_in.h"

#include <utility>

namespace sallyport::authn {

namespace {

// What the presentation belongs to.
Bytes flow_of(BytesView token) {
    const auto digest = crypto::sha256(token);
    return {digest.begin(), digest.end()};
}

}  // namespace

Result<CardAsked> SignIn::ask_card(
    store::Tx& tx,
    const Moment& moment,
    BytesView token,
    std::string next,
    const audit::Actor& actor
) const {
    CardQuestion question{
        .purpose = CardPurpose::second_factor, .holder = flow_of(token), .next = std::move(next)
    };
    return ask_for_card(tx, moment, context_, std::move(question), actor);
}

Result<AuthenticationProof> SignIn::submit_card(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    BytesView token,
    const CardAnswer& answer,
    const audit::Where& where
) const {
    SP_TRY(
        const auto taken,
        take_card(tx, moment, context_, answer, CardPurpose::second_factor, flow_of(token), where)
    );
    const auto accept = [&](const std::optional<AccountId>& account) {
        return accept_bound_card(tx, moment, taken.card, account);
    };
    const SecondForm form{
        .kind = ThrottleKind::certificate,
        .accept = [&](const directory::Account& account) -> Result<Second> {
            SP_TRY(const auto accepted, accept(account.id));
            return Second{.strength = accepted.strength(), .factor = factor_of(accepted)};
        },
        // Whose card it is, is nobody's business here: only the question is asked.
        .look_in_vain = [&] { (void)is_bound(tx, taken.card); },
    };
    SP_TRY(const auto right, second_form(tx, moment, policy, token, form, where));
    return admit(tx, moment, policy, form, right, where);
}

}  // namespace sallyport::authn
