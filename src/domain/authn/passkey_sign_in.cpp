#include "domain/authn/passkey_sign_in.h"

#include "domain/audit/log.h"
#include "domain/authn/authn_events.h"
#include "domain/authn/proof_maker.h"
#include "domain/directory/account.h"

#include <string>

namespace sallyport::authn {

namespace {

// Why nobody is let in, for the log.
struct Failure {
    std::string reason;
    std::string subject = "key";
};

std::unexpected<Refusal> refused(const Failure& failure) {
    return refuse(Refusal::unauthenticated, "authn.refused", failure.reason);
}

}  // namespace

Bytes PasskeySignIn::offer(const Moment& moment, BytesView browser) const {
    return make_challenge(context_.keys, moment, ChallengePurpose::sign_in, browser);
}

Result<AuthenticationProof> PasskeySignIn::submit(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    BytesView browser,
    const KeyAnswer& answer,
    const audit::Where& where
) const {
    if (moment.clock == ClockState::behind) return refuse(Refusal::denied, "clock.behind");
    const ThrottleSubject source{.name = {}, .source = source_bucket(where.source)};
    const auto nobody = actor_trying(tx, std::nullopt, where, ThrottleKind::webauthn);
    if (const auto blocked = charge(tx, moment, ThrottleKind::webauthn, source)) {
        write_throttled(
            context_.repeats, tx, moment, nobody, ThrottleKind::webauthn, source.name, *blocked
        );
        return refuse(Refusal::throttled, "authn.throttled");
    }
    const KeyQuestion question{
        .purpose = ChallengePurpose::sign_in,
        .holder = browser,
        .account = std::nullopt,
        .user_verification = true,
    };
    const auto accepted = accept_security_key(tx, moment, context_, question, answer);
    if (!accepted) {
        const Failure failure{.reason = std::string(accepted.error().reason)};
        write_failure(tx, moment, nobody, "factor1", failure.subject, failure.reason);
        return refused(failure);
    }
    const auto account = directory::find_account(tx, accepted->account);
    if (!account || account->state != directory::AccountState::active) {
        const Failure failure{
            .reason = "account.not_active", .subject = "account:" + accepted->account.text()
        };
        const auto actor = actor_trying(tx, account, where, ThrottleKind::webauthn);
        write_failure(tx, moment, actor, "factor1", failure.subject, failure.reason);
        return refused(failure);
    }

    if (accepted->strength() < role_strength(policy, account->role)) {
        const auto actor = actor_trying(tx, account, where, ThrottleKind::webauthn);
        write_failure(
            tx, moment, actor, "factor1", "account:" + account->id.text(), "authn.too_weak"
        );
        return refuse(Refusal::denied, "authn.too_weak");
    }

    settle(tx, moment, ThrottleKind::webauthn, source);
    const auto factor = factor_of(*accepted);
    return ProofMaker::make(account->id, accepted->strength(), factor, moment.now);
}

}  // namespace sallyport::authn
