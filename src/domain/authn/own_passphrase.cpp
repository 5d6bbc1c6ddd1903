#include "domain/authn/own_passphrase.h"

#include "domain/audit/log.h"
#include "domain/authn/authenticator_store.h"
#include "domain/authn/means_to_sign_in.h"
#include "domain/authn/person_notice.h"
#include "domain/directory/account.h"

namespace sallyport::authn {

using store::value;

namespace {

std::string object_of(const AccountId& account) {
    return "account:" + account.text();
}

// Whatever of the account's passphrases could still be guessed at or lead anywhere.
void forget_all(store::Tx& tx, const AccountId& account) {
    tx.execute(
        "DELETE FROM passphrase_verifier WHERE authenticator_id IN "
        "(SELECT id FROM authenticator WHERE account_id = ? AND kind = 'passphrase')",
        {value(account)}
    );
    tx.execute("DELETE FROM passphrase_change WHERE account_id = ?", {value(account)});
    tx.execute("DELETE FROM key_rebinding WHERE account_id = ?", {value(account)});
    tx.execute("DELETE FROM second_factor_due WHERE account_id = ?", {value(account)});
}

// Revokes those that are not revoked; returns how many.
Result<std::size_t> revoke_earlier(
    store::Tx& tx, const Moment& moment, const AccountId& account, const audit::Actor& actor
) {
    std::size_t count = 0;
    for (const auto& each : list_authenticators(tx, account)) {
        const bool earlier =
            each.kind == AuthenticatorKind::passphrase && each.state != AuthenticatorState::revoked;
        if (!earlier) continue;
        SP_CHECK(revoke_authenticator(tx, moment, each.id, RevokeCause::replaced, actor));
        ++count;
    }
    return count;
}

}  // namespace

Result<void> OwnPassphrase::remove(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const AccountId& account_id,
    const audit::Actor& actor
) const {
    const auto account = directory::find_account(tx, account_id);
    if (!account) return refuse(Refusal::not_found, "account.unknown");
    if (!active_passphrase(tx, account_id)) return refuse(Refusal::conflict, "passphrase.none");
    const auto keys = keys_that_suffice_alone(
        list_authenticators(tx, account_id), role_strength(policy, account->role), moment.now
    );
    if (keys < keys_without_passphrase_min) {
        return refuse(Refusal::conflict, "passphrase.too_few_keys");
    }
    SP_CHECK(revoke_earlier(tx, moment, account_id, actor));
    forget_all(tx, account_id);
    auto event = audit::event_by(actor, "cred.passphrase_removed", "remove", object_of(account_id));
    event.fields = {{.name = "keys", .value = static_cast<std::int64_t>(keys)}};
    audit::append(tx, moment, event);
    notify(tx, moment, account_id, NoticeKind::authenticator_revoked, "Passphrase");
    return {};
}

Result<Enrolment> OwnPassphrase::find(
    store::Tx& tx, const Moment& moment, const policy::Policy& policy, const AccountId& account_id
) const {
    const auto account = directory::find_account(tx, account_id);
    if (!account) return refuse(Refusal::not_found, "account.unknown");
    return Enrolment{
        .kind = EnrolmentKind::reset,
        .stage = EnrolmentStage::passphrase,
        .account = account->id,
        .login_name = account->login_name.text(),
        .display_name = account->display_name,
        .role = account->role,
        .strength = role_strength(policy, account->role),
        .ends_at = moment.now + enrolment_max,
    };
}

Result<std::string> OwnPassphrase::make_passphrase_verifier(
    const Enrolment& person, const crypto::Secret& typed
) const {
    return Enrolling(context_).make_passphrase_verifier(person, typed);
}

Result<void> OwnPassphrase::set(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account_id,
    const std::string& verifier,
    const audit::Actor& actor
) const {
    const auto account = directory::find_account(tx, account_id);
    if (!account || account->state != directory::AccountState::active) {
        return refuse(Refusal::denied, "account.not_active");
    }
    SP_CHECK(revoke_earlier(tx, moment, account_id, actor));
    forget_all(tx, account_id);
    const auto fresh = AuthenticatorId::fresh(moment.now, moment.random);
    const NewAuthenticator wanted{
        .id = fresh,
        .account = account_id,
        .kind = AuthenticatorKind::passphrase,
        .state = AuthenticatorState::active,
        .bound_by = std::nullopt,
        .source = "self",
    };
    insert_authenticator(tx, moment, wanted, actor);
    insert_verifier(tx, fresh, verifier);
    auto event = audit::event_by(actor, "cred.password_changed", "change", object_of(account_id));
    event.fields = {
        {.name = "by", .value = std::string("self")},
        {.name = "cause", .value = std::string("wanted")},
    };
    audit::append(tx, moment, event);
    notify(tx, moment, account_id, NoticeKind::authenticator_bound, "Passphrase");
    return {};
}

}  // namespace sallyport::authn
