#include "edge/api/pages/console_view.h"

namespace sallyport::api {

Html console_view(std::string_view view, std::string_view api_path) {
    return Html(
        "<div data-view=\"",
        view,
        "\"></div><noscript><p class=\"note\">This page is drawn by a script. <a href=\"",
        api_path,
        "\">The same as JSON</a>.</p></noscript>"
    );
}

Html console_head() {
    return Html(
        "<link rel=\"stylesheet\" href=\"/ui/console.css\">"
        "<script type=\"module\" src=\"/ui/console.js\"></script>"
    );
}

std::string_view console_script() noexcept {
    return
#include "ui_script.inc"
        ;
}

std::string_view console_style() noexcept {
    return
#include "ui_style.inc"
        ;
}

}  // namespace sallyport::api
