#include "domain/authn/second_factor_due.h"

#include "base/core/bytes.h"
#include "base/crypto/crypto.h"
#include "domain/audit/log.h"
#include "domain/authn/authenticator_store.h"
#include "domain/authn/authn_events.h"
#include "domain/authn/means_to_sign_in.h"
#include "domain/authn/person_notice.h"
#include "domain/authn/proof_maker.h"
#include "domain/policy/risk.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace sallyport::authn {

using store::value;

namespace {

using directory::Account;
using Days = std::chrono::days;

constexpr std::size_t token_size = 32;
constexpr std::string_view label = "Authenticator app";
constexpr std::string_view key_label = "Security key";

Bytes digest_of_token(BytesView token) {
    const auto digest = crypto::sha256(token);
    return {digest.begin(), digest.end()};
}

// A mislaid one too: whoever knows the passphrase alone must not replace it.
bool has_second(store::Tx& tx, const Account& account) {
    return holds_second_factor(list_authenticators(tx, account.id));
}

Result<Account> holder_of(store::Tx& tx, const Moment& moment, BytesView token) {
    const auto rows = tx.query(
        "SELECT account_id, passphrase_id FROM second_factor_due "
        "WHERE token_digest = ? AND ends_at > ?",
        {digest_of_token(token), value(moment.now)}
    );
    if (rows.empty()) return refuse(Refusal::expired, "enrolment.over");
    // What led here may have been replaced, or shut by an administrator, since.
    const auto passphrase = AuthenticatorId::parse(rows.front().text(1));
    if (!passphrase || !is_active(tx, *passphrase)) {
        return refuse(Refusal::expired, "enrolment.over");
    }
    auto account = directory::find_account(tx, rows.front().id<AccountId>(0));
    if (!account || account->state != directory::AccountState::active) {
        return refuse(Refusal::denied, "account.not_active");
    }
    if (has_second(tx, *account)) return refuse(Refusal::expired, "enrolment.over");
    return *std::move(account);
}

// By the passphrase, as the flow that led here has proven.
audit::Actor acting(store::Tx& tx, const Account& account, const audit::Where& where) {
    auto actor = actor_trying(tx, account, where, ThrottleKind::passphrase);
    actor.factor->aal = 1;
    return actor;
}

bool has_one_factor_role(const policy::Policy& policy, const Account& account) {
    const auto* const role = policy.role(account.role);
    return role != nullptr && policy::required_strength(role->risk) == policy::Strength::one_factor;
}

// The way is over: the passphrase that led to it and the second factor, and codes for their loss.
SecondFactorDue::Finished with_both(
    store::Tx& tx,
    const Moment& moment,
    const Context& context,
    const Account& account,
    const audit::Actor& actor,
    audit::Factor second,
    policy::Strength strength
) {
    tx.execute("DELETE FROM second_factor_due WHERE account_id = ?", {value(account.id)});
    auto codes = OwnAuthenticators(context).renew_recovery_codes(tx, moment, account.id, actor);
    second.amr = "pwd+" + second.amr;
    second.authenticator_id = actor.factor->authenticator_id + "+" + second.authenticator_id;
    second.aal = std::max(second.aal, 2);
    return {
        .proof = ProofMaker::make(account.id, strength, std::move(second), moment.now),
        .recovery_codes = std::move(codes),
    };
}

// The nearest of the warnings whose time has come.
int days_due(Duration left) {
    int due = second_factor_warning_days.front();
    for (const int days : second_factor_warning_days) {
        if (left <= Days(days)) due = days;
    }
    return due;
}

void warn(store::Tx& tx, const Moment& moment, const AccountId& account, Time from, int days) {
    tx.execute(
        "INSERT INTO second_factor_warning (account_id, due_at, days) VALUES (?, ?, ?) "
        "ON CONFLICT (account_id) DO UPDATE SET due_at = excluded.due_at, days = excluded.days",
        {value(account), value(from), std::int64_t{days}}
    );
    const auto date = sallyport::to_text(from).substr(0, std::string_view("2026-11-22").size());
    notify(tx, moment, account, NoticeKind::second_factor_due, date);
    auto event = audit::event_by(
        audit::system_actor("second-factor-due"),
        "privacy.notice_sent",
        "warn",
        "account:" + account.text()
    );
    event.fields = {
        {.name = "topic", .value = std::string("second_factor_due")},
        {.name = "channel", .value = std::string("page and mail")},
        {.name = "days_left", .value = std::int64_t{days}},
    };
    audit::append(tx, moment, event);
}

}  // namespace

bool is_second_factor_due(
    store::Tx& tx, const policy::Policy& policy, const Account& account, Time now
) {
    // Where the circumstances ask for a key, an app's code would not do.
    return policy::asks_all_for_two(policy, now) && has_one_factor_role(policy, account) &&
           role_strength(policy, account.role) == policy::Strength::two_factors &&
           !has_second(tx, account);
}

