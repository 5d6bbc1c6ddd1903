#include "domain/governance/grants.h"

#include "base/core/fault.h"
#include "domain/audit/log.h"
#include "domain/directory/account.h"
#include "domain/directory/device.h"
#include "domain/directory/text_rules.h"
#include "domain/governance/grant_store.h"
#include "domain/governance/separation.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

namespace sallyport::governance {

namespace {

using policy::Permission;

constexpr std::size_t purpose_size_min = 10;
constexpr std::size_t purpose_size_max = 500;
constexpr std::size_t ticket_size_max = 64;
constexpr std::size_t reason_size_max = 500;
constexpr std::chrono::days ahead_max{90};
constexpr std::int64_t undecided_max = 50;
constexpr std::int64_t sweep_max = 500;

bool is_actors(const policy::Permit& permit, const audit::Actor& actor) {
    return actor.who.account == permit.account();
}

bool is_ticket_char(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-' || c == '/' || c == '#';
}

Result<void> check_form(const GrantRequest& wanted) {
    if (wanted.purpose.size() < purpose_size_min) {
        return refuse(Refusal::invalid, "grant.purpose_short", "at least 10 bytes");
    }
    if (!directory::is_clean_text(wanted.purpose, purpose_size_min, purpose_size_max)) {
        return refuse(Refusal::invalid, "grant.purpose_malformed", "at most 500 bytes of text");
    }
    const auto& ticket = wanted.change_ticket;
    if (ticket.empty() || ticket.size() > ticket_size_max ||
        !std::ranges::all_of(ticket, is_ticket_char)) {
        return refuse(Refusal::invalid, "grant.ticket_malformed", "letters, digits, . _ - / #");
    }
    return {};
}

Result<void> check_window(const GrantRequest& wanted, const policy::Policy& policy, Time now) {
    const bool sound = wanted.until > wanted.from && wanted.until > now &&
                       wanted.until - wanted.from <= policy.grant_max &&
                       wanted.from <= now + ahead_max;
    if (!sound) return refuse(Refusal::invalid, "grant.window");
    return {};
}

Result<directory::Device> visitable_device(store::Tx& tx, const DeviceId& id) {
    auto device = directory::find_device(tx, id);
    if (!device) return refuse(Refusal::not_found, "device.unknown");
    if (device->state == directory::DeviceState::retired) {
        return refuse(Refusal::conflict, "device.retired");
    }
    return *std::move(device);
}

Result<void> check_capabilities(
    const directory::DeviceProfile& profile, const std::vector<std::string>& capabilities
) {
    std::set<std::string_view> known;
    for (const auto& rule : profile.allow) {
        if (!rule.needs.empty()) known.insert(rule.needs);
    }
    // Each taken once: what is asked for twice is not known the second time.
    for (const auto& capability : capabilities) {
        if (known.erase(capability) == 0) {
            return refuse(Refusal::invalid, "grant.capability_unknown");
        }
    }
    return {};
}

Result<void> check_may_visit(
    store::Tx& tx, const policy::Policy& policy, const AccountId& requester
) {
    const auto account = directory::find_account(tx, requester);
    if (!account || account->state != directory::AccountState::active) {
        return refuse(Refusal::denied, "grant.requester_not_active");
    }
    const auto* const role = policy.role(account->role);
    if (role == nullptr ||
        !role->permissions.test(static_cast<std::size_t>(Permission::device_visit))) {
        return refuse(Refusal::denied, "grant.role_cannot_visit");
    }
    return {};
}

// The Permit was made from a session in memory; the row is what counts by now.
Result<void> check_may_decide(
    store::Tx& tx, const policy::Policy& policy, const AccountId& decider
) {
    const auto account = directory::find_account(tx, decider);
    const auto* const role = account ? policy.role(account->role) : nullptr;
    const bool may = role != nullptr && account->state == directory::AccountState::active &&
                     role->permissions.test(static_cast<std::size_t>(Permission::grant_approve));
    if (!may) return refuse(Refusal::denied, "grant.decider_not_active");
    return {};
}

audit::Event event_about(
    const audit::Actor& actor, std::string_view type, std::string verb, const Grant& grant
) {
    auto event = audit::event_by(actor, type, std::move(verb), "grant:" + grant.id.text());
    event.grant = grant.id;
    event.ticket = grant.change_ticket;
    event.fields.push_back({"device", grant.device.text()});
    event.fields.push_back({"requester", grant.requester.text()});
    return event;
}

void append_requested(
    store::Tx& tx, const Moment& moment, const audit::Actor& actor, const Grant& grant
) {
    auto event = event_about(actor, "grant.requested", "request", grant);
    event.fields.push_back({"purpose", grant.purpose});
    event.fields.push_back({"from", sallyport::to_text(grant.from)});
    event.fields.push_back({"until", sallyport::to_text(grant.until)});
    std::string capabilities;
    for (const auto& each : grant.capabilities) {
        capabilities += (capabilities.empty() ? "" : " ") + each;
    }
    event.fields.push_back({"capabilities", capabilities});
    audit::append(tx, moment, event);
}

Result<Grant> undecided_grant(store::Tx& tx, const GrantId& id, Time now) {
    auto grant = find_grant(tx, id);
    if (!grant) return refuse(Refusal::not_found, "grant.unknown");
    if (grant->state != GrantState::requested) {
        return refuse(Refusal::conflict, "grant.already_decided");
    }
    if (now >= grant->until) return refuse(Refusal::expired, "grant.over");
    return *std::move(grant);
}

Result<void> check_reason(const std::string& reason, std::size_t size_min) {
    if (!directory::is_clean_text(reason, size_min, reason_size_max)) {
        return refuse(Refusal::invalid, "grant.reason_malformed", "text of at most 500 bytes");
    }
    return {};
}

// Who decides is the trouble, not what they asked: somebody tried what they must not.
void append_refused(
    store::Tx& tx,
    const Moment& moment,
    const audit::Actor& actor,
    const Grant& grant,
    std::string_view reason
) {
    auto event = event_about(actor, "authz.denied", "decide", grant);
    event.outcome = audit::Outcome::refused;
    event.reason = reason;
    audit::append(tx, moment, event);
}

Result<void> check_revoker(
    const Grant& grant, const policy::Permit& permit, const audit::Actor& actor
) {
    const bool own =
        grant.requester == permit.account() && (permit.action() == Permission::grant_request ||
                                                permit.action() == Permission::self_manage);
    const bool fits = own || permit.action() == Permission::grant_revoke;
    if (!fits || !is_actors(permit, actor)) return refuse(Refusal::denied, "grant.wrong_permit");
    return {};
}

}  // namespace

policy::GrantFacts Grant::facts() const {
    return {
        .id = id,
        .requester = requester,
        .device = device,
        .approved = state == GrantState::approved,
        .from = from,
        .until = until,
    };
}

Result<Grant> request_grant(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const GrantRequest& wanted,
    const audit::Actor& actor
) {
    if (permit.action() != Permission::grant_request || !is_actors(permit, actor)) {
        return refuse(Refusal::denied, "grant.wrong_permit");
    }
    SP_CHECK(check_form(wanted));
    SP_CHECK(check_window(wanted, policy, moment.now));
    SP_TRY(const auto device, visitable_device(tx, wanted.device));
    SP_CHECK(check_capabilities(device.profile, wanted.capabilities));
    SP_CHECK(check_may_visit(tx, policy, permit.account()));
    if (count_undecided(tx, permit.account(), moment.now) >= undecided_max) {
        return refuse(Refusal::throttled, "grant.too_many_open");
    }

    Grant grant{
        .id = GrantId::fresh(moment.now, moment.random),
        .requester = permit.account(),
        .device = wanted.device,
        .purpose = wanted.purpose,
        .change_ticket = wanted.change_ticket,
        .from = wanted.from,
        .until = wanted.until,
        .capabilities = wanted.capabilities,
        .state = GrantState::requested,
        .requested_at = moment.now,
        .decided_by = std::nullopt,
        .decided_at = std::nullopt,
        .decision_reason = {},
        .ended_by = std::nullopt,
        .ended_at = std::nullopt,
        .end_reason = {},
    };
    insert_grant(tx, grant);
    append_requested(tx, moment, actor, grant);
    return grant;
}

// NOLINTNEXTLINE(readability-function-size): the circumstances, and what is asked
Result<Grant> decide_grant(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const GrantId& id,
    Verdict verdict,
    const std::string& reason,
    const audit::Actor& actor
) {
    if (permit.action() != Permission::grant_approve || !is_actors(permit, actor)) {
        return refuse(Refusal::denied, "grant.wrong_permit");
    }
    SP_CHECK(check_reason(reason, verdict == Verdict::deny ? 1 : 0));
    SP_TRY(auto grant, undecided_grant(tx, id, moment.now));
    if (const auto apart = check_separation(
            tx, policy, grant.requester, permit.account(), grant.device, moment.now
        );
        !apart) {
        append_refused(tx, moment, actor, grant, apart.error().reason);
        return std::unexpected(apart.error());
    }
    SP_CHECK(check_may_decide(tx, policy, permit.account()));
    if (verdict == Verdict::approve) {
        SP_CHECK(check_may_visit(tx, policy, grant.requester));
        SP_TRY(const auto device, visitable_device(tx, grant.device));
        // The profile may have changed since the request.
        SP_CHECK(check_capabilities(device.profile, grant.capabilities));
    }

    grant.state = verdict == Verdict::approve ? GrantState::approved : GrantState::denied;
    grant.decided_by = permit.account();
    grant.decided_at = moment.now;
    grant.decision_reason = reason;
    write_decision(tx, grant);
    auto event = verdict == Verdict::approve
                     ? event_about(actor, "grant.approved", "approve", grant)
                     : event_about(actor, "grant.denied", "deny", grant);
    event.fields.push_back({"decision_reason", reason});
    event.fields.push_back({"from", sallyport::to_text(grant.from)});
    event.fields.push_back({"until", sallyport::to_text(grant.until)});
    audit::append(tx, moment, event);
    return grant;
}

Result<Grant> revoke_grant(
    store::Tx& tx,
    const Moment& moment,
    const policy::Permit& permit,
    const GrantId& id,
    const std::string& reason,
    const audit::Actor& actor
) {
    SP_CHECK(check_reason(reason, 0));
    auto grant = find_grant(tx, id);
    if (!grant) return refuse(Refusal::not_found, "grant.unknown");
    SP_CHECK(check_revoker(*grant, permit, actor));
    if (grant->state != GrantState::approved) {
        return refuse(Refusal::conflict, "grant.not_approved");
    }
    if (moment.now >= grant->until) return refuse(Refusal::expired, "grant.over");

    grant->state = GrantState::revoked;
    grant->ended_by = permit.account();
    grant->ended_at = moment.now;
    grant->end_reason = reason;
    write_end(tx, *grant);
    auto event = event_about(actor, "grant.revoked", "revoke", *grant);
    event.fields.push_back({"end_reason", reason});
    audit::append(tx, moment, event);
    return *std::move(grant);
}

std::vector<GrantId> sweep_ended_grants(store::Tx& tx, const Moment& moment) {
    std::vector<GrantId> ids;
    const auto timer = audit::system_actor("grant-timer");
    for (const auto& grant : take_ended(tx, moment.now, sweep_max)) {
        auto event = event_about(timer, "grant.expired", "expire", grant);
        event.fields.push_back({"until", sallyport::to_text(grant.until)});
        audit::append(tx, moment, event);
        ids.push_back(grant.id);
    }
    return ids;
}

}  // namespace sallyport::governance
