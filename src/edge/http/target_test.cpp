#include "edge/http/target.h"

#include "edge/http/message.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>

namespace sallyport::http {

TEST_SUITE("target") {
    TEST_CASE("a path is decoded once and normalised") {
        const std::map<std::string, std::string> paths{
            {"/", "/"},
            {"/a/b", "/a/b"},
            {"/a/", "/a/"},
            {"//a///b", "/a/b"},
            {"/a/./b/../c", "/a/c"},
            {"/a/b/..", "/a/"},
            {"/a/.", "/a/"},
            {"/../../etc/passwd", "/etc/passwd"},
            {"/%2e%2E/x", "/x"},
            {"/a/%2e%2e/b", "/b"},
            {"/...", "/..."},
            {"/%41%20b", "/A b"},
            {"/%252e%252e/x", "/%2e%2e/x"},
            {"/a;b=c", "/a;b=c"},
            {"/%C3%A9", "/\xC3\xA9"},
            {"/a?b/../c", "/a"},
            {"/?", "/"},
        };
        for (const auto& [text, path] : paths) {
            CAPTURE(text);
            const auto target = parse_target(text);
            REQUIRE(target.has_value());
            CHECK(target->path == path);
            CHECK(target->text == text);
            CHECK_FALSE(target->authority.has_value());
        }
        CHECK(parse_target("/a?b=%20&c?d")->query == "b=%20&c?d");
    }

    TEST_CASE("what could be read in two ways is refused") {
        for (const auto* text :
             {"",
              "*",
              "a",
              "a/b",
              "example.com:443",
              "/a\\b",
              "/%5c",
              "/%5C..",
              "/a%2fb",
              "/a%2F..%2Fb",
              "/%00",
              "/a%0d%0ab",
              "/%7f",
              "/%1f",
              "/%",
              "/%4",
              "/%4g",
              "/%%41",
              "/a b",
              "/a\tb",
              "/\xC3\xA9",
              "/a#b",
              "/a?b#c",
              "/a?%zz",
              "/a?b%00",
              "ftp://a/b",
              "javascript:alert(1)",
              "http://",
              "http:///a",
              "https://u@a/b",
              "http://a:0/",
              "http://a:99999/",
              "file:///etc/passwd",
              "/\x7f"}) {
            CAPTURE(text);
            const auto target = parse_target(text);
            CHECK_FALSE(target.has_value());
        }
        CHECK_FALSE(parse_target("/" + std::string(target_size_max, 'a')).has_value());
        CHECK(parse_target("/" + std::string(target_size_max - 1, 'a')).has_value());
    }

    TEST_CASE("absolute-form gives the host for comparing") {
        const auto target = parse_target("https://Pump-07.Gate:8443/a?b");
        REQUIRE(target.has_value());
        CHECK(target->authority->host == "pump-07.gate");
        CHECK(target->authority->port == 8443);
        CHECK(target->text == "/a?b");
        CHECK(parse_target("http://a")->path == "/");
        CHECK(parse_target("http://a?b")->text == "/?b");
    }

    TEST_CASE("hosts are names, addresses and ports") {
        const std::map<std::string, Authority> hosts{
            {"a", {"a", {}}},
            {"A.B-c:1", {"a.b-c", 1}},
            {"127.0.0.1:65535", {"127.0.0.1", 65535}},
            {"[::1]", {"[::1]", {}}},
            {"[2001:DB8::1]:80", {"[2001:db8::1]", 80}},
        };
        for (const auto& [text, authority] : hosts) {
            CAPTURE(text);
            CHECK(parse_authority(text).value() == authority);
        }
        for (const auto* text : {"",     ":80", "a:",   "a:b",   "a:65536", "a:0",  "a:00080",
                                 "a.",   ".a",  "a..b", "a b",   "a@b",     "a/b",  "[::1",
                                 "::1]", "[]",  "[x]",  "a:1:2", "a,b",     "a%41", "[::1]x"}) {
            CAPTURE(text);
            CHECK_FALSE(parse_authority(text).has_value());
        }
        CHECK_FALSE(parse_authority(std::string(254, 'a')).has_value());
    }

    TEST_CASE("a decoded path is normal, and stays so when it is written and read again") {
        const bool holds = rc::check([] {
            const auto text = *rc::gen::container<std::string>(
                rc::gen::elementOf(std::string("/.%2eEaé?;=:@\\ab%41%25"))
            );
            const auto target = parse_target("/" + text);
            if (!target) return;
            std::string written;
            for (const char c : target->path) {
                written += c == '/' ? "/" : percent_encoded({&c, 1});
            }
            const auto again = parse_target(written);
            RC_ASSERT(again.has_value());
            RC_ASSERT(again->path == target->path);
            RC_ASSERT(target->path.starts_with('/'));
            RC_ASSERT(target->path.find("//") == std::string::npos);
            RC_ASSERT(!(target->path + "/").contains("/../"));
            RC_ASSERT(!(target->path + "/").contains("/./"));
        });
        CHECK(holds);
    }
}

}  // namespace sallyport::http
