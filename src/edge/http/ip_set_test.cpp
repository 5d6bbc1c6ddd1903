#include "edge/http/ip_set.h"

#include "edge/http/forwarded.h"

#include <doctest/doctest.h>

namespace sallyport::http {

namespace {

std::string told(std::string_view name, std::string value, const IpSet& listed, std::string peer) {
    Headers headers;
    headers.add(std::string(name), std::move(value));
    return client_address(headers, peer, listed);
}

}  // namespace

TEST_SUITE("addresses") {
    TEST_CASE("a network contains its addresses and no others") {
        const auto set = IpSet::parse({"10.1.0.0/16", "192.0.2.7", "2001:db8::/33", "::1"});
        REQUIRE(set.has_value());
        for (const auto* in :
             {"10.1.0.0", "10.1.255.255", "192.0.2.7", "::ffff:10.1.2.3", "2001:db8:7fff::", "::1"
             }) {
            CAPTURE(in);
            CHECK(set->contains(in));
        }
        for (const auto* out :
             {"10.2.0.0", "10.0.255.255", "192.0.2.8", "2001:db8:8000::", "::2", "", "x", "10.1"}) {
            CAPTURE(out);
            CHECK_FALSE(set->contains(out));
        }
        CHECK_FALSE(IpSet().contains("127.0.0.1"));
    }

    TEST_CASE("everybody is nobody's proxy, and what is no address is named") {
        for (const auto* entry :
             {"0.0.0.0/0",
              "::/0",
              "10.0.0.0/33",
              "10.0.0.0/",
              "10.0.0.0/8x",
              "localhost",
              "",
              "::1/129"}) {
            CAPTURE(entry);
            const auto set = IpSet::parse({"127.0.0.1", entry});
            REQUIRE_FALSE(set.has_value());
            CHECK(set.error().detail == entry);
        }
        CHECK_FALSE(parse_ip(std::string_view("1.2.3.4\0", 8)).has_value());
    }

    TEST_CASE("forwarded addresses of peers that are not listed are not believed") {
        const IpSet nobody;
        CHECK(told("X-Forwarded-For", "6.6.6.6", nobody, "192.0.2.1") == "192.0.2.1");
        const auto listed = IpSet::parse({"10.0.0.0/8"}).value();
        CHECK(told("X-Forwarded-For", "6.6.6.6", listed, "192.0.2.1") == "192.0.2.1");
        CHECK(told("Forwarded", "for=6.6.6.6", listed, "192.0.2.1") == "192.0.2.1");
    }

    TEST_CASE("a listed peer is believed as far as the chain is listed") {
        const auto listed = IpSet::parse({"10.0.0.0/8"}).value();
        CHECK(told("X-Forwarded-For", "192.0.2.9", listed, "10.0.0.1") == "192.0.2.9");
        // What the client wrote itself stands left of what our proxy saw.
        CHECK(told("X-Forwarded-For", "127.0.0.1, 192.0.2.9", listed, "10.0.0.1") == "192.0.2.9");
        CHECK(
            told("X-Forwarded-For", "6.6.6.6, 192.0.2.9, 10.0.0.2", listed, "10.0.0.1") ==
            "192.0.2.9"
        );
        CHECK(told("X-Forwarded-For", "10.0.0.3", listed, "10.0.0.1") == "10.0.0.3");
        CHECK(told("Forwarded", "for=192.0.2.9;proto=https", listed, "10.0.0.1") == "192.0.2.9");
        CHECK(told("Forwarded", "for=\"[2001:db8::1]:4711\"", listed, "10.0.0.1") == "2001:db8::1");
        CHECK(
            told("Forwarded", "proto=https; For=\"192.0.2.9:80\"", listed, "10.0.0.1") ==
            "192.0.2.9"
        );
    }

    TEST_CASE("what does not parse or contradicts itself is not believed") {
        const auto listed = IpSet::parse({"10.0.0.0/8"}).value();
        for (const auto* text :
             {"unknown", "_hidden", "", "192.0.2.9,,10.0.0.2", "a b", "999.1.1.1"}) {
            CAPTURE(text);
            CHECK(told("X-Forwarded-For", text, listed, "10.0.0.1") == "10.0.0.1");
            CHECK(told("Forwarded", std::string("for=") + text, listed, "10.0.0.1") == "10.0.0.1");
        }
        Headers both;
        both.add("X-Forwarded-For", "192.0.2.9");
        both.add("Forwarded", "for=192.0.2.8");
        CHECK(client_address(both, "10.0.0.1", listed) == "10.0.0.1");
        std::string many = "192.0.2.9";
        for (int i = 0; i < 32; ++i) {
            many += ",10.0.0.2";
        }
        CHECK(told("X-Forwarded-For", many, listed, "10.0.0.1") == "10.0.0.1");
    }
}

}  // namespace sallyport::http
