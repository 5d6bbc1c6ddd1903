#pragma once

#include "domain/policy/context.h"

#include <vector>

namespace sallyport::policy {

// The shipped policy's rules of the context. Each needs a fact that only a hospital can add (zones,
// home countries, a device management that reports), so a fresh installation asks for nothing more.
[[nodiscard]] std::vector<ContextRule> default_context_rules();

}  // namespace sallyport::policy
