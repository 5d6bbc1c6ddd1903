#include "domain/authn/push/own_phones.h"

#include "base/crypto/browser_key.h"
#include "domain/audit/log.h"
#include "domain/authn/authenticator_store.h"
#include "domain/authn/identity_proofing.h"
#include "domain/authn/own_authenticators.h"
#include "domain/authn/person_notice.h"
#include "domain/authn/push/push_statement.h"
#include "domain/authn/push/push_store.h"
#include "domain/directory/account.h"
#include "domain/directory/text_rules.h"

#include <string>

namespace sallyport::authn {

namespace {

using crypto::Secret;

constexpr std::size_t token_size = 32;

// Nobody foresees it, since nobody has the key; it needs no row, since an id is proven once.
Bytes challenge_of(const keys::KeyRing& keys, const AuthenticatorId& id) {
    const auto text = id.text();
    return keys.mac(keys::Purpose::push_enrolment, as_bytes(text));
}

Result<Authenticator> issued_phone(
    store::Tx& tx, const Moment& moment, const AccountId& account, const AuthenticatorId& id
) {
    auto found = find_authenticator(tx, id);
    if (!found || found->account != account) {
        return refuse(Refusal::not_found, "authenticator.unknown");
    }
    const bool open =
        found->state == AuthenticatorState::issued && found->kind == AuthenticatorKind::push;
    if (!open) return refuse(Refusal::conflict, "authenticator.not_issued");
    if (moment.now >= found->bound_at + issued_max) {
        return refuse(Refusal::expired, "authenticator.issue_over");
    }
    return *std::move(found);
}

void write_training(
    store::Tx& tx, const Moment& moment, const AccountId& account, const audit::Actor& actor
) {
    auto event =
        audit::event_by(actor, "training.acknowledged", "acknowledge", "account:" + account.text());
    event.fields = {
        {.name = "module", .value = std::string("push-bombing")},
        {.name = "version", .value = push_training_version},
    };
    audit::append(tx, moment, event);
}

}  // namespace

Result<OwnPhones::Begun> OwnPhones::begin(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account_id,
    std::string_view label,
    const audit::Actor& actor
) const {
    if (!directory::is_clean_text(label, 1, authenticator_label_max)) {
        return refuse(Refusal::invalid, "authenticator.label_malformed");
    }
    const auto account = directory::find_account(tx, account_id);
    if (!account) return refuse(Refusal::not_found, "account.unknown");
    SP_CHECK(require_identity_proofing(tx, account->person, account->role));
    std::size_t phones = 0;
    for (const auto& each : list_authenticators(tx, account_id)) {
        if (each.kind != AuthenticatorKind::push) continue;
        if (each.state == AuthenticatorState::issued) forget_issued(tx, each.id);
        const bool counts =
            each.state == AuthenticatorState::active || each.state == AuthenticatorState::suspended;
        phones += counts ? 1 : 0;
    }
    if (phones >= phones_max) return refuse(Refusal::conflict, "authenticator.too_many");

    const auto id = AuthenticatorId::fresh(moment.now, moment.random);
    const NewAuthenticator row{
        .id = id,
        .account = account_id,
        .kind = AuthenticatorKind::push,
        .state = AuthenticatorState::issued,
        .bound_by = std::nullopt,
        .source = "self",
        .label = std::string(label),
    };
    insert_authenticator(tx, moment, row, actor);
    auto event = audit::event_by(actor, "cred.issued", "issue", "account:" + account_id.text());
    event.fields = {
        {.name = "authenticator_id", .value = id.text()},
        {.name = "type", .value = std::string(to_text(AuthenticatorKind::push))},
    };
    audit::append(tx, moment, event);
    return Begun{.id = id, .challenge = challenge_of(context_.keys, id)};
}

Result<Secret> OwnPhones::finish(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    const AuthenticatorId& id,
    const NewPhone& phone,
    const audit::Actor& actor
) const {
    SP_TRY(const auto issued, issued_phone(tx, moment, account, id));
    if (phone.training_read != push_training_version) {
        return refuse(Refusal::conflict, "push.training_open");
    }
    SP_TRY(const auto key, read_phone_key(phone.public_key));
    const auto message = push_enrolment_message(id, challenge_of(context_.keys, id), phone.origin);
    if (!crypto::is_signed_by(key, message, phone.signature)) {
        return refuse(Refusal::unauthenticated, "push.signature_wrong");
    }
    // One key, one phone: else a revoked phone's key could come back under another name.
    if (is_phone_key_known(tx, phone.public_key)) {
        return refuse(Refusal::conflict, "push.key_known");
    }
    auto token = Secret::random(token_size);
    const PhoneRow row{.authenticator = id, .account = account, .public_key = phone.public_key};
    insert_phone(tx, context_.keys, row, token);
    write_training(tx, moment, account, actor);
    activate(tx, moment, issued, actor);
    notify(tx, moment, account, NoticeKind::authenticator_bound, issued.label);
    return token;
}

}  // namespace sallyport::authn
