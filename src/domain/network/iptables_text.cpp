#include "base/core/bytes.h"
#include "base/crypto/crypto.h"
#include "domain/network/dialects.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sallyport::network {

namespace {

// A chain's name has 28 bytes; a device's up to 63.
std::string chain_name(const NetworkRule& rule) {
    constexpr std::size_t digits = 12;
    return "SALLYPORT-" + to_hex(crypto::sha256(as_bytes(rule.name))).substr(0, digits);
}

constexpr std::string_view own_head = "# The only way to ";

// Without counters ("[12:720]") and remarks; protocols by their number.
std::vector<std::string> deciding(const std::vector<std::string_view>& words) {
    std::vector<std::string> kept;
    for (std::size_t at = 0; at < words.size(); ++at) {
        const auto word = words[at];
        const bool counts = at == 0 && word.starts_with('[') && word.ends_with(']');
        const bool remarks = word == "-m" && at + 1 < words.size() && words[at + 1] == "comment";
        if (counts) continue;
        if (remarks || word == "--comment") {
            ++at;
            continue;
        }
        const bool named = at > 0 && words[at - 1] == "-p";
        kept.push_back(named ? protocol_number(word) : std::string(word));
    }
    return kept;
}

std::string protocol_match(Protocol protocol, std::uint16_t port) {
    const auto name = protocol_text(protocol);
    if (!has_ports(protocol)) return fmt::format("-p {}", name);
    return fmt::format("-p {0} -m {0} --dport {1}", name, port);
}

}  // namespace

std::string iptables_text(const NetworkRule& rule, Family family) {
    const auto program = family == Family::ipv4 ? "iptables" : "ip6tables";
    const auto chain = chain_name(rule);
    const auto guard = chain + "-G";
    std::string dispatch;
    for (const auto& device : prefixes_of(addresses_of(rule, family))) {
        dispatch += fmt::format("-A {} -s {} -g {}\n", chain, to_text(device), guard);
        dispatch += fmt::format("-A {} -d {} -g {}\n", chain, to_text(device), guard);
    }
    std::string permits;
    for (const auto& permit : permits_of(rule, family)) {
        for (const auto& from : prefixes_of(permit.from)) {
            for (const auto& to : prefixes_of(permit.to)) {
                permits += fmt::format(
                    "-A {} -s {} -d {} {} -m comment --comment \"{}\" -j RETURN\n",
                    guard,
                    to_text(from),
                    to_text(to),
                    protocol_match(permit.protocol, permit.port),
                    remark(permit.purpose)
                );
            }
        }
    }
    return fmt::format(
        "{7}{0}: Sallyport's gateway. On the router between the devices and everybody\n"
        "# else: {1}-restore --noflush THIS-FILE, and once: {1} -I FORWARD -j {2}\n"
        "*filter\n"
        ":{2} - [0:0]\n"
        ":{3} - [0:0]\n"
        "{4}"
        "-A {3} -m conntrack --ctdir REPLY -j RETURN\n"
        "-A {3} -p {5} -m conntrack --ctstate RELATED -j RETURN\n"
        "{6}"
        "-A {3} -j LOG --log-prefix \"sallyport denied: \"\n"
        "-A {3} -j DROP\n"
        "COMMIT\n",
        rule.name,
        program,
        chain,
        guard,
        dispatch,
        family == Family::ipv4 ? "icmp" : "ipv6-icmp",
        permits,
        own_head
    );
}

std::vector<std::string> iptables_lines(const NetworkRule& rule, std::string_view text) {
    const auto chain = chain_name(rule);
    const std::array names{chain, chain + "-G"};
    const auto jump = "-A FORWARD -j " + chain;
    std::vector<std::string> lines;
    // Our own text can't hold the jump: restored twice, it would be there twice.
    bool jumped = text.starts_with(own_head);
    if (jumped) lines.push_back(jump);
    for (const auto line : lines_of(text)) {
        const auto words = deciding(words_of(line));
        auto rest = joined(words);
        const bool appends = words.size() > 2 && words[0] == "-A";
        if (!appends) continue;
        // What is asked before the jump may let pass what the rule would deny.
        const bool goes_before = words[1] == "FORWARD" && !jumped;
        jumped = jumped || rest == jump;
        const bool ours = rest == jump || std::ranges::find(names, words[1]) != names.end();
        if (ours || goes_before) lines.push_back(std::move(rest));
    }
    return lines;
}

}  // namespace sallyport::network
