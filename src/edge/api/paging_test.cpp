#include "tests/support/clocks.h"
#include "tests/support/policies.h"

#include "domain/audit/clock_watch.h"
#include "domain/audit/log.h"
#include "domain/audit/log_store.h"
#include "domain/directory/account.h"
#include "domain/directory/device.h"
#include "domain/governance/grant_store.h"
#include "domain/recording/connections.h"
#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

// Everything that `path` lists under `member`, page by page, by id.
std::multiset<std::string> all_of(
    ApiTestHouse& house, Browser& browser, const std::string& path, const std::string& member
) {
    std::multiset<std::string> ids;
    std::string after;
    for (;;) {
        const auto page = house.ask(browser, "GET", path + after);
        REQUIRE_MESSAGE(page.status == 200, page.response.body);
        for (const auto& row : page.json[member]) {
            ids.insert(row["id"].get<std::string>());
        }
        if (!page.json.contains("next")) return ids;
        after = "&after=" + page.json["next"].get<std::string>();
    }
}

// Where the link with these words leads; empty if there is none.
std::string link_of(const std::string& html, const std::string& words) {
    const auto end = html.find("\">" + words + "</a>");
    if (end == std::string::npos) return {};
    const auto begin = html.rfind('"', end - 1) + 1;
    auto address = html.substr(begin, end - begin);
    for (auto at = address.find("&amp;"); at != std::string::npos; at = address.find("&amp;")) {
        address.replace(at, 5, "&");
    }
    return address;
}

// Visits of somebody to a device, `count` of them, 40 in each microsecond.
class Visits {
public:
    Visits(ApiTestHouse& house, const std::string& who, const std::string& device)
        : house_(house), who_(who), device_name_(device) {
        house.database().read([&](store::Tx& tx) {
            account_ = directory::find_account(tx, directory::LoginName::parse(who).value());
            device_ = directory::find_device(tx, directory::DeviceName::parse(device).value());
        });
    }

    std::multiset<std::string> open(int count) {
        std::multiset<std::string> ids;
        house_.database().write([&](store::Tx& tx) {
            for (int i = 0; i < count; ++i) {
                if (i % 40 == 0) house_.clock.advance(1us);
                const auto moment = house_.moment();
                const auto id = ConnectionId::fresh(moment.now, moment.random);
                REQUIRE(recording::open_connection(
                            tx, moment, permit(), {id, device_name_, "http"}, actor()
                )
                            .has_value());
                ids.insert(id.text());
            }
        });
        return ids;
    }

private:
    [[nodiscard]] policy::Subject subject() const {
        return {
            .session = session_,
            .account = account_->id,
            .person = account_->person,
            .role = "engineer",
            .scope = "gateway",
            .proven = policy::Strength::two_factors,
            .last_proof = house_.clock.now(),
            .ends_at = house_.clock.now() + 4h,
        };
    }

    [[nodiscard]] audit::Actor actor() const {
        audit::Actor by;
        by.who = {account_->person, account_->id, who_, "engineer", {}};
        by.where = {"192.0.2.9", "web", "unregistered", "unzoned"};
        by.factor = audit::Factor{
            .amr = "pwd+otp", .aal = 2, .authenticator_id = "password+totp", .age = {}
        };
        by.session = session_;
        by.policy_version = 1;
        return by;
    }

    [[nodiscard]] policy::Permit permit() const {
        const auto now = house_.clock.now();
        const auto who = subject();
        const policy::Question question{
            .subject = who,
            .action = policy::Permission::device_visit,
            .device = device_->id,
            .about = {},
            .grant = policy::GrantFacts{grant_, account_->id, device_->id, true, now - 1h, now + 1h}
        };
        static const auto policy =
            sallyport::test::policy_with_codes(sallyport::test::SettableClock().now());
        return policy::decide(policy, question, now).value();
    }

    ApiTestHouse& house_;
    std::string who_;
    std::string device_name_;
    std::optional<directory::Account> account_;
    std::optional<directory::Device> device_;
    SessionId session_ = SessionId::fresh(house_.clock.now(), house_.moment().random);
    GrantId grant_ = GrantId::fresh(house_.clock.now(), house_.moment().random);
};

}  // namespace

