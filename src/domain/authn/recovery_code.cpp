#include "domain/authn/recovery_code.h"

#include "base/core/bytes.h"
#include "base/core/fault.h"
#include "domain/audit/log.h"
#include "domain/authn/authenticator.h"
#include "domain/authn/authenticator_store.h"
#include "domain/authn/one_time_code.h"

#include <string>

namespace sallyport::authn {

using store::value;

namespace {

Result<AuthenticatorId> find_by_mac(
    store::Tx& tx, const Moment& moment, const std::string& account, const Bytes& mac
) {
    const auto rows = tx.query(
        "SELECT c.authenticator_id, c.used_at FROM recovery_code c "
        "JOIN authenticator a ON a.id = c.authenticator_id "
        "WHERE c.mac = ? AND a.account_id = ? AND a.state = 'active' "
        "AND (a.expires_at IS NULL OR a.expires_at > ?)",
        {mac, account, value(moment.now)}
    );
    if (rows.empty()) return refuse(Refusal::unauthenticated, "recovery_code.wrong");
    if (!rows.front().is_null(1)) {
        return refuse(Refusal::unauthenticated, "recovery_code.used");
    }
    return rows.front().id<AuthenticatorId>(0);
}

Bytes mac_for(
    const keys::KeyRing& keys, const std::string& account, const crypto::Secret& canonical
) {
    return mac_of_code(keys, keys::Purpose::recovery_code_mac, "recovery:" + account, canonical);
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
            {mac_of_recovery_code(keys, account, canonical.value()), value(id)}
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

bool is_by_recovery_code(const audit::Factor& factor) noexcept {
    return factor.amr.ends_with(recovery_code_amr);
}

Bytes mac_of_recovery_code(
    const keys::KeyRing& keys, const AccountId& account, const crypto::Secret& canonical
) {
    return mac_for(keys, account.text(), canonical);
}

Result<AuthenticatorId> find_recovery_code(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const std::optional<AccountId>& account,
    const crypto::Secret& canonical
) {
    const auto whose = account ? account->text() : std::string("nobody");
    return find_by_mac(tx, moment, whose, mac_for(keys, whose, canonical));
}

Result<AuthenticatorId> spend_recovery_code(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    const Bytes& mac,
    const audit::Actor& holder
) {
    SP_TRY(const auto id, find_by_mac(tx, moment, account.text(), mac));
    tx.execute("UPDATE recovery_code SET used_at = ? WHERE mac = ?", {value(moment.now), mac});
    note_used(tx, id, moment.now);
    auto event =
        audit::event_by(holder, "cred.recovery_code_used", "use", "account:" + account.text());
    const auto set = find_authenticator(tx, id);
    event.fields = {
        {.name = "authenticator_id", .value = id.text()},
        {.name = "left", .value = set ? set->left : 0},
    };
    audit::append(tx, moment, event);
    return id;
}

}  // namespace sallyport::authn
