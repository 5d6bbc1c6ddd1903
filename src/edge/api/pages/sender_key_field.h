#pragma once
// In every form that may end in a session: where the page's script puts the key that the browser
// makes for the sign-in (assets/sender_key.js, session/sender_key.h). Without scripts it stays
// empty, and the session opens no device.

#include "edge/api/pages/html.h"

namespace sallyport::api {

[[nodiscard]] Html sender_key_field();

}  // namespace sallyport::api
