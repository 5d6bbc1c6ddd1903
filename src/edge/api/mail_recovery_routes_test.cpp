#include "edge/api/mail_recovery_routes.h"

#include "tests/support/people.h"

#include "domain/authn/mail_recovery.h"
#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <variant>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

std::string reason_of(const Answer& answer) {
    return answer.status < 300 ? "ok" : answer.json.value("reason", "");
}

// Petra, a patient with a mail address, and who gave it to her.
struct Portal {
    ApiTestHouse house;
    TestPerson& clark = house.person("clark", "clinical_administrator");
    TestPerson& petra = house.person(clark, "petra", "patient");

    Portal() {
        CHECK(set_mail("petra", "petra@example.org") == "ok");
        (void)house.mails();
    }

    std::string set_mail(const std::string& name, const std::string& address) {
        house.step_up(clark);
        return reason_of(house.ask(
            clark.browser, "POST", "/api/users/" + name + "/mail", {{"mail_address", address}}
        ));
    }

    Answer forgot(const std::string& name, Browser browser = {}) {
        return house.ask(browser, "POST", "/api/recovery/mail", {{"login_name", name}});
    }

    // The code that was mailed last, and to whom; none if none was.
    std::optional<std::pair<std::string, std::string>> mailed() {
        std::optional<std::pair<std::string, std::string>> last;
        for (const auto& mail : house.mails()) {
            if (const auto* const code = std::get_if<authn::MailedCode>(&mail.content)) {
                last.emplace(mail.to.text(), std::string(as_text(code->code.expose())));
            }
        }
        return last;
    }

    std::string code() {
        REQUIRE(forgot("petra").status == 200);
        const auto found = mailed();
        REQUIRE(found);
        CHECK(found->first == "petra@example.org");
        return found->second;
    }

    Answer redeem(Browser& browser, const std::string& code) {
        return house.ask(browser, "POST", "/api/recovery/mail/code", {{"code", code}});
    }

    Answer set(Browser& browser, const std::string& passphrase) {
        return house.ask(browser, "POST", "/api/passphrase", {{"passphrase", passphrase}});
    }

    Answer first_form(Browser& browser, const std::string& passphrase) {
        return house.ask(
            browser, "POST", "/api/sign-in", {{"login_name", "petra"}, {"passphrase", passphrase}}
        );
    }

    // An authenticator app of her own accord. She signed in just now.
    void opt_in() {
        petra.browser = {};
        petra.browser.csrf = first_form(petra.browser, petra.passphrase).json.value("csrf", "");
        const auto made = house.ask(
            petra.browser, "POST", "/api/self/authenticators/totp", {{"label", "My phone"}}
        );
        REQUIRE_MESSAGE(made.status == 201, made.response.body);
        const auto seed =
            sallyport::test::seed_typed_in(made.json["totp"]["secret"].get<std::string>());
        petra.seed.assign(seed.expose().begin(), seed.expose().end());
        petra.step = 0;
        const auto path =
            "/api/self/authenticators/" + made.json["id"].get<std::string>() + "/confirm";
        const auto confirmed =
            house.ask(petra.browser, "POST", path, {{"code", house.code(petra)}});
        REQUIRE_MESSAGE(confirmed.status == 200, confirmed.response.body);
    }

    std::size_t bound_apps() {
        const auto all = house.ask(clark.browser, "GET", "/api/users/petra/authenticators")
                             .json["authenticators"];
        return static_cast<std::size_t>(std::ranges::count_if(all, [](const auto& each) {
            return each["kind"] == "totp" && each["state"] == "active";
        }));
    }

    bool is_told(authn::NoticeKind kind) {
        for (const auto& mail : house.mails()) {
            const auto* const notice = std::get_if<authn::PersonNotice>(&mail.content);
            if (notice != nullptr && notice->kind == kind) return true;
        }
        return false;
    }
};

constexpr std::string_view fresh = "three kites above the dam";

