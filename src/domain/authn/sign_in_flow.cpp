#include "domain/authn/sign_in_flow.h"

#include "base/crypto/secret.h"
#include "domain/audit/log.h"
#include "domain/authn/authenticator_store.h"
#include "domain/authn/authn_events.h"
#include "domain/authn/compromised_passphrase.h"
#include "domain/authn/sign_in.h"

#include <chrono>

namespace sallyport::authn {

using directory::Account;
using store::value;

namespace {

constexpr std::size_t token_size = 32;

}  // namespace

Bytes digest_of_token(BytesView token) {
    const auto digest = crypto::sha256(token);
    return {digest.begin(), digest.end()};
}

std::optional<Flow> find_flow(store::Tx& tx, BytesView token, std::string_view stage) {
    const auto rows = tx.query(
        "SELECT subject, account_id, passphrase_id, first_factor_right, by_mail, ends_at "
        "FROM sign_in WHERE token_digest = ? AND stage = ?",
        {digest_of_token(token), std::string(stage)}
    );
    if (rows.empty()) return std::nullopt;
    const auto& row = rows.front();
    return Flow{
        .subject = row.text(0),
        .account = row.maybe_id<AccountId>(1),
        .passphrase = row.maybe_id<AuthenticatorId>(2),
        .first_factor_right = row.integer(3) != 0,
        .by_mail = row.integer(4) != 0,
        .ends_at = row.time(5),
    };
}

void advance(store::Tx& tx, BytesView token, std::string_view stage, bool first_factor_right) {
    tx.execute(
        "UPDATE sign_in SET stage = ?, first_factor_right = ? WHERE token_digest = ?",
        {std::string(stage), std::int64_t{first_factor_right}, digest_of_token(token)}
    );
}

std::optional<Account> account_of(store::Tx& tx, const Flow& flow) {
    if (!flow.account) return std::nullopt;
    return directory::find_account(tx, *flow.account);
}

Result<Flow> require_flow(
    store::Tx& tx,
    const Moment& moment,
    BytesView token,
    std::string_view stage,
    const audit::Where& where
) {
    auto flow = find_flow(tx, token, stage);
    if (!flow) return refuse(Refusal::expired, "authn.flow_over");
    if (moment.now >= flow->ends_at) {
        advance(tx, token, "over", false);
        const auto kind = stage == "passphrase" ? ThrottleKind::passphrase : ThrottleKind::totp;
        const auto actor = actor_trying(tx, account_of(tx, *flow), where, kind);
        write_failure(tx, moment, actor, std::string(stage), flow->subject, "authn.flow_over");
        return refuse(Refusal::expired, "authn.flow_over");
    }
    return *std::move(flow);
}

crypto::Secret begin_after_mail(store::Tx& tx, const Moment& moment, const AccountId& account) {
    auto token = crypto::Secret::random(token_size);
    tx.execute(
        "INSERT INTO sign_in (token_digest, stage, subject, account_id, first_factor_right, "
        "by_mail, ends_at) VALUES (?, 'code', ?, ?, 1, 1, ?)",
        {digest_of_token(token.expose()),
         "account:" + account.text(),
         value(account),
         value(moment.now + sign_in_max)}
    );
    return token;
}

std::string_view fault_of_first_factor(store::Tx& tx, const Flow& flow) {
    if (!flow.by_mail) {
        const bool there = flow.passphrase && is_active(tx, *flow.passphrase);
        return there ? "" : "passphrase.none";
    }
    const bool due = flow.account && passphrase_change_due(tx, *flow.account);
    return due ? "" : "recovery.over";
}

audit::Factor after_first(const Flow& flow, audit::Factor second) {
    second.amr = (flow.by_mail ? "mail+" : "pwd+") + second.amr;
    const auto first = flow.passphrase ? flow.passphrase->text() : std::string("mail");
    second.authenticator_id = first + "+" + second.authenticator_id;
    return second;
}

ThrottleSubject subject_of_flow(
    const Context& context,
    const policy::Policy& policy,
    const Flow& flow,
    const std::optional<Account>& account,
    const audit::Where& where
) {
    // The log's subject of a name that somebody has is the account.
    const auto typed = account ? name_of(context.keys, account->login_name.text()) : flow.subject;
    const auto id = account ? std::optional(account->id) : std::nullopt;
    return subject_of_name(context.keys, typed, id, where, source_class(policy, where));
}

std::string refusal_text(const Blocked& blocked) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(blocked.wait).count();
    return "retry after " + std::to_string(seconds) + " s";
}

}  // namespace sallyport::authn
