#include "domain/network/rule_text.h"

#include "domain/network/network_test_rules.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

namespace sallyport::network {

namespace {

// Of text without its remarks.
std::string body(const std::string& text) {
    std::string kept;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto end = text.find('\n', at);
        const auto line = text.substr(at, end - at + 1);
        if (!line.starts_with('#') && !line.starts_with('!')) kept += line;
        at = end + 1;
    }
    return kept;
}

NetworkRule rule_of_both_families() {
    auto rule = ward_rule();
    rule.gateways.push_back(address_of("2001:db8::5"));
    rule.devices.push_back({"pump-04", address_of("2001:db8:30::4"), {8080}});
    rule.kept.push_back({Direction::from_device, address_of("2001:db8::9"), udp, 123, "time"});
    return rule;
}

}  // namespace

TEST_CASE("S2-29 (part), S1-62 (part): nftables: the gateway, what is kept, then denied and logged"
) {
    CHECK(
        body(rule_text(ward_rule(), Dialect::nftables)) ==
        R"(table inet sallyport_pump-ward
delete table inet sallyport_pump-ward
table inet sallyport_pump-ward {
	set devices4 {
		type ipv4_addr
		flags interval
		elements = { 10.20.30.1-10.20.30.3 }
	}

	set gateways4 {
		type ipv4_addr
		flags interval
		elements = { 10.20.0.5 }
	}

	set devices4_2222 {
		type ipv4_addr
		flags interval
		elements = { 10.20.30.3 }
	}

	chain forward {
		type filter hook forward priority filter; policy accept;
		ip saddr @devices4 jump guarded
		ip daddr @devices4 jump guarded
	}

	chain guarded {
		ct direction reply accept
		ct state related meta l4proto { icmp, ipv6-icmp } accept
		ip saddr @gateways4 ip daddr @devices4_2222 tcp dport 2222 accept comment "Sallyport"
		ip saddr @gateways4 ip daddr @devices4 tcp dport 8080 accept comment "Sallyport"
		ip saddr 10.1.1.5 ip daddr @devices4 tcp dport 2575 accept comment "drug library"
		ip saddr @devices4 ip daddr 10.1.1.9 udp dport 123 accept comment "time"
		ip saddr 10.1.1.7 ip daddr @devices4 meta l4proto icmp accept comment "is it there?"
		ip saddr @devices4 ip daddr 10.1.1.8 meta l4proto 47 accept comment "a _tunnel_"
		counter log prefix "sallyport denied: " drop
	}
}
)"
    );
}

TEST_CASE("S2-29 (part), S1-62 (part): Cisco IOS: answers have lines of their own, and DHCP lives"
) {
    auto rule = ward_rule();
    rule.kept.resize(2);
    rule.devices.pop_back();
    CHECK(
        body(rule_text(rule, Dialect::ios)) ==
        R"(ip access-list extended SALLYPORT-PUMP-WARD
 remark Sallyport
 permit tcp host 10.20.0.5 host 10.20.30.1 eq 8080
 permit tcp host 10.20.30.1 eq 8080 host 10.20.0.5 established
 permit tcp host 10.20.0.5 host 10.20.30.2 eq 8080
 permit tcp host 10.20.30.2 eq 8080 host 10.20.0.5 established
 remark drug library
 permit tcp host 10.1.1.5 host 10.20.30.1 eq 2575
 permit tcp host 10.20.30.1 eq 2575 host 10.1.1.5 established
 permit tcp host 10.1.1.5 host 10.20.30.2 eq 2575
 permit tcp host 10.20.30.2 eq 2575 host 10.1.1.5 established
 remark time
 permit udp host 10.20.30.1 host 10.1.1.9 eq 123
 permit udp host 10.1.1.9 eq 123 host 10.20.30.1
 permit udp host 10.20.30.2 host 10.1.1.9 eq 123
 permit udp host 10.1.1.9 eq 123 host 10.20.30.2
 remark DHCP
 permit udp any eq 68 any eq 67
 permit udp any eq 67 any eq 68
 deny ip any any log
)"
    );
}