TEST_CASE(
    "S0-27: a patient who forgot the passphrase sets another by a code from her mail, once, and "
    "nobody of the staff sees or sets a secret; all sessions end, and she is told"
) {
    Portal portal;
    auto& house = portal.house;
    auto before = portal.petra.browser;
    const auto code = portal.code();
    CHECK(house.ask(before, "GET", "/api/session").status == 200);

    Browser browser;
    const auto redeemed = portal.redeem(browser, code);
    REQUIRE_MESSAGE(redeemed.status == 200, redeemed.response.body);
    CHECK(redeemed.json["next"] == "passphrase");
    CHECK(house.ask(before, "GET", "/api/session").status == 401);
    CHECK(house.ask(browser, "GET", "/api/session").status == 401);
    // As anywhere: long enough, not guessed, not the old one.
    CHECK(reason_of(portal.set(browser, "short")) == "passphrase.too_short");
    CHECK(reason_of(portal.set(browser, portal.petra.passphrase)) == "passphrase.same");
    CHECK(reason_of(portal.set(browser, std::string(fresh))) == "ok");
    CHECK(portal.is_told(authn::NoticeKind::recovery_completed));

    Browser old;
    CHECK(portal.first_form(old, portal.petra.passphrase).json.value("next", "") == "code");
    Browser anew;
    CHECK(portal.first_form(anew, std::string(fresh)).json.value("role", "") == "patient");
    Browser thief;
    CHECK(reason_of(portal.redeem(thief, code)) == "ticket.refused");

    for (const auto* const type : {"recovery.requested", "ticket.redeemed", "recovery.completed"}) {
        const auto events = house.events(type);
        REQUIRE(!events.empty());
        CHECK(events.front().account_name == "petra");
        CHECK_FALSE(events.front().leaf_json.contains(code));
    }
    CHECK(house.events("cred.password_changed").front().account_name == "petra");
}

TEST_CASE("S0-27: a mailed code lives less than 24 hours, and asking again ends none of the rules"
) {
    Portal portal;
    const auto code = portal.code();
    CHECK(authn::mailed_code_life <= 24h);
    portal.house.clock.advance(authn::mailed_code_life);
    Browser late;
    CHECK(reason_of(portal.redeem(late, code)) == "ticket.refused");

    const auto first = portal.code();
    portal.house.clock.advance(1s);
    const auto second = portal.code();
    Browser browser;
    CHECK(portal.redeem(browser, first).status == 200);
    // What is used up is used up with all that stood beside it.
    CHECK(reason_of(portal.redeem(browser, second)) == "ticket.refused");
}

TEST_CASE("S0-51: who reads somebody's mail gets no further than their second factor") {
    Portal portal;
    auto& house = portal.house;
    portal.opt_in();
    const auto code = portal.code();

    Browser thief;
    const auto redeemed = portal.redeem(thief, code);
    REQUIRE(redeemed.status == 200);
    CHECK(redeemed.json["next"] == "code");
    CHECK(portal.set(thief, std::string(fresh)).status == 410);
    const auto guessed = house.ask(thief, "POST", "/api/sign-in/code", {{"code", "000000"}});
    CHECK(reason_of(guessed) == "authn.refused");
    CHECK(house.ask(thief, "GET", "/api/session").status == 401);
    CHECK(portal.set(thief, std::string(fresh)).status == 410);
    CHECK(portal.bound_apps() == 1);

    // Its holder has both, and keeps the second factor.
    house.clock.advance(60s);
    Browser own;
    REQUIRE(portal.redeem(own, portal.code()).json["next"] == "code");
    const auto proven =
        house.ask(own, "POST", "/api/sign-in/code", {{"code", house.code(portal.petra)}});
    CHECK(proven.json.value("next", "") == "passphrase");
    CHECK(house.ask(own, "GET", "/api/session").status == 401);
    CHECK(reason_of(portal.set(own, std::string(fresh))) == "ok");
    CHECK(portal.bound_apps() == 1);
    Browser anew;
    CHECK(portal.first_form(anew, std::string(fresh)).json.value("next", "") == "code");
    const auto changes = house.events("cred.change_required");
    const auto by_mail = std::ranges::count_if(changes, [](const auto& event) {
        return event.leaf_json.contains("mail+otp");
    });
    CHECK(by_mail == 1);
}

