#pragma once
// A house with a card host, for tests: its issuer, its list of revoked cards, and the way there and
// back. Certificates are real; that TLS demands them and proves their keys is tested in
// edge/http/tls_test.cpp and tests/e2e/smart_card.test.mjs.

#include "tests/support/certificates.h"

#include "edge/api/api_test_house.h"
#include "edge/api/card_host.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sallyport::api::test {

inline policy::Policy policy_with_an_office() {
    auto policy = sallyport::test::policy_document_with_codes(ApiTestHouse::start());
    policy.zones = {
        {.name = "office",
         .kind = policy::ZoneKind::admin,
         .networks = {IpNetwork::parse("192.0.2.0/24").value()}}
    };
    return policy;
}

class CardWard {
    using CertificatePlan = sallyport::test::CertificatePlan;
    using Issued = sallyport::test::Issued;

public:
    CardWard() {
        trust->anchors = {root.certificate()};
        list({});
        trust->key_in_hardware = true;
        trust->pin_asked = true;
    }

    [[nodiscard]] CertificatePlan at_present(CertificatePlan plan) const {
        plan.from = house.clock.now() - std::chrono::hours(24);
        plan.until = house.clock.now() + std::chrono::days(60);
        return plan;
    }

    [[nodiscard]] Issued card(const std::string& serial) const {
        auto plan = at_present(sallyport::test::person_plan());
        plan.serial = serial;
        return sallyport::test::issue(plan, root);
    }

    void list(std::vector<std::string> serials) {
        const sallyport::test::CrlPlan plan{
            .serials = std::move(serials),
            .this_update = house.clock.now() - std::chrono::hours(1),
            .next_update = house.clock.now() + std::chrono::hours(23),
        };
        trust->crls = {sallyport::test::make_crl(plan, root)};
    }

    http::Response at_card_host(
        const std::string& method,
        const std::string& path,
        const std::string& query,
        const Issued& shown
    ) {
        http::Request request;
        request.method = method;
        request.path = path;
        request.query = query;
        request.target = path + "?" + query;
        request.host = "card.example.org";
        request.peer = "192.0.2.7";
        request.tls = true;
        request.client_certificates = {shown.der()};
        return ApiTestHouse::run_to_end(host.handle(std::move(request)));
    }

    // From the sign-in host to the card host, and to the door of the way back: its target.
    std::string return_target(
        Browser& browser, const std::string& path, const Issued& shown, nlohmann::json body = {}
    ) {
        if (body.is_null()) body = nlohmann::json::object();
        const auto asked = house.ask(browser, "POST", path, body);
        REQUIRE_MESSAGE(asked.status == 200, asked.response.body);
        const auto there = asked.json["location"].get<std::string>();
        const std::string start = "https://card.example.org/card?";
        REQUIRE(there.starts_with(start));
        const auto sent_back = at_card_host("GET", "/card", there.substr(start.size()), shown);
        REQUIRE(sent_back.status == 303);
        const auto back = std::string(sent_back.headers.only("Location").value());
        const std::string sign_in_origin = "https://sallyport.example.org";
        REQUIRE(back.starts_with(sign_in_origin));
        return back.substr(sign_in_origin.size());
    }

    Answer present(
        Browser& browser, const std::string& path, const Issued& shown, nlohmann::json body = {}
    ) {
        return house.ask(browser, "GET", return_target(browser, path, shown, std::move(body)));
    }

    void bind(TestPerson& person, const Issued& shown) {
        house.step_up(person);
        const auto bound = present(
            person.browser, "/api/self/authenticators/certificate", shown, {{"label", "My card"}}
        );
        REQUIRE_MESSAGE(bound.status == 201, bound.response.body);
        CHECK(bound.json["kind"] == "certificate");
        CHECK(bound.json["label"] == "My card");
    }

    std::string last_failure() { return house.events("authn.failure").front().reason; }

    ApiTestHouse house{policy_with_an_office()};
    Issued root = sallyport::test::self_signed(at_present(sallyport::test::root_plan()));
    std::shared_ptr<authn::CertificateTrust> trust = std::make_shared<authn::CertificateTrust>();
    CardHost host{
        house.services(),
        house.authn(),
        [this] { return trust; },
        [](const std::string&, BytesView) { return std::nullopt; }
    };
    TestPerson& erik = house.person("erik", "engineer");
};

}  // namespace sallyport::api::test
