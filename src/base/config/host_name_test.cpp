#include "base/config/host_name.h"

#include "base/config/address.h"
#include "base/config/mistakes.h"

#include <doctest/doctest.h>

#include <string>

using namespace sallyport;
using namespace sallyport::config;

TEST_CASE("host names are lower-case labels and no addresses") {
    for (const std::string good :
         {"localhost", "sallyport.localhost", "a-b.c1", "xn--bcher-kva.example", "1a.example"}) {
        CHECK_MESSAGE(is_host_name(good), good);
    }
    for (const std::string bad :
         {"",
          ".",
          "a.",
          ".a",
          "a..b",
          "-a",
          "a-",
          "A.example",
          "a_b",
          "10.0.0.1",
          "a:443",
          "[::1]",
          "a b",
          "\xc3\xbc.example",
          "*.example.org"}) {
        CHECK_FALSE_MESSAGE(is_host_name(bad), bad);
    }
    CHECK(is_host_name(std::string(63, 'a')));
    CHECK_FALSE(is_host_name(std::string(64, 'a')));
    std::string long_name = "a";
    while (long_name.size() < 254) {
        long_name += ".a";
    }
    CHECK_FALSE(is_host_name(long_name));
}

TEST_CASE("the registrable domain is what a browser takes for one site") {
    CHECK(registrable_domain("sallyport.example.org") == "example.org");
    CHECK(registrable_domain("a.b.c.example.org") == "example.org");
    CHECK(registrable_domain("sallyport.localhost") == "sallyport.localhost");
    CHECK(registrable_domain("pump.gate.localhost") == "gate.localhost");
    CHECK(registrable_domain("localhost") == "localhost");
    CHECK(registrable_domain("sallyport.trust.nhs.uk") == "trust.nhs.uk");
    CHECK(registrable_domain("nhs.uk") == "nhs.uk");
}

TEST_CASE("endpoints are addresses with a port, never names") {
    CHECK(parse_endpoint("0.0.0.0:443").value() == Endpoint{"0.0.0.0", 443});
    CHECK(parse_endpoint("[::1]:0").value() == Endpoint{"::1", 0});
    for (const std::string bad :
         {"",
          ":443",
          "443",
          "0.0.0.0",
          "0.0.0.0:",
          "0.0.0.0:65536",
          "0.0.0.0:0443",
          "0.0.0.0:-1",
          "0.0.0.0:+1",
          "::1:443",
          "[0.0.0.0]:443",
          "[::1]",
          "localhost:443",
          "0.0.0.0:443 ",
          "[fe80::1%eth0]:443"}) {
        CHECK_MESSAGE(parse_endpoint(bad).error().reason == "address.malformed", bad);
    }
    CHECK_FALSE(parse_endpoint(std::string("0.0.0.0\0:443", 12)));
}

TEST_CASE("networks have no bits behind their prefix and are not everybody") {
    for (const std::string good :
         {"10.0.0.0/8", "192.0.2.7", "192.0.2.7/32", "2001:db8::/32", "::1"}) {
        CHECK_MESSAGE(check_network(good).has_value(), good);
    }
    for (const std::string bad :
         {"",
          "/8",
          "10.0.0.0/",
          "10.0.0.0/33",
          "10.0.0.1/8",
          "2001:db8::1/32",
          "::/129",
          "10/8",
          "10.0.0.0/08",
          "proxy"}) {
        CHECK_MESSAGE(check_network(bad).error().reason == "address.malformed", bad);
    }
    CHECK(check_network("0.0.0.0/0").error().reason == "address.everybody");
    CHECK(check_network("::/0").error().reason == "address.everybody");
}

TEST_CASE("loopback is 127/8 and ::1") {
    for (const std::string here : {"127.0.0.1", "127.9.9.9", "::1"}) {
        CHECK(is_loopback(here));
    }
    for (const std::string away : {"0.0.0.0", "::", "10.0.0.1", "::2", "1::", "localhost", ""}) {
        CHECK_FALSE_MESSAGE(is_loopback(away), away);
    }
}

TEST_CASE("the nearest name is the one with the fewest changes, if it is near") {
    CHECK(nearest("nod", {"node", "data_dir"}) == "node");
    CHECK(nearest("headerbytes", {"body_bytes", "header_bytes"}) == "header_bytes");
    CHECK(nearest("frequency", {"anchor_dir", "origin"}).empty());
    CHECK(nearest("x", {}).empty());
    CHECK(nearest(std::string(10'000, 'x'), {"node"}).empty());
}
