#include "edge/http/handoff.h"

#include "tests/support/clocks.h"
#include "tests/support/http_lab.h"

#include "base/core/bytes.h"
#include "edge/http/url_token.h"

#include <doctest/doctest.h>

namespace sallyport::http {

namespace asio = boost::asio;

namespace {

// A browser's part: cookies kept per host, redirects followed by hand.
struct Browser {
    std::string cookie;

    Request get(std::string host, std::string target) const {
        Request request;
        request.method = "GET";
        request.host = std::move(host);
        request.target = target;
        const auto question = std::min(target.find('?'), target.size());
        request.path = target.substr(0, question);
        request.query = target.substr(std::min(question + 1, target.size()));
        if (!cookie.empty()) request.headers.add("Cookie", cookie);
        return request;
    }

    // Keeps name=value of the cookie called `name`; true if there was one.
    bool take(const Response& response, std::string_view name) {
        for (const auto line : response.headers.all("Set-Cookie")) {
            if (!line.starts_with(std::string(name) + "=")) continue;
            cookie = std::string(line.substr(0, line.find(';')));
            return true;
        }
        return false;
    }
};

std::string location(const Response& response) {
    return std::string(response.headers.only("Location").value_or(""));
}

// The session's half as a double: one code, good once, for one host and one nonce.
struct Codes {
    HandoffAsk bound;
    std::string code = "c-1";
    bool used = false;

    RedeemHandoff redeemer() {
        return [this](
                   std::string shown, std::string host, crypto::Sha256Digest nonce, Request
               ) -> asio::awaitable<Result<crypto::Secret>> {
            const bool good =
                !used && shown == code && host == bound.host && nonce == bound.nonce_digest;
            used = true;
            if (!good) co_return refuse(Refusal::denied, "handoff.refused");
            std::array<std::byte, 32> token{std::byte{7}};
            co_return crypto::Secret::take(token);
        };
    }
};

struct Fixture {
    test::ReplayedRandom random;
    Codes codes;
    HandoffReceiver receiver{
        {.sign_in_origin = "https://s.example:8443", .public_port = 8443}, codes.redeemer(), random
    };
    asio::io_context context;

    Response finish(Request request) {
        return test::run(context, receiver.finish(std::move(request)));
    }

