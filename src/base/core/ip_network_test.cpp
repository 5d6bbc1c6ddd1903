#include "base/core/ip_network.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

namespace sallyport {

namespace {

bool holds(std::string_view network, std::string_view address) {
    const auto parsed = IpNetwork::parse(network);
    REQUIRE(parsed.has_value());
    CHECK(parsed->text() == network);
    return parsed->contains(parse_ip_address(address).value());
}

std::string_view refusal_of(std::string_view network) {
    const auto parsed = IpNetwork::parse(network);
    return parsed ? "ok" : parsed.error().reason;
}

TEST_CASE("a network holds its first and its last address, and not their neighbours") {
    CHECK(holds("10.3.0.0/16", "10.3.0.0"));
    CHECK(holds("10.3.0.0/16", "10.3.255.255"));
    CHECK_FALSE(holds("10.3.0.0/16", "10.2.255.255"));
    CHECK_FALSE(holds("10.3.0.0/16", "10.4.0.0"));
    CHECK(holds("192.0.2.64/27", "192.0.2.95"));
    CHECK_FALSE(holds("192.0.2.64/27", "192.0.2.96"));
    CHECK(holds("2001:db8:7::/48", "2001:db8:7:ffff::1"));
    CHECK_FALSE(holds("2001:db8:7::/48", "2001:db8:8::1"));
    CHECK(holds("2001:db8:8000::/33", "2001:db8:ffff::"));
    CHECK_FALSE(holds("2001:db8:8000::/33", "2001:db8:7fff::"));
}

TEST_CASE("one address is a network of one; IPv4 in IPv6 is the IPv4 address") {
    CHECK(holds("192.0.2.7", "192.0.2.7"));
    CHECK_FALSE(holds("192.0.2.7", "192.0.2.6"));
    CHECK(holds("192.0.2.0/24", "::ffff:192.0.2.7"));
    CHECK(holds("::ffff:192.0.2.0/120", "192.0.2.7"));
    CHECK_FALSE(holds("2001:db8::/32", "192.0.2.7"));
}

TEST_CASE("what is no network is refused, and so is one that holds everybody") {
    for (const auto* const text :
         {"",
          "/",
          "10",
          "10.0.0.0/",
          "10.0.0.0/33",
          "10.0.0.0/08",
          "10.0.0.0/-1",
          "10.0.0.0/8/8",
          "10.1.2.3/8",
          "::1/129",
          "2001:db8::1/64",
          "ward",
          "10.0.0.0 /8",
          "010.0.0.1"}) {
        CAPTURE(text);
        CHECK(refusal_of(text) == "network.malformed");
    }
    CHECK(refusal_of(std::string(200, '1')) == "network.malformed");
    CHECK(refusal_of(std::string_view("10.0.0.0\0/8", 11)) == "network.malformed");
    CHECK(refusal_of("0.0.0.0/0") == "network.everybody");
    CHECK(refusal_of("::/0") == "network.everybody");
    CHECK(refusal_of("::ffff:0:0/96") == "network.everybody");
}

TEST_CASE("an address is in a network exactly if their front bits are the same") {
    const bool held = rc::check([] {
        const auto network = *rc::gen::arbitrary<std::uint32_t>();
        const auto address = *rc::gen::arbitrary<std::uint32_t>();
        const auto bits = *rc::gen::inRange(1U, 33U);
        const auto mask = 0xFFFFFFFFU << (32U - bits);
        const auto text = [](std::uint32_t ip) {
            return std::to_string(ip >> 24U) + '.' + std::to_string((ip >> 16U) & 255U) + '.' +
                   std::to_string((ip >> 8U) & 255U) + '.' + std::to_string(ip & 255U);
        };
        const auto parsed = IpNetwork::parse(text(network & mask) + '/' + std::to_string(bits));
        RC_ASSERT(parsed.has_value());
        const auto near = (network & mask) | (address & ~mask);
        RC_ASSERT(parsed->contains(parse_ip_address(text(near)).value()));
        const bool same = (network & mask) == (address & mask);
        RC_ASSERT(parsed->contains(parse_ip_address(text(address)).value()) == same);
    });
    CHECK(held);
}

}  // namespace

}  // namespace sallyport
