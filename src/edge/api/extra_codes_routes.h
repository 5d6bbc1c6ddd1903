#pragma once
// New recovery codes outside enrolment: their holder asks, another person decides, and the holder
// collects them (domain/governance/extra_codes.h).

#include "domain/authn/context.h"
#include "edge/api/pages/html.h"
#include "edge/api/route.h"

#include <vector>

namespace sallyport::api {

// For the holder's own page: where their request stands, and what can be done next.
[[nodiscard]] Html own_extra_codes(store::Tx& tx, const Call& call);
// For those who decide: who waits. Empty where nobody does.
[[nodiscard]] Html waiting_extra_codes(store::Tx& tx, const Call& call);

[[nodiscard]] std::vector<Route> extra_codes_routes(const authn::Context& authn);

}  // namespace sallyport::api
