// The last step of enrolment: what a person brought becomes their account's only factors.

#include "base/core/bytes.h"
#include "base/core/fault.h"
#include "domain/audit/log.h"
#include "domain/authn/authenticator_store.h"
#include "domain/authn/authn_events.h"
#include "domain/authn/bootstrap_store.h"
#include "domain/authn/enrolment.h"
#include "domain/authn/enrolment_store.h"
#include "domain/authn/identity_proofing.h"
#include "domain/authn/means_to_sign_in.h"
#include "domain/authn/one_time_code.h"
#include "domain/authn/proof_maker.h"
#include "domain/authn/recovery_code.h"
#include "domain/authn/security_key.h"
#include "domain/authn/security_key_store.h"
#include "domain/authn/ticket_store.h"
#include "domain/authn/totp.h"

#include <string>
#include <utility>
#include <variant>

namespace sallyport::authn {

namespace {

using crypto::Secret;
using directory::Account;
using directory::AccountState;

std::string_view source_of(EnrolmentKind kind) {
    switch (kind) {
        case EnrolmentKind::bootstrap:
            return "bootstrap";
        case EnrolmentKind::first:
            return "enrolment";
        case EnrolmentKind::reset:
            return "reset";
    }
    return "";
}

// The account that the enrolment is for: made now (bootstrap), or still fit for it.
Result<Account> account_for(
    store::Tx& tx, const Moment& moment, const policy::Policy& policy, const EnrolmentRow& row
) {
    if (row.kind == EnrolmentKind::bootstrap) {
        if (any_account(tx)) return refuse(Refusal::conflict, "bootstrap.not_first");
        SP_TRY(auto name, directory::LoginName::parse(row.login_name));
        const auto* role = policy.role(row.role);
        const directory::NewAccount wanted{
            .login_name = std::move(name),
            .display_name = row.display_name,
            .role = row.role,
            .scope = role == nullptr ? "gateway" : role->scope,
            .person = std::nullopt,
        };
        return directory::create_account(tx, wanted, std::nullopt, moment);
    }
    auto account = directory::find_account(tx, row.account.value());
    const auto state = account ? account->state : AccountState::tombstoned;
    const bool fit = row.kind == EnrolmentKind::first
                         ? state == AccountState::pending
                         : state == AccountState::active || state == AccountState::locked ||
                               state == AccountState::suspended;
    if (!fit) return refuse(Refusal::denied, "account.not_active");
    return *std::move(account);
}

void write_account_made(store::Tx& tx, const Moment& moment, const Account& account) {
    const auto bootstrap = audit::system_actor("bootstrap");
    const auto object = "account:" + account.id.text();
    auto created = audit::event_by(bootstrap, "user.created", "create", object);
    created.fields = {
        {.name = "login_name", .value = account.login_name.text(), .personal = true},
        {.name = "source", .value = std::string("bootstrap")},
    };
    audit::append(tx, moment, created);
    auto assigned = audit::event_by(bootstrap, "role.assigned", "assign", object);
    assigned.fields = {
        {.name = "role", .value = account.role},
        {.name = "scope", .value = account.scope},
    };
    audit::append(tx, moment, assigned);
}

void write_completed(
    store::Tx& tx, const Moment& moment, const audit::Actor& holder, EnrolmentKind kind
) {
    const auto object = "account:" + holder.who.account.value().text();
    switch (kind) {
        case EnrolmentKind::bootstrap:
            audit::append(
                tx, moment, audit::event_by(holder, "bootstrap.completed", "complete", object)
            );
            [[fallthrough]];
        case EnrolmentKind::first:
            audit::append(
                tx, moment, audit::event_by(holder, "user.activated", "activate", object)
            );
            break;
        case EnrolmentKind::reset: {
            auto event = audit::event_by(holder, "recovery.completed", "recover", object);
            event.fields = {{.name = "method", .value = std::string("enrolment_ticket")}};
            audit::append(tx, moment, event);
            break;
        }
    }
}

struct BroughtKey {
    webauthn::Registration registration;
    std::string transports;

    [[nodiscard]] policy::Strength strength() const {
        return registration.backup_eligible ? policy::Strength::phishing_resistant
                                            : policy::Strength::device_bound;
    }
};

// What is bound, once the code or the key is right.
struct Binding {
    const EnrolmentRow& row;
    // The second factor; none where none is demanded and none was brought.
    std::variant<std::monostate, TotpStep, BroughtKey> second;

