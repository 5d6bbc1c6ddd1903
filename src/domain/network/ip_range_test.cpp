#include "domain/network/ip_range.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::network {

namespace {

IpAddress address(std::string_view text) {
    return parse_ip_address(text).value();
}

std::vector<std::string> texts(const std::vector<IpPrefix>& prefixes) {
    std::vector<std::string> texts;
    for (const auto& prefix : prefixes) {
        texts.push_back(to_text(prefix));
    }
    return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a run of addresses is the fewest prefixes that hold just them") {
    CHECK(
        texts(prefixes_of(IpRange{address("10.20.30.1"), address("10.20.30.6")})) ==
        Texts{"10.20.30.1/32", "10.20.30.2/31", "10.20.30.4/31", "10.20.30.6/32"}
    );
    CHECK(
        texts(prefixes_of(IpRange{address("10.20.30.0"), address("10.20.31.255")})) ==
        Texts{"10.20.30.0/23"}
    );
    CHECK(
        texts(prefixes_of(IpRange{address("0.0.0.0"), address("255.255.255.255")})) ==
        Texts{"0.0.0.0/0"}
    );
    CHECK(
        texts(prefixes_of(IpRange{address("2001:db8::8"), address("2001:db8::f")})) ==
        Texts{"2001:db8::8/125"}
    );
    CHECK(
        texts(prefixes_of(IpRange{address("::"), address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")}
        )) == Texts{"::/0"}
    );
    CHECK(is_host({address("10.0.0.1"), 32}));
    CHECK_FALSE(is_host({address("10.0.0.0"), 31}));
    CHECK(ip_address_text(last_of({address("10.20.30.0"), 28})) == "10.20.30.15");
}

TEST_CASE("ranges that touch or overlap become one, families never do") {
    const auto whole = merged(
        {{address("10.0.0.5"), address("10.0.0.9")},
         {address("10.0.0.1"), address("10.0.0.4")},
         {address("10.0.0.7"), address("10.0.0.8")},
         {address("10.0.0.11"), address("10.0.0.11")},
         {address("::1:0:0:0"), address("::1:0:0:0")},
         {address("255.255.255.255"), address("255.255.255.255")},
         {address("::1:0:0:0"), address("::1:0:0:1")}}
    );
    REQUIRE(whole.size() == 4);
    CHECK(whole[0] == IpRange{address("10.0.0.1"), address("10.0.0.9")});
    CHECK(whole[1] == IpRange{address("10.0.0.11"), address("10.0.0.11")});
    CHECK(whole[2].first == address("255.255.255.255"));
    CHECK(whole[3] == IpRange{address("::1:0:0:0"), address("::1:0:0:1")});
}

TEST_CASE("prefixes hold every address of the set and no other") {
    const bool holds = rc::check([](const std::set<std::uint8_t>& hosts) {
        std::vector<IpRange> ranges;
        for (const auto host : hosts) {
            auto one = address("10.9.8.0");
            one[15] = host;
            ranges.push_back({one, one});
        }
        std::set<std::uint8_t> held;
        std::size_t count = 0;
        for (const auto& prefix : prefixes_of(merged(ranges))) {
            for (unsigned at = prefix.first[15]; at <= last_of(prefix)[15]; ++at) {
                held.insert(static_cast<std::uint8_t>(at));
                ++count;
            }
        }
        RC_ASSERT(held == hosts);
        RC_ASSERT(count == hosts.size());
    });
    CHECK(holds);
}

}  // namespace sallyport::network
