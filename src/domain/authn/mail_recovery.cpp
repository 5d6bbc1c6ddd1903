#include "domain/authn/mail_recovery.h"

#include "domain/audit/log.h"
#include "domain/authn/authenticator_store.h"
#include "domain/authn/authn_events.h"
#include "domain/authn/code_attempts.h"
#include "domain/authn/compromised_passphrase.h"
#include "domain/authn/mail_outbox.h"
#include "domain/authn/means_to_sign_in.h"
#include "domain/authn/one_time_code.h"
#include "domain/authn/person_notice.h"
#include "domain/authn/proof_maker.h"
#include "domain/authn/second_factor_due.h"
#include "domain/authn/sign_in_flow.h"
#include "domain/directory/account.h"
#include "domain/directory/person_mail.h"

#include <optional>
#include <string>
#include <utility>

namespace sallyport::authn {

using store::value;

namespace {

using directory::Account;
using directory::AccountState;

// Why the account is not recovered by mail, or nothing.
std::string_view hindrance(store::Tx& tx, const policy::Policy& policy, const Account& account) {
    const auto* const role = policy.role(account.role);
    if (role == nullptr || !role->recovery_by_mail) return "recovery.not_by_mail";
    if (account.state != AccountState::active) return "account.not_active";
    if (!active_passphrase(tx, account.id)) return "passphrase.none";
    return {};
}

std::string_view hindrance_of_address(
    const Moment& moment, const std::optional<directory::PersonMail>& mail
) {
    if (!mail) return "recovery.no_address";
    if (moment.now < mail->usable_for_codes_from) return "recovery.address_rests";
    return {};
}

std::int64_t open_codes(
    store::Tx& tx, const Moment& moment, const std::optional<Account>& account
) {
    const auto rows = tx.query(
        "SELECT COUNT(*) FROM mail_recovery WHERE account_id = ? AND ends_at > ?",
        {account ? value(account->id) : store::Value(std::string()), value(moment.now)}
    );
    return rows.front().integer(0);
}

Bytes mac_of_mailed_code(const keys::KeyRing& keys, const crypto::Secret& canonical) {
    return mac_of_code(keys, keys::Purpose::ticket_mac, "recovery_by_mail", canonical);
}

// Uses the code up, and all others of its account.
Result<Account> use_code(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const keys::KeyRing& keys,
    std::string_view typed
) {
    SP_TRY(const auto canonical, read_one_time_code(typed));
    const auto rows = tx.query(
        "SELECT account_id, ends_at, used_at FROM mail_recovery WHERE code_mac = ?",
        {mac_of_mailed_code(keys, canonical)}
    );
    if (rows.empty()) return refuse(Refusal::denied, "ticket.unknown");
    const auto& row = rows.front();
    if (row.is_null(0)) return refuse(Refusal::denied, "ticket.unknown");
    if (!row.is_null(2)) return refuse(Refusal::denied, "ticket.used");
    if (moment.now >= row.time(1)) return refuse(Refusal::denied, "ticket.expired");
    auto account = directory::find_account(tx, row.id<AccountId>(0));
    if (!account) return refuse(Refusal::denied, "ticket.unknown");
    if (!hindrance(tx, policy, *account).empty()) return refuse(Refusal::denied, "ticket.revoked");
    tx.execute(
        "UPDATE mail_recovery SET used_at = ? WHERE account_id = ? AND used_at IS NULL",
        {value(moment.now), value(account->id)}
    );
    return *std::move(account);
}

void write_redeemed(
    store::Tx& tx, const Moment& moment, const Result<Account>& account, const audit::Where& where
) {
    const auto holder = account ? std::optional(*account) : std::nullopt;
    auto event = audit::event_by(
        actor_of(holder, where),
        account ? "ticket.redeemed" : "ticket.refused",
        "redeem",
        account ? "account:" + account->id.text() : "recovery_by_mail"
    );
    if (!account) {
        event.outcome = audit::Outcome::refused;
        event.reason = account.error().reason;
    }
    event.fields = {{.name = "kind", .value = std::string("recovery_by_mail")}};
    audit::append(tx, moment, event);
}

}  // namespace

Result<void> MailRecovery::ask(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    std::string_view identifier,
    const audit::Where& where
) const {
    if (moment.clock == ClockState::behind) return refuse(Refusal::denied, "clock.behind");
    SP_CHECK(charge_code_attempt(context_.repeats, tx, moment, where));
    const auto name = directory::LoginName::parse(identifier);
    const auto account = name ? directory::find_account(tx, *name) : std::nullopt;
    const auto mail = account ? directory::find_person_mail(tx, account->person) : std::nullopt;
    // For the names that nobody has, too, as much work as can be.
    const bool too_many = open_codes(tx, moment, account) >= mailed_codes_max;
    std::string_view why = account ? hindrance(tx, policy, *account) : "identifier.unknown";
    if (why.empty()) why = hindrance_of_address(moment, mail);
    if (why.empty() && too_many) why = "recovery.too_many_codes";

    auto code = fresh_one_time_code();
    const auto ends_at = moment.now + mailed_code_life;
    const auto canonical = read_one_time_code(as_text(code.expose()));
    tx.execute(
        "INSERT INTO mail_recovery (code_mac, account_id, ends_at) VALUES (?, ?, ?)",
        {mac_of_mailed_code(context_.keys, canonical.value()),
         why.empty() ? value(account->id) : store::Value(nullptr),
         value(ends_at)}
    );
    if (why.empty()) {
        post_code(
            tx, moment, context_.keys, mail->address, {.code = std::move(code), .ends_at = ends_at}
        );
        note_on_pages(tx, moment, account->id, NoticeKind::recovery_by_mail_asked, "");
    }
    const auto typed = name ? std::string_view(name->text()) : identifier;
    auto event = audit::event_by(
        actor_of(account, where),
        "recovery.requested",
        "request_recovery",
        account ? "account:" + account->id.text() : name_of(context_.keys, typed)
    );
    if (!why.empty()) {
        event.outcome = audit::Outcome::refused;
        event.reason = why;
    }
    event.fields = {{.name = "method", .value = std::string("mail")}};
    audit::append(tx, moment, event);
    return {};
}

Result<std::variant<MailRecovery::SecondForm, AuthenticationProof>> MailRecovery::redeem(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    std::string_view code,
    const audit::Where& where
) const {
    if (moment.clock == ClockState::behind) return refuse(Refusal::denied, "clock.behind");
    SP_CHECK(charge_code_attempt(context_.repeats, tx, moment, where));
    const auto account = use_code(tx, moment, policy, context_.keys, code);
    write_redeemed(tx, moment, account, where);
    if (!account) {
        return refuse(Refusal::denied, "ticket.refused", std::string(account.error().reason));
    }
    settle_code_attempt(tx, moment, where);
    note_forgotten(tx, moment, account->id);

    // One that is mislaid still has to be shown, or a recovery code for it: mail does not stand in
    // for it (S0-51).
    const bool second = demands_second_factor(tx, policy, account->role, account->id);
    const bool due = is_second_factor_due(tx, policy, *account, moment.now);
    if (second && !due) {
        return SecondForm{.token = begin_after_mail(tx, moment, account->id)};
    }
    return ProofMaker::make(
        account->id,
        policy::Strength::one_factor,
        {.amr = "mail",
         .aal = 1,
         .authenticator_id = "mail",
         .phishing_resistant = false,
         .age = Duration(0)},
        moment.now
    );
}

void sweep_mailed_codes(store::Tx& tx, const Moment& moment) {
    tx.execute("DELETE FROM mail_recovery WHERE ends_at <= ?", {value(moment.now)});
}

}  // namespace sallyport::authn
