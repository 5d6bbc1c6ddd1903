#include "domain/policy/policy_store.h"

#include "tests/support/databases.h"
#include "tests/support/hospital.h"

#include "base/core/fault.h"
#include "domain/audit/log.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <string>

namespace sallyport::policy {

namespace {

using namespace std::chrono_literals;
using test::Hospital;
using test::Somebody;

const std::string rationale = "shorter idle time after the audit of June";

// The one that a hospital of the tests begins with.
Policy hospital_policy() {
    return test::policy_with_codes(test::SettableClock().now());
}

std::string with_engineer_idle(int seconds) {
    auto document = nlohmann::json::parse(to_json(hospital_policy()));
    for (auto& role : document["roles"]) {
        if (role["name"] == "engineer") role["idle_seconds"] = seconds;
    }
    return document.dump();
}

Result<PolicyVersion> propose(
    Hospital& hospital,
    const Somebody& who,
    const std::string& json,
    const std::string& why = rationale
) {
    const auto permit = hospital.permit(who, Permission::policy_propose);
    return hospital.database().write([&](store::Tx& tx) {
        return propose_policy(tx, hospital.moment(), permit, json, why, who.actor());
    });
}

Result<PolicyVersion> approve(Hospital& hospital, const Somebody& who, std::int64_t version) {
    const auto permit = hospital.permit(who, Permission::policy_approve);
    return hospital.database().write([&](store::Tx& tx) {
        return approve_policy(tx, hospital.moment(), permit, version, who.actor());
    });
}

std::size_t count_events(Hospital& hospital, const std::string& type) {
    return hospital.database().read([&](store::Tx& tx) {
        return audit::list(tx, {.type_prefix = type}).size();
    });
}

TEST_CASE("the first policy is installed once, and is in force") {
    test::for_each_engine([](store::Database& database) {
        Hospital hospital(database);
        database.read([](store::Tx& tx) {
            CHECK(policy_version_in_force(tx) == 1);
            CHECK(to_json(*policy_in_force(tx)) == to_json(hospital_policy()));
        });
        CHECK(count_events(hospital, "policy.installed") == 1);
        CHECK_THROWS_AS(
            database.write([&](store::Tx& tx) {
                install_first_policy(tx, hospital_policy(), hospital.moment());
            }),
            Fault
        );
    });
}

TEST_CASE("without a policy nothing is decided: that is a fault") {
    test::for_each_engine([](store::Database& database) {
        CHECK_THROWS_AS(
            database.read([](store::Tx& tx) { return policy_version_in_force(tx); }), Fault
        );
    });
}

TEST_CASE("a policy comes into force when another person approves it, each step recorded") {
    test::for_each_engine([](store::Database& database) {
        Hospital hospital(database);
        const auto officer = hospital.employ("olga", "security_officer");
        const auto approver = hospital.employ("anna", "approver");

        const auto proposed = propose(hospital, officer, with_engineer_idle(600));
        REQUIRE(proposed.has_value());
        CHECK(proposed->version == 2);
        CHECK(proposed->based_on == 1);
        CHECK(proposed->state == VersionState::proposed);
        CHECK(proposed->diff == "roles.engineer.idle_seconds: 900 -> 600\n");
        CHECK(database.read([](store::Tx& tx) { return policy_version_in_force(tx); }) == 1);

        const auto applied = approve(hospital, approver, 2);
        REQUIRE(applied.has_value());
        CHECK(applied->state == VersionState::applied);
        CHECK(applied->decided_by == approver.account.id);

        database.read([](store::Tx& tx) {
            const auto policy = policy_in_force(tx);
            CHECK(policy->version == 2);
            CHECK(policy->role("engineer")->idle == 600s);
            const auto versions = list_policy_versions(tx);
            REQUIRE(versions.size() == 2);
            CHECK(versions[0].version == 2);
            CHECK(versions[1].state == VersionState::superseded);
        });
        CHECK(count_events(hospital, "config.proposed") == 1);
        CHECK(count_events(hospital, "config.approved") == 1);
        CHECK(count_events(hospital, "config.applied") == 1);
    });
}

TEST_CASE("nobody approves their own policy, nor with a second account, nor for one they made") {
    test::for_each_engine([](store::Database& database) {
        Hospital hospital(database);
        const auto officer = hospital.employ("olga", "security_officer");
        const auto own_second =
            hospital.employ("olga-2", "approver", std::nullopt, officer.account.person);
        const auto maker = hospital.employ("carl", "clinical_administrator");
        const auto made_officer = hospital.employ("otto", "security_officer", maker.account.id);
        const auto made_by_officer = hospital.employ("anna", "approver", officer.account.id);

        REQUIRE(propose(hospital, officer, with_engineer_idle(600)).has_value());
        CHECK(approve(hospital, own_second, 2).error().reason == "policy.same_person");
        CHECK(approve(hospital, made_by_officer, 2).error().reason == "policy.account_creator");

        REQUIRE(propose(hospital, made_officer, with_engineer_idle(500)).has_value());
        CHECK(approve(hospital, maker, 3).error().reason == "policy.account_creator");
        CHECK(
            hospital.ask(officer, Permission::policy_approve).error().reason == "policy.not_in_role"
        );
        CHECK(database.read([](store::Tx& tx) { return policy_version_in_force(tx); }) == 1);
    });
}

TEST_CASE("an account whose role changed since may not approve what it proposed") {
    test::for_each_engine([](store::Database& database) {
        Hospital hospital(database);
        auto somebody = hospital.employ("olga", "security_officer");
        REQUIRE(propose(hospital, somebody, with_engineer_idle(600)).has_value());

        somebody.account.role = "approver";
        somebody.account.scope = "gateway";
        CHECK(approve(hospital, somebody, 2).error().reason == "policy.own_proposal");
    });
}

TEST_CASE("a Permit for something else, or of somebody else, changes no policy") {
    test::for_each_engine([](store::Database& database) {
        Hospital hospital(database);
        const auto officer = hospital.employ("olga", "security_officer");
        const auto approver = hospital.employ("anna", "approver");
        const auto reading = hospital.permit(officer, Permission::policy_read);
        const auto proposing = hospital.permit(officer, Permission::policy_propose);

        database.write([&](store::Tx& tx) {
            const auto json = with_engineer_idle(600);
            CHECK(
                propose_policy(tx, hospital.moment(), reading, json, rationale, officer.actor())
                    .error()
                    .reason == "policy.wrong_permit"
            );
            CHECK(
                propose_policy(tx, hospital.moment(), proposing, json, rationale, approver.actor())
                    .error()
                    .reason == "policy.wrong_permit"
            );
            CHECK(
                approve_policy(tx, hospital.moment(), proposing, 2, officer.actor())
                    .error()
                    .reason == "policy.wrong_permit"
            );
        });
        CHECK(count_events(hospital, "config.") == 0);
    });
}

TEST_CASE("a decided, unknown or outdated proposal is not approved") {
    test::for_each_engine([](store::Database& database) {
        Hospital hospital(database);
        const auto officer = hospital.employ("olga", "security_officer");
        const auto approver = hospital.employ("anna", "approver");
        REQUIRE(propose(hospital, officer, with_engineer_idle(600)).has_value());
        REQUIRE(propose(hospital, officer, with_engineer_idle(500)).has_value());
        REQUIRE(approve(hospital, approver, 3).has_value());

        CHECK(approve(hospital, approver, 3).error().reason == "policy.already_decided");
        CHECK(approve(hospital, approver, 2).error().reason == "policy.outdated");
        CHECK(approve(hospital, approver, 9).error().reason == "policy.unknown_version");
    });
}

TEST_CASE("a proposal is turned down by an approver or by its proposer") {
    test::for_each_engine([](store::Database& database) {
        Hospital hospital(database);
        const auto officer = hospital.employ("olga", "security_officer");
        const auto approver = hospital.employ("anna", "approver");
        REQUIRE(propose(hospital, officer, with_engineer_idle(600)).has_value());
        REQUIRE(propose(hospital, officer, with_engineer_idle(500)).has_value());
        const auto proposing = hospital.permit(officer, Permission::policy_propose);
        const auto approving = hospital.permit(approver, Permission::policy_approve);
        const auto reading = hospital.permit(approver, Permission::policy_read);

        database.write([&](store::Tx& tx) {
            CHECK(
                reject_policy(tx, hospital.moment(), reading, 2, approver.actor()).error().reason ==
                "policy.wrong_permit"
            );
            CHECK(reject_policy(tx, hospital.moment(), proposing, 2, officer.actor()).has_value());
            CHECK(reject_policy(tx, hospital.moment(), approving, 3, approver.actor()).has_value());
            CHECK(find_policy_version(tx, 2)->state == VersionState::rejected);
        });
        CHECK(approve(hospital, approver, 2).error().reason == "policy.already_decided");
        CHECK(count_events(hospital, "config.rejected") == 2);
    });
}

// What the officer is told who proposes the policy in force with one change to the engineers.
Result<PolicyVersion> propose_engineers(
    store::Database& database, const std::function<void(nlohmann::json&)>& change
) {
    Hospital hospital(database);
    const auto officer = hospital.employ("olga", "security_officer");
    auto document = nlohmann::json::parse(to_json(hospital_policy()));
    for (auto& role : document["roles"]) {
        if (role["name"] == "engineer") change(role);
    }
    return propose(hospital, officer, document.dump());
}

TEST_CASE(
    "S0-05: a role that reaches devices can't be saved without MFA, but by an approved risk item"
) {
    test::for_each_engine([](store::Database& database) {
        const auto low = propose_engineers(database, [](nlohmann::json& engineer) {
            engineer["risk"] = "medium";
            engineer.erase("exception");
        });
        REQUIRE_FALSE(low.has_value());
        CHECK(low.error().reason == "policy.role_risk");
        CHECK(low.error().detail.find("roles.engineer.risk") != std::string::npos);
        CHECK(low.error().detail.find("risk item") != std::string::npos);
    });
    test::for_each_engine([](store::Database& database) {
        const auto excepted = propose_engineers(database, [](nlohmann::json& engineer) {
            engineer["exception"]["strength"] = "one_factor";
            engineer["exception"]["risk_item"] = "R-17";
        });
        REQUIRE_MESSAGE(excepted.has_value(), excepted.error().detail);
        CHECK(excepted->diff.find("R-17") != std::string::npos);
    });
}

TEST_CASE("S0-75 (part): no exception lasts longer than 12 months from when it is proposed") {
    test::for_each_engine([](store::Database& database) {
        const auto until = [](Duration after) {
            return sallyport::to_text(
                test::SettableClock().now() + Duration(exception_max) + after
            );
        };
        const auto late = propose_engineers(database, [&](nlohmann::json& engineer) {
            engineer["exception"]["until"] = until(24h);
        });
        REQUIRE_FALSE(late.has_value());
        CHECK(late.error().reason == "policy.exception");
    });
}

TEST_CASE("S0-48: no role is proposed without purpose, intended use, job, can, cannot and owner") {
    for (const auto* member : {"purpose", "intended_use", "job", "can", "cannot", "owner"}) {
        CAPTURE(member);
        test::for_each_engine([&](store::Database& database) {
            const auto refused = propose_engineers(database, [&](nlohmann::json& engineer) {
                engineer.erase(member);
            });
            REQUIRE_FALSE(refused.has_value());
            CHECK(refused.error().detail.find(member) != std::string::npos);
        });
    }
}

TEST_CASE("S0-15: an unsafe policy is not even proposed, and the one in force stays") {
    test::for_each_engine([](store::Database& database) {
        Hospital hospital(database);
        const auto officer = hospital.employ("olga", "security_officer");

        CHECK(
            propose(hospital, officer, with_engineer_idle(0)).error().reason == "policy.malformed"
        );
        CHECK(propose(hospital, officer, with_engineer_idle(901)).error().reason == "policy.timer");
        CHECK(
            propose(hospital, officer, to_json(hospital_policy())).error().reason ==
            "policy.unchanged"
        );
        CHECK(
            propose(hospital, officer, with_engineer_idle(600), "because").error().reason ==
            "policy.rationale_short"
        );
        CHECK(database.read([](store::Tx& tx) { return list_policy_versions(tx).size(); }) == 1);
    });
}

TEST_CASE("a role that somebody holds does not go away") {
    test::for_each_engine([](store::Database& database) {
        Hospital hospital(database);
        const auto officer = hospital.employ("olga", "security_officer");
        hospital.employ("karl.meier", "engineer");

        auto without = hospital_policy();
        without.context.rules.clear();
        std::erase_if(without.roles, [](const auto& role) { return role.name == "auditor"; });
        auto unused = propose(hospital, officer, to_json(without));
        REQUIRE(unused.has_value());

        hospital.employ("audrey", "auditor");
        CHECK(propose(hospital, officer, to_json(without)).error().reason == "policy.role_in_use");
        CHECK(
            approve(hospital, hospital.employ("anna", "approver"), unused->version)
                .error()
                .reason == "policy.role_in_use"
        );
    });
}

TEST_CASE("S0-48: no role is named after a person, nor after a patient") {
    test::for_each_engine([](store::Database& database) {
        Hospital hospital(database);
        const auto officer = hospital.employ("olga", "security_officer");
        hospital.employ("karl.meier", "engineer");
        hospital.employ("frida.lund", "patient");
        for (const auto* name : {"karl_meier", "frida_lund"}) {
            CAPTURE(name);
            auto personal = hospital_policy();
            personal.timer_profiles.clear();
            personal.context.rules.clear();
            for (auto& role : personal.roles) {
                if (role.name == "clinician") role.name = name;
            }
            CHECK(
                propose(hospital, officer, to_json(personal)).error().reason ==
                "policy.role_named_after_person"
            );
        }
    });
}

TEST_CASE("S0-07: in the store, too, an account has one role and nothing has a permission but roles"
) {
    test::SqliteFixture fixture;
    fixture.database().read([](store::Tx& tx) {
        const auto columns = tx.query(
            "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c "
            "WHERE m.type = 'table' AND (c.name LIKE '%permission%' OR c.name LIKE '%privilege%')"
        );
        CHECK(columns.empty());
        const auto roles = tx.query(
            "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c "
            "WHERE m.type = 'table' AND c.name = 'role' AND m.name IN ('account', 'person')"
        );
        CHECK(roles.size() == 1);
    });
}

}  // namespace

}  // namespace sallyport::policy
