#include "domain/network/rule_store.h"

#include "base/core/fault.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <tuple>
#include <utility>

namespace sallyport::network {

namespace {

using directory::Device;
using directory::DeviceGroup;

std::string group_key(const directory::DeviceGroupId& id) {
    return "group:" + id.text();
}

std::string device_key(const DeviceId& id) {
    return "device:" + id.text();
}

std::string key_of(const Device& device) {
    return device.details.group ? group_key(*device.details.group) : device_key(device.id);
}

store::Value or_null(const std::optional<Time>& time) {
    return time ? store::value(*time) : store::Value();
}

template <class Value>
Value stored(Result<Value> value, std::string_view what) {
    if (!value) throw Fault(fmt::format("a stored {} is malformed", what));
    return *std::move(value);
}

FlowDecision decision_in(const std::string& text) {
    for (const auto decision : {FlowDecision::open, FlowDecision::keep, FlowDecision::drop}) {
        if (to_text(decision) == text) return decision;
    }
    throw Fault("a stored flow's decision is malformed");
}

DecidedFlow flow_in(const store::Row& row) {
    FlowLine line;
    line.direction = row.text(1) == "to" ? Direction::to_device : Direction::from_device;
    line.peer = stored(parse_ip_address(row.text(2)), "flow's peer");
    line.protocol = static_cast<Protocol>(row.integer(3));
    line.port = static_cast<std::uint16_t>(row.integer(4));
    line.count = static_cast<std::uint64_t>(row.integer(5));
    line.devices = static_cast<std::size_t>(row.integer(6));
    line.first = row.maybe_time(7);
    line.last = row.maybe_time(8);
    return {
        .id = row.id<FlowId>(0),
        .line = line,
        .decision = decision_in(row.text(9)),
        .purpose = row.text(10),
        .decided_by = row.maybe_id<AccountId>(11),
        .decided_at = row.maybe_time(12),
    };
}

// Whether a port that the gateway reaches is what the line is about.
bool is_about_guarded_port(const RuleScope& scope, const FlowLine& line) {
    if (line.direction != Direction::to_device || line.protocol != tcp) return false;
    const auto* const group = scope.group ? &*scope.group : nullptr;
    return std::ranges::any_of(scope.devices, [&](const Device& device) {
        const auto known = guarded(device, group);
        return known && std::ranges::find(known->ports, line.port) != known->ports.end();
    });
}

Cover cover_in(const store::Row& row) {
    std::optional<NetworkRule> rule;
    if (!row.is_null(2)) rule = stored(parse_network_rule(row.text(2)), "network rule");
    return {
        .id = row.id<CoverId>(0),
        .kind = row.text(1) == "attested" ? CoverKind::attested : CoverKind::exception,
        .rule = std::move(rule),
        .firewall = row.text(3),
        .ticket = row.text(4),
        .reason = row.text(5),
        .made_by = row.id<AccountId>(6),
        .made_at = row.time(7),
        .ends_at = row.time(8),
    };
}

std::vector<std::string> lines_in(const std::string& json) {
    const auto list = nlohmann::json::parse(json, nullptr, false);
    if (!list.is_array()) throw Fault("a stored drift is malformed");
    std::vector<std::string> lines;
    for (const auto& line : list) {
        if (!line.is_string()) throw Fault("a stored drift is malformed");
        lines.push_back(line.get<std::string>());
    }
    return lines;
}

}  // namespace

std::string RuleScope::name() const {
    return group ? group->name.text() : devices.front().name.text();
}

std::string RuleScope::key() const {
    return group ? group_key(group->id) : device_key(devices.front().id);
}

Result<RuleScope> find_scope(store::Tx& tx, std::string_view name) {
    const auto parsed = directory::DeviceName::parse(name);
    if (!parsed) return refuse(Refusal::not_found, "network.scope_unknown");
    auto group = directory::find_device_group(tx, *parsed);
    if (!group) {
        auto device = directory::find_device(tx, *parsed);
        if (!device || device->state == directory::DeviceState::retired) {
            return refuse(Refusal::not_found, "network.scope_unknown");
        }
        if (!device->details.group) return RuleScope{std::nullopt, {*std::move(device)}};
        group = directory::find_device_group(tx, *device->details.group);
    }
    auto devices = directory::members_of(tx, group->id);
    return RuleScope{std::move(group), std::move(devices)};
}

std::vector<RuleScope> list_scopes(store::Tx& tx) {
    std::vector<RuleScope> scopes;
    for (auto& group : directory::list_device_groups(tx)) {
        auto devices = directory::members_of(tx, group.id);
        if (!devices.empty()) scopes.push_back({std::move(group), std::move(devices)});
    }
    for (auto& device : directory::list_devices(tx)) {
        const bool alone = !device.details.group && device.state != directory::DeviceState::retired;
        if (alone) scopes.push_back({std::nullopt, {std::move(device)}});
    }
    std::ranges::sort(scopes, {}, &RuleScope::name);
    return scopes;
}

std::string_view to_text(FlowDecision decision) noexcept {
    switch (decision) {
        case FlowDecision::open:
            return "";
        case FlowDecision::keep:
            return "keep";
        case FlowDecision::drop:
            return "drop";
    }
    std::unreachable();
}

std::string_view to_text(CoverKind kind) noexcept {
    return kind == CoverKind::attested ? "attested" : "exception";
}

std::vector<DecidedFlow> flows_of(store::Tx& tx, const RuleScope& scope) {
    std::vector<DecidedFlow> flows;
    const auto rows = tx.query(
        "SELECT id, direction, peer, protocol, port, flows, devices, first_seen, last_seen, "
        "decision, purpose, decided_by, decided_at FROM network_flow WHERE scope = ?",
        {scope.key()}
    );
    for (const auto& row : rows) {
        auto& flow = flows.emplace_back(flow_in(row));
        flow.line.is_way_around = is_about_guarded_port(scope, flow.line);
    }
    std::ranges::sort(flows, {}, [](const DecidedFlow& flow) {
        const auto& line = flow.line;
        return std::tuple(line.direction, line.peer, line.protocol, line.port);
    });
    return flows;
}

Result<NetworkRule> rule_of(
    store::Tx& tx, const RuleScope& scope, std::span<const std::string> gateways
) {
    if (gateways.empty()) return refuse(Refusal::invalid, "network.gateway_unknown");
    if (scope.devices.empty()) return refuse(Refusal::invalid, "network.no_devices");
    NetworkRule rule;
    rule.name = scope.name();
    for (const auto& text : gateways) {
        SP_TRY(const auto address, parse_ip_address(text));
        rule.gateways.push_back(address);
    }
    std::ranges::sort(rule.gateways);
    const auto* const group = scope.group ? &*scope.group : nullptr;
    for (const auto& device : scope.devices) {
        SP_TRY(auto known, guarded(device, group));
        rule.devices.push_back(std::move(known));
    }
    for (const auto& flow : flows_of(tx, scope)) {
        // A port may have become the gateway's after a flow to it was kept.
        const bool kept = flow.decision == FlowDecision::keep && !flow.line.is_way_around;
        if (!kept) continue;
        const auto& line = flow.line;
        rule.kept.push_back({line.direction, line.peer, line.protocol, line.port, flow.purpose});
    }
    return rule;
}

void add_flow_log(
    store::Tx& tx,
    const Moment& moment,
    const RuleScope& scope,
    const FlowLogFacts& facts,
    std::span<const FlowLine> denied,
    const AccountId& by
) {
    tx.execute(
        "INSERT INTO network_flow_log (id, scope, sha256, flows, first_seen, last_seen, read_by, "
        "read_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        {store::value(Id<struct NetworkFlowLogKind>::fresh(moment.now, moment.random)),
         scope.key(),
         facts.sha256,
         static_cast<std::int64_t>(facts.flows),
         or_null(facts.first),
         or_null(facts.last),
         store::value(by),
         store::value(moment.now)}
    );
    for (const auto& line : denied) {
        tx.execute(
            "INSERT INTO network_flow (id, scope, direction, peer, protocol, port, flows, devices, "
            "first_seen, last_seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (scope, direction, peer, protocol, port) DO UPDATE SET "
            "flows = excluded.flows, devices = excluded.devices, "
            "first_seen = excluded.first_seen, last_seen = excluded.last_seen",
            {store::value(FlowId::fresh(moment.now, moment.random)),
             scope.key(),
             std::string(to_text(line.direction)),
             ip_address_text(line.peer),
             std::int64_t{line.protocol},
             std::int64_t{line.port},
             static_cast<std::int64_t>(line.count),
             static_cast<std::int64_t>(line.devices),
             or_null(line.first),
             or_null(line.last)}
        );
    }
}