TEST_CASE("visits are listed page by page to their end, and each page says where the next begins") {
    ApiTestHouse house;
    house.register_device("pump-07");
    house.register_device("pump-08");
    house.person("erik", "engineer");
    house.person("eva", "engineer");
    auto& otto = house.person("otto", "auditor").browser;
    const auto old = Visits(house, "erik", "pump-07").open(130);
    house.clock.advance(1min);
    const auto between = house.clock.now();
    house.clock.advance(1min);
    const auto late = Visits(house, "eva", "pump-08").open(100);
    auto both = old;
    both.insert(late.begin(), late.end());
    const auto all = [&](const std::string& query) {
        return all_of(house, otto, "/api/recordings?" + query, "recordings");
    };

    CHECK(all("count=") == both);
    CHECK(all("count=7") == both);
    CHECK(all("count=1000") == both);
    CHECK(all("count=9&device=pump-07") == old);
    CHECK(all("count=9&login_name=eva") == late);
    CHECK(all("count=9&until=" + to_text(between)) == old);
    CHECK(all("count=9&from=" + to_text(between)) == late);
    CHECK(all("count=9&device=pump-07&login_name=eva").empty());

    const auto ask = [&](const std::string& query) {
        return house.ask(otto, "GET", "/api/recordings" + query);
    };
    CHECK(ask("").json["recordings"].size() == 100);
    CHECK(ask("").json.contains("next"));
    CHECK(ask("?count=0").json["recordings"].size() == 1);
    CHECK(ask("?count=100000").json["recordings"].size() == 230);
    CHECK_FALSE(ask("?count=230").json.contains("next"));
    CHECK(ask("?count=many").status == 422);
    CHECK(ask("?until=yesterday").status == 422);
    CHECK(ask("?after=1").status == 422);
    CHECK(ask("?after=" + DeviceId::fresh(between, house.moment().random).text()).status == 404);
    CHECK(ask("?device=pump-99").json["reason"] == "device.unknown");
    CHECK(ask("?login_name=nobody").json["reason"] == "user.unknown");
}

TEST_CASE("the page of visits leads to older ones, under the same conditions") {
    ApiTestHouse house;
    house.register_device("pump-07");
    house.person("erik", "engineer");
    auto& otto = house.person("otto", "auditor").browser;
    const auto visits = Visits(house, "erik", "pump-07").open(25);

    std::multiset<std::string> seen;
    std::string target = "/recordings?count=10&device=pump-07";
    int pages = 0;
    while (!target.empty()) {
        const auto html = house.page(otto, target);
        for (const auto& id : visits) {
            if (html.contains("/recordings/" + id + "\"")) seen.insert(id);
        }
        target = link_of(html, "Older visits");
        ++pages;
    }
    CHECK(pages == 3);
    CHECK(seen == visits);
}

TEST_CASE("accounts are listed page by page to their end, for programs and for people") {
    ApiTestHouse house;
    auto& anna = house.administrator().browser;
    std::multiset<std::string> made;
    house.database().write([&](store::Tx& tx) {
        for (int i = 0; i < 120; ++i) {
            house.clock.advance(1us);
            const directory::NewAccount wanted{
                .login_name = directory::LoginName::parse("p" + std::to_string(i)).value(),
                .display_name = "Somebody",
                .role = "engineer",
                .scope = "gateway",
                .person = {},
            };
            REQUIRE(directory::create_account(tx, wanted, {}, house.moment()).has_value());
        }
        for (const auto& account : directory::list_accounts(tx, {.count_max = 1000})) {
            made.insert(account.id.text());
        }
    });

    CHECK(made.size() == 121);
    CHECK(all_of(house, anna, "/api/users?count=", "users") == made);
    CHECK(all_of(house, anna, "/api/users?count=7", "users") == made);
    const auto more = link_of(house.page(anna, "/users"), "More people");
    REQUIRE_FALSE(more.empty());
    const auto rest = house.page(anna, more);
    CHECK(link_of(rest, "More people").empty());
    CHECK(rest.contains(">p119</a></td>"));
    const auto nobody = AccountId::fresh(house.clock.now(), house.moment().random).text();
    CHECK(house.ask(anna, "GET", "/api/users?after=" + nobody).status == 404);
}

