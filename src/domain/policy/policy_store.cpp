#include "domain/policy/policy_store.h"

#include "base/core/fault.h"
#include "domain/audit/log.h"
#include "domain/directory/account.h"
#include "domain/directory/text_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace sallyport::policy {

namespace {

constexpr std::array<std::pair<VersionState, std::string_view>, 4> state_texts{{
    {VersionState::proposed, "proposed"},
    {VersionState::applied, "applied"},
    {VersionState::superseded, "superseded"},
    {VersionState::rejected, "rejected"},
}};

constexpr std::string_view version_columns =
    "SELECT version, based_on, state, json, diff, rationale, proposed_by, proposed_at, decided_by, "
    "decided_at FROM policy_version ";

constexpr std::size_t rationale_size_min = 10;
constexpr std::size_t rationale_size_max = 500;

VersionState version_state(const std::string& text) {
    const auto* const found =
        std::ranges::find(state_texts, text, &decltype(state_texts)::value_type::second);
    if (found == state_texts.end()) throw Fault("unknown state of a policy version: " + text);
    return found->first;
}

PolicyVersion version_in(const store::Row& row) {
    return {
        .version = row.integer(0),
        .based_on = row.integer(1),
        .state = version_state(row.text(2)),
        .json = row.text(3),
        .diff = row.text(4),
        .rationale = row.text(5),
        .proposed_by = row.maybe_id<AccountId>(6),
        .proposed_at = row.time(7),
        .decided_by = row.maybe_id<AccountId>(8),
        .decided_at = row.maybe_time(9),
    };
}

void insert_version(store::Tx& tx, const PolicyVersion& version) {
    tx.execute(
        "INSERT INTO policy_version (version, based_on, state, json, diff, rationale, proposed_by, "
        "proposed_at, decided_by, decided_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {version.version,
         version.based_on,
         std::string(to_text(version.state)),
         version.json,
         version.diff,
         version.rationale,
         store::value(version.proposed_by),
         store::value(version.proposed_at),
         store::value(version.decided_by),
         store::value(version.decided_at)}
    );
}

void set_state(store::Tx& tx, std::int64_t version, VersionState state) {
    tx.execute(
        "UPDATE policy_version SET state = ? WHERE version = ?",
        {std::string(to_text(state)), version}
    );
}

Policy stored_policy(const std::string& json) {
    auto policy = parse_policy(json);
    if (!policy) {
        throw Fault(fmt::format(
            "a stored policy can't be run under: {} ({})",
            policy.error().reason,
            policy.error().detail
        ));
    }
    return *std::move(policy);
}

Result<void> check_permit(const Permit& permit, Permission wanted, const audit::Actor& actor) {
    if (permit.action() != wanted || actor.who.account != permit.account()) {
        return refuse(Refusal::denied, "policy.wrong_permit");
    }
    return {};
}

// Whoever holds a role that goes away could do nothing any more, and nobody would have said so.
Result<void> check_roles_in_use(store::Tx& tx, const Policy& policy) {
    const auto rows =
        tx.query("SELECT DISTINCT role, scope FROM account WHERE state <> 'tombstoned'");
    for (const auto& row : rows) {
        const auto* const role = policy.role(row.text(0));
        const bool fits = role != nullptr && (role->scope == "both" || role->scope == row.text(1));
        if (!fits) return refuse(Refusal::conflict, "policy.role_in_use", row.text(0));
    }
    return {};
}

// Each timer says why it fits the work (S0-46). Versions from before that was asked for are still
// run under; none is proposed again without.
Result<void> check_rationales(const Policy& policy) {
    for (const auto& role : policy.roles) {
        if (role.timer_rationale.empty()) {
            return refuse(
                Refusal::invalid,
                "policy.timer_rationale",
                fmt::format("roles.{}.timer_rationale: is missing", role.name)
            );
        }
    }
    return {};
}

Result<void> check_register_entry(const RoleRules& role) {
    const auto incomplete = [&](std::string_view member) {
        return refuse(
            Refusal::invalid,
            "policy.role_incomplete",
            fmt::format("roles.{}.{}: is missing", role.name, member)
        );
    };
    if (role.purpose.empty()) return incomplete("purpose");
    if (role.intended_use.empty()) return incomplete("intended_use");
    if (role.risk == Risk::low && role.risk_item.empty()) return incomplete("risk_item");
    if (role.risk < least_risk(role.permissions)) {
        return refuse(
            Refusal::invalid,
            "policy.role_risk",
            fmt::format(
                "roles.{}.risk: its permissions ask for {}; to demand less for a while, add an "
                "exception with its risk item",
                role.name,
                to_text(least_risk(role.permissions))
            )
        );
    }
    return {};
}

