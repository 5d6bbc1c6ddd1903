#pragma once
// Authenticators as people and programs are shown them: never a secret, always enough to tell
// which.

#include "domain/authn/authenticator.h"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace sallyport::api {

[[nodiscard]] nlohmann::json to_json(const authn::Authenticator& authenticator);

// "Authenticator app".
[[nodiscard]] std::string_view kind_words(authn::AuthenticatorKind kind) noexcept;
// "works", "expired": what it is good for at that time.
[[nodiscard]] std::string_view state_words(
    const authn::Authenticator& authenticator, Time now
) noexcept;

}  // namespace sallyport::api
