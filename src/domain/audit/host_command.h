#pragma once
// The record of a command that works on the server's host, on its files, where nobody signs in:
// whom the operating system says it was, and why.

#include "domain/audit/event.h"

#include <string>

namespace sallyport::audit {

struct HostCommand {
    std::string os_user;  // "uid=998(sallyport) login=1001(anna)"
    std::string reason;
};

// What such a command leaves: by "operator", with os_user (personal) and reason among its fields.
[[nodiscard]] Event event_by(
    const HostCommand& by, std::string_view type, std::string action, std::string object
);

}  // namespace sallyport::audit
