#include "domain/directory/bounded_json.h"
#include "domain/network/aws_lines.h"
#include "domain/network/dialects.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>

namespace sallyport::network {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array families{Family::ipv4, Family::ipv6};

void add_permission(Json& list, const Permit& permit, const std::vector<IpRange>& others) {
    const bool v4 = is_ipv4(others.front().first);
    auto ranges = Json::array();
    for (const auto& prefix : prefixes_of(others)) {
        ranges.push_back(
            {{v4 ? "CidrIp" : "CidrIpv6", to_text(prefix)}, {"Description", remark(permit.purpose)}}
        );
    }
    Json permission{{"IpProtocol", protocol_text(permit.protocol)}};
    if (permit.protocol == icmp6) permission["IpProtocol"] = "icmpv6";
    const bool ports = has_ports(permit.protocol);
    if (ports || permit.protocol == icmp || permit.protocol == icmp6) {
        permission["FromPort"] = ports ? permit.port : -1;
        permission["ToPort"] = ports ? permit.port : -1;
    }
    permission[v4 ? "IpRanges" : "Ipv6Ranges"] = std::move(ranges);
    list.push_back(std::move(permission));
}

std::string text_at(const nlohmann::json& object, const char* member) {
    if (!object.is_object()) return "?";
    const auto at = object.find(member);
    return at != object.end() && at->is_string() ? at->get<std::string>() : "?";
}

std::string port_at(const nlohmann::json& object, const char* member) {
    const auto at = object.find(member);
    return at != object.end() && at->is_number_integer() ? std::to_string(at->get<std::int64_t>())
                                                         : "any";
}

void add_lines(
    std::vector<std::string>& lines,
    const nlohmann::json& group,
    const char* member,
    const char* way
) {
    struct Peers {
        const char* list;
        const char* name;
    };

    constexpr std::array<Peers, 4> peers{{
        {"IpRanges", "CidrIp"},
        {"Ipv6Ranges", "CidrIpv6"},
        {"PrefixListIds", "PrefixListId"},
        {"UserIdGroupPairs", "GroupId"},
    }};
    if (!group.contains(member) || !group[member].is_array()) return;
    for (const auto& permission : group[member]) {
        if (!permission.is_object()) continue;
        const auto what = fmt::format(
            "{} {} {}-{}",
            way,
            protocol_number(text_at(permission, "IpProtocol")),
            port_at(permission, "FromPort"),
            port_at(permission, "ToPort")
        );
        for (const auto& [list, name] : peers) {
            if (!permission.contains(list) || !permission[list].is_array()) continue;
            for (const auto& peer : permission[list]) {
                lines.push_back(what + ' ' + text_at(peer, name));
            }
        }
    }
}

void add_group(std::vector<std::string>& lines, const nlohmann::json& group) {
    if (!group.is_object()) return;
    add_lines(lines, group, "IpPermissions", "in");
    add_lines(lines, group, "IpPermissionsEgress", "out");
}

}  // namespace

// A security group remembers connections and denies what it does not name; the devices are those
// that it is bound to.
std::string aws_text(const NetworkRule& rule) {
    Json in = Json::array();
    Json out = Json::array();
    for (const auto family : families) {
        const auto devices = addresses_of(rule, family);
        for (const auto& permit : permits_of(rule, family)) {
            const bool to_devices = permit.of_gateway || permit.to == devices;
            add_permission(to_devices ? in : out, permit, to_devices ? permit.from : permit.to);
        }
    }
    const Json text{
        {"GroupName", "sallyport-" + rule.name},
        {"Description", "The only way to " + rule.name},
        {"IpPermissions", in},
        {"IpPermissionsEgress", out},
    };
    return text.dump(2) + '\n';
}

Result<std::vector<std::string>> aws_lines(std::string_view text) {
    nlohmann::json document;
    std::string why;
    if (!directory::parse_bounded_json(text, deployed_json_size_max, document, why)) {
        return refuse(Refusal::invalid, "network.deployed_malformed", why);
    }
    std::vector<std::string> lines;
    if (document.contains("SecurityGroups") && document["SecurityGroups"].is_array()) {
        for (const auto& group : document["SecurityGroups"]) {
            add_group(lines, group);
        }
    } else {
        add_group(lines, document);
    }
    return lines;
}

}  // namespace sallyport::network