TEST_CASE("S1-62 (part): neighbouring devices are one line: 240 pumps are a handful of prefixes") {
    NetworkRule rule;
    rule.name = "pumps";
    rule.gateways = {address_of("10.20.0.5")};
    for (unsigned char at = 1; at <= 240; ++at) {
        auto address = address_of("10.20.30.0");
        address[15] = at;
        rule.devices.push_back({"pump-" + std::to_string(at), address, {8080}});
    }
    const auto ios = rule_text(rule, Dialect::ios);
    CHECK(ios.contains(" permit tcp host 10.20.0.5 10.20.30.128 0.0.0.63 eq 8080\n"));
    CHECK(std::ranges::count(ios, '\n') < 40);
    const auto nxos = rule_text(rule, Dialect::nxos);
    CHECK(nxos.contains("ip access-list SALLYPORT-PUMPS\n"));
    CHECK(nxos.contains(" permit tcp 10.20.0.5/32 10.20.30.128/26 eq 8080\n"));
    const auto junos = rule_text(rule, Dialect::junos);
    CHECK(junos.contains(
        "set firewall family inet filter sallyport-pumps term gateway-8080 from source-address "
        "10.20.0.5/32\n"
    ));
    CHECK(junos.contains(" term gateway-8080 from destination-address 10.20.30.128/26\n"));
    CHECK(junos.contains(" term gateway-8080-answer from tcp-established\n"));
    CHECK(junos.ends_with(
        " term denied then syslog\n"
        "set firewall family inet filter sallyport-pumps term denied then discard\n"
    ));
    const auto aws = nlohmann::json::parse(rule_text(rule, Dialect::aws));
    CHECK(aws["IpPermissions"][0]["FromPort"] == 8080);
    CHECK(aws["IpPermissions"][0]["IpRanges"][0]["CidrIp"] == "10.20.0.5/32");
    CHECK(aws["IpPermissionsEgress"].empty());
}

TEST_CASE("each dialect's own text has no drift, in either family") {
    auto rule = rule_of_both_families();
    rule.kept.push_back({Direction::to_device, address_of("2001:db8::7"), icmp6, 0, "ping"});
    CHECK(rule_text(rule, Dialect::ios)
              .contains(" permit icmp host 2001:db8::7 host 2001:db8:30::4\n"));
    for (const auto dialect : dialects) {
        CAPTURE(to_text(dialect));
        const auto found = drift(rule, dialect, rule_text(rule, dialect));
        REQUIRE(found.has_value());
        CHECK_FALSE(found->any());
        // And what is not there at all is missing as a whole.
        const auto nothing = drift(rule, dialect, dialect == Dialect::aws ? "{}" : "");
        REQUIRE(nothing.has_value());
        CHECK(nothing->missing.size() > 3);
        CHECK(nothing->unexpected.empty());
    }
}

TEST_CASE("S2-29 (part): drift names the line that is missing, the one too many, and a new order") {
    auto rule = ward_rule();
    rule.kept.resize(2);
    rule.devices.resize(1);
    const std::string head = "Extended IP access list SALLYPORT-PUMP-WARD\n";
    const std::string entries =
        "    10 permit tcp host 10.20.0.5 host 10.20.30.1 eq 8080 (312 matches)\n"
        "    20 permit tcp host 10.20.30.1 eq 8080 host 10.20.0.5 established\n"
        "    30 permit tcp host 10.1.1.5 host 10.20.30.1 eq 2575\n"
        "    40 permit tcp host 10.20.30.1 eq 2575 host 10.1.1.5 established (1 match)\n";
    const std::string time =
        "    50 permit udp host 10.20.30.1 host 10.1.1.9 eq ntp\n"
        "    60 permit udp host 10.1.1.9 eq ntp host 10.20.30.1\n";
    const std::string dhcp =
        "    70 permit udp any eq bootpc any eq bootps\n"
        "    80 permit udp any eq bootps any eq bootpc\n";
    const std::string deny = "    90 deny ip any any log (7 matches)\n";
    const std::string another = "Extended IP access list OTHER\n    10 permit ip any any\n";

    const auto same = drift(rule, Dialect::ios, another + head + entries + time + dhcp + deny);
    REQUIRE(same.has_value());
    CHECK(same->missing.empty());
    CHECK(same->unexpected.empty());
    CHECK_FALSE(same->reordered);

    const auto cut = drift(
        rule,
        Dialect::ios,
        head + entries + dhcp + "    85 permit tcp any host 10.20.30.1 eq 8080\n" + deny
    );
    REQUIRE(cut.has_value());
    REQUIRE(cut->missing.size() == 2);
    CHECK(cut->missing[0] == "ip: permit udp host 10.20.30.1 host 10.1.1.9 eq 123");
    REQUIRE(cut->unexpected.size() == 1);
    CHECK(cut->unexpected[0] == "ip: permit tcp any host 10.20.30.1 eq 8080");

    // Denied first, the rest is dead; permits among themselves may change places.
    CHECK(drift(rule, Dialect::ios, head + deny + entries + time + dhcp)->reordered);
    CHECK_FALSE(drift(rule, Dialect::ios, head + dhcp + entries + time + deny)->any());
}

