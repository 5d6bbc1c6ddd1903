#include "domain/policy/posture.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::policy {

namespace {

using namespace std::chrono_literals;

const Time noon = from_micros(1'795'348'800'000'000);
const std::vector<OsFloor> floors{{"windows", "10.0.19045"}, {"macos", "14"}};

PostureClaims in_order() {
    return {
        .disk_encrypted = true, .os = "windows", .os_version = "10.0.22631", .reported_at = noon
    };
}

Posture judged(const PostureClaims& claims, Time now = noon) {
    return judge_posture(floors, claims, now);
}

TEST_CASE("S1-37 (part): a disk in the clear or a system below its floor is not compliant") {
    CHECK(judged(in_order()) == Posture::compliant);

    auto claims = in_order();
    claims.disk_encrypted = false;
    CHECK(judged(claims) == Posture::not_compliant);
    claims = in_order();
    claims.os_version = "10.0.19044.9999";
    CHECK(judged(claims) == Posture::not_compliant);
    claims.os_version = "10.0.19045";
    CHECK(judged(claims) == Posture::compliant);
    claims.os_version = "9.9.99999";
    CHECK(judged(claims) == Posture::not_compliant);
    claims.os_version = "11";
    CHECK(judged(claims) == Posture::compliant);
    claims.os = "macos";
    claims.os_version = "13.7";
    CHECK(judged(claims) == Posture::not_compliant);
}

TEST_CASE("S1-37 (part): claims older than 24 h, or from the future, are not compliant") {
    CHECK(judged(in_order(), noon + 24h) == Posture::compliant);
    CHECK(judged(in_order(), noon + 24h + 1us) == Posture::not_compliant);
    CHECK(judged(in_order(), noon - 5min) == Posture::compliant);
    CHECK(judged(in_order(), noon - 5min - 1us) == Posture::not_compliant);
}

TEST_CASE("S1-37 (part): what nobody says, or nobody can judge, is unknown and never compliant") {
    CHECK(judge_posture(floors, std::nullopt, noon) == Posture::unknown);
    auto claims = in_order();
    claims.os = "templeos";
    CHECK(judged(claims) == Posture::unknown);
    for (const auto* const version :
         {"", "ten", "10.", ".10", "10..0", "-1", "1.2.3.4.5.6.7", "9999999999", "10.0 22631"}) {
        CAPTURE(version);
        claims = in_order();
        claims.os_version = version;
        CHECK(judged(claims) == Posture::unknown);
        CHECK_FALSE(is_os_version(version));
    }
    CHECK(is_os_version("1.2.3.4.5.6"));
}

}  // namespace

}  // namespace sallyport::policy