TEST_CASE("S0-51: a second factor that was mislaid is not given up by mail either") {
    Portal portal;
    auto& house = portal.house;
    portal.opt_in();
    const auto all = house.ask(portal.petra.browser, "GET", "/api/self/authenticators").json;
    for (const auto& each : all["authenticators"]) {
        if (each["kind"] != "totp") continue;
        const auto path = "/api/self/authenticators/" + each["id"].get<std::string>() + "/suspend";
        const auto suspended = house.ask(portal.petra.browser, "POST", path);
        REQUIRE_MESSAGE(suspended.status == 200, suspended.response.body);
    }
    Browser thief;
    CHECK(portal.redeem(thief, portal.code()).json["next"] == "code");
}

TEST_CASE("a recovery under way ends when the passphrase turns out not to be forgotten") {
    Portal portal;
    auto& house = portal.house;
    portal.opt_in();
    Browser waiting;
    REQUIRE(portal.redeem(waiting, portal.code()).json["next"] == "code");
    // So whoever reads her mail does not make her set another.
    house.clock.advance(60s);
    Browser own;
    REQUIRE(portal.first_form(own, portal.petra.passphrase).json["next"] == "code");
    const auto opened =
        house.ask(own, "POST", "/api/sign-in/code", {{"code", house.code(portal.petra)}});
    CHECK(opened.json.value("role", "") == "patient");

    house.clock.advance(60s);
    const auto late =
        house.ask(waiting, "POST", "/api/sign-in/code", {{"code", house.code(portal.petra)}});
    CHECK(reason_of(late) == "authn.refused");
    CHECK(house.ask(waiting, "GET", "/api/session").status == 401);
    CHECK(portal.set(waiting, "mine now, all of it, forever").status == 410);
}

TEST_CASE("asking is answered the same for everybody, and only patients get a code") {
    Portal portal;
    auto& house = portal.house;
    auto& paul = house.person(portal.clark, "paul", "patient");  // without an address
    auto& nora = house.person(portal.clark, "nora", "clinician");
    CHECK(portal.set_mail("nora", "nora@example.org") == "ok");
    (void)house.mails();
    const auto known = portal.forgot("petra");
    REQUIRE(portal.mailed());
    const std::vector<std::string> names{paul.name, nora.name, "nobody.here", "%"};
    for (const auto& name : names) {
        CAPTURE(name);
        const auto answer = portal.forgot(name);
        CHECK(answer.status == known.status);
        CHECK(answer.response.body == known.response.body);
        CHECK_FALSE(portal.mailed());
    }
    CHECK(house.page({}, "/forgot/code").contains("If that name can be recovered"));
    CHECK(house.events("recovery.requested").size() == 5);
    // What was typed is not in the log.
    for (const auto& event : house.events("recovery.requested")) {
        CHECK_FALSE(event.leaf_json.contains("nobody.here"));
    }
}

TEST_CASE("an address that replaced another gets no code for three days, and the old one is told") {
    Portal portal;
    CHECK(portal.set_mail("petra", "eve@example.org") == "ok");
    const auto told = portal.house.mails();
    CHECK(std::ranges::any_of(told, [](const auto& mail) {
        return mail.to.text() == "petra@example.org";
    }));
    REQUIRE(portal.forgot("petra").status == 200);
    CHECK_FALSE(portal.mailed());
    // Taking it away first does not help.
    CHECK(portal.set_mail("petra", "") == "ok");
    CHECK(portal.set_mail("petra", "eve@example.org") == "ok");
    REQUIRE(portal.forgot("petra").status == 200);
    CHECK_FALSE(portal.mailed());
    CHECK(portal.set_mail("petra", "eve@example.org") == "mail_address.same");
    portal.house.clock.advance(72h);
    portal.house.sign_in(portal.clark);
    REQUIRE(portal.forgot("petra").status == 200);
    CHECK(portal.mailed());
}