TEST_CASE("a table of nftables that lost a line is told from one that only counted") {
    const auto rule = ward_rule();
    auto listed = rule_text(rule, Dialect::nftables);
    const auto counter = listed.find("counter log");
    listed.replace(counter, 7, "counter packets 12 bytes 720");
    CHECK_FALSE(drift(rule, Dialect::nftables, listed)->any());
    const auto line = listed.find("\t\tip daddr @devices4 jump guarded\n");
    auto open = listed;
    open.erase(line, listed.find('\n', line) + 1 - line);
    const auto found = drift(rule, Dialect::nftables, open);
    REQUIRE(found->missing.size() == 1);
    CHECK(found->missing[0] == "chain forward: ip daddr @devices4 jump guarded");
}

TEST_CASE("a rule of iptables that another goes before has drifted, as has one that nobody jumps to"
) {
    const auto rule = ward_rule();
    const auto text = rule_text(rule, Dialect::iptables);
    const auto chain = text.substr(text.find("\n:") + 2, 22);
    const auto entries = text.substr(text.find("\n-A") + 1);
    const auto jump = "-A FORWARD -j " + chain + "\n";
    const std::string other = "-A FORWARD -j ACCEPT\n";
    CHECK_FALSE(drift(rule, Dialect::iptables, jump + other + entries)->any());
    const auto shadowed = drift(rule, Dialect::iptables, other + jump + entries);
    REQUIRE(shadowed->unexpected.size() == 1);
    CHECK(shadowed->unexpected[0] == "-A FORWARD -j ACCEPT");
    CHECK(shadowed->missing.empty());
    const auto idle = drift(rule, Dialect::iptables, entries);
    REQUIRE(idle->missing.size() == 1);
    CHECK(idle->missing[0] + "\n" == jump);
}

TEST_CASE("a security group that lets another group in has drifted") {
    auto rule = ward_rule();
    auto listed = nlohmann::json::parse(rule_text(rule, Dialect::aws));
    listed["IpPermissions"][0]["UserIdGroupPairs"] = {{{"GroupId", "sg-0a1b"}}};
    const nlohmann::json answer{{"SecurityGroups", {listed}}};
    const auto found = drift(rule, Dialect::aws, answer.dump());
    REQUIRE(found.has_value());
    REQUIRE(found->unexpected.size() == 1);
    CHECK(found->unexpected[0] == "in tcp 2222-2222 sg-0a1b");
    CHECK(drift(rule, Dialect::aws, "no JSON").error().reason == "network.deployed_malformed");
    CHECK(
        drift(rule, Dialect::ios, std::string(3, '\0')).error().reason ==
        "network.deployed_malformed"
    );
    CHECK(
        drift(rule, Dialect::ios, std::string(deployed_size_max + 1, ' ')).error().reason ==
        "network.deployed_malformed"
    );
}

TEST_CASE("a rule is kept as JSON and read again as it was") {
    const auto rule = rule_of_both_families();
    const auto again = parse_network_rule(to_json(rule));
    REQUIRE(again.has_value());
    CHECK(*again == rule);
    CHECK(parse_network_rule("{}").error().reason == "network.rule_malformed");
    CHECK(parse_network_rule(R"({"name":"x","gateways":["10.0.0.300"],"devices":[],"kept":[]})")
              .error()
              .detail.contains("gateways"));
}

}  // namespace sallyport::network
