// The small rules of the sign-in host: origin, cookies, headers, tokens in URLs.

#include "base/core/fault.h"
#include "edge/http/origin_check.h"
#include "edge/http/security_headers.h"
#include "edge/http/set_cookie.h"
#include "edge/http/target.h"
#include "edge/http/url_token.h"

#include <doctest/doctest.h>

namespace sallyport::http {

namespace {

struct Sent {
    std::string method = "POST";
    std::string origin = {};
    std::string site = {};
    Credential credential = Credential::cookie;
};

std::string verdict(const Sent& sent) {
    Request request;
    request.method = sent.method;
    if (!sent.origin.empty()) request.headers.add("Origin", sent.origin);
    if (!sent.site.empty()) request.headers.add("Sec-Fetch-Site", sent.site);
    const auto result = check_origin(request, "https://s.example:8443", sent.credential);
    return result ? "ok" : std::string(result.error().reason);
}

std::optional<UrlToken> found_in(std::string_view text) {
    const auto target = parse_target(text);
    REQUIRE(target.has_value());
    Request request;
    request.path = target->path;
    request.query = target->query;
    return token_in_target(request);
}

const std::string token = "sp_0123456789012345678901234567890123456789-_A";

}  // namespace

TEST_SUITE("origin check") {
    TEST_CASE("only the site itself may change its state") {
        CHECK(verdict({.origin = "https://s.example:8443"}) == "ok");
        CHECK(verdict({.origin = "https://s.example:8443", .site = "same-origin"}) == "ok");
        for (const auto* origin :
             {"https://s.example",
              "http://s.example:8443",
              "https://S.example:8443",
              "https://s.example:8443/",
              "https://s.example:84430",
              "https://evil.example",
              "https://x.s.example:8443",
              "https://s.example:8443, https://evil"}) {
            CAPTURE(origin);
            CHECK(verdict({.origin = origin}) == "origin.foreign");
            CHECK(
                verdict({.origin = origin, .credential = Credential::bearer}) == "origin.foreign"
            );
        }
        for (const auto* site : {"cross-site", "same-site", "nonsense"}) {
            CAPTURE(site);
            CHECK(verdict({.origin = "https://s.example:8443", .site = site}) == "origin.foreign");
            CHECK(verdict({.site = site, .credential = Credential::bearer}) == "origin.foreign");
        }
    }

    TEST_CASE("without an Origin the browser must say same-origin") {
        CHECK(verdict({}) == "origin.missing");
        CHECK(verdict({.site = "none"}) == "origin.missing");
        CHECK(verdict({.site = "same-origin"}) == "ok");
        // Forms of a page with Referrer-Policy: no-referrer (Fetch, append a request Origin
        // header).
        CHECK(verdict({.origin = "null", .site = "same-origin"}) == "ok");
        CHECK(verdict({.origin = "null"}) == "origin.missing");
        CHECK(verdict({.origin = "null", .site = "cross-site"}) == "origin.foreign");
    }

    TEST_CASE("our own client has no Origin and needs none") {
        CHECK(verdict({.credential = Credential::bearer}) == "ok");
        CHECK(verdict({.origin = "null", .credential = Credential::bearer}) == "origin.missing");
    }

    TEST_CASE("reading is not changing") {
        for (const auto* method : {"GET", "HEAD", "OPTIONS"}) {
            CHECK(
                verdict({.method = method, .origin = "https://evil", .site = "cross-site"}) == "ok"
            );
        }
        for (const auto* method : {"PUT", "DELETE", "PATCH", "get", "FOO"}) {
            CHECK(verdict({.method = method}) == "origin.missing");
        }
    }

    TEST_CASE("fields given twice are refused") {
        Request request;
        request.method = "POST";
        request.headers.add("Origin", "https://s");
        request.headers.add("Origin", "https://s");
        CHECK_FALSE(check_origin(request, "https://s", Credential::cookie).has_value());
    }

    TEST_CASE("an origin is written as browsers do") {
        CHECK(site_origin("A.example", 443) == "https://a.example");
        CHECK(site_origin("a.example", 8443) == "https://a.example:8443");
    }
}

TEST_SUITE("cookies") {
    TEST_CASE("S0-73: every cookie is __Host-, Secure, HttpOnly and SameSite") {
        CHECK(
            host_cookie("__Host-s", "abc", SameSite::strict) ==
            "__Host-s=abc; Path=/; Secure; HttpOnly; SameSite=Strict"
        );
        CHECK(
            host_cookie("__Host-s", "abc", SameSite::lax, std::chrono::seconds(60)) ==
            "__Host-s=abc; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=60"
        );
        CHECK(
            expired_host_cookie("__Host-s") ==
            "__Host-s=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0"
        );
    }

    TEST_CASE("a cookie can't say anything but its value") {
        CHECK_THROWS_AS(static_cast<void>(host_cookie("s", "a", SameSite::lax)), Fault);
        CHECK_THROWS_AS(static_cast<void>(host_cookie("__Host-s x", "a", SameSite::lax)), Fault);
        for (const auto* value : {"a; Domain=x", "a,b", "a b", "a\r\nX: y", "\"a\"", "a\\b"}) {
            CAPTURE(value);
            CHECK_THROWS_AS(
                static_cast<void>(host_cookie("__Host-s", value, SameSite::lax)), Fault
            );
        }
    }
}

TEST_SUITE("security headers") {
    TEST_CASE("S0-73: pages send no referrer and load nothing foreign") {
        auto page = Response::html(200, "");
        add_security_headers(page, {});
        CHECK(page.headers.only("Referrer-Policy") == "no-referrer");
        CHECK(page.headers.only("X-Content-Type-Options") == "nosniff");
        CHECK(page.headers.only("Cache-Control") == "no-store");
        const auto policy = *page.headers.only("Content-Security-Policy");
        CHECK(policy.starts_with("default-src 'none'; style-src 'self'"));
        CHECK(policy.contains("form-action 'self';"));
        CHECK(policy.contains("frame-ancestors 'none'"));
        CHECK_FALSE(policy.contains("unsafe"));
        CHECK(page.headers.has("Strict-Transport-Security"));
    }

    TEST_CASE("the demo has no HSTS, and a handler's own policy stays") {
        Response page;
        page.headers.add("Content-Security-Policy", "default-src 'self'");
        page.headers.add("cache-control", "max-age=60");
        add_security_headers(page, {.hsts = false, .form_action_also = ""});
        CHECK_FALSE(page.headers.has("Strict-Transport-Security"));
        CHECK(page.headers.only("Content-Security-Policy") == "default-src 'self'");
        CHECK(page.headers.only("Cache-Control") == "max-age=60");
    }

    TEST_CASE("a sign-in may end on a device host") {
        Response page;
        add_security_headers(
            page, {.hsts = false, .form_action_also = "https://*.gate.localhost:8443"}
        );
        CHECK(page.headers.only("Content-Security-Policy")
                  ->contains("form-action 'self' https://*.gate.localhost:8443;"));
    }
}

TEST_SUITE("tokens in URLs") {
    TEST_CASE("S0-73: a token in path or query is found by name or by form") {
        for (const auto& target : {
                 "/a?access_token=x",
                 "/a?b=c&Session=1",
                 "/?sid=1",
                 "/?token=abc",
                 "/?%74oken=abc",
                 "/?JSESSIONID=1",
                 "/?a;token=x",
             }) {
            CAPTURE(target);
            const auto found = found_in(target);
            REQUIRE(found.has_value());
            CHECK(found->token.empty());
            CHECK_FALSE(found->parameter.empty());
        }
        for (const auto& target :
             {"/x/" + token,
              "/?q=" + token,
              "/?q=Bearer+" + token,
              "/?" + token,
              "/?q=%73p_" + token.substr(3),
              "/?a=b&c=sp_sp_" + token + "x"}) {
            CAPTURE(target);
            const auto found = found_in(target);
            REQUIRE(found.has_value());
            CHECK(found->token.starts_with("sp_"));
            CHECK(found->token.size() == token.size());
        }
        CHECK(found_in("/?q=" + token)->token == token);
    }

    TEST_CASE("single-use codes and ordinary parameters are no tokens") {
        const std::vector<std::string> harmless{
            "/",
            "/a?b=c",
            "/handoff?host=h&nonce=" + token.substr(3),
            "/enrol?ticket=" + token.substr(3),
            std::string("/.sallyport/handoff?code=abc"),
            std::string("/?token="),
            std::string("/?tokens=1"),
            std::string("/session"),
            "/?q=" + token.substr(0, 45)
        };
        for (const auto& target : harmless) {
            CAPTURE(target);
            CHECK_FALSE(found_in(target).has_value());
        }
    }

    TEST_CASE("a token's text is read back, and nothing else is") {
        std::array<std::byte, 32> bytes{std::byte{1}, std::byte{0xFF}};
        auto source = bytes;
        const auto text = token_text(crypto::Secret::take(source));
        CHECK(looks_like_token(text));
        const auto back = parse_token(text);
        REQUIRE(back.has_value());
        CHECK(std::ranges::equal(back->expose(), bytes));
        for (const auto& wrong :
             {std::string(),
              text.substr(3),
              text + "A",
              text.substr(0, 45),
              "SP_" + text.substr(3),
              // the same bytes spelt another way: unused bits set
              text.substr(0, 45) + "B"}) {
            CAPTURE(wrong);
            CHECK_FALSE(parse_token(wrong).has_value());
        }
    }
}

}  // namespace sallyport::http
