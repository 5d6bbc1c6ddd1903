#pragma once
// What the configuration says of the listeners, as the server and those who must know its addresses
// take it.

#include "base/config/settings.h"
#include "domain/directory/device_address.h"
#include "edge/http/server.h"
#include "edge/http/tls.h"

#include <vector>

namespace sallyport::cli {

// Of the server of everybody: addresses, limits, whom it believes about the peer, headers. Throws
// CommandFailed on a trusted proxy that is no address.
[[nodiscard]] http::ServerSettings listener_settings(const config::Settings& given);

[[nodiscard]] std::vector<http::CertificateFiles> certificate_files(const config::Settings& given);

// All of them, the card host's too: no device may be registered at one.
[[nodiscard]] std::vector<directory::Listener> own_listeners(const config::Settings& given);

}  // namespace sallyport::cli