bool will_second_factor_be_due(
    store::Tx& tx, const policy::Policy& policy, const Account& account, Time now
) {
    return policy.two_factors_for_all_from && !policy::asks_all_for_two(policy, now) &&
           has_one_factor_role(policy, account) && !has_second(tx, account);
}

crypto::Secret SecondFactorDue::begin(
    store::Tx& tx, const Moment& moment, AuthenticationProof proof, const audit::Where& where
) {
    const auto used_up = std::move(proof);
    write_change_required(tx, moment, used_up, "second_factor", where);
    auto token = crypto::Secret::random(token_size);
    tx.execute(
        "INSERT INTO second_factor_due (token_digest, account_id, passphrase_id, ends_at) "
        "VALUES (?, ?, ?, ?)",
        {digest_of_token(token.expose()),
         value(used_up.account()),
         used_up.factor().authenticator_id,
         value(moment.now + second_factor_max)}
    );
    return token;
}

Result<OwnAuthenticators::NewTotp> SecondFactorDue::show(
    store::Tx& tx, const Moment& moment, BytesView token, const audit::Where& where
) const {
    SP_TRY(const auto account, holder_of(tx, moment, token));
    const auto actor = acting(tx, account, where);
    return OwnAuthenticators(context_).add_totp(tx, moment, account.id, label, actor);
}

Result<SecondFactorDue::Finished> SecondFactorDue::finish(
    store::Tx& tx,
    const Moment& moment,
    BytesView token,
    const AuthenticatorId& shown,
    std::string_view code,
    const audit::Where& where
) const {
    if (moment.clock == ClockState::behind) return refuse(Refusal::denied, "clock.behind");
    SP_TRY(const auto account, holder_of(tx, moment, token));
    auto actor = acting(tx, account, where);
    const OwnAuthenticators own(context_);
    SP_CHECK(own.confirm_totp(tx, moment, account.id, shown, code, actor));
    const audit::Factor app{
        .amr = "otp",
        .aal = 2,
        .authenticator_id = shown.text(),
        .phishing_resistant = false,
        .age = Duration(0),
    };
    return with_both(tx, moment, context_, account, actor, app, policy::Strength::two_factors);
}

Result<KeyCreation> SecondFactorDue::offer_key(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    BytesView token,
    const audit::Where& where
) const {
    SP_TRY(const auto account, holder_of(tx, moment, token));
    const auto actor = acting(tx, account, where);
    return OwnSecurityKeys(context_).begin(tx, moment, policy, {account.id, token}, actor);
}

Result<SecondFactorDue::Finished> SecondFactorDue::finish_with_key(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    BytesView token,
    const NewKey& key,
    const audit::Where& where
) const {
    if (moment.clock == ClockState::behind) return refuse(Refusal::denied, "clock.behind");
    SP_TRY(const auto account, holder_of(tx, moment, token));
    auto actor = acting(tx, account, where);
    actor.policy_version = policy.version;
    SP_TRY(
        const auto added,
        OwnSecurityKeys(context_).finish(
            tx, moment, policy, {account.id, token}, key_label, key, actor
        )
    );
    return with_both(tx, moment, context_, account, actor, factor_of(added), added.strength());
}

std::size_t warn_of_second_factor(
    store::Tx& tx, const Moment& moment, const policy::Policy& policy
) {
    const auto from = policy.two_factors_for_all_from;
    if (!from || moment.now >= *from) return 0;
    const auto left = *from - moment.now;
    if (left > Days(second_factor_warning_days.front())) return 0;
    const int days = days_due(left);
    std::size_t told = 0;
    for (const auto& role : policy.roles) {
        if (policy::required_strength(role.risk) != policy::Strength::one_factor) continue;
        const auto rows = tx.query(
            "SELECT account.id FROM account LEFT JOIN second_factor_warning w "
            "ON w.account_id = account.id WHERE account.role = ? AND account.state = 'active' "
            "AND (w.account_id IS NULL OR w.due_at <> ? OR w.days > ?) AND NOT EXISTS (SELECT 1 "
            "FROM authenticator a WHERE a.account_id = account.id AND a.state IN "
            "('active', 'suspended', 'expired') AND a.kind IN ('totp', 'push', 'webauthn')) ORDER "
            "BY account.id LIMIT ?",
            {role.name,
             value(*from),
             std::int64_t{days},
             static_cast<std::int64_t>(warnings_per_turn)}
        );
        for (const auto& row : rows) {
            warn(tx, moment, row.id<AccountId>(0), *from, days);
        }
        told += rows.size();
    }
    return told;
}

void sweep_second_factors_due(store::Tx& tx, const Moment& moment) {
    tx.execute("DELETE FROM second_factor_due WHERE ends_at <= ?", {value(moment.now)});
}

}  // namespace sallyport::authn
