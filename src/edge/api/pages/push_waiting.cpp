#include "edge/api/pages/push_waiting.h"

#include <nlohmann/json.hpp>

namespace sallyport::api {

nlohmann::json to_json(const authn::PushWaiting& waiting, bool settled) {
    return {
        {"number", waiting.number},
        {"ends_at", to_text(waiting.ends_at)},
        {"approved", waiting.approved},
        {"settled", settled},
    };
}

Html push_waiting(const authn::PushWaiting& waiting, std::string_view code_path) {
    return Html(
        "<p>Open Sallyport on your phone, look whether it shows this place and time, and type this "
        "number there:</p><p class=\"push-number\" id=\"number\"><strong>",
        waiting.number,
        "</strong></p><p role=\"status\">Waiting for your phone, for a minute at most. If it shows "
        "nothing, it may be suspended.</p><p><a href=\"",
        code_path,
        "\">Use a code instead</a></p>"
    );
}

Html push_settled(const authn::PushWaiting& waiting, std::string_view action, const Html& fields) {
    return Html(
        "<p role=\"status\">",
        waiting.approved ? Text("Your phone has answered.") : Text("The minute is over."),
        "</p><form method=\"post\" action=\"",
        action,
        "\">",
        fields,
        "<button autofocus>Go on</button></form>"
    );
}

// A page that reloads itself takes readers' place away (WCAG 2.2, 2.2.1): only where no script
// runs.
Html ask_again_soon() {
    return Html(
        "<noscript><meta http-equiv=\"refresh\" content=\"2\"></noscript>"
        "<script type=\"module\" src=\"/assets/push_waiting.js\"></script>"
    );
}

}  // namespace sallyport::api