// Policies from before the register are still run under; none is proposed again without its entries
// (S0-05, S0-48, S0-50, S0-75).
Result<void> check_register(const Policy& policy, Time now) {
    for (const auto& role : policy.roles) {
        SP_CHECK(check_register_entry(role));
        if (role.exception && role.exception->until > now + exception_max) {
            return refuse(
                Refusal::invalid,
                "policy.exception",
                fmt::format("roles.{}.exception.until: is more than 12 months away", role.name)
            );
        }
    }
    return {};
}

std::string as_role_name(std::string_view text) {
    std::string name;
    for (const char c : text) {
        const bool upper = c >= 'A' && c <= 'Z';
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        name += upper ? static_cast<char>(c - 'A' + 'a') : plain ? c : '_';
    }
    return name;
}

// A role named after somebody is a permission hung on a person (S0-48).
Result<void> check_not_named_after_person(store::Tx& tx, const Policy& policy) {
    directory::AccountFilter filter{.count_max = store::page_rows_max};
    for (;;) {
        const auto accounts = directory::list_accounts(tx, filter);
        for (const auto& account : accounts) {
            for (const auto& person : {account.login_name.text(), account.display_name}) {
                const auto name = as_role_name(person);
                // The roles in force may carry the login name of a demo account ("engineer").
                if (policy.role(name) != nullptr && account.role != name) {
                    return refuse(Refusal::conflict, "policy.role_named_after_person", name);
                }
            }
        }
        if (!accounts.more) return {};
        const auto& last = accounts.rows.back();
        filter.after = {last.created_at, last.id};
    }
}

Result<PolicyVersion> proposal(store::Tx& tx, std::int64_t version) {
    auto found = find_policy_version(tx, version);
    if (!found) return refuse(Refusal::not_found, "policy.unknown_version");
    if (found->state != VersionState::proposed) {
        return refuse(Refusal::conflict, "policy.already_decided");
    }
    return *std::move(found);
}

// The proposer and the one who approves must be two people, neither of whom made the other.
Result<void> check_two_people(store::Tx& tx, const PolicyVersion& wanted, const Permit& permit) {
    if (!wanted.proposed_by) throw Fault("a proposed policy has no proposer");
    if (*wanted.proposed_by == permit.account()) {
        return refuse(Refusal::denied, "policy.own_proposal");
    }
    const auto proposer = directory::find_account(tx, *wanted.proposed_by);
    const auto decider = directory::find_account(tx, permit.account());
    if (!proposer || !decider) throw Fault("the proposer or the approver of a policy is unknown");
    if (proposer->person == decider->person) return refuse(Refusal::denied, "policy.same_person");

    const auto made_by_person = [&](const directory::Account& made, const PersonId& maker) {
        if (!made.created_by) return false;
        const auto creator = directory::find_account(tx, *made.created_by);
        return creator && creator->person == maker;
    };
    if (made_by_person(*proposer, decider->person) || made_by_person(*decider, proposer->person)) {
        return refuse(Refusal::denied, "policy.account_creator");
    }
    return {};
}

void append_event(
    store::Tx& tx,
    const Moment& moment,
    const audit::Actor& actor,
    std::string_view type,
    std::string verb,
    const PolicyVersion& version
) {
    auto event =
        audit::event_by(actor, type, std::move(verb), fmt::format("policy:{}", version.version));
    event.fields.push_back({"item", std::string("policy")});
    event.fields.push_back({"version", version.version});
    event.fields.push_back({"diff", version.diff});
    event.fields.push_back({"rationale", version.rationale});
    audit::append(tx, moment, event);
}

void decide_version(
    store::Tx& tx, PolicyVersion& version, VersionState state, const AccountId& by, Time at
) {
    version.state = state;
    version.decided_by = by;
    version.decided_at = at;
    tx.execute(
        "UPDATE policy_version SET state = ?, decided_by = ?, decided_at = ? WHERE version = ?",
        {std::string(to_text(state)), store::value(by), store::value(at), version.version}
    );
}

}  // namespace

std::string_view to_text(VersionState state) noexcept {
    return std::ranges::find(state_texts, state, &decltype(state_texts)::value_type::first)->second;
}

std::int64_t policy_version_in_force(store::Tx& tx) {
    const auto rows = tx.query("SELECT version FROM policy_version WHERE state = 'applied'");
    if (rows.size() != 1) throw Fault("there is no policy in force");
    return rows.front().integer(0);
}

std::shared_ptr<const Policy> policy_in_force(store::Tx& tx) {
    const auto found = find_policy_version(tx, policy_version_in_force(tx));
    auto policy = stored_policy(found.value().json);
    policy.version = found->version;
    return std::make_shared<const Policy>(std::move(policy));
}

