#include "domain/authn/own_authenticators.h"

#include "domain/authn/authenticator_store.h"
#include "domain/authn/authn_events.h"
#include "domain/authn/badge/own_badges.h"
#include "domain/authn/means_to_sign_in.h"
#include "domain/authn/one_time_code.h"
#include "domain/authn/own_passphrase.h"
#include "domain/authn/person_notice.h"
#include "domain/authn/qr_svg.h"
#include "domain/authn/recovery_code.h"
#include "domain/authn/throttle.h"
#include "domain/authn/totp.h"
#include "domain/directory/account.h"

#include <algorithm>
#include <string>

namespace sallyport::authn {

using store::value;

namespace {

using crypto::Secret;

Result<Authenticator> own(store::Tx& tx, const AccountId& account, const AuthenticatorId& id) {
    auto found = find_authenticator(tx, id);
    if (!found || found->account != account) {
        return refuse(Refusal::not_found, "authenticator.unknown");
    }
    return *std::move(found);
}

// Whether the account could still sign in without this one.
Result<void> check_not_last(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const Authenticator& leaving,
    RecoveryCodes recovery_codes
) {
    const auto account = directory::find_account(tx, leaving.account);
    if (!account) return refuse(Refusal::not_found, "account.unknown");
    auto rest = list_authenticators(tx, leaving.account);
    const auto demanded = role_strength(policy, account->role);
    // Who has too little already may still give up what is of no use.
    if (!suffices(rest, demanded, moment.now, recovery_codes)) return {};
    std::erase_if(rest, [&](const Authenticator& each) { return each.id == leaving.id; });
    if (suffices(rest, demanded, moment.now, recovery_codes)) return {};
    return refuse(Refusal::conflict, "authenticator.last");
}

// Whoever signs in without a passphrase keeps two keys: with the last one lost there is no other
// way in but the help desk's.
Result<void> check_two_keys_left(
    store::Tx& tx, const Moment& moment, const policy::Policy& policy, const Authenticator& leaving
) {
    const auto account = directory::find_account(tx, leaving.account);
    if (!account) return refuse(Refusal::not_found, "account.unknown");
    auto rest = list_authenticators(tx, leaving.account);
    const bool has_passphrase = std::ranges::any_of(rest, [](const Authenticator& each) {
        return each.kind == AuthenticatorKind::passphrase &&
               each.state != AuthenticatorState::revoked;
    });
    if (has_passphrase) return {};
    const auto demanded = role_strength(policy, account->role);
    const auto before = keys_that_suffice_alone(rest, demanded, moment.now);
    std::erase_if(rest, [&](const Authenticator& each) { return each.id == leaving.id; });
    const auto after = keys_that_suffice_alone(rest, demanded, moment.now);
    if (after >= keys_without_passphrase_min || after == before) return {};
    return refuse(Refusal::conflict, "authenticator.needs_passphrase");
}

}  // namespace

Result<OwnAuthenticators::NewTotp> OwnAuthenticators::add_totp(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account_id,
    std::string_view label,
    const audit::Actor& actor
) const {
    SP_TRY(
        const auto issued,
        issue_authenticator(
            tx, moment, account_id, {.kind = AuthenticatorKind::totp, .label = label}, actor
        )
    );
    const auto& id = issued.id;
    const auto seed = Secret::random(totp_seed_size);
    const SeedRow sealed{
        .id = id,
        .sealed = context_.keys.seal(keys::Purpose::totp_seed, id.text(), seed.expose()),
        .algorithm = context_.totp.algorithm,
        .last_step = TotpStep::none,
    };
    insert_seed(tx, sealed, context_.keys.version());
    auto uri = otpauth_uri(seed, context_.issuer, issued.account.login_name.text(), context_.totp);
    auto svg = qr_svg(uri);
    return NewTotp{.id = id, .uri = std::move(uri), .text = seed_text(seed), .svg = std::move(svg)};
}

Result<void> OwnAuthenticators::confirm_totp(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    const AuthenticatorId& id,
    std::string_view typed,
    const audit::Actor& actor
) const {
    SP_TRY(const auto issued, own(tx, account, id));
    if (issued.state != AuthenticatorState::issued) {
        return refuse(Refusal::conflict, "authenticator.not_issued");
    }
    if (moment.now >= issued.bound_at + issued_max) {
        return refuse(Refusal::expired, "authenticator.issue_over");
    }
    const ThrottleSubject subject{
        .name = "enrolment:" + id.text(), .source = source_bucket(actor.where.source)
    };
    if (const auto blocked = charge(tx, moment, ThrottleKind::totp, subject)) {
        write_throttled(
            context_.repeats, tx, moment, actor, ThrottleKind::totp, subject.name, *blocked
        );
        return refuse(Refusal::throttled, "authn.throttled");
    }
    const auto row = find_seed(tx, id).value();
    const auto seed = context_.keys.unseal(keys::Purpose::totp_seed, id.text(), row.sealed);
    auto rules = context_.totp;
    rules.algorithm = row.algorithm;
    std::string code(typed.substr(0, one_time_code_text_max));
    std::erase(code, ' ');
    const auto step = verify_totp(seed, code, moment.now, row.last_step, rules);
    if (!step) {
        write_failure(tx, moment, actor, "enrolment", subject.name, step.error().reason);
        return std::unexpected(step.error());
    }
    settle(tx, moment, ThrottleKind::totp, subject);
    if (!spend_step(tx, id, *step)) return refuse(Refusal::unauthenticated, "totp.wrong");
    activate(tx, moment, issued, actor);
    notify(tx, moment, account, NoticeKind::authenticator_bound, issued.label);
    return {};
}

Result<void> OwnAuthenticators::rename(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    const AuthenticatorId& id,
    std::string_view label,
    const audit::Actor& actor
) const {
    SP_CHECK(own(tx, account, id));
    return rename_authenticator(tx, moment, id, label, actor);
}

Result<void> OwnAuthenticators::suspend(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const AccountId& account,
    const AuthenticatorId& id,
    const audit::Actor& actor
) const {
    SP_TRY(const auto leaving, own(tx, account, id));
    SP_CHECK(check_not_last(tx, moment, policy, leaving, RecoveryCodes::count));
    SP_CHECK(suspend_authenticator(tx, moment, id, actor));
    notify(tx, moment, account, NoticeKind::authenticator_suspended, leaving.label);
    return {};
}

Result<void> OwnAuthenticators::resume(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    const AuthenticatorId& id,
    const audit::Actor& actor
) const {
    SP_TRY(const auto found, own(tx, account, id));
    if (found.state == AuthenticatorState::suspended && found.suspended_by) {
        return refuse(Refusal::denied, "authenticator.suspended_by_administrator");
    }
    SP_CHECK(check_badge_resumable(tx, id));
    SP_CHECK(resume_authenticator(tx, moment, id, actor));
    notify(tx, moment, account, NoticeKind::authenticator_resumed, found.label);
    return {};
}

Result<void> OwnAuthenticators::revoke(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const AccountId& account,
    const AuthenticatorId& id,
    const audit::Actor& actor
) const {
    SP_TRY(const auto leaving, own(tx, account, id));
    SP_CHECK(check_not_last(tx, moment, policy, leaving, RecoveryCodes::do_not_count));
    SP_CHECK(check_two_keys_left(tx, moment, policy, leaving));
    SP_CHECK(revoke_authenticator(tx, moment, id, RevokeCause::replaced, actor));
    notify(tx, moment, account, NoticeKind::authenticator_revoked, leaving.label);
    return {};
}

std::vector<Secret> OwnAuthenticators::renew_recovery_codes(
    store::Tx& tx, const Moment& moment, const AccountId& account, const audit::Actor& actor
) const {
    auto codes = issue_recovery_codes(tx, moment, context_.keys, account, actor);
    notify(tx, moment, account, NoticeKind::recovery_codes_renewed, "Recovery codes");
    return codes;
}

void sweep_issued(store::Tx& tx, const Moment& moment) {
    const auto rows = tx.query(
        "SELECT id FROM authenticator WHERE state = 'issued' AND bound_at <= ? LIMIT 500",
        {value(moment.now - issued_max)}
    );
    for (const auto& row : rows) {
        forget_issued(tx, row.id<AuthenticatorId>(0));
    }
}

}  // namespace sallyport::authn
