#pragma once
// What a person sees instead of the device: what happened, why, and what to do next. Pure.

#include "base/core/result.h"
#include "edge/http/message.h"

#include <string>
#include <string_view>

namespace sallyport::gateway {

struct RefusalWords {
    int status;
    std::string_view title;
    std::string_view remedy;
};

// The words for a refusal's reason; by its kind, if the reason is not in the table.
[[nodiscard]] RefusalWords words_for(const Refusal& refusal) noexcept;

struct PageContext {
    std::string device_name;     // as in the host name
    std::string sign_in_origin;  // links back to the list of devices
};

// A page for people, RFC 9457 problem details for scripts. Never with Refusal::detail, except that
// a missing capability is named: it is a word of the device's profile.
[[nodiscard]] http::Response refusal_answer(
    const http::Request& request, const Refusal& refusal, const PageContext& context
);
// The same for a fault; the incident number is in the operator's log.
[[nodiscard]] http::Response incident_answer(
    const http::Request& request, std::string_view incident, const PageContext& context
);
// Leads on to the device's front page by a navigation of this host's own: a redirect would keep the
// mark of the site that began it, through every redirect that the device adds.
[[nodiscard]] http::Response front_page_answer(const PageContext& context);
// Whether a page is wanted rather than data.
[[nodiscard]] bool wants_page(const http::Request& request);

}  // namespace sallyport::gateway
