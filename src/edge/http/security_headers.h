#pragma once
// What every answer of the sign-in host carries, said in one place (S0-73).

#include "edge/http/message.h"

#include <string>

namespace sallyport::http {

struct SecurityHeaders {
    bool hsts = true;  // off in the demo, whose certificate browsers do not know
    // Where a form may end besides this site: browsers apply form-action to redirects too, and
    // signing in may end on a device host ("https://*.gate.example:8443").
    std::string form_action_also;
};

// Adds what is missing; a handler that needs another Content-Security-Policy or Cache-Control sets
// its own.
void add_security_headers(Response& response, const SecurityHeaders& settings);

}  // namespace sallyport::http
