#pragma once
// For tests: what becomes of each role with each combination of factors in each circumstance, as a
// table, by a policy and as it was approved.

#include "tests/support/checkout.h"
#include "tests/support/clocks.h"

#include "domain/authn/factor_combination.h"
#include "domain/policy/context.h"
#include "domain/policy/policy.h"
#include "domain/session/session_context.h"
#include "domain/session/unlock.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::session::matrix {

using authn::AuthenticatorKind;
using authn::FactorCombination;
using policy::ContextFacts;
using policy::Place;
using policy::Policy;
using policy::Posture;
using policy::RoleRules;

inline constexpr std::string_view approved_path = "matrix/role_factor_context.csv";

inline constexpr std::string_view workstation_address = "10.3.0.5";

inline constexpr std::string_view head =
    R"(# What the shipped policy makes of a sign-in, by role, what was shown, the device's posture,
# the place, and the segment of the network (S0-50, S1-24, S1-79). Approved with the policy: a
# change of it changes this table, and both are read by a second person.
#   in         a session for all that the role may do
#   limited    a session that looks after its own account and nothing else
#   needs ...  refused: too little was shown; that would be enough
#   denied     refused, whatever is shown
# A badge with its PIN signs nobody in: it unlocks a session that was locked at a registered
# workstation of that segment, as the context then allows; "no unlock": the role or the segment has
# none.
# Made by a test of domain/session (factor_matrix_test.cpp). To approve a change, run it with
# SALLYPORT_APPROVE_MATRIX=1 and read the difference.
)";

// By "role,factors,posture,place", in the order of the file; the cells by segment.
struct Matrix {
    std::vector<std::string> rows;
    std::map<std::string, std::string> cells;
};

inline constexpr std::array postures{Posture::compliant, Posture::unknown, Posture::not_compliant};
inline constexpr std::array places{Place::home, Place::abroad, Place::unknown};

inline constexpr std::array segments{
    std::string_view("unzoned"),
    std::string_view("consult_room"),
    std::string_view("ward"),
    std::string_view("pharmacy"),
    std::string_view("admin"),
    std::string_view("remote"),
};
static_assert(segments.size() == policy::zone_kind_count + 1);

// From the weakest on. A key or a card that asks for no PIN is shown after the passphrase.
inline std::vector<FactorCombination> combinations() {
    const auto known = authn::factor_combinations();
    std::vector<FactorCombination> all(known.rbegin(), known.rend());
    all.insert(
        all.end(),
        {
            {"passphrase_and_security_key",
             {AuthenticatorKind::passphrase, AuthenticatorKind::webauthn}},
            {"passphrase_and_smart_card",
             {AuthenticatorKind::passphrase, AuthenticatorKind::certificate}},
        }
    );
    return all;
}

inline bool has(const FactorCombination& combination, AuthenticatorKind kind) {
    return std::ranges::find(combination.kinds, kind) != combination.kinds.end();
}

inline std::string refused_by(const policy::ContextDecision& decision, const Refusal& refusal) {
    if (refusal.reason == "context.denied") return "denied";
    return fmt::format("needs {}", policy::to_text(decision.strength));
}

// As session::open() has it (factor_doors_test.cpp holds each cell against a real one).
inline std::string outcome(
    const Policy& policy,
    const RoleRules& role,
    const FactorCombination& combination,
    const ContextFacts& facts
) {
    const auto decision = policy::decide_context(policy, role, facts);
    const auto weighed = weigh(decision, authn::proven_by(combination).value());
    if (!weighed) return refused_by(decision, weighed.error());
    // Whoever came in by a recovery code binds something better before anything else.
    const bool by_recovery_code = has(combination, AuthenticatorKind::recovery_codes);
    return decision.limited || by_recovery_code ? "limited" : "in";
}

inline ContextFacts facts_in(Posture posture, Place place, std::string_view segment) {
    ContextFacts facts{.posture = posture, .place = place, .segment = {}};
    if (const auto kind = policy::zone_kind(segment)) {
        facts.segment.kinds.set(static_cast<std::size_t>(*kind));
    }
    return facts;
}

// The policy of a house with one zone, named as its kind; without a name it has none.
inline Policy with_zone(Policy policy, std::string_view segment) {
    const auto kind = policy::zone_kind(segment);
    if (!kind) return policy;
    policy.zones = {
        {.name = std::string(segment),
         .kind = *kind,
         .networks = {IpNetwork::parse("10.3.0.0/16").value()}}
    };
    return policy;
}

// Opened with two factors an hour ago, and good for another.
inline LockedSession locked_session(
    const RoleRules& role, const directory::Workstation& here, Time now
) {
    const auto opened_at = now - std::chrono::hours(1);
    return {
        .session =
            {.id = SessionId::from_bytes({}),
             .channel = Channel::web,
             .account = AccountId::from_bytes({}),
             .person = PersonId::from_bytes({}),
             .login_name = "nora.nurse",
             .role = role.name,
             .scope = role.scope,
             .proven = policy::Strength::two_factors,
             .factor = {},
             .created_at = opened_at,
             .ends_at = now + std::chrono::hours(1),
             .idle_max = role.idle,
             .last_active_at = opened_at,
             .last_proof_at = opened_at,
             .source = std::string(workstation_address),
             .csrf_key = {},
             .host = {},
             .parent = std::nullopt},
        .workstation = here.id,
        .full_proof_at = opened_at,
    };
}

