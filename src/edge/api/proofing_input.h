#pragma once
// How a person's identity was checked, as a request tells it.

#include "domain/authn/identity_proofing.h"
#include "edge/api/pages/html.h"
#include "edge/api/route.h"

#include <optional>

namespace sallyport::api {

// From proofing_method, proofing_evidence, proofing_verifier (by default whoever asks) and
// proofed_on (by default now). Nothing without a method. Refuses invalid "identity.method_unknown",
// "input.missing", "input.time_malformed".
[[nodiscard]] Result<std::optional<authn::IdentityProofing>> proofing_in(const Call& call);

// The fields of a form that asks for it; the method may be left for later.
[[nodiscard]] Html proofing_fields();

}  // namespace sallyport::api
