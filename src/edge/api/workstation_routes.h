#pragma once
// Workstations of clinical areas: an administrator who sits at one registers its browser, and
// removes those that are gone.

#include "domain/directory/workstation.h"
#include "edge/api/route.h"
#include "edge/api/services.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::api {

inline constexpr std::string_view workstation_cookie = "__Host-sallyport-workstation";

// The workstation whose browser sent this, if it is one.
[[nodiscard]] std::optional<directory::Workstation> workstation_of(
    store::Tx& tx, const http::Request& request, Time now
);

// Where a call comes from, with its workstation.
[[nodiscard]] audit::Where with_workstation(
    store::Tx& tx, const http::Request& request, audit::Where where, Time now
);

[[nodiscard]] nlohmann::json to_json(const directory::Workstation& workstation);
// What its browser keeps.
[[nodiscard]] std::string workstation_cookie_header(const crypto::Secret& token);
// The zone that is asked for. Refuses invalid "workstation.zone_unknown", "input.missing".
[[nodiscard]] Result<std::string> zone_in(const Call& call);

[[nodiscard]] std::vector<Route> workstation_routes(Services& services);

}  // namespace sallyport::api
