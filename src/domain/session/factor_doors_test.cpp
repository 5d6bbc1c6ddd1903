// The approved matrix of role, factors and context, at the door: each of its cells is a sign-in, or
// an unlock, that is really made there. (Over four thousand: on SQLite alone. That a sign-in is one
// on PostgreSQL too is what all other tests say.)

#include "domain/authn/recovery_code.h"
#include "domain/session/circumstances_fixture.h"
#include "domain/session/every_factor_fixture.h"
#include "domain/session/factor_matrix_fixture.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sallyport::session {

namespace {

using matrix::Matrix;
using policy::Policy;
using policy::Strength;

// How it ended: with a session, or with the reason for none.
struct Ending {
    std::optional<Session> session;
    std::string reason = {};
};

// Thrown to leave everything as it was.
struct Undone {};

class Doors : public EveryFactor {
public:
    explicit Doors(store::Database& database) : EveryFactor(database) {
        const auto anna = people.first_administrator();
        workstations_ = stand_up_workstations(people, people.acting(anna));
        int number = 0;
        for (const auto& role : shipped.roles) {
            const auto name = fmt::format("holder-{}", ++number);
            holders_.emplace(role.name, equip(enrolled_with_app(anna, name, role.name), number));
        }
        // A second factor of one's own is asked for whatever the role says (S0-25).
        bare_.emplace(Held{
            .person = people.enrolled(anna, "bare", "patient"),
            .user_handle = {},
            .key = {},
            .synced = {},
            .card = {},
            .phone = test::Phone(""),
            .phone_session = crypto::Secret::random(1),
        });
        people.clock.advance(authn::TotpRules().period);  // their first codes are used
    }

    Ending sign_in(
        std::string_view role, std::string_view combination, const Circumstance& circumstance
    ) {
        const auto policy = as_seen_from(circumstance.segment, shipped);
        return undone([&](store::Tx& tx) {
            auto opened = open_by(tx, role, combination, circumstance, policy);
            return opened ? Ending{.session = std::move(opened->session)}
                          : Ending{.session = {}, .reason = std::string(opened.error().reason)};
        });
    }

    // Of a session that was opened with `combination` in the same segment, where all was well, and
    // locked there.
    Ending unlock_after(
        std::string_view role, std::string_view combination, const Circumstance& circumstance
    ) {
        const auto policy = as_seen_from(circumstance.segment, shipped);
        return undone([&](store::Tx& tx) {
            const Circumstance before{"compliant", "home", circumstance.segment};
            const auto opened = open_by(tx, role, combination, before, policy);
            REQUIRE_MESSAGE(opened.has_value(), authn::reason_of(opened));
            note_workstation(tx, policy, opened->session, workstation(before));
            const auto actor = people.acting(holders_.at(std::string(role)).person);
            REQUIRE(end(tx, people.now(), opened->session, EndCause::tap_out, actor));
            const auto locked = find_locked(tx, digest_of(opened->token.expose()));
            if (!locked) return Ending{.session = {}, .reason = "unlock.none"};
            const auto unlocked = unlock_in(tx, *locked, circumstance, policy, actor);
            return unlocked ? Ending{.session = unlocked->session}
                            : Ending{.session = {}, .reason = authn::reason_of(unlocked)};
        });
    }

    const Policy shipped = with_facts(policy::default_policy());

private:
    test::TestPerson enrolled_with_app(
        const test::TestPerson& administrator, const std::string& name, const std::string& role
    ) {
        const auto asked = people.policy;
        for (auto& each : people.policy.roles) {
            each.strength = std::max(each.strength, Strength::two_factors);
        }
        auto person = people.enrolled(administrator, name, role);
        people.policy = asked;
        return person;
    }

    const directory::Workstation& workstation(const Circumstance& circumstance) const {
        return workstations_.at(workstation_in(circumstance.posture, circumstance.segment));
    }

    Result<Opened> open_by(
        store::Tx& tx,
        std::string_view role,
        std::string_view combination,
        const Circumstance& circumstance,
        const Policy& policy
    ) {
        const bool bare = role == "patient" && combination == "passphrase";
        const auto& holder = bare ? *bare_ : holders_.at(std::string(role));
        const auto where = where_in(circumstance);
        SP_TRY(auto proof, show(tx, combination, holder, policy, where));
        return open(tx, people.now(), policy, std::move(proof), where, Channel::web);
    }

    Result<Opened> unlock_in(
        store::Tx& tx,
        const LockedSession& locked,
        const Circumstance& circumstance,
        const Policy& policy,
        const audit::Actor& actor
    ) {
        const authn::StepUp flow(people.context);
        const authn::StepUp::Shown shown{
            .passphrase = authn::PassphraseAnswer{.correct = true}, .code = {}
        };
        SP_TRY(
            auto proof, flow.finish_unlock(tx, people.now(), locked.session.account, shown, actor)
        );
        return unlock(
            tx,
            people.now(),
            policy,
            locked,
            {.workstation = workstation(circumstance), .roaming = Roaming::allowed},
            std::move(proof),
            where_in(circumstance)
        );
    }

