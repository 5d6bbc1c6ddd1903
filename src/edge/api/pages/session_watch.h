#pragma once
// Tells a person that their session is about to end, and keeps what they typed over the next
// sign-in (S0-56). Pages work without it: then the session just ends.

#include "domain/session/session.h"
#include "edge/api/pages/html.h"

namespace sallyport::api {

// For the end of a page's body.
[[nodiscard]] Html session_watch(const session::Session& session);
// For its head, before other scripts: those run in their order, and what is typed is kept from the
// first letter on, not only once the modules of a page have been fetched.
[[nodiscard]] Html session_watch_script_tag();

}  // namespace sallyport::api
