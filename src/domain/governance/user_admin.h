#pragma once
// Administering people: each function takes a Permit for user_manage (which is only given for a
// fresh proof, S0-37), changes the account, ends what must not go on, and writes its events, all in
// one transaction.
//
// Who may administer whom: an administrator manages the accounts of their own scope and those of
// "both". Only where a scope has no active administrator may the other scope's make one. Nobody
// administers their own person.
//
// `why` is what the administrator said; it goes into the event as it is.
//
// Every function refuses denied "user.wrong_permit", "user.actor_not_active", "user.other_scope"
// and "user.own_account", and not_found "user.unknown" where that can be.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/directory/account.h"
#include "domain/policy/lease.h"
#include "domain/policy/permit.h"
#include "domain/policy/policy.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::governance {

struct NewUser {
    directory::LoginName login_name;
    std::string display_name;
    std::string role;
    std::optional<PersonId> person;  // re-hired, or a second account; else a new person
};

// Creates a pending account; enrolment makes it active. Refuses invalid "user.role_unknown",
// besides what directory::create_account() refuses. Writes user.created and role.assigned.
[[nodiscard]] Result<directory::Account> create_user(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const NewUser& wanted,
    const audit::Actor& actor
);

// The account after the change, and what the caller must cut now that it committed: the sessions
// (ended in the store already; their caches must forget them) and the account's leases.
struct UserChange {
    directory::Account account;
    std::vector<SessionId> sessions_ended;
    std::optional<policy::CutCause> cut;  // none: nothing to cut
};

// Gives another role; sessions end. Refuses invalid "user.role_unknown"; conflict "user.same_role",
// "user.deleted", "user.last_administrator". Writes role.revoked and role.assigned.
[[nodiscard]] Result<UserChange> change_role(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const AccountId& account,
    const std::string& role,
    const audit::Actor& actor,
    const std::string& why = {}
);

enum class DisableCause : std::uint8_t { termination, dormant, admin, compromise, vendor_end };
[[nodiscard]] std::string_view to_text(DisableCause cause) noexcept;

// Sessions end. Refuses conflict "user.already_disabled", "user.deleted",
// "user.last_administrator" (no other active administrator of that scope). Writes user.disabled.
[[nodiscard]] Result<UserChange> disable_user(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const AccountId& account,
    DisableCause cause,
    const audit::Actor& actor,
    const std::string& why = {}
);

// Back to active, or to pending if enrolment was never finished; and what failed sign-ins count
// against the account is forgotten (authn.unlock), also where it was not shut. Refuses conflict
// "user.not_disabled" (neither disabled nor suspended nor locked nor slowed down), "user.deleted".
// Writes user.enabled.
[[nodiscard]] Result<UserChange> enable_user(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const AccountId& account,
    const audit::Actor& actor,
    const std::string& why = {}
);

// For ever: the row stays as a tombstone, its id and login name are never used again (S1-04).
// Sessions end. Refuses conflict "user.deleted", "user.last_administrator". Writes user.deleted.
[[nodiscard]] Result<UserChange> delete_user(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const AccountId& account,
    const audit::Actor& actor,
    const std::string& why = {}
);

// Changes the person's name as shown. Refuses invalid "person.display_name_malformed", conflict
// "user.deleted". Writes user.modified.
[[nodiscard]] Result<UserChange> rename_user(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const AccountId& account,
    const std::string& display_name,
    const audit::Actor& actor
);

// The rule above, without its exception: whether this account's scope takes in that one.
[[nodiscard]] bool reaches(const directory::Account& administrator, std::string_view scope);
// The same of scopes alone, for whoever has the session of the one who acts.
[[nodiscard]] bool reaches(std::string_view administrators_scope, std::string_view scope) noexcept;

// The rule above, for what else is done to an account (an enrolment ticket, a factor's reset, an
// unlock). Refuses what every function here refuses.
[[nodiscard]] Result<directory::Account> administrable_account(
    store::Tx& tx,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const AccountId& account,
    const audit::Actor& actor
);

}  // namespace sallyport::governance
