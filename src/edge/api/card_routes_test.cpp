// Smart cards and workstations' certificates at the door: the sign-in host, the card host, and
// back. Certificates are real; that TLS demands them and proves their keys is tested in
// edge/http/tls_test.cpp and tests/e2e/smart_card.test.mjs.

#include "tests/support/browser_key.h"
#include "tests/support/certificates.h"

#include "domain/session/sender_key.h"
#include "edge/api/api_test_house.h"
#include "edge/api/card_host.h"

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;
using sallyport::test::CertificatePlan;
using sallyport::test::Issued;

constexpr std::string_view sign_in_origin = "https://sallyport.example.org";
constexpr std::string_view card_host = "https://card.example.org";

policy::Policy policy_with_an_office() {
    auto policy = sallyport::test::policy_document_with_codes(ApiTestHouse::start());
    policy.zones = {
        {.name = "office",
         .kind = policy::ZoneKind::admin,
         .networks = {IpNetwork::parse("192.0.2.0/24").value()}}
    };
    return policy;
}

class CardWard {
public:
    CardWard() {
        trust->anchors = {root.certificate()};
        list({});
        trust->key_in_hardware = true;
        trust->pin_asked = true;
    }

    [[nodiscard]] CertificatePlan at_present(CertificatePlan plan) const {
        plan.from = house.clock.now() - 24h;
        plan.until = house.clock.now() + 24h;
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
            .this_update = house.clock.now() - 1h,
            .next_update = house.clock.now() + 23h,
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
        const auto start = std::string(card_host) + "/card?";
        REQUIRE(there.starts_with(start));
        const auto sent_back = at_card_host("GET", "/card", there.substr(start.size()), shown);
        REQUIRE(sent_back.status == 303);
        const auto back = std::string(sent_back.headers.only("Location").value());
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

TEST_CASE(
    "S1-22, S0-63 (part): a card signs in alone, by way of the card host and in one's own browser"
) {
    CardWard ward;
    const auto card = ward.card("1001");
    ward.bind(ward.erik, card);
    Browser browser;
    const auto before = ward.house.events("authn.success").size();
    const auto done = ward.present(browser, "/api/sign-in/card", card, {{"next", "/security"}});
    REQUIRE_MESSAGE(done.status == 200, done.response.body);
    CHECK(done.json["login_name"] == "erik");
    const auto session = ward.house.ask(browser, "GET", "/api/session").json;
    CHECK(session["factor"] == "sc+pin");
    const auto records = ward.house.events("authn.success");
    CHECK(records.size() == before + 1);
    const auto success = nlohmann::json::parse(records.front().leaf_json);
    CHECK(success["factor"]["amr"] == "sc+pin");
    CHECK(success["where"]["channel"] == "web");
    CHECK(success["factor"]["phishing_resistant"] == true);
    CHECK(success["factor"]["aal"] == 3);
}

TEST_CASE("S1-22 (part): a stolen way back is worth nothing in another browser, nor a second time"
) {
    CardWard ward;
    const auto card = ward.card("1001");
    ward.bind(ward.erik, card);
    Browser browser;
    Browser thief;
    REQUIRE(ward.house.ask(thief, "POST", "/api/sign-in/card").status == 200);
    const auto stolen = ward.return_target(browser, "/api/sign-in/card", card);
    CHECK(ward.house.ask(thief, "GET", stolen).status == 410);
    CHECK(ward.last_failure() == "card.other_browser");
    CHECK(ward.house.ask(browser, "GET", stolen).status == 410);
    CHECK(ward.house.ask(thief, "GET", "/api/session").status == 401);

    const auto own = ward.return_target(browser, "/api/sign-in/card", card);
    REQUIRE(ward.house.ask(browser, "GET", own).status == 200);
    CHECK(ward.house.ask(browser, "GET", own).status == 410);
    Browser bare;
    const auto late = ward.return_target(browser, "/api/sign-in/card", card);
    CHECK(ward.house.ask(bare, "GET", late).json["reason"] == "card.over");
    ward.house.clock.advance(30s);
    CHECK(ward.house.ask(browser, "GET", late).status == 410);
}

TEST_CASE("S1-22, S0-64 (part): a revoked card, and one that nobody bound, open nothing") {
    CardWard ward;
    const auto card = ward.card("1001");
    ward.bind(ward.erik, card);
    Browser browser;
    const auto refused = [&](const Issued& shown) {
        const auto answer = ward.present(browser, "/api/sign-in/card", shown);
        CHECK(answer.status == 403);
        CHECK(answer.json["reason"] == "card.not_accepted");
        CHECK(ward.house.ask(browser, "GET", "/api/session").status == 401);
        return ward.last_failure();
    };
    CHECK(refused(ward.card("1002")) == "card.unknown");
    const auto stranger =
        sallyport::test::self_signed(ward.at_present(sallyport::test::root_plan()));
    CHECK(
        refused(sallyport::test::issue(ward.at_present(sallyport::test::person_plan()), stranger)
        ) == "certificate.untrusted"
    );
    ward.list({"1001"});
    CHECK(refused(card) == "certificate.revoked");
    ward.trust->crls.clear();
    CHECK(refused(card) == "certificate.revocation_unknown");
}

TEST_CASE("the key that the browser made for its sign-in is there when it comes back") {
    CardWard ward;
    const auto card = ward.card("1001");
    ward.bind(ward.erik, card);
    const sallyport::test::BrowserKey key;
    const nlohmann::json body{{"sender_key", to_base64url(key.spki())}};
    const auto key_of_newest = [&] {
        const auto event =
            nlohmann::json::parse(ward.house.events("session.created").front().leaf_json);
        const auto id = SessionId::parse(event["session"].get<std::string>()).value();
        return ward.house.database().read([&](store::Tx& tx) {
            return session::sender_key_of(tx, id);
        });
    };
    Browser browser;
    REQUIRE(ward.present(browser, "/api/sign-in/card", card, body).status == 200);
    CHECK(key_of_newest() == key.spki());
    REQUIRE(ward.present(browser, "/api/sign-in/card", card).status == 200);
    CHECK_FALSE(key_of_newest().has_value());
    const auto malformed =
        ward.house.ask(browser, "POST", "/api/sign-in/card", {{"sender_key", "no key"}});
    CHECK(malformed.json["reason"] == "sender_key.malformed");
}

TEST_CASE("the card host answers a code that is good, and nothing else") {
    CardWard ward;
    const auto card = ward.card("1001");
    const auto status =
        [&](const std::string& method, const std::string& path, const std::string& query) {
            return ward.at_card_host(method, path, query, card).status;
        };
    Browser browser;
    const auto asked = ward.house.ask(browser, "POST", "/api/sign-in/card").json["location"];
    const auto there = asked.get<std::string>();
    const auto query = there.substr(there.find('?') + 1);
    CHECK(status("POST", "/card", query) == 404);
    CHECK(status("GET", "/", query) == 404);
    CHECK(status("GET", "/api/session", "") == 404);
    CHECK(status("GET", "/card", "") == 404);
    CHECK(status("GET", "/card", "code=" + std::string(43, 'A')) == 404);
    CHECK(status("GET", "/card", "code=" + std::string(65, 'A')) == 404);
    CHECK(status("GET", "/card", query + "&" + query) == 404);
    CHECK(status("GET", "/card", query) == 303);
    CHECK(status("GET", "/card", query) == 404);
}

TEST_CASE("a card is the second form after a passphrase, and shown again for step-up") {
    CardWard ward;
    const auto card = ward.card("1001");
    ward.bind(ward.erik, card);
    ward.trust->pin_asked = false;
    Browser browser;
    CHECK(ward.present(browser, "/api/sign-in/card", card).json["reason"] == "authn.too_weak");
    CHECK(ward.house.ask(browser, "POST", "/api/sign-in/card/second").status == 410);
    const nlohmann::json first{
        {"login_name", ward.erik.name}, {"passphrase", ward.erik.passphrase}
    };
    REQUIRE(ward.house.ask(browser, "POST", "/api/sign-in", first).status == 200);
    const auto done = ward.present(browser, "/api/sign-in/card/second", card);
    REQUIRE_MESSAGE(done.status == 200, done.response.body);
    CHECK(ward.house.ask(browser, "GET", "/api/session").json["factor"] == "pwd+sc");

    ward.house.clock.advance(6min);
    const nlohmann::json label{{"label", "Another"}};
    const std::string add = "/api/self/authenticators/certificate";
    CHECK(ward.house.ask(browser, "POST", add, label).json["reason"] == "step_up_required");
    const auto before = ward.house.events("stepup.success").size();
    const auto shown = ward.present(browser, "/api/step-up/card", card);
    REQUIRE_MESSAGE(shown.status == 200, shown.response.body);
    CHECK(ward.house.events("stepup.success").size() == before + 1);
    CHECK(ward.house.ask(browser, "POST", add, label).status == 200);
}

TEST_CASE("one certificate is one person's: the second who shows it is refused") {
    CardWard ward;
    const auto card = ward.card("1001");
    ward.bind(ward.erik, card);
    auto& otto = ward.house.person("otto", "auditor");
    ward.house.step_up(otto);
    const auto refused = ward.present(
        otto.browser, "/api/self/authenticators/certificate", card, {{"label", "Mine"}}
    );
    CHECK(refused.status == 409);
    CHECK(refused.json["reason"] == "card.bound");
    CHECK(ward.house.events("cred.bound").front().account_name == "otto");  // his other factors
}

TEST_CASE("pages offer the card where there is a card host, and only there") {
    CardWard ward;
    const auto offered = [&] {
        const Browser nobody;
        const auto& own = ward.erik.browser;
        const auto has = [](const std::string& page, std::string_view action) {
            return page.contains("action=\"" + std::string(action) + "\"");
        };
        return std::vector{
            has(ward.house.page(nobody, "/sign-in"), "/api/sign-in/card"),
            has(ward.house.page(nobody, "/sign-in/code"), "/api/sign-in/card/second"),
            has(ward.house.page(nobody, "/workstation"), "/api/workstation/recognise"),
            has(ward.house.page(own, "/security"), "/api/self/authenticators/certificate"),
            has(ward.house.page(own, "/step-up"), "/api/step-up/card"),
        };
    };
    CHECK(offered() == std::vector{true, true, true, true, false});
    ward.bind(ward.erik, ward.card("1001"));
    CHECK(offered() == std::vector{true, true, true, true, true});
    ward.house.services().site.card_origin.clear();
    CHECK(offered() == std::vector(5, false));
    Browser browser;
    const auto refused = ward.house.ask(browser, "POST", "/api/sign-in/card");
    CHECK(refused.status == 404);
    CHECK(refused.json["reason"] == "card.not_configured");
}

TEST_CASE("a workstation is registered by its certificate, and recognised by it without a cookie") {
    CardWard ward;
    auto plan = ward.at_present(sallyport::test::person_plan("pc-0042"));
    plan.serial = "2001";
    const auto machine = sallyport::test::issue(plan, ward.root);
    constexpr auto cookie = "__Host-sallyport-workstation";
    auto& clark = ward.house.person("clark", "clinical_administrator");
    ward.house.step_up(clark);
    const auto made = ward.present(
        clark.browser,
        "/api/workstations/certificate",
        machine,
        {{"name", "ward-3-a"}, {"zone", "office"}}
    );
    REQUIRE_MESSAGE(made.status == 201, made.response.body);
    CHECK(made.json["name"] == "ward-3-a");
    const auto first = clark.browser.cookies[cookie];
    CHECK(first.size() == 43);

    Browser fresh;
    const auto known = ward.present(fresh, "/api/workstation/recognise", machine);
    REQUIRE_MESSAGE(known.status == 200, known.response.body);
    CHECK(known.json["name"] == "ward-3-a");
    CHECK(fresh.cookies[cookie] != first);
    CHECK(ward.house.events("workstation.recognised").size() == 1);
    CHECK(ward.house.page(fresh, "/workstation").contains("This is ward-3-a."));
    // The earlier token is worth nothing.
    CHECK_FALSE(ward.house.page(clark.browser, "/workstation").contains("This is ward-3-a."));

    // A person's card is no workstation, and a workstation's certificate no person's card.
    const auto card = ward.card("1001");
    ward.bind(ward.erik, card);
    CHECK(
        ward.present(fresh, "/api/workstation/recognise", card).json["reason"] ==
        "workstation.not_recognised"
    );
    ward.house.step_up(ward.erik);
    const auto taken = ward.present(
        ward.erik.browser, "/api/self/authenticators/certificate", machine, {{"label", "PC"}}
    );
    CHECK(taken.json["reason"] == "card.bound");

    // Removed, it is recognised no more; its machine can be registered again.
    ward.house.step_up(clark);
    const auto remove = "/api/workstations/" + made.json["id"].get<std::string>() + "/remove";
    REQUIRE(ward.house.ask(clark.browser, "POST", remove).status == 200);
    CHECK(ward.present(fresh, "/api/workstation/recognise", machine).status == 403);
    const auto again = ward.present(
        clark.browser,
        "/api/workstations/certificate",
        machine,
        {{"name", "ward-3-b"}, {"zone", "office"}}
    );
    CHECK(again.status == 201);
    CHECK(
        ward.house
            .ask(
                clark.browser,
                "POST",
                "/api/workstations/certificate",
                {{"name", "ward-3-c"}, {"zone", "nowhere"}}
            )
            .json["reason"] == "workstation.zone_unknown"
    );
}

}  // namespace

}  // namespace sallyport::api::test
