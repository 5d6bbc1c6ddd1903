#include "edge/http/proxy_protocol.h"

#include <doctest/doctest.h>

namespace sallyport::http {

namespace {

using namespace std::string_literals;

const std::string signature = "\r\n\r\n\0\r\nQUIT\n"s;

Result<std::optional<std::string>> source(const std::string& bytes) {
    SP_TRY(const auto prefix, parse_proxy_prefix(bytes.substr(0, proxy_prefix_size)));
    return parse_proxy_source(prefix, bytes.substr(proxy_prefix_size));
}

}  // namespace

TEST_SUITE("PROXY protocol") {
    TEST_CASE("the source address of TCP over IPv4 and IPv6 is read") {
        CHECK(
            source(signature + "\x21\x11\0\x0C\xC0\0\x02\x07\x7F\0\0\x01\x12\x34\x01\xBB"s)
                .value() == "192.0.2.7"
        );
        const auto six = signature + "\x21\x21\0\x24"s + "\x20\x01\x0D\xB8"s +
                         std::string(11, '\0') + "\x09" + std::string(16, '\x01') + "\0\x01\0\x02"s;
        CHECK(source(six).value() == "2001:db8::9");
        // Extensions behind the addresses are allowed and not looked at.
        CHECK(
            source(
                signature + "\x21\x11\0\x10\xC0\0\x02\x07\x7F\0\0\x01\x12\x34\x01\xBB\x04\0\x01\0"s
            )
                .value() == "192.0.2.7"
        );
    }

    TEST_CASE("LOCAL speaks for nobody") {
        CHECK_FALSE(source(signature + "\x20\0\0\0"s).value().has_value());
    }

    TEST_CASE("anything else is malformed") {
        for (const auto& bytes : {
                 ""s,
                 signature,
                 "PROXY TCP4 192.0.2.7 127.0.0.1 1 2\r\n"s,
                 "GET / HTTP/1.1\r\n\r\n"s,
                 signature +
                     "\x11\x11\0\x0C\xC0\0\x02\x07\x7F\0\0\x01\x12\x34\x01\xBB"s,  // version 1
                 signature +
                     "\x22\x11\0\x0C\xC0\0\x02\x07\x7F\0\0\x01\x12\x34\x01\xBB"s,  // command 2
                 signature + "\x21\x12\0\x0C\xC0\0\x02\x07\x7F\0\0\x01\x12\x34\x01\xBB"s,  // UDP
                 signature + "\x21\0\0\0"s,                              // PROXY UNSPEC
                 signature + "\x21\x31\0\xD8"s + std::string(216, 'x'),  // UNIX
                 signature + "\x21\x11\0\x0B\xC0\0\x02\x07\x7F\0\0\x01\x12\x34\x01"s,  // short
                 signature + "\x21\x11\0\x0C\xC0\0\x02\x07"s,                          // cut
                 signature + "\x21\x11\x02\x01"s + std::string(513, 'x'),              // too long
                 signature +
                     "\x21\x21\0\x0C\xC0\0\x02\x07\x7F\0\0\x01\x12\x34\x01\xBB"s,  // v6 in 12
             }) {
            CAPTURE(bytes);
            const auto result = source(bytes);
            REQUIRE_FALSE(result.has_value());
            CHECK(result.error().reason == "proxy_protocol.malformed");
        }
    }
}

}  // namespace sallyport::http
