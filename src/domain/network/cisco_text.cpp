#include "base/core/ascii.h"
#include "domain/network/dialects.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>

namespace sallyport::network {

namespace {

enum class Cisco : std::uint8_t { ios, nxos };

std::string list_name(const NetworkRule& rule) {
    auto name = "SALLYPORT-" + rule.name;
    std::ranges::transform(name, name.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return name;
}

// The bits that may differ: "0.0.0.15" of a /28.
std::string wildcard(const IpPrefix& prefix) {
    const auto last = last_of(prefix);
    std::string text;
    for (std::size_t at = last.size() - 4; at < last.size(); ++at) {
        if (!text.empty()) text += '.';
        text += std::to_string(last[at] ^ prefix.first[at]);
    }
    return text;
}

std::string address(const IpPrefix& prefix, Cisco cisco) {
    if (cisco == Cisco::nxos) return to_text(prefix);
    if (is_host(prefix)) return "host " + ip_address_text(prefix.first);
    if (!is_ipv4(prefix.first)) return to_text(prefix);
    return ip_address_text(prefix.first) + ' ' + wildcard(prefix);
}

// A list has no memory of connections: what is answered has its own line.
std::string permit_lines(const Permit& permit, Cisco cisco) {
    std::string lines = fmt::format(" remark {}\n", remark(permit.purpose));
    const auto protocol = permit.protocol == icmp6 ? "icmp" : protocol_text(permit.protocol);
    const auto port =
        has_ports(permit.protocol) ? " eq " + std::to_string(permit.port) : std::string();
    const auto answered = permit.protocol == tcp ? " established" : "";
    for (const auto& from : prefixes_of(permit.from)) {
        for (const auto& to : prefixes_of(permit.to)) {
            const auto here = address(from, cisco);
            const auto there = address(to, cisco);
            lines += fmt::format(" permit {} {} {}{}\n", protocol, here, there, port);
            lines += fmt::format(" permit {} {}{} {}{}\n", protocol, there, port, here, answered);
        }
    }
    return lines;
}

std::string access_list(const NetworkRule& rule, Family family, Cisco cisco) {
    if (addresses_of(rule, family).empty()) return {};
    const bool v4 = family == Family::ipv4;
    std::string_view kind = "ipv6 access-list";
    if (v4) kind = cisco == Cisco::ios ? "ip access-list extended" : "ip access-list";
    std::string permits;
    for (const auto& permit : permits_of(rule, family)) {
        permits += permit_lines(permit, cisco);
    }
    const auto around =
        v4 ? " remark DHCP\n permit udp any eq 68 any eq 67\n"
             " permit udp any eq 67 any eq 68\n"
           : " remark neighbour discovery and path MTU\n permit icmp any any nd-na\n"
             " permit icmp any any nd-ns\n permit icmp any any packet-too-big\n";
    return fmt::format(
        "{0} {1}{2}\n{3}{4} deny {5} any any log\n",
        kind,
        list_name(rule),
        v4 ? "" : "-V6",
        permits,
        around,
        v4 ? "ip" : "ipv6"
    );
}

std::string cisco_text(const NetworkRule& rule, Cisco cisco) {
    return fmt::format(
        "! The only way to {0}: Sallyport's gateway. Bind it, both in and out, to the interface of "
        "the\n"
        "! devices' own VLAN and of nothing else: what is not named here is denied.\n"
        "{1}{2}",
        rule.name,
        access_list(rule, Family::ipv4, cisco),
        access_list(rule, Family::ipv6, cisco)
    );
}

// As listings call well-known ports.
std::string port_number(const std::string& name) {
    static const std::map<std::string, std::string, std::less<>> ports{
        {"ftp-data", "20"}, {"ftp", "21"},         {"telnet", "23"},       {"smtp", "25"},
        {"tacacs", "49"},   {"domain", "53"},      {"bootps", "67"},       {"bootpc", "68"},
        {"tftp", "69"},     {"www", "80"},         {"pop3", "110"},        {"sunrpc", "111"},
        {"ntp", "123"},     {"netbios-ns", "137"}, {"netbios-dgm", "138"}, {"netbios-ss", "139"},
        {"snmp", "161"},    {"snmptrap", "162"},   {"bgp", "179"},         {"syslog", "514"},
        {"cmd", "514"},     {"lpd", "515"},
    };
    const auto known = ports.find(name);
    return known == ports.end() ? name : known->second;
}

using Words = std::span<const std::string>;

bool is_number(std::string_view word) noexcept {
    return !word.empty() && std::ranges::all_of(word, is_digit);
}

std::vector<std::string> lower_words(std::string_view line) {
    std::vector<std::string> words;
    for (const auto word : words_of(line)) {
        auto& kept = words.emplace_back(word);
        std::ranges::transform(kept, kept.begin(), to_lower);
    }
    return words;
}

// The name of the list that the line begins, after "ip" or "ipv6": "ip access-list extended NAME",
// "Extended IP access list NAME", "IPv6 access list NAME".
struct Opening {
    std::string family;
    std::string name;
};

std::optional<Opening> opening(Words words) {
    const auto is_any = [](std::string_view word, auto... known) {
        return ((word == known) || ...);
    };
    if (!words.empty() && is_any(words.front(), "extended", "standard")) words = words.subspan(1);
    if (words.size() < 3 || !is_any(words[0], "ip", "ipv6")) return std::nullopt;
    const auto family = words[0];
    if (words[1] == "access-list") {
        words = words.subspan(2);
    } else if (words[1] == "access" && words[2] == "list") {
        words = words.subspan(3);
    } else {
        return std::nullopt;
    }
    if (!words.empty() && is_any(words.front(), "extended", "standard")) words = words.subspan(1);
    if (words.size() != 1) return std::nullopt;
    return Opening{family, words.front()};
}

// Without what numbers and counts it: "10 permit …", "… (5 matches)", "… [match=5]", "… sequence
// 10".
Words entry_of(Words words) {
    if (words.size() > 1 && words[0] == "sequence") words = words.subspan(1);
    if (!words.empty() && is_number(words.front())) words = words.subspan(1);
    const auto ends_with = [&](std::size_t from_end, std::string_view with) {
        return words.size() >= from_end && words[words.size() - from_end].starts_with(with);
    };
    if (ends_with(1, "[match=")) words = words.first(words.size() - 1);
    if (ends_with(2, "(") && ends_with(1, "match")) words = words.first(words.size() - 2);
    if (ends_with(2, "sequence")) words = words.first(words.size() - 2);
    return words;
}

std::string normal_entry(Words words) {
    std::vector<std::string> normal;
    std::string_view before;
    for (const auto& word : words) {
        const bool protocol = before == "permit" || before == "deny";
        const bool port = before == "eq";
        normal.push_back(protocol ? protocol_number(word) : port ? port_number(word) : word);
        before = word;
    }
    return joined(normal);
}

}  // namespace

std::string ios_text(const NetworkRule& rule) {
    return cisco_text(rule, Cisco::ios);
}

std::string nxos_text(const NetworkRule& rule) {
    return cisco_text(rule, Cisco::nxos);
}

std::vector<std::string> cisco_lines(const NetworkRule& rule, std::string_view text) {
    auto name = list_name(rule);
    std::ranges::transform(name, name.begin(), to_lower);
    std::vector<std::string> lines;
    std::string block;  // the family, while the list is ours
    for (const auto line : lines_of(text)) {
        const auto words = lower_words(line);
        if (const auto begins = opening(words)) {
            const auto& family = begins->family;
            block = begins->name == (family == "ipv6" ? name + "-v6" : name) ? family : "";
            continue;
        }
        const auto entry = entry_of(words);
        if (entry.empty()) continue;
        const auto& first = entry.front();
        const bool decides = first == "permit" || first == "deny";
        if (decides && !block.empty()) lines.push_back(block + ": " + normal_entry(entry));
        const bool inside =
            decides || first == "remark" || first == "statistics" || first.starts_with('!');
        if (!inside) block.clear();
    }
    return lines;
}

}  // namespace sallyport::network
