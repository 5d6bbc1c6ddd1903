#pragma once
// What was wrong with what was sent, above the form that it is to be mended in.

#include "base/core/result.h"
#include "edge/api/pages/html.h"

namespace sallyport::api {

// Nothing for null. Inputs name it by aria-describedby="problem".
[[nodiscard]] Html problem_above(const Refusal* refusal);

}  // namespace sallyport::api
