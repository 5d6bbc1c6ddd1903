#pragma once
// What was seen of a scope's traffic and what people said of it; who says that its rule is in
// force; and what follows: whether a device of it may be opened. Rows only, as in
// directory/account.h.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/core/time.h"
#include "base/store/tx.h"
#include "domain/directory/account.h"
#include "domain/directory/device.h"
#include "domain/directory/device_group.h"
#include "domain/network/flow_plan.h"
#include "domain/network/network_rule.h"
#include "domain/network/rule_text.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::network {

using FlowId = Id<struct NetworkFlowKind>;
using CoverId = Id<struct NetworkCoverKind>;

// What one rule is for: an asset group, or a device that is in none.
struct RuleScope {
    std::optional<directory::DeviceGroup> group;
    std::vector<directory::Device> devices;  // that are not retired, by name

    [[nodiscard]] std::string name() const;
    [[nodiscard]] std::string key() const;  // "group:…", "device:…"
};

// A group goes before a device of the same name; a device's name leads to its group. Refuses
// not_found "network.scope_unknown".
[[nodiscard]] Result<RuleScope> find_scope(store::Tx& tx, std::string_view name);
// All that have a device, by name.
[[nodiscard]] std::vector<RuleScope> list_scopes(store::Tx& tx);

enum class FlowDecision : std::uint8_t { open, keep, drop };

[[nodiscard]] std::string_view to_text(FlowDecision decision) noexcept;  // "", "keep", "drop"

struct DecidedFlow {
    FlowId id;
    FlowLine line;
    FlowDecision decision = FlowDecision::open;
    std::string purpose;  // "drug library"; of one that is dropped, why
    std::optional<AccountId> decided_by;
    std::optional<Time> decided_at;
};

// In order of direction, peer, protocol and port.
[[nodiscard]] std::vector<DecidedFlow> flows_of(store::Tx& tx, const RuleScope& scope);

// The rule as it should be in force now. Refuses invalid "network.gateway_unknown" (none given),
// "network.no_devices", "network.address_is_a_name".
[[nodiscard]] Result<NetworkRule> rule_of(
    store::Tx& tx, const RuleScope& scope, std::span<const std::string> gateways
);

struct FlowLogFacts {
    std::string sha256;  // of the log as the site has it; 64 hexadecimal digits
    std::uint64_t flows = 0;
    std::optional<Time> first;
    std::optional<Time> last;
};

// Adds what is new of `denied`; of what is known already the counts and times are those of this
// log.
void add_flow_log(
    store::Tx& tx,
    const Moment& moment,
    const RuleScope& scope,
    const FlowLogFacts& facts,
    std::span<const FlowLine> denied,
    const AccountId& by
);
[[nodiscard]] bool has_flow_log(store::Tx& tx, const RuleScope& scope);
void decide_flow(
    store::Tx& tx,
    const Moment& moment,
    const FlowId& id,
    FlowDecision decision,
    const std::string& purpose,
    const AccountId& by
);

enum class CoverKind : std::uint8_t { attested, exception };

[[nodiscard]] std::string_view to_text(CoverKind kind) noexcept;

struct Cover {
    CoverId id;
    CoverKind kind;
    std::optional<NetworkRule> rule;  // as it was attested
    std::string firewall;             // where it is in force
    std::string ticket;
    std::string reason;
    AccountId made_by;
    Time made_at;
    Time ends_at;
};

struct NewCover {
    std::optional<NetworkRule> rule;  // none: an exception
    std::string firewall;
    std::string ticket;
    std::string reason;
    Time ends_at;
};

[[nodiscard]] CoverId add_cover(
    store::Tx& tx,
    const Moment& moment,
    const RuleScope& scope,
    const NewCover& wanted,
    const AccountId& by
);
// Of each kind the newest, if it has not ended.
[[nodiscard]] std::vector<Cover> standing_covers(
    store::Tx& tx, const std::string& scope_key, Time now
);
// Now, whatever their kind. Returns how many.
std::int64_t end_covers(store::Tx& tx, const std::string& scope_key, Time now);

struct DriftCheck {
    Dialect dialect = Dialect::nftables;
    Drift drift;
    AccountId checked_by;
    Time checked_at;
};

void add_drift(
    store::Tx& tx,
    const Moment& moment,
    const RuleScope& scope,
    Dialect dialect,
    const Drift& drift,
    const AccountId& by
);
[[nodiscard]] std::optional<DriftCheck> latest_drift(store::Tx& tx, const RuleScope& scope);

// What lets the device be opened now: the attestation that names its address and port, or else an
// exception. Refuses denied "network.uncovered" (nobody attested anything, or it ended) and
// "network.device_not_in_rule" (what was attested does not name it there).
[[nodiscard]] Result<CoverKind> check_covered(
    store::Tx& tx, const directory::Device& device, Time now
);

}  // namespace sallyport::network
