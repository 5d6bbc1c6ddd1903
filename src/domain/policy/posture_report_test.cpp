#include "domain/policy/posture_report.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::policy {

namespace {

const auto now = parse_time("2026-11-22T09:00:00Z").value();

std::string report(
    const std::string& name,
    const std::string& version = "10.0.22631",
    const std::string& at = "2026-11-22T08:00:00Z"
) {
    return R"({"workstation": ")" + name +
           R"(", "disk_encrypted": true, "os": "windows", "os_version": ")" + version +
           R"(", "reported_at": ")" + at + R"("})";
}

TEST_CASE("posture reports are read from an array, or from lines") {
    const auto one = report("ward-3-a");
    const auto two = report("ward-3-b");
    const auto array = "[" + one + ", " + two + "]";
    const auto lines = one + "\r\n\n" + two;
    for (const auto& text : {array, " \n" + array + "\n", lines, lines + "\n"}) {
        CAPTURE(text);
        const auto reports = parse_posture_reports(text, now);
        REQUIRE(reports.has_value());
        REQUIRE(reports->size() == 2);
        CHECK(reports->at(0).workstation == "ward-3-a");
        CHECK(reports->at(1).workstation == "ward-3-b");
        CHECK(reports->at(1).claims.disk_encrypted);
        CHECK(reports->at(1).claims.os == "windows");
        CHECK(reports->at(1).claims.os_version == "10.0.22631");
        CHECK(sallyport::to_text(reports->at(1).claims.reported_at) == "2026-11-22T08:00:00.000Z");
    }
    CHECK(parse_posture_reports("", now)->empty());
    CHECK(parse_posture_reports("[]", now)->empty());
}

TEST_CASE("a posture report that makes no sense is refused, with its place and what is wrong") {
    const auto refusal = [](const std::string& text) {
        const auto reports = parse_posture_reports(text, now);
        REQUIRE_FALSE(reports.has_value());
        return std::string(reports.error().reason) + " " + reports.error().detail;
    };
    const auto good = report("a") + "\n";
    CHECK(refusal(good + "{").starts_with("posture.malformed line 2: not JSON"));
    CHECK(
        refusal(good + R"({"workstation": "b"})") ==
        "posture.malformed line 2.disk_encrypted: is missing"
    );
    CHECK(
        refusal(good + report("b", "eleven")) ==
        "posture.malformed line 2.os_version: must be 1 to 6 numbers with dots between"
    );
    CHECK(refusal(report("")).starts_with("posture.malformed line 1.workstation: must be text"));
    CHECK(refusal(report("b", "10", "yesterday")).starts_with("posture.malformed line 1.reported"));
    CHECK(refusal("[" + report("a") + ", 7]").starts_with("posture.malformed report 2: must be"));
    CHECK(refusal("[], \"more\": 1").starts_with("posture.malformed more: is not known"));
    CHECK(refusal("[").starts_with("posture.malformed not JSON"));
    auto doubled = report("a");
    doubled.insert(1, R"("os": "linux", )");
    CHECK(refusal(doubled) == "posture.malformed line 1: a member is there twice");
    CHECK(refusal(std::string(posture_reports_size_max + 1, ' ')).starts_with("posture.too_large"));
}

TEST_CASE("S1-37 (part): a report from the future is refused; clocks may differ by five minutes") {
    CHECK(parse_posture_reports(report("a", "10", "2026-11-22T09:05:00Z"), now).has_value());
    const auto refused = parse_posture_reports(report("a", "10", "2026-11-22T09:05:01Z"), now);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().reason == "posture.future");
}

}  // namespace

}  // namespace sallyport::policy
