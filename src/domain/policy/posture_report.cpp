#include "domain/policy/posture_report.h"

#include "domain/directory/bounded_json.h"

#include <fmt/format.h>

#include <utility>

namespace sallyport::policy {

namespace {

using directory::MemberReader;
using Json = nlohmann::json;

constexpr std::size_t name_size_max = 64;
constexpr std::size_t os_size_max = 32;
constexpr std::size_t version_size_max = 59;  // 6 numbers of 9 digits, and the dots
constexpr std::size_t line_size_max = 4096;
constexpr std::string_view blanks = " \t\r\n";

// `where`: "line 3", for whoever has to mend it.
Result<PostureReport> report_in(const Json& object, const std::string& where, Time now) {
    std::string problem;
    MemberReader reader(object, where, problem);
    PostureReport report;
    report.workstation = reader.text("workstation", 1, name_size_max);
    report.claims.disk_encrypted = reader.boolean("disk_encrypted");
    report.claims.os = reader.text("os", 1, os_size_max);
    report.claims.os_version = reader.text("os_version", 1, version_size_max);
    const auto reported_at = parse_time(reader.text("reported_at", 1, 40));
    if (!is_os_version(report.claims.os_version)) {
        reader.complain("os_version", "must be 1 to 6 numbers with dots between");
    }
    if (!reported_at) reader.complain("reported_at", "must be as 2026-11-22T08:00:00Z");
    reader.finish();
    if (!problem.empty()) return refuse(Refusal::invalid, "posture.malformed", problem);
    if (*reported_at - now > posture_clock_difference_max) {
        return refuse(
            Refusal::invalid, "posture.future", where + ".reported_at: lies in the future"
        );
    }
    report.claims.reported_at = *reported_at;
    return report;
}

Result<std::vector<PostureReport>> reports_in_array(std::string_view text, Time now) {
    // The reader of documents takes objects alone. Whatever the text adds to this one beside the
    // array is a member that nobody takes, and refused.
    Json document;
    std::string why;
    const auto wrapped = fmt::format("{{\"reports\":{}}}", text);
    if (!directory::parse_bounded_json(wrapped, wrapped.size(), document, why)) {
        return refuse(Refusal::invalid, "posture.malformed", why);
    }
    MemberReader reader(document, "", why);
    const auto& array = reader.array("reports", posture_reports_max);
    reader.finish();
    if (!why.empty()) return refuse(Refusal::invalid, "posture.malformed", why);
    std::vector<PostureReport> reports;
    for (const auto& object : array) {
        const auto where = fmt::format("report {}", reports.size() + 1);
        SP_TRY(auto report, report_in(object, where, now));
        reports.push_back(std::move(report));
    }
    return reports;
}

Result<std::vector<PostureReport>> reports_in_lines(std::string_view text, Time now) {
    std::vector<PostureReport> reports;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(line.size() == text.size() ? line.size() : line.size() + 1);
        if (line.find_first_not_of(blanks) == std::string_view::npos) continue;
        const auto where = fmt::format("line {}", number);
        if (reports.size() == posture_reports_max) {
            return refuse(Refusal::invalid, "posture.too_large", where + ": too many");
        }
        Json object;
        std::string why;
        if (!directory::parse_bounded_json(line, line_size_max, object, why)) {
            return refuse(Refusal::invalid, "posture.malformed", fmt::format("{}: {}", where, why));
        }
        SP_TRY(auto report, report_in(object, where, now));
        reports.push_back(std::move(report));
    }
    return reports;
}

}  // namespace

Result<std::vector<PostureReport>> parse_posture_reports(std::string_view text, Time now) {
    if (text.size() > posture_reports_size_max) {
        return refuse(
            Refusal::invalid,
            "posture.too_large",
            fmt::format("longer than {} bytes", posture_reports_size_max)
        );
    }
    const auto start = text.find_first_not_of(blanks);
    const bool is_array = start != std::string_view::npos && text[start] == '[';
    return is_array ? reports_in_array(text, now) : reports_in_lines(text, now);
}

}  // namespace sallyport::policy
