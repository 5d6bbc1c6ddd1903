#include "domain/network/dialects.h"

#include <fmt/format.h>

#include <array>

namespace sallyport::network {

namespace {

std::string table_name(const NetworkRule& rule) {
    return "sallyport_" + rule.name;
}

// As nft lists it: an interval that is a prefix is written as one.
std::string element(const IpRange& range) {
    if (range.first == range.last) return ip_address_text(range.first);
    const auto prefixes = prefixes_of(range);
    if (prefixes.size() == 1) return to_text(prefixes.front());
    return ip_address_text(range.first) + '-' + ip_address_text(range.last);
}

std::string elements(const std::vector<IpRange>& ranges) {
    std::string text;
    for (const auto& range : ranges) {
        if (!text.empty()) text += ", ";
        text += element(range);
    }
    return text;
}

// One family's names: "ip saddr @devices4".
struct Names {
    std::string_view ip;
    std::string_view type;
    char digit;
};

constexpr Names names_of(Family family) noexcept {
    return family == Family::ipv4 ? Names{"ip", "ipv4_addr", '4'} : Names{"ip6", "ipv6_addr", '6'};
}

std::string set(std::string_view name, const Names& names, const std::vector<IpRange>& ranges) {
    return fmt::format(
        "\tset {} {{\n\t\ttype {}\n\t\tflags interval\n\t\telements = {{ {} }}\n\t}}\n\n",
        name,
        names.type,
        elements(ranges)
    );
}

// The sets of one family and the lines that use them.
struct Part {
    std::string sets;
    std::string jumps;
    std::string permits;
};

Part part_of(const NetworkRule& rule, Family family) {
    const auto devices = addresses_of(rule, family);
    if (devices.empty()) return {};
    const auto names = names_of(family);
    const auto named = [&](std::string_view what) {
        return fmt::format("{}{}", what, names.digit);
    };
    Part part;
    bool gateways_named = false;
    part.sets = set(named("devices"), names, devices);
    for (const auto* const end : {"saddr", "daddr"}) {
        part.jumps += fmt::format("\t\t{} {} @{} jump guarded\n", names.ip, end, named("devices"));
    }
    for (const auto& permit : permits_of(rule, family)) {
        std::string from = elements(permit.from);
        std::string to = elements(permit.to);
        if (permit.from == devices) from = '@' + named("devices");
        if (permit.to == devices) to = '@' + named("devices");
        if (permit.of_gateway) {
            if (!gateways_named) part.sets += set(named("gateways"), names, permit.from);
            gateways_named = true;
            from = '@' + named("gateways");
            if (permit.to != devices) {
                const auto some = named("devices") + '_' + std::to_string(permit.port);
                part.sets += set(some, names, permit.to);
                to = '@' + some;
            }
        }
        const auto what =
            has_ports(permit.protocol)
                ? fmt::format("{} dport {}", protocol_text(permit.protocol), permit.port)
                : fmt::format("meta l4proto {}", protocol_text(permit.protocol));
        part.permits += fmt::format(
            "\t\t{} saddr {} {} daddr {} {} accept comment \"{}\"\n",
            names.ip,
            from,
            names.ip,
            to,
            what,
            remark(permit.purpose)
        );
    }
    return part;
}

// What counts, is said about, or is numbered is not what decides.
std::vector<std::string> deciding(const std::vector<std::string_view>& words) {
    constexpr std::size_t counted = 4;  // "packets 0 bytes 0"
    std::vector<std::string> kept;
    for (std::size_t at = 0; at < words.size(); ++at) {
        const auto word = words[at];
        if (word.starts_with('#')) break;
        if (word == "comment") {
            ++at;
            continue;
        }
        const bool named = at > 0 && words[at - 1] == "l4proto";
        kept.push_back(named ? protocol_number(word) : std::string(word));
        const bool counts =
            word == "counter" && at + 1 < words.size() && words[at + 1] == "packets";
        if (counts) at += counted;
    }
    return kept;
}

// A table's listing as one statement a line: what nft breaks in two (a set's elements) is joined.
std::vector<std::string> statements_of(std::string_view text) {
    std::vector<std::string> statements;
    bool open = false;
    for (const auto line : lines_of(text)) {
        auto words = joined(deciding(words_of(line)));
        if (words.empty()) continue;
        if (open) {
            statements.back() += ' ' + words;
        } else {
            statements.push_back(std::move(words));
        }
        open = statements.back().starts_with("elements = {") && !statements.back().ends_with('}');
    }
    return statements;
}

}  // namespace

std::string nftables_text(const NetworkRule& rule) {
    const auto v4 = part_of(rule, Family::ipv4);
    const auto v6 = part_of(rule, Family::ipv6);
    const auto table = table_name(rule);
    return fmt::format(
        "# The only way to {0}: Sallyport's gateway. On the router between the devices and "
        "everybody\n"
        "# else: nft -f THIS-FILE. It replaces what an earlier one put there, at once and as a "
        "whole.\n"
        "# What is on the devices' own wire is not routed: a switch has to keep it from them.\n"
        "table inet {1}\n"
        "delete table inet {1}\n"
        "table inet {1} {{\n"
        "{2}{3}"
        "\tchain forward {{\n"
        "\t\ttype filter hook forward priority filter; policy accept;\n"
        "{4}{5}"
        "\t}}\n\n"
        "\tchain guarded {{\n"
        "\t\tct direction reply accept\n"
        "\t\tct state related meta l4proto {{ icmp, ipv6-icmp }} accept\n"
        "{6}{7}"
        "\t\tcounter log prefix \"sallyport denied: \" drop\n"
        "\t}}\n"
        "}}\n",
        rule.name,
        table,
        v4.sets,
        v6.sets,
        v4.jumps,
        v6.jumps,
        v4.permits,
        v6.permits
    );
}

std::vector<std::string> nftables_lines(const NetworkRule& rule, std::string_view text) {
    const auto opening = "table inet " + table_name(rule) + " {";
    std::vector<std::string> lines;
    std::string block;
    int depth = 0;
    for (const auto& statement : statements_of(text)) {
        if (depth == 0) {
            if (statement == opening) depth = 1;
        } else if (statement == "}") {
            --depth;
        } else if (statement.ends_with('{')) {
            block = statement.substr(0, statement.find(" {"));
            ++depth;
        } else {
            lines.push_back(block + ": " + statement);
        }
    }
    return lines;
}

}  // namespace sallyport::network
