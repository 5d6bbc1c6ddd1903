#pragma once
// What a refusal tells the person: the thing, the reason, and what to do next. One table, so that a
// sentence is written once and says nothing to an attacker that the status does not.

#include "base/core/result.h"
#include "edge/api/pages/language.h"

#include <string>
#include <string_view>

namespace sallyport::api {

struct Explanation {
    int status;               // HTTP
    std::string_view title;   // what happened
    std::string_view remedy;  // what to do next
};

// The kind gives status and fallback words, the reason the exact ones where there are any.
[[nodiscard]] Explanation explain(const Refusal& refusal) noexcept;

// RFC 9457 problem details: type "urn:sallyport:<reason>", title, status, detail. `detail` of an
// invalid request names the member; every other kind's stays in the log.
[[nodiscard]] std::string problem_json(
    const Refusal& refusal, Language language = Language::english
);
[[nodiscard]] std::string incident_json(
    int status, std::string_view title, std::string_view incident
);

}  // namespace sallyport::api
