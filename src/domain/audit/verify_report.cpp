#include "domain/audit/verify_report.h"

#include "base/core/log.h"

#include <algorithm>
#include <utility>

namespace sallyport::audit {

namespace {

bool before(const Finding& a, const Finding& b) {
    return a.index < b.index;
}

std::string number(const std::optional<std::uint64_t>& value) {
    return value ? std::to_string(*value) : "null";
}

std::string yes_no(bool value) {
    return value ? "true" : "false";
}

}  // namespace

void Findings::add(std::string kind, std::optional<std::uint64_t> index, std::string detail) {
    ++total_;
    Finding finding{std::move(kind), index, std::move(detail)};
    const auto place = std::ranges::upper_bound(kept_, finding, before);
    if (place == kept_.end() && kept_.size() == kept_max) return;
    kept_.insert(place, std::move(finding));
    if (kept_.size() > kept_max) kept_.pop_back();
}

std::vector<Finding> Findings::take() && {
    return std::move(kept_);
}

std::optional<std::uint64_t> VerifyReport::first_bad() const {
    const auto found =
        std::ranges::find_if(findings, [](const auto& f) { return f.index.has_value(); });
    return found == findings.end() ? std::nullopt : found->index;
}

std::vector<std::string> VerifyReport::remarks() const {
    std::vector<std::string> remarks;
    if (!anchor_size) {
        remarks.emplace_back(
            "No anchor was given: that database and log were put back together to an earlier state "
            "can't be excluded."
        );
    } else if (*anchor_size < size) {
        remarks.push_back(
            "The anchor covers the first " + std::to_string(*anchor_size) +
            " events: that later ones were put back can't be excluded."
        );
    }
    if (!key_was_given) {
        remarks.emplace_back(
            "The key was taken from the log's own folder: compare it with the one you know, or "
            "give that with --key."
        );
    }
    if (!with_database) {
        remarks.emplace_back("No database was given: only the log's files were checked.");
    }
    if (uncovered > 0) {
        remarks.push_back(
            std::to_string(uncovered) + " events in the database are not under a checkpoint yet."
        );
    }
    return remarks;
}

std::string to_text(const VerifyReport& report) {
    std::string text = "audit log " + report.origin + ": ";
    text += report.sound() ? "verified\n" : "DOES NOT VERIFY\n";
    for (const auto& finding : report.findings) {
        text += "  " + finding.kind;
        if (finding.index) text += " at event " + std::to_string(*finding.index);
        text += ": " + finding.detail + '\n';
    }
    if (report.findings_total > report.findings.size()) {
        text += "  and " + std::to_string(report.findings_total - report.findings.size()) +
                " more findings\n";
    }
    text += "  events under the checkpoint: " + std::to_string(report.size) + '\n';
    if (!report.root.empty()) text += "  root recomputed: " + report.root + '\n';
    text += "  signed checkpoints compared: " + std::to_string(report.checkpoints) + '\n';
    if (report.anchor_size) {
        text += "  largest anchor: " + std::to_string(*report.anchor_size) + " events\n";
    }
    if (report.with_database) {
        text += "  database rows compared: " + std::to_string(report.rows) + '\n';
        text += "  personal texts: " + std::to_string(report.personal) + " match, " +
                std::to_string(report.personal_erased) + " erased\n";
    }
    for (const auto& remark : report.remarks()) {
        text += "  note: " + remark + '\n';
    }
    return text;
}

std::string to_json(const VerifyReport& report) {
    std::string json = R"({"sound":)" + yes_no(report.sound());
    json += R"(,"origin":)" + log::json_quoted(report.origin);
    json += R"(,"size":)" + std::to_string(report.size);
    json += R"(,"root":)" + log::json_quoted(report.root);
    json += R"(,"first_bad":)" + number(report.first_bad());
    json += R"(,"findings_total":)" + std::to_string(report.findings_total);
    json += R"(,"findings":[)";
    for (const auto& finding : report.findings) {
        if (&finding != report.findings.data()) json += ',';
        json += R"({"kind":)" + log::json_quoted(finding.kind);
        json += R"(,"index":)" + number(finding.index);
        json += R"(,"detail":)" + log::json_quoted(finding.detail) + '}';
    }
    json += R"(],"checkpoints":)" + std::to_string(report.checkpoints);
    json += R"(,"anchor_size":)" + number(report.anchor_size);
    json += R"(,"key_was_given":)" + yes_no(report.key_was_given);
    json += R"(,"with_database":)" + yes_no(report.with_database);
    json += R"(,"rows":)" + std::to_string(report.rows);
    json += R"(,"uncovered":)" + std::to_string(report.uncovered);
    json += R"(,"personal":)" + std::to_string(report.personal);
    json += R"(,"personal_erased":)" + std::to_string(report.personal_erased);
    json += R"(,"remarks":[)";
    const auto remarks = report.remarks();
    for (std::size_t i = 0; i < remarks.size(); ++i) {
        if (i > 0) json += ',';
        json += log::json_quoted(remarks[i]);
    }
    return json + "]}";
}

}  // namespace sallyport::audit