    // Up to the sign-in host's answer.
    std::string walk_to_code(Browser& browser, const std::string& target) {
        const auto first = receiver.begin(browser.get("p.gate", target));
        CHECK(browser.take(first, handoff_nonce_cookie));
        const auto there = location(first);
        const std::string origin = "https://s.example:8443";
        REQUIRE(there.starts_with(origin + "/handoff?"));
        const auto asked =
            parse_handoff_ask(Browser().get("s.example", there.substr(origin.size())));
        REQUIRE(asked.has_value());
        codes.bound = *asked;
        const auto back = handoff_return_address(asked->host, 8443, codes.code);
        REQUIRE(back.starts_with("https://p.gate:8443/.sallyport/handoff?"));
        return back.substr(std::string("https://p.gate:8443").size());
    }
};

}  // namespace

TEST_SUITE("handoff") {
    TEST_CASE_FIXTURE(
        Fixture, "a person arrives where they wanted to go, with a cookie and a clean URL"
    ) {
        Browser browser;
        const auto back = walk_to_code(browser, "/status?page=2");
        const auto last = finish(browser.get("p.gate", back));

        CHECK(last.status == 303);
        CHECK(location(last) == "https://p.gate:8443/status?page=2");
        CHECK(last.headers.only("Referrer-Policy") == "no-referrer");
        CHECK(last.headers.only("Cache-Control") == "no-store");
        REQUIRE(browser.take(last, host_session_cookie));
        const auto token = host_session_token(browser.get("p.gate", "/"));
        REQUIRE(token.has_value());
        CHECK(token->expose()[0] == std::byte{7});
        for (const auto line : last.headers.all("Set-Cookie")) {
            CAPTURE(line);
            CHECK(line.starts_with("__Host-"));
            CHECK(line.contains("; Path=/; Secure; HttpOnly; SameSite="));
            CHECK_FALSE(line.contains("Domain"));
        }
    }

    TEST_CASE_FIXTURE(
        Fixture, "the sign-in host learns the host and a digest, not the page nor the nonce"
    ) {
        Browser browser;
        const auto first = receiver.begin(browser.get("p.gate", "/patient/4711"));
        browser.take(first, handoff_nonce_cookie);
        CHECK_FALSE(location(first).contains("4711"));
        const auto nonce = browser.cookie.substr(browser.cookie.find('=') + 1, 43);
        CHECK_FALSE(location(first).contains(nonce));
        CHECK(location(first).contains(to_base64url(crypto::sha256(as_bytes(nonce)))));
    }

    TEST_CASE_FIXTURE(Fixture, "a code is worth nothing twice, elsewhere, or in another browser") {
        Browser browser;
        const auto back = walk_to_code(browser, "/");

        SUBCASE("twice") {
            CHECK(finish(browser.get("p.gate", back)).status == 303);
            CHECK(finish(browser.get("p.gate", back)).status == 403);
        }
        SUBCASE("on another host") {
            CHECK(finish(browser.get("q.gate", back)).status == 403);
        }
        SUBCASE("in another browser, with a nonce of its own") {
            Browser other;
            other.take(receiver.begin(other.get("p.gate", "/")), handoff_nonce_cookie);
            const auto refused = finish(other.get("p.gate", back));
            CHECK(refused.status == 403);
            CHECK_FALSE(refused.headers.has("Set-Cookie"));
        }
        SUBCASE("in a browser without the nonce") {
            const auto refused = finish(Browser().get("p.gate", back));
            CHECK(refused.status == 400);
            CHECK_FALSE(codes.used);
        }
        SUBCASE("without a code, or with two") {
            CHECK(finish(browser.get("p.gate", "/.sallyport/handoff")).status == 400);
            CHECK(finish(browser.get("p.gate", "/.sallyport/handoff?code=a&code=b")).status == 400);
            CHECK(
                finish(browser.get("p.gate", "/.sallyport/handoff?code=" + std::string(129, 'a')))
                    .status == 400
            );
            CHECK_FALSE(codes.used);
        }
    }

    TEST_CASE_FIXTURE(Fixture, "nobody plants a destination") {
        Browser browser;
        const auto back = walk_to_code(browser, "/");
        const auto nonce = browser.cookie.substr(0, browser.cookie.find('.') + 1);
        for (const auto* target :
             {"//evil.example/",
              "https://evil.example/",
              "/\\evil.example",
              "/.sallyport/handoff?code=x",
              "/x/../.sallyport/handoff",
              "/a\r\nX: y",
              "",
              "evil"}) {
            CAPTURE(target);
            codes.used = false;
            browser.cookie = nonce + to_base64url(as_bytes(target));
            CHECK(location(finish(browser.get("p.gate", back))) == "https://p.gate:8443/");
        }
    }

    TEST_CASE_FIXTURE(Fixture, "what a page fetches is told 401, not sent away") {
        auto fetch = Browser().get("p.gate", "/data.json");
        fetch.headers.add("Sec-Fetch-Mode", "cors");
        CHECK(receiver.begin(fetch).status == 401);
        auto post = Browser().get("p.gate", "/set");
        post.method = "POST";
        CHECK(receiver.begin(post).status == 401);
        auto page = Browser().get("p.gate", "/");
        page.headers.add("Sec-Fetch-Mode", "navigate");
        CHECK(receiver.begin(page).status == 303);
    }

    TEST_CASE("what the sign-in host is asked is checked") {
        const auto digest = to_base64url(crypto::sha256(as_bytes("n")));
        const auto asked = [](const std::string& query) {
            return parse_handoff_ask(Browser().get("s.example", "/handoff?" + query)).has_value();
        };
        CHECK(asked("host=p.gate&nonce=" + digest));
        for (const auto& query :
             {std::string(""),
              std::string("host=p.gate"),
              "nonce=" + digest,
              "host=p.gate:1&nonce=" + digest,
              "host=p/q&nonce=" + digest,
              "host=&nonce=" + digest,
              "host=p.gate&nonce=" + digest.substr(1),
              "host=p.gate&host=q&nonce=" + digest,
              std::string("host=p.gate&nonce=%zz")}) {
            CAPTURE(query);
            CHECK_FALSE(asked(query));
        }
    }
}

}  // namespace sallyport::http
