#include "domain/session/factor_matrix_fixture.h"

#include <doctest/doctest.h>

#include <cstdlib>

namespace sallyport::session {

namespace {

using namespace matrix;

constexpr std::string_view approving = "SALLYPORT_APPROVE_MATRIX";

bool lets_in(std::string_view cell) {
    return cell == "in" || cell == "limited";
}

constexpr std::array codes{
    std::string_view("passphrase"),
    std::string_view("passphrase_and_recovery_code"),
    std::string_view("passphrase_and_phone"),
    std::string_view("passphrase_and_app"),
};
constexpr std::array keys{
    std::string_view("security_key"),
    std::string_view("synced_passkey"),
    std::string_view("smart_card"),
    std::string_view("passphrase_and_security_key"),
    std::string_view("passphrase_and_smart_card"),
};
constexpr std::array staff{
    std::string_view("clinician"),
    std::string_view("clinical_administrator"),
    std::string_view("engineer"),
    std::string_view("vendor_engineer"),
    std::string_view("approver"),
    std::string_view("gateway_administrator"),
    std::string_view("security_officer"),
    std::string_view("auditor"),
};

}  // namespace

TEST_CASE("the approved matrix is what the shipped policy makes of role, factors and context") {
    const auto now = computed(policy::default_policy());
    if (std::getenv(approving.data()) != nullptr) {  // NOLINT(concurrency-mt-unsafe)
        approve(now);
    }
    const auto before = approved();
    constexpr std::size_t told_max = 10;
    auto differing = differences(before, now);
    const auto count = differing.size();
    differing.resize(std::min(count, told_max));
    CHECK_MESSAGE(
        count == 0,
        fmt::format(
            "{} rows differ from tests/vectors/{}:\n{}\nIf that is what was meant, run this test "
            "with {}=1 and have the difference read by a second person.",
            count,
            approved_path,
            fmt::join(differing, "\n"),
            approving
        )
    );
    // Each row once, in the order in which it is read.
    CHECK(before.rows == now.rows);
    CHECK(now.cells.size() == now.rows.size());
    CHECK(
        now.rows.size() == policy::default_policy().roles.size() * (combinations().size() + 1) *
                               postures.size() * places.size()
    );
}

TEST_CASE("a policy that lets somebody in with less, or keeps somebody out, differs from the matrix"
) {
    auto policy = policy::default_policy();
    std::erase_if(policy.context.rules, [](const policy::ContextRule& rule) {
        return rule.place == Place::abroad && rule.roles == std::vector<std::string>{"patient"};
    });
    const auto laxer = differences(approved(), computed(policy));
    REQUIRE_FALSE(laxer.empty());
    CHECK(laxer.front().starts_with("patient,passphrase,compliant,abroad: needs two_factors,"));

    policy = policy::default_policy();
    policy.roles.pop_back();
    const auto fewer = differences(approved(), computed(policy));
    REQUIRE_FALSE(fewer.empty());
    CHECK(fewer.front() == "auditor,badge_and_pin,compliant,home: gone");
}

// What follows is written from the requirements' text, and held against the approved table: whoever
// approves another one does not approve these away.

TEST_CASE("S0-05 (part): nobody but patients gets in anywhere with a passphrase alone") {
    const auto matrix = approved();
    for (const auto role : staff) {
        CAPTURE(role);
        CHECK(std::ranges::none_of(cells_of(matrix, role, "passphrase"), lets_in));
    }
    CHECK(cell(matrix, "patient", "passphrase", "unknown,home", "remote") == "in");
    CHECK(cell(matrix, "patient", "passphrase", "compliant,home", "unzoned") == "in");
    CHECK(cell(matrix, "patient", "passphrase", "unknown,abroad", "remote") == "needs two_factors");
}

TEST_CASE("S0-35 (part): administrators are refused with codes of an app at every sign-in") {
    const auto matrix = approved();
    for (const auto* const role : {"clinical_administrator", "gateway_administrator"}) {
        CAPTURE(role);
        for (const auto factors : codes) {
            CAPTURE(factors);
            CHECK(std::ranges::none_of(cells_of(matrix, role, factors), lets_in));
        }
        for (const auto factors : keys) {
            CAPTURE(factors);
            CHECK(cell(matrix, role, factors, "compliant,home", "admin") == "in");
        }
        CHECK(
            cell(matrix, role, "passphrase_and_app", "compliant,home", "admin") ==
            "needs phishing_resistant"
        );
    }
}

TEST_CASE("S1-24 (part): from outside, for administration and for devices codes are refused") {
    const auto matrix = approved();
    for (const auto role : staff) {
        for (const auto factors : codes) {
            CAPTURE(role);
            CAPTURE(factors);
            CHECK(
                cell(matrix, role, factors, "compliant,home", "remote") ==
                "needs phishing_resistant"
            );
        }
        for (const auto factors : keys) {
            CAPTURE(role);
            CAPTURE(factors);
            CHECK(cell(matrix, role, factors, "compliant,home", "remote") == "in");
        }
    }
    for (const auto* const role : {"engineer", "vendor_engineer", "approver"}) {
        for (const auto segment : segments) {
            CAPTURE(role);
            CAPTURE(segment);
            CHECK(
                cell(matrix, role, "passphrase_and_app", "compliant,home", segment) ==
                "needs phishing_resistant"
            );
        }
    }
}

TEST_CASE("S0-50 (part): more is asked where a role could do more harm") {
    const auto matrix = approved();
    const auto at_the_ward = [&](std::string_view role, std::string_view factors) {
        return cell(matrix, role, factors, "compliant,home", "ward");
    };
    CHECK(at_the_ward("patient", "passphrase") == "in");
    CHECK(at_the_ward("clinician", "passphrase") == "needs two_factors");
    CHECK(at_the_ward("clinician", "passphrase_and_app") == "in");
    CHECK(at_the_ward("clinician", "passphrase_and_phone") == "in");
    CHECK(at_the_ward("engineer", "passphrase_and_phone") == "needs phishing_resistant");
    CHECK(at_the_ward("engineer", "synced_passkey") == "in");
}

TEST_CASE("a recovery code elevates nothing, and a badge signs nobody in") {
    const auto matrix = approved();
    for (const auto role : staff) {
        CAPTURE(role);
        const auto by_code = cells_of(matrix, role, "passphrase_and_recovery_code");
        CHECK(std::ranges::count(by_code, "in") == 0);
        for (const auto segment : segments) {
            CAPTURE(segment);
            const bool bedside =
                segment == "consult_room" || segment == "ward" || segment == "pharmacy";
            const bool unlocks = role == "clinician" && bedside;
            const auto badge = [&](std::string_view context) {
                return cell(matrix, role, "badge_and_pin", context, segment);
            };
            for (const auto* const fine : {"compliant,home", "unknown,home", "unknown,unknown"}) {
                CHECK(badge(fine) == (unlocks ? "unlocks" : "no unlock"));
            }
            // S1-37: what is weighed at sign-in is weighed again.
            CHECK(badge("not_compliant,home") == (unlocks ? "unlocks limited" : "no unlock"));
            if (!unlocks) CHECK(badge("compliant,abroad") == "no unlock");
            if (unlocks) CHECK_FALSE(badge("compliant,abroad").starts_with("unlocks"));
        }
    }
}

TEST_CASE("S1-37 (part): a device that is not in order makes a session limited, or none") {
    const auto matrix = approved();
    for (const auto role : staff) {
        for (const auto factors : keys) {
            CAPTURE(role);
            CAPTURE(factors);
            const auto inside = cell(matrix, role, factors, "not_compliant,home", "ward");
            CHECK(inside != "in");
            CHECK(cell(matrix, role, factors, "not_compliant,home", "remote") == "denied");
        }
    }
    CHECK(cell(matrix, "clinician", "smart_card", "not_compliant,home", "ward") == "limited");
    CHECK(cell(matrix, "auditor", "smart_card", "not_compliant,home", "ward") == "denied");
}

}  // namespace sallyport::session