    [[nodiscard]] bool two_factors() const { return second.index() != 0; }

    [[nodiscard]] policy::Strength proven() const {
        if (const auto* const key = std::get_if<BroughtKey>(&second)) return key->strength();
        return two_factors() ? policy::Strength::two_factors : policy::Strength::one_factor;
    }
};

Result<TotpStep> check_first_code(
    const Moment& moment, const Context& context, const EnrolmentRow& row, std::string_view typed
) {
    if (!row.seed) return refuse(Refusal::conflict, "enrolment.no_seed");
    const auto seed =
        context.keys.unseal(keys::Purpose::totp_seed, row.authenticator.text(), row.seed->sealed);
    auto rules = context.totp;
    rules.algorithm = row.seed->algorithm;
    std::string code(typed.substr(0, one_time_code_text_max));
    std::erase(code, ' ');
    return verify_totp(seed, code, moment.now, TotpStep::none, rules);
}

// Guesses at the first code are counted like any other.
Result<TotpStep> accept_first_code(
    store::Tx& tx,
    const Moment& moment,
    const Context& context,
    const EnrolmentRow& row,
    std::string_view code,
    const audit::Where& where
) {
    const ThrottleSubject subject{
        .name = "enrolment:" + row.authenticator.text(), .source = source_bucket(where.source)
    };
    const auto nobody = actor_of(std::nullopt, where);
    if (const auto blocked = charge(tx, moment, ThrottleKind::totp, subject)) {
        write_throttled(
            context.repeats, tx, moment, nobody, ThrottleKind::totp, subject.name, *blocked
        );
        return refuse(Refusal::throttled, "authn.throttled");
    }
    auto step = check_first_code(moment, context, row, code);
    if (!step) {
        write_failure(tx, moment, nobody, "enrolment", subject.name, step.error().reason);
        return std::unexpected(step.error());
    }
    settle(tx, moment, ThrottleKind::totp, subject);
    return step;
}

audit::Factor bind_seed(
    store::Tx& tx, const Context& context, const EnrolmentRow& row, TotpStep step
) {
    const auto& shown = row.seed.value();
    const SeedRow seed{
        .id = row.authenticator,
        .sealed = shown.sealed,
        .algorithm = shown.algorithm,
        .last_step = step,
    };
    insert_seed(tx, seed, context.keys.version());
    return {
        .amr = "otp",
        .aal = 2,
        .authenticator_id = row.authenticator.text(),
        .phishing_resistant = false,
        .age = Duration(0),
    };
}

audit::Factor bind_key(
    store::Tx& tx, const Account& account, const EnrolmentRow& row, const BroughtKey& key
) {
    if (row.user_handle) insert_user_handle(tx, account.id, *row.user_handle);
    insert_security_key(tx, row.authenticator, key.registration, key.transports);
    return factor_of({
        .id = row.authenticator,
        .account = account.id,
        .user_verified = key.registration.user_verified,
        .device_bound = !key.registration.backup_eligible,
    });
}

// Makes what the person brought the account's only factors, and says how they were proven.
audit::Factor bind(
    store::Tx& tx,
    const Moment& moment,
    const Context& context,
    const Account& account,
    const Binding& binding,
    const audit::Actor& holder
) {
    const auto& row = binding.row;
    std::optional<AccountId> issuer;
    if (row.ticket) issuer = issuer_of(tx, *row.ticket);
    const auto insert =
        [&](const AuthenticatorId& id, AuthenticatorKind kind, std::string serial = {}) {
            const NewAuthenticator wanted{
                .id = id,
                .account = account.id,
                .kind = kind,
                .state = AuthenticatorState::active,
                .bound_by = issuer,
                .source = source_of(row.kind),
                .serial = std::move(serial),
            };
            insert_authenticator(tx, moment, wanted, holder);
            note_used(tx, id, moment.now);
        };

    const auto passphrase = AuthenticatorId::fresh(moment.now, moment.random);
    insert(passphrase, AuthenticatorKind::passphrase);
    insert_verifier(tx, passphrase, row.verifier.value());
    audit::Factor second;
    if (std::holds_alternative<TotpStep>(binding.second)) {
        insert(row.authenticator, AuthenticatorKind::totp);
        second = bind_seed(tx, context, row, std::get<TotpStep>(binding.second));
    } else if (const auto* key = std::get_if<BroughtKey>(&binding.second)) {
        insert(
            row.authenticator,
            AuthenticatorKind::webauthn,
            webauthn::to_text(key->registration.aaguid)
        );
        second = bind_key(tx, account, row, *key);
    } else {
        return {
            .amr = "pwd",
            .aal = 1,
            .authenticator_id = passphrase.text(),
            .phishing_resistant = false,
            .age = Duration(0),
        };
    }
    second.amr = "pwd+" + second.amr;
    second.authenticator_id = passphrase.text() + "+" + second.authenticator_id;
    return second;
}

// The rest of finish(), whatever the second factor is.
Result<Enrolling::Finished> complete(
    store::Tx& tx,
    const Moment& moment,
    const Context& context,
    const policy::Policy& policy,
    BytesView token,
    const Binding& binding,
    const audit::Where& where
) {
    const auto& row = binding.row;
    return tx.attempt([&]() -> Result<Enrolling::Finished> {
        SP_TRY(const auto account, account_for(tx, moment, policy, row));
        if (row.kind == EnrolmentKind::bootstrap) {
            record_console_proofing(tx, moment, account.person);
        }
        SP_CHECK(require_identity_proofing(tx, account.person, account.role));
        auto holder = actor_of(account, where);
        holder.policy_version = policy.version;
        if (row.kind == EnrolmentKind::bootstrap) write_account_made(tx, moment, account);

        // Revoking what was bound is privileged: it names the factors that are about to replace it.
        const auto earlier = list_authenticators(tx, account.id);
        const auto factor = bind(tx, moment, context, account, binding, holder);
        holder.factor = factor;
        for (const auto& each : earlier) {
            if (each.state == AuthenticatorState::revoked) continue;
            SP_CHECK(revoke_authenticator(tx, moment, each.id, RevokeCause::replaced, holder));
        }
        directory::set_account_state(tx, account.id, AccountState::active);
        // What was guessed at were the factors before; and this is where their holder is.
        start_anew(tx, moment, account.id, where);
        std::vector<Secret> codes;
        if (binding.two_factors()) {
            codes = issue_recovery_codes(tx, moment, context.keys, account.id, holder);
        }
        write_completed(tx, moment, holder, row.kind);
        forget_enrolment(tx, token);

        return Enrolling::Finished{
            .proof = ProofMaker::make(account.id, binding.proven(), factor, moment.now),
            .recovery_codes = std::move(codes),
            .kind = row.kind,
            .account = account.id,
            .issued_by = row.ticket ? issuer_of(tx, *row.ticket) : std::nullopt,
            .ticket = row.ticket,
        };
    });
}

}  // namespace

Result<Enrolling::Finished> Enrolling::finish(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    BytesView token,
    std::string_view code,
    const audit::Where& where
) const {
    SP_TRY(const auto row, load_enrolment(tx, moment, token));
    if (!row.verifier) return refuse(Refusal::conflict, "enrolment.no_passphrase");
    if (role_strength(policy, row.role) >= policy::Strength::phishing_resistant) {
        return refuse(Refusal::conflict, "enrolment.needs_key");
    }
    Binding binding{.row = row, .second = {}};
    if (!code.empty() || demands_second_factor(tx, policy, row.role, row.account)) {
        if (!row.seed) return refuse(Refusal::conflict, "enrolment.no_seed");
        SP_TRY(binding.second, accept_first_code(tx, moment, context_, row, code, where));
    }
    return complete(tx, moment, context_, policy, token, binding, where);
}

Result<Enrolling::Finished> Enrolling::finish_with_key(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    BytesView token,
    const NewKey& key,
    const audit::Where& where
) const {
    SP_TRY(const auto row, load_enrolment(tx, moment, token));
    if (!row.verifier) return refuse(Refusal::conflict, "enrolment.no_passphrase");
    const auto account = row.account ? directory::find_account(tx, *row.account) : std::nullopt;
    const auto actor = account ? actor_of(*account, where) : audit::system_actor("bootstrap");
    const auto demand = key_demand(policy, row.role);
    SP_TRY(auto registration, accept_new_key(tx, moment, context_, demand, token, key, actor));
    BroughtKey brought{.registration = std::move(registration), .transports = key.transports};
    const Binding binding{.row = row, .second = std::move(brought)};
    return complete(tx, moment, context_, policy, token, binding, where);
}

}  // namespace sallyport::authn
