#include "edge/http/security_headers.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::http {

namespace {

std::string policy_for(const SecurityHeaders& settings) {
    Response response;
    add_security_headers(response, settings);
    return std::string(response.headers.only("content-security-policy").value_or(""));
}

TEST_CASE("pages get their own styles and scripts, Trusted Types, and nothing else") {
    CHECK(
        policy_for({}) ==
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; "
        "trusted-types phone-worker svelte-trusted-html"
    );
}

TEST_CASE("a form may go to one more origin where it has to, and a script may not") {
    const auto policy = policy_for({.form_action_also = "https://card.example.org"});
    CHECK(policy.contains("form-action 'self' https://card.example.org;"));
    CHECK(policy.contains("script-src 'self';"));
}

TEST_CASE("what an answer says itself is left as it is") {
    Response response;
    response.headers.add("Cache-Control", "max-age=60");
    add_security_headers(response, {});
    CHECK(response.headers.only("cache-control") == "max-age=60");
}

}  // namespace

}  // namespace sallyport::http
