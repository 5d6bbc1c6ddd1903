#include "domain/network/rule_text.h"

#include "domain/network/aws_lines.h"
#include "domain/network/dialects.h"

#include <algorithm>
#include <map>
#include <utility>

namespace sallyport::network {

namespace {

// The rule's own lines in the form of a listing.
Result<std::vector<std::string>> lines_in(
    const NetworkRule& rule, Dialect dialect, std::string_view text
) {
    switch (dialect) {
        case Dialect::nftables:
            return nftables_lines(rule, text);
        case Dialect::iptables:
        case Dialect::ip6tables:
            return iptables_lines(rule, text);
        case Dialect::ios:
        case Dialect::nxos:
            return cisco_lines(rule, text);
        case Dialect::junos:
            return junos_lines(rule, text);
        case Dialect::aws:
            return aws_lines(text);
    }
    std::unreachable();
}

bool is_denial(std::string_view line) noexcept {
    return line.contains(" deny ") || line.contains(" drop") || line.contains(" DROP") ||
           line.contains(" discard") || line.contains(" reject");
}

// Lines that let something through may stand in any order among themselves, not around a denial.
std::vector<bool> denials(const std::vector<std::string>& lines) {
    std::vector<bool> order;
    for (const auto& line : lines) {
        order.push_back(is_denial(line));
    }
    return order;
}

}  // namespace

std::string_view to_text(Dialect dialect) noexcept {
    switch (dialect) {
        case Dialect::nftables:
            return "nftables";
        case Dialect::iptables:
            return "iptables";
        case Dialect::ip6tables:
            return "ip6tables";
        case Dialect::ios:
            return "ios";
        case Dialect::nxos:
            return "nxos";
        case Dialect::junos:
            return "junos";
        case Dialect::aws:
            return "aws";
    }
    std::unreachable();
}

std::optional<Dialect> parse_dialect(std::string_view text) noexcept {
    for (const auto dialect : dialects) {
        if (to_text(dialect) == text) return dialect;
    }
    return std::nullopt;
}

std::string rule_text(const NetworkRule& rule, Dialect dialect) {
    switch (dialect) {
        case Dialect::nftables:
            return nftables_text(rule);
        case Dialect::iptables:
            return iptables_text(rule, Family::ipv4);
        case Dialect::ip6tables:
            return iptables_text(rule, Family::ipv6);
        case Dialect::ios:
            return ios_text(rule);
        case Dialect::nxos:
            return nxos_text(rule);
        case Dialect::junos:
            return junos_text(rule);
        case Dialect::aws:
            return aws_text(rule);
    }
    std::unreachable();
}

Result<Drift> drift(const NetworkRule& rule, Dialect dialect, std::string_view deployed) {
    if (deployed.size() > deployed_size_max) {
        return refuse(Refusal::invalid, "network.deployed_malformed", "larger than 1 MiB");
    }
    if (deployed.contains('\0')) {
        return refuse(Refusal::invalid, "network.deployed_malformed", "it is no text");
    }
    SP_TRY(const auto demanded, lines_in(rule, dialect, rule_text(rule, dialect)));
    SP_TRY(const auto present, lines_in(rule, dialect, deployed));
    std::map<std::string_view, int> balance;
    for (const auto& line : present) {
        ++balance[line];
    }
    Drift drift;
    for (const auto& line : demanded) {
        if (--balance[line] < 0) drift.missing.push_back(line);
    }
    for (const auto& line : present) {
        auto& left = balance[line];
        if (left <= 0) continue;
        --left;
        drift.unexpected.push_back(line);
    }
    drift.reordered = !drift.any() && denials(demanded) != denials(present);
    return drift;
}

}  // namespace sallyport::network