bool has_flow_log(store::Tx& tx, const RuleScope& scope) {
    return !tx.query("SELECT 1 FROM network_flow_log WHERE scope = ? LIMIT 1", {scope.key()})
                .empty();
}

void decide_flow(
    store::Tx& tx,
    const Moment& moment,
    const FlowId& id,
    FlowDecision decision,
    const std::string& purpose,
    const AccountId& by
) {
    const auto changed = tx.execute(
        "UPDATE network_flow SET decision = ?, purpose = ?, decided_by = ?, decided_at = ? "
        "WHERE id = ?",
        {std::string(to_text(decision)),
         purpose,
         store::value(by),
         store::value(moment.now),
         store::value(id)}
    );
    if (changed != 1) throw Fault("there is no flow " + id.text());
}

CoverId add_cover(
    store::Tx& tx,
    const Moment& moment,
    const RuleScope& scope,
    const NewCover& wanted,
    const AccountId& by
) {
    const auto id = CoverId::fresh(moment.now, moment.random);
    const auto kind = wanted.rule ? CoverKind::attested : CoverKind::exception;
    tx.execute(
        "INSERT INTO network_cover (id, scope, kind, rule, firewall, ticket, reason, made_by, "
        "made_at, ends_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {store::value(id),
         scope.key(),
         std::string(to_text(kind)),
         wanted.rule ? store::Value(to_json(*wanted.rule)) : store::Value(),
         wanted.firewall,
         wanted.ticket,
         wanted.reason,
         store::value(by),
         store::value(moment.now),
         store::value(wanted.ends_at)}
    );
    return id;
}

