#include "edge/api/pages/recovery_codes_page.h"

#include "base/core/bytes.h"
#include "edge/api/pages/layout.h"

#include <nlohmann/json.hpp>

namespace sallyport::api {

std::string recovery_codes_page(const std::vector<crypto::Secret>& codes, const Html& more) {
    Html list("<ul class=\"codes\" id=\"recovery-codes\">");
    for (const auto& code : codes) {
        list.add("<li>", as_text(code.expose()), "</li>");
    }
    const Html body(
        "<p>You are signed in. Keep these recovery codes apart from your phone; each works once "
        "instead of an authenticator code. They are shown this once.</p>",
        list,
        "</ul>",
        more,
        "<p><a class=\"button\" href=\"/\">Continue</a></p>"
    );
    return page("Your recovery codes", body);
}

nlohmann::json recovery_codes_json(const std::vector<crypto::Secret>& codes) {
    auto json = nlohmann::json::array();
    for (const auto& code : codes) {
        json.push_back(as_text(code.expose()));
    }
    return json;
}

}  // namespace sallyport::api
