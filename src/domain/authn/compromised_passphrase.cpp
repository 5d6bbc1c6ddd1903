#include "domain/authn/compromised_passphrase.h"

#include "base/core/bytes.h"
#include "base/core/fault.h"
#include "base/crypto/crypto.h"
#include "domain/audit/log.h"
#include "domain/authn/authenticator.h"
#include "domain/authn/authenticator_store.h"
#include "domain/authn/authn_events.h"
#include "domain/authn/breach_check.h"
#include "domain/authn/passphrase.h"
#include "domain/authn/person_notice.h"
#include "domain/authn/throttle.h"
#include "domain/directory/account.h"

#include <array>
#include <optional>

namespace sallyport::authn {

using crypto::Secret;
using store::value;

namespace {

constexpr std::array<std::string_view, 3> signal_texts = {
    "breach_list", "administrator", "forgotten"
};
constexpr std::size_t token_size = 32;

Bytes digest_of_token(BytesView token) {
    const auto digest = crypto::sha256(token);
    return {digest.begin(), digest.end()};
}

struct ChangeRow {
    AccountId account;
    AuthenticatorId passphrase;  // the one to be replaced
};

// Good as long as that passphrase is the one in force.
Result<ChangeRow> load(store::Tx& tx, const Moment& moment, BytesView token) {
    const auto rows = tx.query(
        "SELECT account_id, authenticator_id, ends_at FROM passphrase_change "
        "WHERE token_digest = ?",
        {digest_of_token(token)}
    );
    if (rows.empty() || moment.now >= rows.front().time(2) ||
        !is_active(tx, rows.front().id<AuthenticatorId>(1))) {
        return refuse(Refusal::expired, "passphrase.change_over");
    }
    return ChangeRow{
        .account = rows.front().id<AccountId>(0),
        .passphrase = rows.front().id<AuthenticatorId>(1),
    };
}

bool was_forgotten(store::Tx& tx, const AuthenticatorId& passphrase) {
    const auto rows = tx.query(
        "SELECT 1 FROM compromised_passphrase WHERE authenticator_id = ? AND signal = ?",
        {value(passphrase), std::string(to_text(CompromiseSignal::forgotten))}
    );
    return !rows.empty();
}

// By mail: what guesses were counted is about a passphrase that is no more.
void complete_recovery_by_mail(
    store::Tx& tx, const Moment& moment, const audit::Actor& holder, const audit::Where& where
) {
    const auto account = holder.who.account.value();
    start_anew(tx, moment, account, where);
    auto event =
        audit::event_by(holder, "recovery.completed", "recover", "account:" + account.text());
    event.fields = {{.name = "method", .value = std::string("mail")}};
    audit::append(tx, moment, event);
    notify(tx, moment, account, NoticeKind::recovery_completed, "");
}

}  // namespace

std::string_view to_text(CompromiseSignal signal) noexcept {
    return signal_texts[static_cast<std::size_t>(signal)];
}

Result<bool> note_compromised(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    CompromiseSignal signal,
    const audit::Actor& actor
) {
    const auto passphrase = active_passphrase(tx, account);
    if (!passphrase) return refuse(Refusal::conflict, "passphrase.none");
    const auto noted = tx.execute(
        "INSERT INTO compromised_passphrase (authenticator_id, signal, noted_at) VALUES (?, ?, ?) "
        "ON CONFLICT (authenticator_id) DO NOTHING",
        {value(passphrase->id), std::string(to_text(signal)), value(moment.now)}
    );
    auto event =
        audit::event_by(actor, "cred.compromise_detected", "mark", "account:" + account.text());
    event.fields = {
        {.name = "signal", .value = std::string(to_text(signal))},
        {.name = "authenticator_id", .value = passphrase->id.text()},
    };
    audit::append(tx, moment, event);
    return noted == 1;
}

void note_forgotten(store::Tx& tx, const Moment& moment, const AccountId& account) {
    const auto passphrase = active_passphrase(tx, account);
    if (!passphrase) throw Fault("a passphrase that is not there was forgotten");
    tx.execute(
        "INSERT INTO compromised_passphrase (authenticator_id, signal, noted_at) VALUES (?, ?, ?) "
        "ON CONFLICT (authenticator_id) DO UPDATE SET signal = excluded.signal",
        {value(passphrase->id), std::string(to_text(CompromiseSignal::forgotten)), value(moment.now)
        }
    );
}

void note_remembered(store::Tx& tx, const AuthenticatorId& passphrase) {
    tx.execute(
        "DELETE FROM compromised_passphrase WHERE authenticator_id = ? AND signal = ?",
        {value(passphrase), std::string(to_text(CompromiseSignal::forgotten))}
    );
}

bool passphrase_change_due(store::Tx& tx, const AccountId& account) {
    const auto rows = tx.query(
        "SELECT 1 FROM compromised_passphrase c "
        "JOIN authenticator a ON a.id = c.authenticator_id "
        "WHERE a.account_id = ? AND a.state = 'active'",
        {value(account)}
    );
    return !rows.empty();
}

bool is_breached(const Context& context, const Secret& typed) {
    if (context.breaches == nullptr) return false;
    const auto normalised = normalised_passphrase(typed);
    return normalised && context.breaches->is_breached(*normalised);
}

Secret PassphraseChange::begin(
    store::Tx& tx, const Moment& moment, AuthenticationProof proof, const audit::Where& where
) {
    const auto used_up = std::move(proof);
    write_change_required(tx, moment, used_up, "passphrase", where);
    auto token = Secret::random(token_size);
    tx.execute(
        "INSERT INTO passphrase_change (token_digest, account_id, authenticator_id, ends_at) "
        "VALUES (?, ?, ?, ?)",
        {digest_of_token(token.expose()),
         value(used_up.account()),
         value(active_passphrase(tx, used_up.account()).value().id),
         value(moment.now + passphrase_change_max)}
    );
    return token;
}

Result<PassphraseChange::Due> PassphraseChange::find(
    store::Tx& tx, const Moment& moment, const policy::Policy& policy, BytesView token
) const {
    SP_TRY(const auto row, load(tx, moment, token));
    const auto account = directory::find_account(tx, row.account);
    if (!account) return refuse(Refusal::expired, "passphrase.change_over");
    return Due{
        .person =
            {
                .kind = EnrolmentKind::reset,
                .stage = EnrolmentStage::passphrase,
                .account = account->id,
                .login_name = account->login_name.text(),
                .display_name = account->display_name,
                .role = account->role,
                .strength = role_strength(policy, account->role),
                .ends_at = moment.now + passphrase_change_max,
            },
        .old_verifier = active_passphrase(tx, account->id).value().verifier,
    };
}

Result<std::string> PassphraseChange::make_passphrase_verifier(const Due& due, const Secret& typed)
    const {
    SP_TRY(auto verifier, Enrolling(context_).make_passphrase_verifier(due.person, typed));
    const auto same = answer(context_, {due.old_verifier}, typed);
    if (same.correct) return refuse(Refusal::invalid, "passphrase.same");
    return verifier;
}

Result<AccountId> PassphraseChange::finish(
    store::Tx& tx,
    const Moment& moment,
    BytesView token,
    const std::string& verifier,
    const audit::Where& where
) const {
    SP_TRY(const auto row, load(tx, moment, token));
    const auto account = directory::find_account(tx, row.account);
    if (!account || account->state != directory::AccountState::active) {
        return refuse(Refusal::denied, "account.not_active");
    }
    auto holder = actor_of(*account, where);
    const bool forgotten = was_forgotten(tx, row.passphrase);
    holder.factor = audit::Factor{
        .amr = forgotten ? "mail" : "pwd",
        .aal = 1,
        .authenticator_id = forgotten ? "mail" : row.passphrase.text(),
        .phishing_resistant = false,
        .age = std::nullopt,
    };
    const auto fresh = AuthenticatorId::fresh(moment.now, moment.random);
    const auto cause = forgotten ? RevokeCause::replaced : RevokeCause::compromised;
    SP_CHECK(revoke_authenticator(tx, moment, row.passphrase, cause, holder));
    const NewAuthenticator wanted{
        .id = fresh,
        .account = account->id,
        .kind = AuthenticatorKind::passphrase,
        .state = AuthenticatorState::active,
        .bound_by = std::nullopt,
        .source = "self",
    };
    insert_authenticator(tx, moment, wanted, holder);
    insert_verifier(tx, fresh, verifier);
    tx.execute("DELETE FROM passphrase_change WHERE account_id = ?", {value(account->id)});
    auto event =
        audit::event_by(holder, "cred.password_changed", "change", "account:" + account->id.text());
    event.fields = {
        {.name = "by", .value = std::string("self")},
        {.name = "cause", .value = std::string(forgotten ? "forgotten" : "compromised")},
    };
    audit::append(tx, moment, event);
    if (forgotten) {
        complete_recovery_by_mail(tx, moment, holder, where);
    } else {
        notify(tx, moment, account->id, NoticeKind::passphrase_compromised, "");
    }
    return account->id;
}

void sweep_passphrase_changes(store::Tx& tx, const Moment& moment) {
    tx.execute("DELETE FROM passphrase_change WHERE ends_at <= ?", {value(moment.now)});
}

}  // namespace sallyport::authn
