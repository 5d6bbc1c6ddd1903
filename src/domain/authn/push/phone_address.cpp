#include "domain/authn/push/phone_address.h"

#include "domain/audit/log.h"
#include "domain/authn/authenticator.h"
#include "domain/authn/authn_events.h"
#include "domain/authn/push/push_store.h"
#include "domain/directory/account.h"

#include <string>

namespace sallyport::authn {

namespace {

void write_set(
    store::Tx& tx,
    const Moment& moment,
    const audit::Actor& actor,
    const AccountId& account,
    const AuthenticatorId& phone,
    std::string host
) {
    auto event =
        audit::event_by(actor, "cred.push_address_set", "set_address", "account:" + account.text());
    event.fields = {
        {.name = "authenticator_id", .value = phone.text()},
        {.name = "host", .value = std::move(host)},
    };
    audit::append(tx, moment, event);
}

}  // namespace

Result<void> set_phone_address(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    BytesView token,
    const PushSubscription& subscription,
    const audit::Where& where
) {
    const auto phone = find_phone(tx, token, moment.now);
    if (!phone) return refuse(Refusal::unauthenticated, "push.phone_unknown");
    set_subscription(tx, keys, phone->authenticator, &subscription);
    const auto account = directory::find_account(tx, phone->account).value();
    write_set(
        tx,
        moment,
        actor_of(account, where),
        account.id,
        phone->authenticator,
        subscription.endpoint.host
    );
    return {};
}

void drop_phone_address(
    store::Tx& tx, const Moment& moment, const keys::KeyRing& keys, const AuthenticatorId& phone
) {
    const auto found = find_authenticator(tx, phone);
    if (!found) return;
    set_subscription(tx, keys, phone, nullptr);
    write_set(tx, moment, audit::system_actor("push-sender"), found->account, phone, "none");
}

}  // namespace sallyport::authn
