#include "apps/sallyport/node_event.h"

#include "domain/authn/totp.h"

#include <cstdint>

namespace sallyport::cli {

audit::Event node_event(
    std::string_view type,
    const std::string& action,
    const config::Settings& settings,
    std::string_view version
) {
    auto event = audit::event_by(
        audit::system_actor("server"), type, action, "node:" + settings.server.node
    );
    event.fields = {
        {.name = "node", .value = settings.server.node},
        {.name = "version", .value = std::string(version)},
        {.name = "cause", .value = action},
    };
    if (type == "sys.start") {
        const authn::TotpRules rules;
        event.fields.push_back(
            {.name = "totp_period_s", .value = std::int64_t{rules.period.count()}}
        );
        event.fields.push_back({.name = "totp_digits", .value = std::int64_t{rules.digits}});
        event.fields.push_back(
            {.name = "totp_window_steps", .value = std::int64_t{settings.totp.window}}
        );
    }
    return event;
}

}  // namespace sallyport::cli
