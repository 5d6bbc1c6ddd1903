#include "domain/authn/bootstrap.h"

#include "base/core/bytes.h"
#include "domain/audit/log.h"
#include "domain/authn/bootstrap_store.h"
#include "domain/authn/one_time_code.h"
#include "domain/directory/account.h"

namespace sallyport::authn {

using store::value;

namespace {

Bytes mac_of_bootstrap(const keys::KeyRing& keys, const crypto::Secret& canonical) {
    return mac_of_code(keys, keys::Purpose::ticket_mac, "bootstrap", canonical);
}

}  // namespace

bool any_account(store::Tx& tx) {
    return !directory::list_accounts(tx, {.count_max = 1}).empty();
}

Result<BootstrapCode> create_bootstrap_code(
    store::Tx& tx, const Moment& moment, const keys::KeyRing& keys
) {
    if (any_account(tx)) return refuse(Refusal::conflict, "bootstrap.not_first");
    tx.execute("DELETE FROM bootstrap_code");
    tx.execute("DELETE FROM enrolment WHERE kind = 'bootstrap'");

    BootstrapCode made{
        .code = fresh_one_time_code(),
        .ends_at = moment.now + bootstrap_code_life,
    };
    const auto canonical = read_one_time_code(as_text(made.code.expose()));
    tx.execute(
        "INSERT INTO bootstrap_code (code_mac, ends_at) VALUES (?, ?)",
        {mac_of_bootstrap(keys, canonical.value()), value(made.ends_at)}
    );
    auto event = audit::event_by(
        audit::system_actor("bootstrap"), "bootstrap.opened", "open", "server:" + moment.node
    );
    event.fields = {{.name = "until", .value = sallyport::to_text(made.ends_at)}};
    audit::append(tx, moment, event);
    return made;
}

Result<void> use_bootstrap_code(
    store::Tx& tx, const Moment& moment, const keys::KeyRing& keys, const crypto::Secret& canonical
) {
    const auto mac = mac_of_bootstrap(keys, canonical);
    const auto rows =
        tx.query("SELECT ends_at, used_at FROM bootstrap_code WHERE code_mac = ?", {mac});
    if (rows.empty()) return refuse(Refusal::denied, "bootstrap.unknown");
    if (!rows.front().is_null(1)) return refuse(Refusal::denied, "bootstrap.used");
    if (moment.now >= rows.front().time(0)) return refuse(Refusal::denied, "bootstrap.expired");
    if (any_account(tx)) return refuse(Refusal::denied, "bootstrap.not_first");
    tx.execute(
        "UPDATE bootstrap_code SET used_at = ? WHERE code_mac = ?", {value(moment.now), mac}
    );
    return {};
}

}  // namespace sallyport::authn
