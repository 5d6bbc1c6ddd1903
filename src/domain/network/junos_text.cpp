#include "domain/network/dialects.h"

#include <fmt/format.h>

namespace sallyport::network {

namespace {

std::string filter_name(const NetworkRule& rule) {
    return "sallyport-" + rule.name;
}

// The lines of one filter. A filter has no memory of connections: what is answered has a term.
class Filter {
public:
    Filter(const NetworkRule& rule, Family family)
        : head_(fmt::format(
              "set firewall family {} filter {} term ",
              family == Family::ipv4 ? "inet" : "inet6",
              filter_name(rule)
          )),
          protocol_(family == Family::ipv4 ? "protocol" : "next-header") {}

    void say(std::string_view term, std::string_view what) {
        text_ += fmt::format("{}{} {}\n", head_, term, what);
    }

    void accept(std::string_view term, const Permit& permit) {
        one_way(term, permit, false);
        one_way(fmt::format("{}-answer", term), permit, true);
    }

    void accept_udp(std::string_view term, int from, int to) {
        say(term, fmt::format("from {} udp", protocol_));
        say(term, fmt::format("from source-port {}", from));
        say(term, fmt::format("from destination-port {}", to));
        say(term, "then accept");
    }

    void accept_icmp6(std::string_view term, std::string_view type) {
        say(term, "from next-header icmp6");
        say(term, fmt::format("from icmp-type {}", type));
        say(term, "then accept");
    }

    [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
    void one_way(std::string_view term, const Permit& permit, bool answer) {
        for (const auto& from : prefixes_of(answer ? permit.to : permit.from)) {
            say(term, "from source-address " + to_text(from));
        }
        for (const auto& to : prefixes_of(answer ? permit.from : permit.to)) {
            say(term, "from destination-address " + to_text(to));
        }
        const auto protocol =
            permit.protocol == icmp6 ? std::string("icmp6") : protocol_text(permit.protocol);
        say(term, fmt::format("from {} {}", protocol_, protocol));
        if (has_ports(permit.protocol)) {
            say(term,
                fmt::format("from {}-port {}", answer ? "source" : "destination", permit.port));
        }
        if (answer && permit.protocol == tcp) say(term, "from tcp-established");
        say(term, "then accept");
    }

    std::string head_;
    std::string_view protocol_;
    std::string text_;
};

std::string filter_text(const NetworkRule& rule, Family family) {
    if (addresses_of(rule, family).empty()) return {};
    Filter filter(rule, family);
    int kept = 0;
    for (const auto& permit : permits_of(rule, family)) {
        const auto term = permit.of_gateway ? fmt::format("gateway-{}", permit.port)
                                            : fmt::format("kept-{}", ++kept);
        filter.accept(term, permit);
    }
    if (family == Family::ipv4) {
        filter.accept_udp("dhcp-asked", 68, 67);
        filter.accept_udp("dhcp-answered", 67, 68);
    } else {
        filter.accept_icmp6("neighbour-asked", "neighbor-solicit");
        filter.accept_icmp6("neighbour-answered", "neighbor-advertisement");
        filter.accept_icmp6("path-mtu", "packet-too-big");
    }
    filter.say("denied", "then syslog");
    filter.say("denied", "then discard");
    return filter.text();
}

}  // namespace

std::string junos_text(const NetworkRule& rule) {
    return fmt::format(
        "# The only way to {}: Sallyport's gateway. Bind it, as input and as output, to the "
        "interface\n"
        "# of the devices' own VLAN and of nothing else: what is not named here is denied.\n"
        "{}{}",
        rule.name,
        filter_text(rule, Family::ipv4),
        filter_text(rule, Family::ipv6)
    );
}

std::vector<std::string> junos_lines(const NetworkRule& rule, std::string_view text) {
    const auto ours = " filter " + filter_name(rule) + " term ";
    std::vector<std::string> lines;
    for (const auto line : lines_of(text)) {
        const auto words = words_of(line);
        auto whole = joined(std::vector<std::string>(words.begin(), words.end()));
        const bool decides = whole.starts_with("set firewall family ") && whole.contains(ours);
        if (decides) lines.push_back(std::move(whole));
    }
    return lines;
}

}  // namespace sallyport::network
