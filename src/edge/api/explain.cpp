#include "edge/api/explain.h"

#include "base/core/log.h"
#include "edge/api/explain_words.h"
#include "edge/api/pages/translation.h"

#include <fmt/format.h>

#include <algorithm>

namespace sallyport::api {

namespace {

Explanation by_kind(Refusal::Kind kind) noexcept {
    switch (kind) {
        case Refusal::invalid:
            return {
                422, "The request was not understood.", "Check what you entered and send it again."
            };
        case Refusal::unauthenticated:
            return {401, "You are not signed in.", "Sign in and try again."};
        case Refusal::denied:
            return {403, "That is not allowed.", "Ask an administrator if you need it."};
        case Refusal::step_up:
            return {
                401,
                "This action asks again who you are.",
                "Enter a fresh code, then repeat the action."
            };
        case Refusal::not_found:
            return {404, "There is nothing here.", "Check the address or the name."};
        case Refusal::conflict:
            return {
                409,
                "Somebody or something was first.",
                "Load the page again and look at the present state."
            };
        case Refusal::expired:
            return {410, "Its time is over.", "Ask for it again."};
        case Refusal::throttled:
            return {429, "Too many attempts.", "Wait a little, then try again."};
    }
    return {500, "Something is wrong here.", "Tell an operator."};
}

}  // namespace

Explanation explain(const Refusal& refusal) noexcept {
    auto explanation = by_kind(refusal.kind);
    const auto words = all_words();
    const auto found = std::ranges::find(words, refusal.reason, &Words::reason);
    if (found != words.end()) {
        explanation.title = found->title;
        explanation.remedy = found->remedy;
        if (found->status != 0) explanation.status = found->status;
    }
    return explanation;
}

std::string problem_json(const Refusal& refusal, Language language) {
    const auto [status, title, remedy] = explain(refusal);
    const auto said = [&](std::string_view words) {
        return language == Language::german ? german(words).value_or(words) : words;
    };
    const std::string member =
        refusal.kind == Refusal::invalid && !refusal.detail.empty()
            ? fmt::format(R"(,"member":{})", log::json_quoted(refusal.detail))
            : "";
    return fmt::format(
        R"({{"type":"urn:sallyport:{}","title":{},"status":{},"detail":{},"reason":"{}"{}}})",
        refusal.reason,
        log::json_quoted(said(title)),
        status,
        log::json_quoted(said(remedy)),
        refusal.kind == Refusal::step_up ? "step_up_required" : refusal.reason,
        member
    );
}

std::string incident_json(int status, std::string_view title, std::string_view incident) {
    return fmt::format(
        R"({{"type":"urn:sallyport:incident","title":{},"status":{},"detail":"Tell an operator this number.","incident":"{}"}})",
        log::json_quoted(title),
        status,
        incident
    );
}

}  // namespace sallyport::api
