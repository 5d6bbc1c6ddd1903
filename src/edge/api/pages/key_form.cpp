#include "edge/api/pages/key_form.h"

namespace sallyport::api {

Html key_form(
    KeyCeremony ceremony, std::string_view action, const Text& button, const Html& inside
) {
    Html html("<form hidden method=\"post\" data-key=\"");
    switch (ceremony) {
        case KeyCeremony::assertion:
            html.add("assertion\"");
            break;
        case KeyCeremony::assertion_while_typing:
            html.add("assertion\" data-conditional");
            break;
        case KeyCeremony::registration:
            html.add("registration\"");
            break;
        case KeyCeremony::enrolment:
            html.add("enrolment\"");
            break;
    }
    html.add(
        " action=\"",
        action,
        "\">",
        inside,
        "<button>",
        button,
        "</button><p role=\"status\"></p></form>"
        "<script type=\"module\" src=\"/assets/security_key.js\"></script>"
    );
    return html;
}

}  // namespace sallyport::api