    Ending undone(const std::function<Ending(store::Tx&)>& work) {
        Ending ending;
        try {
            people.database().write([&](store::Tx& tx) {
                ending = work(tx);
                throw Undone();
            });
        } catch (const Undone&) {
            return ending;
        }
        FAIL("it was kept");
        return ending;
    }

    std::map<std::string, directory::Workstation> workstations_;
    std::map<std::string, Held> holders_;  // by role
    std::optional<Held> bare_;             // a patient with a passphrase and nothing else
};

// What a cell may say of such a refusal.
bool explains(std::string_view cell, std::string_view reason, bool enough_for_role) {
    // To tell more would tell that the passphrase was right.
    if (reason == "test.second_form_follows") return cell.starts_with("needs ") || cell == "denied";
    if (reason == "authn.too_weak") {
        return !enough_for_role && (cell.starts_with("needs ") || cell == "denied");
    }
    if (reason == "context.denied") return cell == "denied";
    if (reason == "context.second_factor") return cell == "needs two_factors";
    if (reason == "context.phishing_resistant" || reason == "test.key_asked_for") {
        return cell == "needs phishing_resistant";
    }
    return false;
}

void check_sign_in(std::string_view cell, const Ending& ending, bool enough_for_role) {
    if (!ending.session) {
        CHECK_MESSAGE(explains(cell, ending.reason, enough_for_role), ending.reason);
        return;
    }
    const bool looks_after_itself =
        ending.session->limited || authn::is_by_recovery_code(ending.session->factor);
    CHECK(cell == (looks_after_itself ? "limited" : "in"));
}

void check_unlock_cell(std::string_view cell, const Ending& ending) {
    if (ending.session) {
        CHECK(cell == (ending.session->limited ? "unlocks limited" : "unlocks"));
    } else if (ending.reason.starts_with("unlock.")) {
        CHECK_MESSAGE(cell == "no unlock", ending.reason);
    } else {
        CHECK_MESSAGE(explains(cell, ending.reason, true), ending.reason);
    }
}

// Each cell of these rows: its name in the table, and what it says.
void for_each_cell(
    const Matrix& matrix,
    std::string_view role,
    std::string_view factors,
    const std::function<void(const Circumstance&, const std::string&)>& look
) {
    for (const auto posture : matrix::postures) {
        for (const auto place : matrix::places) {
            for (const auto segment : matrix::segments) {
                const Circumstance circumstance{
                    std::string(policy::to_text(posture)),
                    std::string(policy::to_text(place)),
                    std::string(segment),
                };
                CAPTURE(role);
                CAPTURE(factors);
                CAPTURE(circumstance.posture);
                CAPTURE(circumstance.place);
                CAPTURE(circumstance.segment);
                const auto there = fmt::format("{},{}", circumstance.posture, circumstance.place);
                look(circumstance, matrix::cell(matrix, role, factors, there, segment));
            }
        }
    }
}

}  // namespace

TEST_CASE("S0-50 (part): each cell of the approved matrix is what a sign-in there comes to") {
    const auto matrix = matrix::approved();
    test::SqliteFixture store;
    Doors doors(store.database());
    std::size_t signed_in = 0;
    for (const auto& role : doors.shipped.roles) {
        for (const auto& combination : matrix::combinations()) {
            const bool enough = authn::satisfies(combination, role.strength);
            for_each_cell(
                matrix,
                role.name,
                combination.name,
                [&](const Circumstance& circumstance, const std::string& cell) {
                    const auto ending = doors.sign_in(role.name, combination.name, circumstance);
                    check_sign_in(cell, ending, enough);
                    if (ending.session) ++signed_in;
                }
            );
        }
    }
    CHECK(signed_in > 0);
}

TEST_CASE("S1-37 (part): each cell of a badge in the approved matrix is what an unlock comes to") {
    const auto matrix = matrix::approved();
    test::SqliteFixture store;
    Doors doors(store.database());
    std::size_t unlocked = 0;
    for (const auto& role : doors.shipped.roles) {
        for_each_cell(
            matrix,
            role.name,
            "badge_and_pin",
            [&](const Circumstance& circumstance, const std::string& cell) {
                // What people of that role sign in with there.
                const auto app = matrix::cell(
                    matrix, role.name, "passphrase_and_app", "compliant,home", circumstance.segment
                );
                const auto ending = doors.unlock_after(
                    role.name, app == "in" ? "passphrase_and_app" : "security_key", circumstance
                );
                check_unlock_cell(cell, ending);
                if (ending.session) ++unlocked;
            }
        );
    }
    CHECK(unlocked > 0);
}

}  // namespace sallyport::session
