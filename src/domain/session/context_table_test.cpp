// The approved table of what the context demands, at the door: every cell of it is a sign-in.

#include "tests/support/databases.h"
#include "tests/support/decision_table.h"
#include "tests/support/people.h"

#include "domain/session/circumstances_fixture.h"
#include "domain/session/session.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace sallyport::session {

namespace {

using namespace std::chrono_literals;
using policy::ContextOutcome;
using policy::Policy;
using policy::Strength;
using test::DecisionRow;
using test::People;
using test::TestPerson;

// A house with one person of each role, and a device in each state.
class House {
public:
    explicit House(store::Database& database) : people(database) {
        // So that codes get everybody as far as the context; its rules are the shipped ones.
        people.policy.context = shipped.context;
        people.policy.zones = shipped.zones;
        auto administrator = people.first_administrator();
        for (const auto& role : shipped.roles) {
            if (role.name == administrator.role) continue;
            const auto name = fmt::format("person-{}", holders.size());
            holders.emplace(role.name, people.enrolled(administrator, name, role.name));
        }
        stand_up_workstations(people, people.acting(administrator));
        holders.emplace(administrator.role, std::move(administrator));
    }

    // Shows a passphrase, and a code where the role asks for one, and opens a session there under
    // `policy`. (The hash is left out: a thousand of them would take a minute.)
    [[nodiscard]] Result<Opened> open_at(
        store::Tx& tx, const DecisionRow& row, const std::string& segment, const Policy& policy
    ) {
        people.clock.advance(30s);
        const auto moment = people.now();
        const auto& holder = holders.at(row.role);
        const auto& asked = people.policy;
        const auto& where = people.where;
        const authn::SignIn sign_in(people.context);
        SP_TRY(
            auto begun, sign_in.begin(tx, moment, asked, {.identifier = holder.login_name}, where)
        );
        const auto token = begun.token.expose();
        SP_TRY(auto next, sign_in.record(tx, moment, asked, token, {.correct = true}, where));
        auto proof = std::move(next.proof);
        if (!proof) {
            const auto code = people.code(holder);
            SP_TRY(auto admitted, sign_in.submit_code(tx, moment, asked, token, code, where));
            proof = std::move(admitted.proof);
        }
        return open(
            tx,
            moment,
            policy,
            *std::move(proof),
            where_in({row.posture, row.place, segment}),
            Channel::web
        );
    }

    const Policy shipped = with_facts(policy::default_policy());
    People people;
    std::map<std::string, TestPerson> holders;  // by role
};

// What the cell says of somebody who showed what their role asks for, codes being enough for staff.
void check_outcome(ContextOutcome cell, Strength proven, const Result<Opened>& result) {
    const auto reason = result ? std::string_view() : result.error().reason;
    switch (cell) {
        case ContextOutcome::allow:
            REQUIRE_MESSAGE(result.has_value(), reason);
            CHECK_FALSE(result->session.limited);
            return;
        case ContextOutcome::step_up:
            CHECK(result.has_value() == (proven >= Strength::two_factors));
            if (!result) CHECK(reason == "context.second_factor");
            return;
        case ContextOutcome::phishing_resistant:
            CHECK(reason == "context.phishing_resistant");
            return;
        case ContextOutcome::limited:
            // Another rule may ask for more than was shown as well.
            if (result) {
                CHECK(result->session.limited);
            } else {
                CHECK((reason == "context.phishing_resistant" || reason == "context.second_factor")
                );
            }
            return;
        case ContextOutcome::deny:
            CHECK(reason == "context.denied");
            return;
    }
}

void check_event(
    const audit::Entry& newest,
    const DecisionRow& row,
    std::string_view segment,
    std::string_view cell
) {
    const auto leaf = nlohmann::json::parse(newest.leaf_json);
    CHECK(leaf["who"]["role"] == row.role);
    CHECK(leaf["where"]["zone"] == segment);
    CHECK(leaf["fields"]["posture"] == row.posture);
    CHECK(leaf["fields"]["place"] == row.place);
    CHECK(leaf["fields"]["segment"] == segment);
    CHECK(leaf["fields"]["context"] == cell);
}

// Whether a session was opened where codes are enough for staff.
bool check_cell(
    House& house,
    store::Tx& tx,
    const DecisionRow& row,
    const std::string& segment,
    const std::string& cell
) {
    CAPTURE(row.role);
    CAPTURE(row.posture);
    CAPTURE(row.place);
    CAPTURE(segment);
    const bool one = row.role == "patient";
    const auto proven = one ? Strength::one_factor : Strength::two_factors;
    const auto result = house.open_at(tx, row, segment, as_seen_from(segment, house.people.policy));
    check_outcome(policy::context_outcome(cell).value(), proven, result);
    const auto* const type = result ? "session.created" : "authz.denied";
    const auto events = audit::list(tx, {.type_prefix = type, .count_max = 1});
    REQUIRE(events.size() == 1);
    CHECK(events.front().at == house.people.clock.now());
    check_event(events.front(), row, segment, cell);

    // Where the role asks for more than codes, they are not enough in any context.
    const auto shipped = as_seen_from(segment, house.shipped);
    const auto by_shipped = house.open_at(tx, row, segment, shipped);
    const bool enough = proven >= shipped.role(row.role)->strength;
    CHECK(by_shipped.has_value() == (enough && result.has_value()));
    if (!enough) CHECK(by_shipped.error().reason == "session.too_weak");
    return result.has_value();
}

// Whatever a rule says, and whomever it is about, less than the role asks for opens nothing.
void check_that_no_rule_lowers(const Policy& shipped) {
    auto policy = shipped;
    for (const auto outcome :
         {ContextOutcome::allow,
          ContextOutcome::step_up,
          ContextOutcome::phishing_resistant,
          ContextOutcome::limited,
          ContextOutcome::deny}) {
        policy::ContextRule rule;
        rule.outcome = outcome;
        policy.context.rules = {rule};
        for (const auto& role : policy.roles) {
            CAPTURE(role.name);
            CAPTURE(policy::to_text(outcome));
            CHECK(policy::decide_context(policy, role, {}).strength >= role.strength);
        }
    }
}

}  // namespace

TEST_CASE(
    "S1-79: each row of role, posture, place and segment decides a sign-in, never below the role's "
    "floor, and its event names all four"
) {
    const auto table = test::approved_decisions();
    REQUIRE(table.segments.size() == policy::zone_kind_count + 1);
    test::for_each_engine([&](store::Database& database) {
        House house(database);
        std::set<std::string> seen;
        std::map<std::string, int> opened;  // by cell
        for (const auto& row : table.rows) {
            database.write([&](store::Tx& tx) {
                for (std::size_t i = 0; i < table.segments.size(); ++i) {
                    const auto& segment = table.segments[i];
                    const auto& cell = row.outcomes.at(i);
                    if (check_cell(house, tx, row, segment, cell)) ++opened[cell];
                    seen.insert(
                        fmt::format("{} {} {} {}", row.role, row.posture, row.place, segment)
                    );
                }
            });
        }
        // Whole: nine circumstances and six segments for each role, once.
        CHECK(seen.size() == house.shipped.roles.size() * 9 * table.segments.size());
        CHECK(table.rows.size() == house.shipped.roles.size() * 9);
        for (const auto* const cell : {"allow", "limited"}) {
            CHECK_MESSAGE(opened[cell] > 0, cell);
        }
        check_that_no_rule_lowers(house.shipped);
    });
}

}  // namespace sallyport::session
