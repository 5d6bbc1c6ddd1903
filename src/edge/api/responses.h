#pragma once
// The router's last step: what a reply, a refusal or a failure looks like to whoever asked, a
// person with a browser or a program.

#include "edge/api/pages/language.h"
#include "edge/api/route.h"
#include "edge/http/message.h"

#include <optional>
#include <string_view>

namespace sallyport::api {

// GET and HEAD only ask.
[[nodiscard]] bool changes_state(const http::Request& request);
// Whether a person will look at the answer.
[[nodiscard]] bool wants_page(const http::Request& request);

// A person with a browser is led to the door; a program gets the status and the reason. `session`
// may be null.
[[nodiscard]] http::Response refusal_response(
    const http::Request& request, const Refusal& refusal, const session::Session* session
);

// `sent_form`: the request was a form, whose sender is led on to the reply's location.
[[nodiscard]] http::Response response_from(
    const http::Request& request, bool sent_form, Reply reply
);

// A fault: the status, and the number under which the operator's log tells more. `nothing_done`:
// the request was not begun, so it may be sent again. `reader`: who gets a page, in which language;
// none: a program.
[[nodiscard]] http::Response failure_response(
    std::optional<Language> reader, int status, bool nothing_done, std::string_view incident
);

}  // namespace sallyport::api