TEST_CASE("grants are listed page by page to their end; one's own place is no way into others'") {
    ApiTestHouse house;
    house.register_device("pump-07");
    auto& erik = house.person("erik", "engineer");
    auto& eva = house.person("eva", "engineer");
    auto& paula = house.person("paula", "approver").browser;
    const auto waiting = house.request_grant(erik, "pump-07");
    std::multiset<std::string> evas;
    house.database().write([&](store::Tx& tx) {
        auto grant = governance::find_grant(tx, GrantId::parse(waiting).value()).value();
        const auto name = directory::LoginName::parse("eva").value();
        grant.requester = directory::find_account(tx, name)->id;
        const auto approver = directory::LoginName::parse("paula").value();
        grant.decided_by = directory::find_account(tx, approver)->id;
        for (int i = 0; i < 120; ++i) {
            if (i % 40 == 0) house.clock.advance(1us);
            const auto moment = house.moment();
            grant.id = GrantId::fresh(moment.now, moment.random);
            grant.requested_at = moment.now;
            grant.decided_at = moment.now;
            grant.state = governance::GrantState::denied;
            governance::insert_grant(tx, grant);
            governance::write_decision(tx, grant);
            evas.insert(grant.id.text());
        }
    });
    auto all = evas;
    all.insert(waiting);

    CHECK(all_of(house, paula, "/api/grants?count=", "grants") == all);
    CHECK(all_of(house, paula, "/api/grants?count=7", "grants") == all);
    CHECK(all_of(house, eva.browser, "/api/grants?count=7", "grants") == evas);
    CHECK(all_of(house, erik.browser, "/api/grants?count=7", "grants").size() == 1);

    // What waits is at the end of a long list, and one click away.
    const auto page = house.page(paula, "/grants");
    CHECK_FALSE(page.contains(waiting));
    const auto undecided = link_of(page, "Only what waits for a decision");
    CHECK(house.page(paula, undecided).contains("/api/grants/" + waiting + "/approve"));
    CHECK(house.page(paula, link_of(page, "Older grants")).contains(waiting));
    CHECK(all_of(house, paula, "/api/grants?state=requested", "grants").count(waiting) == 1);
    CHECK(house.ask(paula, "GET", "/api/grants?state=over").status == 422);

    const auto older = link_of(house.page(eva.browser, "/"), "Older requests");
    REQUIRE_FALSE(older.empty());
    CHECK(link_of(house.page(eva.browser, older), "Older requests").empty());
    const auto others = "?after=" + *evas.begin();
    CHECK(house.ask(erik.browser, "GET", "/api/grants" + others).status == 404);
    CHECK(house.ask(erik.browser, "GET", "/" + others).status == 404);
}

TEST_CASE("events are listed page by page to the first") {
    ApiTestHouse house;
    auto& otto = house.person("otto", "auditor").browser;
    std::multiset<std::string> noted;
    house.database().write([&](store::Tx& tx) {
        const auto moment = house.moment();
        for (int i = 0; i < 230; ++i) {
            audit::note_step(tx, moment, 1s);
        }
        // As the sequencer does in a running server.
        const auto head = audit::take_over(tx);
        static_cast<void>(audit::number_rows(tx, head.epoch, 10'000));
        for (const auto& entry : audit::list(tx, {.type_prefix = "time.skew", .count_max = 1000})) {
            noted.insert(entry.id.text());
        }
    });
    REQUIRE(noted.size() == 230);

    CHECK(all_of(house, otto, "/api/audit?type=time.skew", "events") == noted);
    CHECK(all_of(house, otto, "/api/audit?type=time.skew&count=23", "events") == noted);
    CHECK(all_of(house, otto, "/api/audit?type=time.skew&count=1000", "events") == noted);

    const auto older = link_of(house.page(otto, "/audit?type=time.skew"), "Older events");
    const auto oldest = link_of(house.page(otto, older), "Older events");
    REQUIRE_FALSE(oldest.empty());
    CHECK(link_of(house.page(otto, oldest), "Older events").empty());
}

}  // namespace sallyport::api::test