void install_first_policy(store::Tx& tx, const Policy& policy, const Moment& moment) {
    if (!tx.query("SELECT 1 FROM policy_version").empty()) {
        throw Fault("there is a policy already; later ones are proposed and approved");
    }
    const PolicyVersion version{
        .version = policy.version,
        .based_on = 0,
        .state = VersionState::applied,
        .json = to_json(policy),
        .diff = {},
        .rationale = "shipped with Sallyport",
        .proposed_by = std::nullopt,
        .proposed_at = moment.now,
        .decided_by = std::nullopt,
        .decided_at = moment.now,
    };
    std::ignore = stored_policy(version.json);
    insert_version(tx, version);
    auto bootstrap = audit::system_actor("bootstrap");
    bootstrap.policy_version = policy.version;
    append_event(tx, moment, bootstrap, "policy.installed", "install", version);
}

Result<PolicyVersion> propose_policy(
    store::Tx& tx,
    const Moment& moment,
    const Permit& permit,
    std::string_view json,
    const std::string& rationale,
    const audit::Actor& actor
) {
    SP_CHECK(check_permit(permit, Permission::policy_propose, actor));
    SP_TRY(auto wanted, parse_policy(json));
    if (!directory::is_clean_text(rationale, rationale_size_min, rationale_size_max)) {
        return refuse(Refusal::invalid, "policy.rationale_short", "10 to 500 bytes");
    }
    const auto current = policy_in_force(tx);
    auto diff = diff_of(*current, wanted);
    if (diff.empty()) return refuse(Refusal::invalid, "policy.unchanged");
    SP_CHECK(check_rationales(wanted));
    SP_CHECK(check_register(wanted, moment.now));
    SP_CHECK(check_roles_in_use(tx, wanted));
    SP_CHECK(check_not_named_after_person(tx, wanted));

    const auto last = tx.query("SELECT MAX(version) FROM policy_version");
    wanted.version = last.front().integer(0) + 1;
    PolicyVersion version{
        .version = wanted.version,
        .based_on = current->version,
        .state = VersionState::proposed,
        .json = to_json(wanted),
        .diff = std::move(diff),
        .rationale = rationale,
        .proposed_by = permit.account(),
        .proposed_at = moment.now,
        .decided_by = std::nullopt,
        .decided_at = std::nullopt,
    };
    insert_version(tx, version);
    append_event(tx, moment, actor, "config.proposed", "propose", version);
    return version;
}

Result<PolicyVersion> approve_policy(
    store::Tx& tx,
    const Moment& moment,
    const Permit& permit,
    std::int64_t version,
    const audit::Actor& actor
) {
    SP_CHECK(check_permit(permit, Permission::policy_approve, actor));
    SP_TRY(auto wanted, proposal(tx, version));
    SP_CHECK(check_two_people(tx, wanted, permit));
    const auto current = policy_version_in_force(tx);
    if (wanted.based_on != current) return refuse(Refusal::conflict, "policy.outdated");
    SP_CHECK(check_roles_in_use(tx, stored_policy(wanted.json)));

    set_state(tx, current, VersionState::superseded);
    decide_version(tx, wanted, VersionState::applied, permit.account(), moment.now);
    append_event(tx, moment, actor, "config.approved", "approve", wanted);
    append_event(tx, moment, actor, "config.applied", "apply", wanted);
    return wanted;
}

Result<PolicyVersion> reject_policy(
    store::Tx& tx,
    const Moment& moment,
    const Permit& permit,
    std::int64_t version,
    const audit::Actor& actor
) {
    SP_TRY(auto wanted, proposal(tx, version));
    const bool own = wanted.proposed_by == permit.account();
    SP_CHECK(
        check_permit(permit, own ? Permission::policy_propose : Permission::policy_approve, actor)
    );
    decide_version(tx, wanted, VersionState::rejected, permit.account(), moment.now);
    append_event(tx, moment, actor, "config.rejected", "reject", wanted);
    return wanted;
}

std::optional<PolicyVersion> find_policy_version(store::Tx& tx, std::int64_t version) {
    const auto rows = tx.query(std::string(version_columns) + "WHERE version = ?", {version});
    if (rows.empty()) return std::nullopt;
    return version_in(rows.front());
}

std::vector<PolicyVersion> list_policy_versions(store::Tx& tx) {
    std::vector<PolicyVersion> versions;
    for (const auto& row : tx.query(std::string(version_columns) + "ORDER BY version DESC")) {
        versions.push_back(version_in(row));
    }
    return versions;
}

}  // namespace sallyport::policy