std::vector<Cover> standing_covers(store::Tx& tx, const std::string& scope_key, Time now) {
    std::vector<Cover> covers;
    for (const auto* const kind : {"attested", "exception"}) {
        const auto rows = tx.query(
            "SELECT id, kind, rule, firewall, ticket, reason, made_by, made_at, ends_at "
            "FROM network_cover WHERE scope = ? AND kind = ? ORDER BY made_at DESC, id DESC LIMIT "
            "1",
            {scope_key, kind}
        );
        // An older one does not come to life again when the newest ends.
        if (!rows.empty() && rows.front().time(8) > now) covers.push_back(cover_in(rows.front()));
    }
    return covers;
}

std::int64_t end_covers(store::Tx& tx, const std::string& scope_key, Time now) {
    return tx.execute(
        "UPDATE network_cover SET ends_at = ? WHERE scope = ? AND ends_at > ?",
        {store::value(now), scope_key, store::value(now)}
    );
}

void add_drift(
    store::Tx& tx,
    const Moment& moment,
    const RuleScope& scope,
    Dialect dialect,
    const Drift& drift,
    const AccountId& by
) {
    tx.execute(
        "INSERT INTO network_drift (id, scope, dialect, missing, unexpected, reordered, "
        "checked_by, "
        "checked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        {store::value(Id<struct NetworkDriftKind>::fresh(moment.now, moment.random)),
         scope.key(),
         std::string(to_text(dialect)),
         nlohmann::json(drift.missing)
             .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
         nlohmann::json(drift.unexpected)
             .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
         std::int64_t{drift.reordered},
         store::value(by),
         store::value(moment.now)}
    );
}

std::optional<DriftCheck> latest_drift(store::Tx& tx, const RuleScope& scope) {
    const auto rows = tx.query(
        "SELECT dialect, missing, unexpected, reordered, checked_by, checked_at FROM network_drift "
        "WHERE scope = ? ORDER BY checked_at DESC, id DESC LIMIT 1",
        {scope.key()}
    );
    if (rows.empty()) return std::nullopt;
    const auto& row = rows.front();
    const auto dialect = parse_dialect(row.text(0));
    if (!dialect) throw Fault("a stored drift's dialect is unknown");
    return DriftCheck{
        .dialect = *dialect,
        .drift = {lines_in(row.text(1)), lines_in(row.text(2)), row.integer(3) != 0},
        .checked_by = row.id<AccountId>(4),
        .checked_at = row.time(5),
    };
}

Result<CoverKind> check_covered(store::Tx& tx, const Device& device, Time now) {
    const auto covers = standing_covers(tx, key_of(device), now);
    const auto of_kind = [&](CoverKind kind) {
        return std::ranges::find(covers, kind, &Cover::kind);
    };
    const auto attested = of_kind(CoverKind::attested);
    const bool there = attested != covers.end();
    if (there) {
        const auto group = device.details.group
                               ? directory::find_device_group(tx, *device.details.group)
                               : std::nullopt;
        const auto known = guarded(device, group ? &*group : nullptr);
        if (known && guards(*attested->rule, *known)) return CoverKind::attested;
    }
    if (of_kind(CoverKind::exception) != covers.end()) return CoverKind::exception;
    if (there) return refuse(Refusal::denied, "network.device_not_in_rule");
    return refuse(Refusal::denied, "network.uncovered");
}

}  // namespace sallyport::network
