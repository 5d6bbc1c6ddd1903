#include "domain/authn/push/own_phones.h"

#include "base/crypto/browser_key.h"
#include "domain/audit/log.h"
#include "domain/authn/authenticator_store.h"
#include "domain/authn/issued_authenticator.h"
#include "domain/authn/person_notice.h"
#include "domain/authn/push/push_statement.h"
#include "domain/authn/push/push_store.h"

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
    SP_TRY(
        const auto issued,
        issue_authenticator(
            tx,
            moment,
            account_id,
            {.kind = AuthenticatorKind::push, .label = label, .of_kind_max = phones_max},
            actor
        )
    );
    return Begun{.id = issued.id, .challenge = challenge_of(context_.keys, issued.id)};
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
