#pragma once
// Workstations of clinical areas: an administrator who sits at one registers its browser, and
// removes those that are gone.

#include "domain/directory/workstation.h"
#include "edge/api/route.h"

#include <optional>
#include <string_view>
#include <vector>

namespace sallyport::api {

inline constexpr std::string_view workstation_cookie = "__Host-sallyport-workstation";

// The workstation whose browser sent this, if it is one.
[[nodiscard]] std::optional<directory::Workstation> workstation_of(
    store::Tx& tx, const http::Request& request
);

// Where a call comes from, with its workstation.
[[nodiscard]] audit::Where with_workstation(
    store::Tx& tx, const http::Request& request, audit::Where where
);

[[nodiscard]] std::vector<Route> workstation_routes();

}  // namespace sallyport::api
