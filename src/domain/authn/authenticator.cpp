#include "domain/authn/authenticator.h"

#include "base/core/fault.h"
#include "domain/audit/log.h"

#include <algorithm>
#include <array>

namespace sallyport::authn {

using store::value;

namespace {

constexpr std::array<std::string_view, 3> kind_texts = {"passphrase", "totp", "recovery_codes"};
constexpr std::array<std::string_view, 5> state_texts = {
    "issued", "bound", "active", "suspended", "revoked"
};
constexpr std::array<std::string_view, 5> cause_texts = {
    "lost", "compromised", "replaced", "account_closed", "admin"
};

template <class Enum, std::size_t Size>
Enum read(const std::array<std::string_view, Size>& texts, std::string_view text) {
    const auto found = std::ranges::find(texts, text);
    if (found == texts.end()) throw Fault("an authenticator row holds a word that is not known");
    return static_cast<Enum>(found - texts.begin());
}

constexpr std::string_view columns =
    "SELECT a.id, a.account_id, a.kind, a.state, a.bound_by, a.source, a.bound_at, "
    "a.last_used_at, a.revoked_at, "
    "(SELECT COUNT(*) FROM recovery_code c WHERE c.authenticator_id = a.id AND c.used_at IS NULL) "
    "FROM authenticator a ";

Authenticator read_row(const store::Row& row) {
    return {
        .id = row.id<AuthenticatorId>(0),
        .account = row.id<AccountId>(1),
        .kind = read<AuthenticatorKind>(kind_texts, row.text(2)),
        .state = read<AuthenticatorState>(state_texts, row.text(3)),
        .bound_by = row.maybe_id<AccountId>(4),
        .source = row.text(5),
        .bound_at = row.time(6),
        .last_used_at = row.maybe_time(7),
        .revoked_at = row.maybe_time(8),
        .left = row.integer(9),
    };
}

std::vector<Authenticator> select(
    store::Tx& tx, std::string_view condition, std::string parameter
) {
    const auto sql = std::string(columns) + std::string(condition) + " ORDER BY a.id";
    std::vector<Authenticator> found;
    for (const auto& row : tx.query(sql, {std::move(parameter)})) {
        found.push_back(read_row(row));
    }
    return found;
}

}  // namespace

std::string_view to_text(AuthenticatorKind kind) noexcept {
    return kind_texts[static_cast<std::size_t>(kind)];
}

std::string_view to_text(AuthenticatorState state) noexcept {
    return state_texts[static_cast<std::size_t>(state)];
}

std::string_view to_text(RevokeCause cause) noexcept {
    return cause_texts[static_cast<std::size_t>(cause)];
}

std::vector<Authenticator> list_authenticators(store::Tx& tx, const AccountId& account) {
    return select(tx, "WHERE a.account_id = ?", account.text());
}

std::optional<Authenticator> find_authenticator(store::Tx& tx, const AuthenticatorId& id) {
    auto found = select(tx, "WHERE a.id = ?", id.text());
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

Result<void> revoke_authenticator(
    store::Tx& tx,
    const Moment& moment,
    const AuthenticatorId& id,
    RevokeCause cause,
    const audit::Actor& actor
) {
    const auto found = find_authenticator(tx, id);
    if (!found) return refuse(Refusal::not_found, "authenticator.unknown");
    if (found->state == AuthenticatorState::revoked) {
        return refuse(Refusal::conflict, "authenticator.revoked");
    }
    tx.execute(
        "UPDATE authenticator SET state = 'revoked', revoked_at = ?, revoke_cause = ? "
        "WHERE id = ?",
        {value(moment.now), std::string(to_text(cause)), value(id)}
    );
    auto event =
        audit::event_by(actor, "cred.revoked", "revoke", "account:" + found->account.text());
    event.fields = {
        {.name = "authenticator_id", .value = id.text()},
        {.name = "type", .value = std::string(to_text(found->kind))},
        {.name = "cause", .value = std::string(to_text(cause))},
    };
    audit::append(tx, moment, event);
    return {};
}

std::int64_t revoke_all_authenticators(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    RevokeCause cause,
    const audit::Actor& actor
) {
    std::int64_t count = 0;
    for (const auto& each : list_authenticators(tx, account)) {
        if (revoke_authenticator(tx, moment, each.id, cause, actor)) ++count;
    }
    return count;
}

}  // namespace sallyport::authn
