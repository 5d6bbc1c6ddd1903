#include "domain/authn/push/push_endpoint.h"

#include <doctest/doctest.h>

#include <string>

using namespace sallyport;
using namespace sallyport::authn;

namespace {

bool parses(std::string_view url) {
    const auto parsed = parse_push_endpoint(url);
    if (!parsed) CHECK(parsed.error().reason == "push.endpoint_malformed");
    return parsed.has_value();
}

bool allowed(std::string_view url, const PushHosts& hosts) {
    return is_allowed(parse_push_endpoint(url).value(), hosts);
}

}  // namespace

TEST_CASE("an endpoint is taken apart and put together again") {
    const auto endpoint =
        parse_push_endpoint("https://push.example/wpush/v2/gAAA-_x?y=%2F").value();
    CHECK(endpoint.host == "push.example");
    CHECK(endpoint.port == 443);
    CHECK(endpoint.target == "/wpush/v2/gAAA-_x?y=%2F");
    CHECK(endpoint.origin() == "https://push.example");
    CHECK(endpoint.url() == "https://push.example/wpush/v2/gAAA-_x?y=%2F");
    const auto other = parse_push_endpoint("https://localhost:8443/p").value();
    CHECK(other.origin() == "https://localhost:8443");
    CHECK(other.url() == "https://localhost:8443/p");
}

TEST_CASE("an endpoint is https, and nothing in it can be read in two ways") {
    CHECK(parses("https://push.example/"));
    CHECK_FALSE(parses("http://push.example/"));
    CHECK_FALSE(parses("HTTPS://push.example/"));
    CHECK_FALSE(parses("https:push.example/"));
    CHECK_FALSE(parses("https://push.example"));
    CHECK_FALSE(parses("https:///p"));
    CHECK_FALSE(parses("https://user@push.example/"));
    CHECK_FALSE(parses("https://push.example@10.0.0.1/"));
    CHECK_FALSE(parses("https://push.example:443:80/"));
    CHECK_FALSE(parses("https://push.example:/"));
    CHECK_FALSE(parses("https://push.example:0443/"));
    CHECK_FALSE(parses("https://push.example:0/"));
    CHECK_FALSE(parses("https://push.example:65536/"));
    CHECK_FALSE(parses("https://Push.example/"));
    CHECK_FALSE(parses("https://push..example/"));
    CHECK_FALSE(parses("https://.example/"));
    CHECK_FALSE(parses("https://-push.example/"));
    CHECK_FALSE(parses("https://push.example./"));
    CHECK_FALSE(parses("https://[::1]/"));
    CHECK_FALSE(parses("https://push.example/a b"));
    CHECK_FALSE(parses("https://push.example/a#b"));
    CHECK_FALSE(parses("https://push.example/a\\b"));
    CHECK_FALSE(parses("https://push.example/a\r\nHost: x"));
    CHECK_FALSE(parses(std::string("https://push.example/\0", 22)));
    const std::string front = "https://push.example/";
    CHECK(parses(front + std::string(push_endpoint_size_max - front.size(), 'a')));
    CHECK_FALSE(parses(front + std::string(push_endpoint_size_max - front.size() + 1, 'a')));
}

TEST_CASE("only hosts on the list are called, each on its port") {
    const PushHosts hosts = {"push.example", "other.example:8443", "*.push.example.net"};
    CHECK(allowed("https://push.example/a", hosts));
    CHECK(allowed("https://other.example:8443/a", hosts));
    CHECK(allowed("https://am3p.push.example.net/a", hosts));
    CHECK(allowed("https://a.b.push.example.net/a", hosts));
    CHECK_FALSE(allowed("https://push.example:8443/a", hosts));
    CHECK_FALSE(allowed("https://other.example/a", hosts));
    CHECK_FALSE(allowed("https://push.example.net/a", hosts));
    CHECK_FALSE(allowed("https://evilpush.example.net/a", hosts));
    CHECK_FALSE(allowed("https://push.example.evil.example/a", hosts));
    CHECK_FALSE(allowed("https://10.0.0.1/a", hosts));
    CHECK_FALSE(allowed("https://localhost/a", hosts));
    CHECK_FALSE(allowed("https://push.example/a", {}));
}

TEST_CASE("a line of the list is a host, a host and port, or all hosts below one") {
    CHECK(is_push_host("push.example"));
    CHECK(is_push_host("localhost:9443"));
    CHECK(is_push_host("*.push.example"));
    CHECK_FALSE(is_push_host("*"));
    CHECK_FALSE(is_push_host("*.example"));
    CHECK_FALSE(is_push_host("push.*.example"));
    CHECK_FALSE(is_push_host("https://push.example"));
    CHECK_FALSE(is_push_host(""));
    CHECK_FALSE(is_push_host("push.example/"));
    // A line that is none allows nothing.
    CHECK_FALSE(allowed("https://push.example/a", {"*", "*.", "", "https://push.example"}));
}
