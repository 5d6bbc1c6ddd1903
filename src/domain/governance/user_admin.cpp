#include "domain/governance/user_admin.h"

#include "domain/audit/log.h"
#include "domain/authn/throttle.h"
#include "domain/directory/text_rules.h"
#include "domain/session/session.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sallyport::governance {

namespace {

using directory::Account;
using directory::AccountState;
using policy::Permission;

constexpr std::size_t display_name_size_max = 200;

constexpr std::array<std::string_view, 5> disable_cause_texts{
    "termination", "dormant", "admin", "compromise", "vendor_end"
};

bool is_administrator(const policy::Policy& policy, const std::string& role) {
    const auto* const rules = policy.role(role);
    return rules != nullptr &&
           rules->permissions.test(static_cast<std::size_t>(Permission::user_manage));
}

// Active administrators of exactly this scope, `besides` left out.
bool has_administrator(
    store::Tx& tx,
    const policy::Policy& policy,
    const std::string& scope,
    const std::optional<AccountId>& besides
) {
    return std::ranges::any_of(directory::active_roles(tx, scope, besides), [&](const auto& role) {
        return is_administrator(policy, role);
    });
}

Result<Account> acting_account(
    store::Tx& tx, const policy::Permit& permit, const audit::Actor& actor
) {
    if (permit.action() != Permission::user_manage || actor.who.account != permit.account()) {
        return refuse(Refusal::denied, "user.wrong_permit");
    }
    auto account = directory::find_account(tx, permit.account());
    // The Permit was made from a session in memory; the row is what counts by now.
    if (!account || account->state != AccountState::active) {
        return refuse(Refusal::denied, "user.actor_not_active");
    }
    return *std::move(account);
}

Result<const policy::RoleRules*> known_role(const policy::Policy& policy, const std::string& name) {
    const auto* const role = policy.role(name);
    if (role == nullptr) return refuse(Refusal::invalid, "user.role_unknown");
    return role;
}

// The first administrator of a scope has to come from the other one.
Result<void> check_may_assign(
    store::Tx& tx,
    const policy::Policy& policy,
    const Account& administrator,
    const policy::RoleRules& role
) {
    const bool first_administrator = is_administrator(policy, role.name) &&
                                     !has_administrator(tx, policy, role.scope, std::nullopt);
    if (!reaches(administrator, role.scope) && !first_administrator) {
        return refuse(Refusal::denied, "user.other_scope");
    }
    return {};
}

Result<void> check_not_last(store::Tx& tx, const policy::Policy& policy, const Account& account) {
    const bool counts =
        account.state == AccountState::active && is_administrator(policy, account.role);
    if (counts && !has_administrator(tx, policy, account.scope, account.id)) {
        return refuse(Refusal::conflict, "user.last_administrator");
    }
    return {};
}

Result<Account> living_account(
    store::Tx& tx,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const AccountId& id,
    const audit::Actor& actor
) {
    SP_TRY(auto account, administrable_account(tx, policy, permit, id, actor));
    if (account.state == AccountState::tombstoned) return refuse(Refusal::conflict, "user.deleted");
    return account;
}

audit::Event event_about(
    const audit::Actor& actor,
    std::string_view type,
    std::string verb,
    const Account& account,
    const std::string& why = {}
) {
    auto event = audit::event_by(actor, type, std::move(verb), "account:" + account.id.text());
    event.fields.push_back({"login_name", account.login_name.text(), true});
    event.fields.push_back({"person", account.person.text()});
    if (!why.empty()) event.fields.push_back({"why", why});
    return event;
}

void append_role(
    store::Tx& tx,
    const Moment& moment,
    const audit::Actor& actor,
    std::string_view type,
    const Account& account,
    const std::string& why = {}
) {
    const auto* const verb = type == "role.assigned" ? "assign_role" : "revoke_role";
    auto event = event_about(actor, type, verb, account, why);
    event.fields.push_back({"role", account.role});
    event.fields.push_back({"scope", account.scope});
    audit::append(tx, moment, event);
}

// What is open under the old state must not go on under the new one.
UserChange with_sessions_ended(
    store::Tx& tx,
    const Moment& moment,
    Account account,
    session::EndCause end,
    policy::CutCause cut,
    const audit::Actor& actor
) {
    auto sessions = session::end_all(tx, moment, account.id, end, actor);
    return {
        .account = std::move(account),
        .sessions_ended = std::move(sessions),
        .cut = cut,
    };
}

}  // namespace

std::string_view to_text(DisableCause cause) noexcept {
    return disable_cause_texts[static_cast<std::size_t>(cause)];
}

bool reaches(const Account& administrator, std::string_view scope) {
    return reaches(std::string_view(administrator.scope), scope);
}

bool reaches(std::string_view administrators_scope, std::string_view scope) noexcept {
    return administrators_scope == scope || administrators_scope == "both" || scope == "both";
}

Result<Account> administrable_account(
    store::Tx& tx,
    const policy::Policy& /*policy*/,
    const policy::Permit& permit,
    const AccountId& id,
    const audit::Actor& actor
) {
    SP_TRY(const auto administrator, acting_account(tx, permit, actor));
    auto account = directory::find_account(tx, id);
    if (!account) return refuse(Refusal::not_found, "user.unknown");
    if (account->person == administrator.person) {
        return refuse(Refusal::denied, "user.own_account");
    }
    if (!reaches(administrator, account->scope)) {
        return refuse(Refusal::denied, "user.other_scope");
    }
    return *std::move(account);
}

