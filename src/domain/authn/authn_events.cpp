#include "domain/authn/authn_events.h"

#include "domain/audit/log.h"
#include "domain/authn/authenticator.h"

namespace sallyport::authn {

namespace {

struct Tried {
    AuthenticatorKind authenticator;
    std::string_view amr;
};

// Of the codes that are counted as tickets, only recovery codes are tried behind a name.
Tried tried_by(ThrottleKind kind) {
    switch (kind) {
        case ThrottleKind::passphrase:
            return {AuthenticatorKind::passphrase, "pwd"};
        case ThrottleKind::webauthn:
            return {AuthenticatorKind::webauthn, "hwk"};
        case ThrottleKind::certificate:
            return {AuthenticatorKind::certificate, "sc"};
        case ThrottleKind::ticket:
            return {AuthenticatorKind::recovery_codes, "recovery"};
        case ThrottleKind::totp:
            break;
    }
    return {AuthenticatorKind::totp, "otp"};
}

}  // namespace

audit::Actor actor_of(const directory::Account& account, const audit::Where& where) {
    return {
        .who =
            {.person = account.person,
             .account = account.id,
             .account_name = account.login_name.text(),
             .role = account.role,
             .system = {}},
        .where = where,
        .factor = std::nullopt,
        .session = std::nullopt,
    };
}

audit::Actor actor_of(const std::optional<directory::Account>& account, const audit::Where& where) {
    if (account) return actor_of(*account, where);
    return {.who = {}, .where = where, .factor = std::nullopt, .session = std::nullopt};
}

audit::Actor actor_trying(
    store::Tx& tx,
    const std::optional<directory::Account>& account,
    const audit::Where& where,
    ThrottleKind kind
) {
    auto actor = actor_of(account, where);
    const auto tried = tried_by(kind);
    // Asked in vain for a name that nobody has, so that it takes as long.
    const auto rows = tx.query(
        "SELECT id FROM authenticator WHERE account_id = ? AND kind = ? AND state = 'active' "
        "ORDER BY bound_at DESC LIMIT 1",
        {account ? store::value(account->id) : store::Value(std::string()),
         std::string(to_text(tried.authenticator))}
    );
    if (!account) return actor;
    actor.factor = audit::Factor{
        .amr = std::string(tried.amr),
        .aal = 0,
        .authenticator_id = rows.empty() ? "none" : rows.front().text(0),
        .phishing_resistant = false,
        .age = Duration(0),
    };
    return actor;
}

void write_throttled(
    const audit::Repeats& repeats,
    store::Tx& tx,
    const Moment& moment,
    const audit::Actor& actor,
    ThrottleKind kind,
    const std::string& subject,
    const Blocked& blocked
) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(blocked.wait).count();
    auto event = audit::event_by(
        actor, "authn.throttled", "authenticate", subject.empty() ? "source" : subject
    );
    event.outcome = audit::Outcome::refused;
    event.reason = blocked.for_good ? "authn.locked" : "authn.throttled";
    event.fields = {
        {.name = "rule",
         .value = std::string(to_text(kind)) + (blocked.by_source ? ".source" : ".account")},
        {.name = "retry_after_s", .value = std::int64_t{seconds}},
    };
    // A name has to be tried before it is slowed down, which is counted against the source: so few
    // names of one source get here, but any number once the source itself is slowed down.
    const auto rule = std::get<std::string>(event.fields.front().value);
    auto source = source_bucket(actor.where.source);
    if (!blocked.by_source) source += ' ' + subject;
    repeats.append(tx, moment, event, rule, source);
}

void write_failure(
    store::Tx& tx,
    const Moment& moment,
    const audit::Actor& actor,
    std::string_view stage,
    const std::string& subject,
    std::string_view reason
) {
    auto event = audit::event_by(actor, "authn.failure", "authenticate", subject);
    event.outcome = audit::Outcome::refused;
    event.reason = reason;
    event.fields = {{.name = "stage", .value = std::string(stage)}};
    audit::append(tx, moment, event);
}

void write_change_required(
    store::Tx& tx,
    const Moment& moment,
    const AuthenticationProof& proof,
    std::string_view what,
    const audit::Where& where
) {
    auto event = audit::event_by(
        actor_of(directory::find_account(tx, proof.account()), where),
        "cred.change_required",
        "require_change",
        "account:" + proof.account().text()
    );
    event.factor = proof.factor();
    event.fields = {{.name = "what", .value = std::string(what)}};
    audit::append(tx, moment, event);
}

void note_if_stopped(
    store::Tx& tx,
    const Moment& moment,
    ThrottleKind kind,
    const ThrottleSubject& subject,
    const directory::Account& account,
    const audit::Where& where
) {
    if (account.state != directory::AccountState::active) return;
    if (!is_stopped(tx, kind, subject)) return;
    auto event = audit::event_by(
        actor_trying(tx, account, where, kind),
        "authn.lockout",
        "lock",
        "account:" + account.id.text()
    );
    event.outcome = audit::Outcome::refused;
    event.reason = "authn.locked";
    event.fields = {
        {.name = "rule", .value = std::string(to_text(kind))},
        {.name = "failures", .value = std::int64_t{account_rules.in_a_row_max}},
        {.name = "until",
         .value = std::string("unlocked by an administrator; not from sources of another class")},
    };
    audit::append(tx, moment, event);
}

}  // namespace sallyport::authn