// At a workstation of that segment, as unlock() has it (likewise).
inline std::string unlock_outcome(
    const Policy& shipped,
    const RoleRules& role,
    Posture posture,
    Place place,
    std::string_view segment
) {
    const auto policy = with_zone(shipped, segment);
    const auto now = test::SettableClock().now();
    const directory::Workstation here{
        .id = directory::WorkstationId::from_bytes({}),
        .name = "ward-3-a",
        .zone = std::string(segment),
        .registered_at = now - std::chrono::hours(24),
    };
    const auto locked = locked_session(role, here, now);
    const auto opens =
        check_unlock(policy, locked, here, workstation_address, now, Roaming::allowed);
    if (!opens) return "no unlock";
    const auto decision = policy::decide_context(policy, role, facts_in(posture, place, segment));
    const auto weighed = weigh(decision, locked.session.proven);
    if (!weighed) return refused_by(decision, weighed.error());
    return decision.limited ? "unlocks limited" : "unlocks";
}

template <class Cell>
void add_row(Matrix& matrix, const std::string& row, Cell cell) {
    std::vector<std::string> cells;
    for (const auto segment : segments) {
        cells.push_back(cell(segment));
    }
    matrix.rows.push_back(row);
    matrix.cells[row] = fmt::format("{}", fmt::join(cells, ","));
}

inline Matrix computed(const Policy& policy) {
    Matrix matrix;
    for (const auto& role : policy.roles) {
        for (const auto posture : postures) {
            for (const auto place : places) {
                const auto row = fmt::format(
                    "{},badge_and_pin,{},{}",
                    role.name,
                    policy::to_text(posture),
                    policy::to_text(place)
                );
                add_row(matrix, row, [&](std::string_view segment) {
                    return unlock_outcome(policy, role, posture, place, segment);
                });
            }
        }
        for (const auto& combination : combinations()) {
            for (const auto posture : postures) {
                for (const auto place : places) {
                    const auto row = fmt::format(
                        "{},{},{},{}",
                        role.name,
                        combination.name,
                        policy::to_text(posture),
                        policy::to_text(place)
                    );
                    add_row(matrix, row, [&](std::string_view segment) {
                        return outcome(
                            policy, role, combination, facts_in(posture, place, segment)
                        );
                    });
                }
            }
        }
    }
    return matrix;
}

inline std::string title() {
    return fmt::format("role,factors,posture,place,{}", fmt::join(segments, ","));
}

inline void approve(const Matrix& matrix) {
    std::ofstream file(test::in_vectors(approved_path));
    file << head << title() << '\n';
    for (const auto& row : matrix.rows) {
        file << row << ',' << matrix.cells.at(row) << '\n';
    }
    REQUIRE(file.flush().good());
}

// Where the four columns that name a row end.
inline std::size_t end_of_name(const std::string& line) {
    std::size_t at = 0;
    for (int column = 0; column < 4 && at != std::string::npos; ++column) {
        at = line.find(',', column == 0 ? 0 : at + 1);
    }
    return at;
}

inline Matrix approved() {
    std::ifstream file(test::in_vectors(approved_path));
    Matrix matrix;
    bool titled = false;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line.starts_with('#')) continue;
        if (line == title()) {
            titled = true;
            continue;
        }
        const auto end = end_of_name(line);
        REQUIRE_MESSAGE(end != std::string::npos, line);
        matrix.rows.push_back(line.substr(0, end));
        matrix.cells[matrix.rows.back()] = line.substr(end + 1);
    }
    REQUIRE(titled);
    return matrix;
}

inline std::vector<std::string> differences(const Matrix& before, const Matrix& after) {
    std::vector<std::string> found;
    for (const auto& row : after.rows) {
        const auto known = before.cells.find(row);
        if (known == before.cells.end()) {
            found.push_back(fmt::format("{}: new, {}", row, after.cells.at(row)));
        } else if (known->second != after.cells.at(row)) {
            found.push_back(fmt::format("{}: {} became {}", row, known->second, after.cells.at(row))
            );
        }
    }
    for (const auto& row : before.rows) {
        if (!after.cells.contains(row)) found.push_back(row + ": gone");
    }
    return found;
}

inline std::string cell(
    const Matrix& matrix,
    std::string_view role,
    std::string_view factors,
    std::string_view circumstance,  // "compliant,home"
    std::string_view segment
) {
    const auto found = matrix.cells.find(fmt::format("{},{},{}", role, factors, circumstance));
    REQUIRE(found != matrix.cells.end());
    std::istringstream cells(found->second);
    std::string text;
    for (const auto each : segments) {
        REQUIRE(std::getline(cells, text, ','));
        if (each == segment) return text;
    }
    FAIL("no such segment");
    return {};
}

// All cells of that role with those factors.
inline std::vector<std::string> cells_of(
    const Matrix& matrix, std::string_view role, std::string_view factors
) {
    std::vector<std::string> all;
    for (const auto posture : postures) {
        for (const auto place : places) {
            for (const auto segment : segments) {
                const auto circumstance =
                    fmt::format("{},{}", policy::to_text(posture), policy::to_text(place));
                all.push_back(cell(matrix, role, factors, circumstance, segment));
            }
        }
    }
    return all;
}

}  // namespace sallyport::session::matrix
