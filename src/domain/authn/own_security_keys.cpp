#include "domain/authn/own_security_keys.h"

#include "domain/audit/log.h"
#include "domain/authn/authenticator_store.h"
#include "domain/authn/identity_proofing.h"
#include "domain/authn/person_notice.h"
#include "domain/authn/webauthn_challenge.h"
#include "domain/directory/account.h"
#include "domain/directory/text_rules.h"

namespace sallyport::authn {

namespace {

// Whom it is for, if they may have another.
Result<directory::Account> fit_account(
    store::Tx& tx, const Moment& moment, const AccountId& account_id
) {
    auto account = directory::find_account(tx, account_id);
    if (!account) return refuse(Refusal::not_found, "account.unknown");
    SP_CHECK(require_identity_proofing(tx, account->person, account->role));
    if (usable_security_keys(tx, account_id, moment.now).size() >= security_keys_max) {
        return refuse(Refusal::conflict, "authenticator.too_many");
    }
    return *std::move(account);
}

}  // namespace

Result<KeyCreation> OwnSecurityKeys::begin(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const Asking& asking,
    const audit::Actor& actor
) const {
    SP_TRY(const auto account, fit_account(tx, moment, asking.account));
    auto event =
        audit::event_by(actor, "cred.enrolment_started", "enrol", "account:" + account.id.text());
    event.fields = {{.name = "type", .value = std::string(to_text(AuthenticatorKind::webauthn))}};
    audit::append(tx, moment, event);
    return KeyCreation{
        .challenge =
            make_challenge(context_.keys, moment, ChallengePurpose::registration, asking.holder),
        .user_handle = user_handle_of(tx, account.id),
        .login_name = account.login_name.text(),
        .display_name = account.display_name,
        .exclude = usable_security_keys(tx, account.id, moment.now),
        .rules = key_demand(policy, account.role).rules,
    };
}

Result<AcceptedKey> OwnSecurityKeys::finish(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const Asking& asking,
    std::string_view label,
    const NewKey& key,
    const audit::Actor& actor
) const {
    if (!directory::is_clean_text(label, 1, authenticator_label_max)) {
        return refuse(Refusal::invalid, "authenticator.label_malformed");
    }
    SP_TRY(const auto account, fit_account(tx, moment, asking.account));
    // One that opens nothing for its role is not added: nobody would be told why, later.
    SP_TRY(
        const auto registered,
        accept_new_key(
            tx, moment, context_, key_demand(policy, account.role), asking.holder, key, actor
        )
    );
    const auto id = AuthenticatorId::fresh(moment.now, moment.random);
    const NewAuthenticator row{
        .id = id,
        .account = account.id,
        .kind = AuthenticatorKind::webauthn,
        .state = AuthenticatorState::active,
        .bound_by = std::nullopt,
        .source = "self",
        .label = std::string(label),
        .serial = webauthn::to_text(registered.aaguid),
    };
    insert_authenticator(tx, moment, row, actor);
    insert_security_key(tx, id, registered, key.transports);
    notify(tx, moment, account.id, NoticeKind::authenticator_bound, label);
    return AcceptedKey{
        .id = id,
        .account = account.id,
        .user_verified = registered.user_verified,
        .device_bound = !registered.backup_eligible,
    };
}

}  // namespace sallyport::authn
