#include "domain/authn/recovery_code.h"

#include "base/core/bytes.h"
#include "base/core/fault.h"
#include "domain/audit/log.h"
#include "domain/authn/authenticator.h"
#include "domain/authn/authenticator_store.h"
#include "domain/authn/one_time_code.h"

namespace sallyport::authn {

using store::value;

namespace {

Bytes mac_of(const keys::KeyRing& keys, const AccountId& account, const crypto::Secret& canonical) {
    return mac_of_code(
        keys, keys::Purpose::recovery_code_mac, "recovery:" + account.text(), canonical
    );
}

void revoke_earlier(
    store::Tx& tx, const Moment& moment, const AccountId& account, const audit::Actor& actor
) {
    for (const auto& each : list_authenticators(tx, account)) {
        const bool earlier_set = each.kind == AuthenticatorKind::recovery_codes &&
                                 each.state != AuthenticatorState::revoked;
        if (!earlier_set) continue;
        const auto revoked =
            revoke_authenticator(tx, moment, each.id, RevokeCause::replaced, actor);
        if (!revoked) throw Fault("a listed authenticator could not be revoked");
    }
}

}  // namespace

std::vector<crypto::Secret> issue_recovery_codes(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const AccountId& account,
    const audit::Actor& actor
) {
    revoke_earlier(tx, moment, account, actor);
    const auto id = AuthenticatorId::fresh(moment.now, moment.random);
    const NewAuthenticator row{
        .id = id,
        .account = account,
        .kind = AuthenticatorKind::recovery_codes,
        .state = AuthenticatorState::active,
        .bound_by = std::nullopt,
        .source = "self",
    };
    insert_authenticator(tx, moment, row, actor);

    std::vector<crypto::Secret> codes;
    codes.reserve(recovery_code_count);
    for (int i = 0; i < recovery_code_count; ++i) {
        auto code = fresh_one_time_code();
        const auto canonical = read_one_time_code(as_text(code.expose()));
        tx.execute(
            "INSERT INTO recovery_code (mac, authenticator_id) VALUES (?, ?)",
            {mac_of(keys, account, canonical.value()), value(id)}
        );
        codes.push_back(std::move(code));
    }

    auto event =
        audit::event_by(actor, "recovery.code_issued", "issue", "account:" + account.text());
    event.fields = {
        {.name = "count", .value = std::int64_t{recovery_code_count}},
        {.name = "kind", .value = std::string("saved")},
    };
    audit::append(tx, moment, event);
    return codes;
}

Result<AuthenticatorId> use_recovery_code(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const AccountId& account,
    const crypto::Secret& canonical
) {
    const auto rows = tx.query(
        "SELECT c.authenticator_id, c.used_at FROM recovery_code c "
        "JOIN authenticator a ON a.id = c.authenticator_id "
        "WHERE c.mac = ? AND a.account_id = ? AND a.state = 'active' "
        "AND (a.expires_at IS NULL OR a.expires_at > ?)",
        {mac_of(keys, account, canonical), value(account), value(moment.now)}
    );
    if (rows.empty()) return refuse(Refusal::unauthenticated, "recovery_code.wrong");
    if (!rows.front().is_null(1)) {
        return refuse(Refusal::unauthenticated, "recovery_code.used");
    }
    tx.execute(
        "UPDATE recovery_code SET used_at = ? WHERE mac = ?",
        {value(moment.now), mac_of(keys, account, canonical)}
    );
    return rows.front().id<AuthenticatorId>(0);
}

}  // namespace sallyport::authn
