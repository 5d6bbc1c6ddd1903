#include "edge/api/pages/session_watch.h"

namespace sallyport::api {

Html session_watch(const session::Session& session) {
    return Html(
        "<div id=\"session-watch\" hidden data-session=\"",
        session.id.text(),
        "\" data-person=\"",
        session.account.text(),
        "\"><p role=\"alert\"></p><button type=\"button\">Stay signed in</button></div>"
    );
}

Html session_watch_script_tag() {
    return Html("<script src=\"/assets/session_watch.js\" defer></script>");
}

}  // namespace sallyport::api
