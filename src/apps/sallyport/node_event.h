#pragma once
// That this node starts or stops (sys.start, sys.stop).

#include "base/config/settings.h"
#include "domain/audit/event.h"

#include <string>
#include <string_view>

namespace sallyport::cli {

// A start also says which codes of authenticator apps are accepted until the next one: period,
// digits, and how many steps to either side of the present one (S1-19, RFC 6238 §5.2).
[[nodiscard]] audit::Event node_event(
    std::string_view type,
    const std::string& action,
    const config::Settings& settings,
    std::string_view version
);

}  // namespace sallyport::cli