Result<Account> create_user(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const NewUser& wanted,
    const audit::Actor& actor
) {
    SP_TRY(const auto administrator, acting_account(tx, permit, actor));
    SP_TRY(const auto* const role, known_role(policy, wanted.role));
    SP_CHECK(check_may_assign(tx, policy, administrator, *role));
    if (wanted.person == administrator.person) return refuse(Refusal::denied, "user.own_account");

    SP_TRY(
        auto account,
        directory::create_account(
            tx,
            {
                .login_name = wanted.login_name,
                .display_name = wanted.display_name,
                .role = role->name,
                .scope = role->scope,
                .person = wanted.person,
            },
            permit.account(),
            moment
        )
    );
    auto event = event_about(actor, "user.created", "create", account);
    event.fields.push_back({"display_name", account.display_name, true});
    event.fields.push_back({"source", std::string("admin")});
    audit::append(tx, moment, event);
    append_role(tx, moment, actor, "role.assigned", account);
    return account;
}

// NOLINTNEXTLINE(readability-function-size): the circumstances, and what is asked
Result<UserChange> change_role(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const AccountId& id,
    const std::string& role_name,
    const audit::Actor& actor,
    const std::string& why
) {
    SP_TRY(auto account, living_account(tx, policy, permit, id, actor));
    SP_TRY(const auto* const role, known_role(policy, role_name));
    SP_TRY(const auto administrator, acting_account(tx, permit, actor));
    SP_CHECK(check_may_assign(tx, policy, administrator, *role));
    if (account.role == role->name) return refuse(Refusal::conflict, "user.same_role");
    if (!is_administrator(policy, role->name) || role->scope != account.scope) {
        SP_CHECK(check_not_last(tx, policy, account));
    }

    append_role(tx, moment, actor, "role.revoked", account, why);
    directory::set_account_role(tx, id, role->name, role->scope, moment);
    account.role = role->name;
    account.scope = role->scope;
    account.role_changed_at = moment.now;
    append_role(tx, moment, actor, "role.assigned", account, why);
    return with_sessions_ended(
        tx,
        moment,
        std::move(account),
        session::EndCause::role_change,
        policy::CutCause::role_changed,
        actor
    );
}

// NOLINTNEXTLINE(readability-function-size): the circumstances, and what is asked
Result<UserChange> disable_user(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const AccountId& id,
    DisableCause cause,
    const audit::Actor& actor,
    const std::string& why
) {
    SP_TRY(auto account, living_account(tx, policy, permit, id, actor));
    if (account.state == AccountState::disabled) {
        return refuse(Refusal::conflict, "user.already_disabled");
    }
    SP_CHECK(check_not_last(tx, policy, account));

    directory::set_account_state(tx, id, AccountState::disabled);
    account.state = AccountState::disabled;
    auto event = event_about(actor, "user.disabled", "disable", account, why);
    event.fields.push_back({"cause", std::string(to_text(cause))});
    audit::append(tx, moment, event);
    return with_sessions_ended(
        tx,
        moment,
        std::move(account),
        session::EndCause::revocation,
        policy::CutCause::account_disabled,
        actor
    );
}

Result<UserChange> enable_user(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const AccountId& id,
    const audit::Actor& actor,
    const std::string& why
) {
    SP_TRY(auto account, living_account(tx, policy, permit, id, actor));
    // Else the next attempt, right or wrong, would find the hard stop reached and lock it again.
    const bool was_slowed = authn::unlock(tx, moment, id, actor);
    if (account.state == AccountState::active || account.state == AccountState::pending) {
        if (!was_slowed) return refuse(Refusal::conflict, "user.not_disabled");
        return UserChange{.account = std::move(account), .sessions_ended = {}, .cut = std::nullopt};
    }
    account.state = account.was_active ? AccountState::active : AccountState::pending;
    directory::set_account_state(tx, id, account.state);
    auto event = event_about(actor, "user.enabled", "enable", account, why);
    event.fields.push_back({"state", std::string(directory::to_text(account.state))});
    audit::append(tx, moment, event);
    return UserChange{.account = std::move(account), .sessions_ended = {}, .cut = std::nullopt};
}

Result<UserChange> delete_user(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const AccountId& id,
    const audit::Actor& actor,
    const std::string& why
) {
    SP_TRY(auto account, living_account(tx, policy, permit, id, actor));
    SP_CHECK(check_not_last(tx, policy, account));

    directory::set_account_state(tx, id, AccountState::tombstoned);
    account.state = AccountState::tombstoned;
    audit::append(tx, moment, event_about(actor, "user.deleted", "delete", account, why));
    return with_sessions_ended(
        tx,
        moment,
        std::move(account),
        session::EndCause::revocation,
        policy::CutCause::account_disabled,
        actor
    );
}

Result<UserChange> rename_user(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const AccountId& id,
    const std::string& display_name,
    const audit::Actor& actor
) {
    SP_TRY(auto account, living_account(tx, policy, permit, id, actor));
    if (!directory::is_clean_text(display_name, 1, display_name_size_max)) {
        return refuse(Refusal::invalid, "person.display_name_malformed");
    }
    directory::set_display_name(tx, account.person, display_name);
    auto event = event_about(actor, "user.modified", "rename", account);
    event.fields.push_back({"changed_fields", std::string("display_name")});
    event.fields.push_back({"before", account.display_name, true});
    event.fields.push_back({"after", display_name, true});
    audit::append(tx, moment, event);
    account.display_name = display_name;
    return UserChange{.account = std::move(account), .sessions_ended = {}, .cut = std::nullopt};
}

}  // namespace sallyport::governance
