#include "domain/audit/host_command.h"

#include <utility>

namespace sallyport::audit {

Event event_by(
    const HostCommand& by, std::string_view type, std::string action, std::string object
) {
    auto event = event_by(system_actor("operator"), type, std::move(action), std::move(object));
    event.fields.push_back({.name = "os_user", .value = by.os_user, .personal = true});
    event.fields.push_back({.name = "reason", .value = by.reason});
    return event;
}

}  // namespace sallyport::audit