TEST_CASE("nobody's mail is flooded, and asking and guessing are slowed down by source") {
    Portal portal;
    int sent = 0;
    for (int i = 0; i < 6; ++i) {
        REQUIRE(portal.forgot("petra").status == 200);
        if (portal.mailed()) ++sent;
    }
    CHECK(sent == authn::mailed_codes_max);
    Browser stranger;
    stranger.peer = "198.51.100.9";
    std::string last;
    for (int i = 0; i < 30 && last != "authn.throttled"; ++i) {
        last = reason_of(portal.forgot("name" + std::to_string(i), stranger));
    }
    CHECK(last == "authn.throttled");
    CHECK(reason_of(portal.redeem(stranger, "7QKM-2D0V-XH4T-9RWN")) == "authn.throttled");
    Browser elsewhere;
    elsewhere.peer = "203.0.113.5";
    CHECK(portal.forgot("paul", elsewhere).status == 200);
}

TEST_CASE(
    "S0-25: a patient's passphrase alone signs in at AAL1; a second factor of her own accord "
    "is enforced from then on; the exception names its risk item"
) {
    Portal portal;
    auto& house = portal.house;
    Browser browser;
    const auto opened = portal.first_form(browser, portal.petra.passphrase);
    CHECK(opened.json.value("role", "") == "patient");
    const auto success = nlohmann::json::parse(house.events("authn.success").front().leaf_json);
    CHECK(success["factor"]["amr"] == "pwd");
    CHECK(success["factor"]["aal"] == 1);
    const auto policy = policy::default_policy();
    CHECK(policy.role("patient")->strength == policy::Strength::one_factor);
    CHECK_FALSE(policy.role("patient")->risk_item.empty());

    portal.opt_in();
    house.clock.advance(60s);
    Browser again;
    CHECK(portal.first_form(again, portal.petra.passphrase).json.value("next", "") == "code");
    CHECK(house.ask(again, "GET", "/api/session").status == 401);
    const auto wrong = house.ask(again, "POST", "/api/sign-in/code", {{"code", "000000"}});
    CHECK(reason_of(wrong) == "authn.refused");
    CHECK(portal.first_form(again, portal.petra.passphrase).json.value("next", "") == "code");
    const auto right =
        house.ask(again, "POST", "/api/sign-in/code", {{"code", house.code(portal.petra)}});
    CHECK(right.json.value("role", "") == "patient");
    const auto both = nlohmann::json::parse(house.events("authn.success").front().leaf_json);
    CHECK(both["factor"]["aal"] == 2);
}

TEST_CASE("S0-51: the help desk gives a patient back no less than the two factors that she had") {
    Portal portal;
    auto& house = portal.house;
    auto& sam = house.person("sam", "security_officer");
    portal.opt_in();
    house.step_up(portal.clark);
    const nlohmann::json wanted{{"login_name", "petra"}, {"checks", {"called_back"}}};
    const auto opened = house.ask(portal.clark.browser, "POST", "/api/recovery", wanted);
    REQUIRE_MESSAGE(opened.status == 201, opened.response.body);
    house.step_up(sam);
    const auto path = "/api/recovery/" + opened.json["id"].get<std::string>() + "/approve";
    const auto approved = house.ask(sam.browser, "POST", path);
    REQUIRE_MESSAGE(approved.status == 200, approved.response.body);

    Browser back;
    const nlohmann::json codes{
        {"ticket", approved.json["ticket"]["code"]}, {"agent_code", opened.json["agent_code"]}
    };
    REQUIRE(house.ask(back, "POST", "/api/enrolment", codes).status == 200);
    const auto next = house.ask(
        back, "POST", "/api/enrolment/passphrase", {{"passphrase", "nine tall chimneys smoke"}}
    );
    CHECK(next.json["second_factor"] == "demanded");
    const auto finish = [&](const std::string& code) {
        return house.ask(back, "POST", "/api/enrolment/totp", {{"code", code}});
    };
    CHECK(finish("").json["reason"] == "totp.malformed");
    CHECK(portal.bound_apps() == 1);  // as before
    const auto seed =
        sallyport::test::seed_typed_in(next.json["totp"]["secret"].get<std::string>());
    portal.petra.seed.assign(seed.expose().begin(), seed.expose().end());
    const auto done = finish(house.code(portal.petra));
    REQUIRE_MESSAGE(done.status == 200, done.response.body);
    CHECK(done.json["recovery_codes"].size() == 10);
    CHECK(portal.bound_apps() == 1);  // the new one
}

}  // namespace

}  // namespace sallyport::api::test
