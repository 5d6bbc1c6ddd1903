#pragma once
// `sallyport login` through a browser: OAuth 2.0 for Native Apps (RFC 8252) with proof of the key
// that stays here (RFC 7636), so that whatever a person's role asks for (a security key) is asked
// where it can be shown.

#include "apps/sallyport/api_client.h"

#include <nlohmann/json_fwd.hpp>

namespace sallyport::cli {

// Prints the address to open, and with `try_to_open` asks the desktop to open it; waits 5 minutes
// for the browser. Returns what POST /api/cli-session answered. Throws CommandFailed.
[[nodiscard]] nlohmann::json sign_in_through_browser(
    ApiClient& client, const ServerAddress& server, bool try_to_open
);

}  // namespace sallyport::cli
