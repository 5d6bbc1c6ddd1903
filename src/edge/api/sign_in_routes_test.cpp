#include "edge/api/sign_in_routes.h"

#include "base/crypto/password_hash.h"
#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <chrono>
#include <regex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

std::string verifier_of(ApiTestHouse& house, const std::string& name) {
    return house.database().read([&](store::Tx& tx) {
        return tx
            .query(
                "SELECT v.verifier FROM passphrase_verifier v "
                "JOIN authenticator r ON r.id = v.authenticator_id "
                "JOIN account a ON a.id = r.account_id "
                "WHERE a.login_name = ? AND r.state = 'active'",
                {name}
            )
            .front()
            .text(0);
    });
}

TEST_CASE("S0-42: whoever signs in with a verifier of old parameters has a new one soon after") {
    ApiTestHouse house;
    auto& erik = house.person("erik", "engineer");
    auto& nora = house.person("nora", "engineer");
    const auto of_erik = verifier_of(house, "erik");
    const auto of_nora = verifier_of(house, "nora");
    REQUIRE(of_erik.starts_with("$argon2id-hmac-sha256$"));
    auto& cost = house.authn().cost;
    REQUIRE_FALSE(crypto::needs_rehash(of_erik, cost));
    house.sign_in(erik);
    cost.passes += 1;
    CHECK(crypto::needs_rehash(of_erik, cost));

    // Not by a wrong passphrase.
    Browser stranger;
    const auto wrong = house.ask(
        stranger, "POST", "/api/sign-in", {{"login_name", "nora"}, {"passphrase", "a wrong one"}}
    );
    CHECK(wrong.status == 200);
    house.sign_in(erik);
    // It is made after the answer, on another thread.
    const auto patience = std::chrono::steady_clock::now() + 60s;
    while (verifier_of(house, "erik") == of_erik && std::chrono::steady_clock::now() < patience) {
        std::this_thread::yield();
    }
    const auto upgraded = verifier_of(house, "erik");
    CHECK(upgraded != of_erik);
    CHECK(upgraded.starts_with("$argon2id-hmac-sha256$"));
    CHECK_FALSE(crypto::needs_rehash(upgraded, cost));
    CHECK(verifier_of(house, "nora") == of_nora);

    // The passphrase stays the same, and nothing is left to upgrade.
    house.sign_in(erik);
    CHECK(house.ask(erik.browser, "GET", "/api/session").status == 200);
    CHECK(verifier_of(house, "erik") == upgraded);
    house.sign_in(nora);
}

// The bytes of every script that a page names, and of those that these import.
std::size_t script_weight(ApiTestHouse& house, Browser& browser, const std::string& page) {
    static const std::regex named(R"rx((?:src="/assets/|from '\./)([a-z_]+\.js)["'])rx");
    std::set<std::string> seen;
    std::vector<std::string> texts{page};
    std::size_t bytes = 0;
    while (!texts.empty()) {
        const auto text = std::move(texts.back());
        texts.pop_back();
        for (std::sregex_iterator at(text.begin(), text.end(), named), end; at != end; ++at) {
            if (!seen.insert((*at)[1]).second) continue;
            const auto script = house.ask(browser, "GET", "/assets/" + (*at)[1].str());
            REQUIRE(script.status == 200);
            bytes += script.response.body.size();
            texts.push_back(script.response.body);
        }
    }
    REQUIRE(seen.contains("security_key.js"));
    REQUIRE(seen.contains("wire.js"));
    return bytes;
}

TEST_CASE("the sign-in pages carry less than 20 kB of script, uncompressed") {
    ApiTestHouse house;
    Browser browser;
    for (const auto* const path : {"/sign-in", "/sign-in/code"}) {
        CAPTURE(path);
        CHECK(script_weight(house, browser, house.page(browser, path)) < 20'000);
    }
}

TEST_CASE("S1-71 (part): the sign-in pages show the address that the browser must show") {
    ApiTestHouse house;
    Browser browser;
    for (const auto* const path : {"/sign-in", "/sign-in/code"}) {
        CAPTURE(path);
        const auto page = house.page(browser, path);
        CHECK(page.contains("<strong>sallyport.example.org</strong>"));
    }
}

}  // namespace

}  // namespace sallyport::api::test
