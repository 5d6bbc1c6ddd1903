// Posture reports over the API: who may send them, what becomes of them, and what is refused whole.

#include "domain/policy/posture_report.h"
#include "domain/policy/workstation_posture.h"
#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;

// A house with one workstation.
struct Ward {
    ApiTestHouse house;
    TestPerson& anna = house.administrator();

    Ward() {
        house.name_ward();
        house.sign_in(anna);
        const nlohmann::json wanted{{"name", "ward-3-a"}, {"zone", "ward-3"}};
        REQUIRE(house.ask(anna.browser, "POST", "/api/workstations", wanted).status == 201);
    }

    [[nodiscard]] std::string report(
        const std::string& name, bool disk_encrypted, Duration age = {}
    ) const {
        const nlohmann::json line{
            {"workstation", name},
            {"disk_encrypted", disk_encrypted},
            {"os", "windows"},
            {"os_version", "10.0.22631"},
            {"reported_at", to_text(house.clock.now() - age)},
        };
        return line.dump();
    }

    Answer send(TestPerson& who, const std::string& reports) {
        return house.ask(who.browser, "POST", "/api/workstations/posture", {{"reports", reports}});
    }

    [[nodiscard]] std::optional<policy::PostureClaims> kept() {
        return house.database().read([](store::Tx& tx) {
            return policy::posture_of(tx, "ward-3-a");
        });
    }
};

TEST_CASE("S1-37 (part): an administrator's session sends posture reports, as an array or as lines"
) {
    Ward ward;
    const auto lines = ward.report("ward-3-a", false) + "\n" + ward.report("gone", true);

    const auto sent = ward.send(ward.anna, lines);

    REQUIRE_MESSAGE(sent.status == 200, sent.response.body);
    CHECK(sent.json == nlohmann::json{{"taken", 1}, {"outdated", 0}, {"unknown", {"gone"}}});
    REQUIRE(ward.kept().has_value());
    CHECK_FALSE(ward.kept()->disk_encrypted);
    CHECK(ward.house.page(ward.anna.browser, "/workstations").contains("not in order"));
    const auto told = ward.house.events("workstation.posture_reported");
    REQUIRE(told.size() == 1);
    CHECK(told.front().account_name == "anna");
    const auto fields = nlohmann::json::parse(told.front().leaf_json)["fields"];
    CHECK(fields == nlohmann::json{{"taken", 1}, {"outdated", 0}, {"unknown", 1}});

    ward.house.clock.advance(1s);
    const auto newer = ward.send(ward.anna, "[" + ward.report("ward-3-a", true) + "]");
    CHECK(newer.json.value("taken", 0) == 1);
    CHECK(ward.kept()->disk_encrypted);
    const auto older = ward.send(ward.anna, ward.report("ward-3-a", false, 1h));
    CHECK(older.json.value("outdated", 0) == 1);
    CHECK(ward.kept()->disk_encrypted);
}

TEST_CASE(
    "posture reports are taken from who keeps workstations, with a fresh proof, and nobody else"
) {
    Ward ward;
    auto& house = ward.house;
    const auto report = ward.report("ward-3-a", true);
    for (const auto& [name, role] :
         {std::pair{"erik", "engineer"}, {"otto", "auditor"}, {"olga", "security_officer"}}) {
        CAPTURE(role);
        auto& other = house.person(name, role);
        house.step_up(other);
        const auto refused = ward.send(other, report);
        CHECK(refused.status == 403);
        CHECK(refused.json.value("reason", "") == "policy.not_in_role");
    }
    Browser stranger;
    const nlohmann::json body{{"reports", report}};
    CHECK(house.ask(stranger, "POST", "/api/workstations/posture", body).status == 401);

    house.sign_in(ward.anna);
    house.clock.advance(5min + 1s);
    const auto stale = ward.send(ward.anna, report);
    CHECK(stale.status == 401);
    CHECK(stale.json.value("reason", "") == "step_up_required");
    CHECK_FALSE(ward.kept().has_value());
    CHECK(house.events("workstation.posture_reported").empty());

    house.step_up(ward.anna);
    CHECK(ward.send(ward.anna, report).status == 200);
}

TEST_CASE("posture reports of which one makes no sense, or that are too many, are refused whole") {
    Ward ward;
    const auto good = ward.report("ward-3-a", true) + "\n";
    const auto refused = [&](const std::string& reports) {
        const auto answer = ward.send(ward.anna, reports);
        CHECK(answer.status == 422);
        return answer.json.value("reason", "") + " " + answer.json.value("member", "");
    };
    CHECK(
        refused(good + R"({"workstation": "ward-3-b"})") ==
        "posture.malformed line 2.disk_encrypted: is missing"
    );
    auto doubled = ward.report("ward-3-a", true);
    doubled.insert(1, R"("disk_encrypted": false, )");
    CHECK(refused(good + doubled) == "posture.malformed line 2: a member is there twice");
    CHECK(
        refused(good + ward.report("ward-3-a", true, -6min)) ==
        "posture.future line 2.reported_at: lies in the future"
    );
    CHECK(refused(good + std::string(policy::posture_reports_size_max, ' '))
              .starts_with("posture.too_large"));
    CHECK(refused("") == "input.missing reports");
    CHECK_FALSE(ward.kept().has_value());
    CHECK(ward.house.events("workstation.posture_reported").empty());
}

}  // namespace

}  // namespace sallyport::api::test
