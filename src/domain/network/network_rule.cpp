#include "domain/network/network_rule.h"

#include "domain/directory/bounded_json.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

namespace sallyport::network {

namespace {

constexpr std::size_t rule_size_max = std::size_t{4} << 20;
constexpr std::size_t devices_max = 10'000;
constexpr std::size_t kept_max = 10'000;
constexpr std::size_t gateways_max = 16;
constexpr std::size_t ports_max = 64;
constexpr std::size_t name_size_max = 63;
constexpr std::size_t purpose_size_max = 100;
constexpr std::size_t address_size_max = 45;

template <class Items, class Item>
bool holds(const Items& items, const Item& item) noexcept {
    return std::ranges::find(items, item) != std::ranges::end(items);
}

bool is_of(const IpAddress& address, Family family) noexcept {
    return is_ipv4(address) == (family == Family::ipv4);
}

std::vector<IpRange> as_ranges(const std::vector<IpAddress>& addresses, Family family) {
    std::vector<IpRange> ranges;
    for (const auto& address : addresses) {
        if (is_of(address, family)) ranges.push_back({address, address});
    }
    return merged(std::move(ranges));
}

bool keeps(const KeptFlow& kept, Direction direction, const IpAddress& peer, const Flow& flow) {
    return kept.direction == direction && kept.peer == peer && kept.protocol == flow.protocol &&
           kept.port == flow.destination_port;
}

IpAddress address_in(directory::MemberReader& reader, std::string_view name) {
    const auto address = parse_ip_address(reader.text(name, 1, address_size_max));
    if (!address) reader.complain(name, "is no address");
    return address ? *address : IpAddress{};
}

std::uint16_t as_port(const nlohmann::json& value) {
    const bool good = value.is_number_unsigned() &&
                      value.get<std::uint64_t>() <= std::numeric_limits<std::uint16_t>::max();
    return good ? value.get<std::uint16_t>() : std::uint16_t{0};
}

GuardedDevice device_in(const nlohmann::json& json, std::string& problem) {
    directory::MemberReader reader(json, "devices", problem);
    GuardedDevice device;
    device.name = reader.text("name", 1, name_size_max);
    device.address = address_in(reader, "address");
    for (const auto& port : reader.array("ports", ports_max)) {
        device.ports.push_back(as_port(port));
        if (device.ports.back() == 0) reader.complain("ports", "holds what is no port");
    }
    reader.finish();
    return device;
}

KeptFlow kept_in(const nlohmann::json& json, std::string& problem) {
    directory::MemberReader reader(json, "kept", problem);
    KeptFlow kept;
    const auto direction = reader.text("direction", 1, name_size_max);
    if (direction != "to" && direction != "from") reader.complain("direction", "is to or from");
    kept.direction = direction == "to" ? Direction::to_device : Direction::from_device;
    kept.peer = address_in(reader, "peer");
    const auto protocol = parse_protocol(reader.text("protocol", 1, name_size_max));
    if (!protocol) reader.complain("protocol", "is none");
    kept.protocol = protocol.value_or(tcp);
    kept.port = static_cast<std::uint16_t>(
        reader.integer("port", 0, std::numeric_limits<std::uint16_t>::max())
    );
    kept.purpose = reader.text("purpose", 1, purpose_size_max);
    reader.finish();
    return kept;
}

}  // namespace

std::string_view to_text(Direction direction) noexcept {
    return direction == Direction::to_device ? "to" : "from";
}

Result<GuardedDevice> guarded(
    const directory::Device& device, const directory::DeviceGroup* group
) {
    const auto address = parse_ip_address(device.address);
    if (!address) {
        return refuse(Refusal::invalid, "network.address_is_a_name", device.name.text());
    }
    std::set<std::uint16_t> ports{device.port};
    for (const auto& entry : directory::interfaces_of(device, group)) {
        const bool ours = entry.port != 0 && entry.control == directory::InterfaceControl::gateway;
        if (ours) ports.insert(entry.port);
    }
    return GuardedDevice{device.name.text(), *address, {ports.begin(), ports.end()}};
}

const GuardedDevice* device_at(const NetworkRule& rule, const IpAddress& address) noexcept {
    const auto found = std::ranges::find(rule.devices, address, &GuardedDevice::address);
    return found == rule.devices.end() ? nullptr : &*found;
}

Judgement judge(const NetworkRule& rule, const Flow& flow) noexcept {
    const auto* const to = device_at(rule, flow.destination);
    const auto* const from = device_at(rule, flow.source);
    if (to == nullptr && from == nullptr) return Judgement::elsewhere;
    const bool ours = to != nullptr && flow.protocol == tcp && holds(rule.gateways, flow.source) &&
                      holds(to->ports, flow.destination_port);
    if (ours) return Judgement::gateway;
    const bool kept = std::ranges::any_of(rule.kept, [&](const KeptFlow& kept) {
        return (to != nullptr && keeps(kept, Direction::to_device, flow.source, flow)) ||
               (from != nullptr && keeps(kept, Direction::from_device, flow.destination, flow));
    });
    return kept ? Judgement::kept : Judgement::denied;
}

bool is_way_around(const NetworkRule& rule, const Flow& flow) noexcept {
    const auto* const to = device_at(rule, flow.destination);
    return to != nullptr && flow.protocol == tcp && holds(to->ports, flow.destination_port) &&
           !holds(rule.gateways, flow.source);
}

bool guards(const NetworkRule& rule, const GuardedDevice& device) noexcept {
    const auto* const there = device_at(rule, device.address);
    return there != nullptr && there->name == device.name &&
           std::ranges::includes(there->ports, device.ports);
}

std::vector<IpRange> addresses_of(const NetworkRule& rule, Family family) {
    std::vector<IpAddress> addresses;
    for (const auto& device : rule.devices) {
        addresses.push_back(device.address);
    }
    return as_ranges(addresses, family);
}

std::vector<Permit> permits_of(const NetworkRule& rule, Family family) {
    std::map<std::uint16_t, std::vector<IpAddress>> by_port;
    for (const auto& device : rule.devices) {
        for (const auto port : device.ports) {
            by_port[port].push_back(device.address);
        }
    }
    std::vector<Permit> permits;
    const auto add = [&](Permit permit) {
        if (!permit.from.empty() && !permit.to.empty()) permits.push_back(std::move(permit));
    };
    for (const auto& [port, devices] : by_port) {
        add({
            .from = as_ranges(rule.gateways, family),
            .to = as_ranges(devices, family),
            .protocol = tcp,
            .port = port,
            .purpose = "Sallyport",
            .of_gateway = true,
        });
    }
    const auto devices = addresses_of(rule, family);
    for (const auto& kept : rule.kept) {
        const auto peer = as_ranges({kept.peer}, family);
        const bool to = kept.direction == Direction::to_device;
        auto from = to ? peer : devices;
        add({
            .from = std::move(from),
            .to = to ? devices : peer,
            .protocol = kept.protocol,
            .port = kept.port,
            .purpose = kept.purpose,
        });
    }
    return permits;
}

std::string to_json(const NetworkRule& rule) {
    nlohmann::ordered_json json{{"name", rule.name}};
    auto& gateways = json["gateways"] = nlohmann::ordered_json::array();
    for (const auto& gateway : rule.gateways) {
        gateways.push_back(ip_address_text(gateway));
    }
    auto& devices = json["devices"] = nlohmann::ordered_json::array();
    for (const auto& device : rule.devices) {
        devices.push_back(
            {{"name", device.name},
             {"address", ip_address_text(device.address)},
             {"ports", device.ports}}
        );
    }
    auto& kept = json["kept"] = nlohmann::ordered_json::array();
    for (const auto& flow : rule.kept) {
        kept.push_back(
            {{"direction", to_text(flow.direction)},
             {"peer", ip_address_text(flow.peer)},
             {"protocol", protocol_text(flow.protocol)},
             {"port", flow.port},
             {"purpose", flow.purpose}}
        );
    }
    return json.dump();
}

Result<NetworkRule> parse_network_rule(std::string_view json) {
    nlohmann::json document;
    std::string problem;
    if (!directory::parse_bounded_json(json, rule_size_max, document, problem)) {
        return refuse(Refusal::invalid, "network.rule_malformed", problem);
    }
    directory::MemberReader reader(document, "", problem);
    NetworkRule rule;
    rule.name = reader.text("name", 1, name_size_max);
    for (const auto& gateway : reader.array("gateways", gateways_max)) {
        const auto address =
            parse_ip_address(gateway.is_string() ? gateway.get<std::string>() : std::string());
        if (!address) reader.complain("gateways", "holds what is no address");
        if (address) rule.gateways.push_back(*address);
    }
    for (const auto& device : reader.array("devices", devices_max)) {
        rule.devices.push_back(device_in(device, problem));
    }
    for (const auto& kept : reader.array("kept", kept_max)) {
        rule.kept.push_back(kept_in(kept, problem));
    }
    reader.finish();
    if (!problem.empty()) return refuse(Refusal::invalid, "network.rule_malformed", problem);
    return rule;
}

}  // namespace sallyport::network
