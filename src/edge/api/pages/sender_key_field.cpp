#include "edge/api/pages/sender_key_field.h"

namespace sallyport::api {

// A script that a page names twice is run once, being a module.
Html sender_key_field() {
    return Html(
        "<input type=\"hidden\" name=\"sender_key\">"
        "<script type=\"module\" src=\"/assets/sender_key.js\"></script>"
    );
}

}  // namespace sallyport::api
