#pragma once
// Recovery codes, shown this once to whoever has just signed in with what they belong to.

#include "base/crypto/secret.h"
#include "edge/api/pages/html.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace sallyport::api {

[[nodiscard]] std::string recovery_codes_page(
    const std::vector<crypto::Secret>& codes, const Html& more = Html()
);
[[nodiscard]] nlohmann::json recovery_codes_json(const std::vector<crypto::Secret>& codes);

}  // namespace sallyport::api
