#include "domain/authn/key_rebinding.h"

#include "domain/audit/log.h"
#include "domain/authn/authenticator_store.h"
#include "domain/authn/authn_events.h"
#include "domain/authn/demanded_strength.h"
#include "domain/authn/person_notice.h"
#include "domain/authn/proof_maker.h"
#include "domain/authn/recovery_code.h"
#include "domain/authn/security_key.h"
#include "domain/authn/security_key_store.h"
#include "domain/authn/webauthn_challenge.h"
#include "domain/directory/account.h"

#include <string>
#include <utility>

namespace sallyport::authn {

using store::value;

namespace {

using crypto::Secret;
using directory::Account;

constexpr std::size_t token_size = 32;

Bytes digest_of(BytesView token) {
    const auto digest = crypto::sha256(token);
    return {digest.begin(), digest.end()};
}

std::string object_of(const AccountId& account) {
    return "account:" + account.text();
}

Result<Rebound> find(store::Tx& tx, const Moment& moment, BytesView token) {
    const auto rows = tx.query(
        "SELECT account_id, passphrase_id, code_mac FROM key_rebinding "
        "WHERE token_digest = ? AND ends_at > ?",
        {digest_of(token), value(moment.now)}
    );
    if (rows.empty()) return refuse(Refusal::expired, "rebinding.over");
    return Rebound{
        .account = rows.front().id<AccountId>(0),
        .passphrase = rows.front().id<AuthenticatorId>(1),
        .code_mac = rows.front().blob(2),
    };
}

// Whom it is for, if they may have another key.
Result<Account> fit_account(store::Tx& tx, const Moment& moment, const AccountId& id) {
    auto account = directory::find_account(tx, id);
    if (!account || account->state != directory::AccountState::active) {
        return refuse(Refusal::denied, "account.not_active");
    }
    if (usable_security_keys(tx, id, moment.now).size() >= security_keys_max) {
        return refuse(Refusal::conflict, "authenticator.too_many");
    }
    return *std::move(account);
}

audit::Factor bind_key(
    store::Tx& tx,
    const Moment& moment,
    const Account& account,
    const webauthn::Registration& registered,
    const std::string& transports,
    const audit::Actor& holder
) {
    const auto id = AuthenticatorId::fresh(moment.now, moment.random);
    const NewAuthenticator row{
        .id = id,
        .account = account.id,
        .kind = AuthenticatorKind::webauthn,
        .state = AuthenticatorState::active,
        .bound_by = std::nullopt,
        .source = "reset",
        .serial = webauthn::to_text(registered.aaguid),
    };
    insert_authenticator(tx, moment, row, holder);
    insert_security_key(tx, id, registered, transports);
    note_used(tx, id, moment.now);
    return factor_of({
        .id = id,
        .account = account.id,
        .user_verified = registered.user_verified,
        .device_bound = !registered.backup_eligible,
    });
}

void write_done(
    store::Tx& tx, const Moment& moment, const AccountId& account, const audit::Actor& holder
) {
    auto completed = audit::event_by(holder, "recovery.completed", "recover", object_of(account));
    completed.fields = {{.name = "method", .value = std::string("recovery_code")}};
    audit::append(tx, moment, completed);
}

}  // namespace

Secret KeyRebinding::begin(
    store::Tx& tx, const Moment& moment, const Rebound& who, const audit::Where& where
) const {
    auto token = Secret::random(token_size);
    tx.execute("DELETE FROM key_rebinding WHERE account_id = ?", {value(who.account)});
    tx.execute(
        "INSERT INTO key_rebinding (token_digest, account_id, passphrase_id, code_mac, ends_at) "
        "VALUES (?, ?, ?, ?, ?)",
        {digest_of(token.expose()),
         value(who.account),
         value(who.passphrase),
         who.code_mac,
         value(moment.now + key_rebinding_max)}
    );
    const auto account = directory::find_account(tx, who.account);
    auto event = audit::event_by(
        actor_of(account, where), "recovery.requested", "request", object_of(who.account)
    );
    event.fields = {
        {.name = "origin", .value = std::string("recovery_code")},
        {.name = "until", .value = sallyport::to_text(moment.now + key_rebinding_max)},
    };
    audit::append(tx, moment, event);
    return token;
}

Result<KeyCreation> KeyRebinding::offer_key(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    BytesView token,
    const audit::Where& where
) const {
    SP_TRY(const auto who, find(tx, moment, token));
    SP_TRY(const auto account, fit_account(tx, moment, who.account));
    auto event = audit::event_by(
        actor_of(account, where), "cred.enrolment_started", "enrol", object_of(account.id)
    );
    event.fields = {{.name = "type", .value = std::string(to_text(AuthenticatorKind::webauthn))}};
    audit::append(tx, moment, event);
    return KeyCreation{
        .challenge = make_challenge(context_.keys, moment, ChallengePurpose::registration, token),
        .user_handle = user_handle_of(tx, account.id),
        .login_name = account.login_name.text(),
        .display_name = account.display_name,
        .exclude = usable_security_keys(tx, account.id, moment.now),
        .rules = key_demand(policy, account.role).rules,
    };
}

Result<AuthenticationProof> KeyRebinding::finish(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    BytesView token,
    const NewKey& key,
    const audit::Where& where
) const {
    if (moment.clock == ClockState::behind) return refuse(Refusal::denied, "clock.behind");
    SP_TRY(const auto who, find(tx, moment, token));
    SP_TRY(const auto account, fit_account(tx, moment, who.account));
    auto demand = key_demand(policy, account.role);
    demand.strength = demanded_strength(tx, policy, account.role, where, moment.now);
    auto holder = actor_of(account, where);
    holder.policy_version = policy.version;
    SP_TRY(const auto registered, accept_new_key(tx, moment, context_, demand, token, key, holder));
    const auto strength = registered.backup_eligible ? policy::Strength::phishing_resistant
                                                     : policy::Strength::device_bound;
    if (!is_active(tx, who.passphrase)) return refuse(Refusal::denied, "rebinding.code_gone");
    if (!spend_recovery_code(tx, moment, account.id, who.code_mac, holder)) {
        return refuse(Refusal::denied, "rebinding.code_gone");
    }
    auto factor = bind_key(tx, moment, account, registered, key.transports, holder);
    factor.amr = "pwd+" + factor.amr;
    factor.authenticator_id = who.passphrase.text() + "+" + factor.authenticator_id;
    holder.factor = factor;
    notify(tx, moment, account.id, NoticeKind::authenticator_bound, "Security key");
    write_done(tx, moment, account.id, holder);
    tx.execute("DELETE FROM key_rebinding WHERE account_id = ?", {value(account.id)});
    return ProofMaker::make(account.id, strength, factor, moment.now);
}

void sweep_key_rebindings(store::Tx& tx, const Moment& moment) {
    tx.execute("DELETE FROM key_rebinding WHERE ends_at <= ?", {value(moment.now)});
}

}  // namespace sallyport::authn
