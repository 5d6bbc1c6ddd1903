#pragma once
// Recognises secrets that were written where only a reference to one may stand. It errs toward
// finding: the remedy (a file, a credential) costs a minute, a leaked key a night.

#include "base/config/mistakes.h"
#include "base/config/toml.h"

#include <string_view>
#include <vector>

namespace sallyport::config {

// "file:/absolute/path" or "systemd-cred:name".
[[nodiscard]] bool is_secret_reference(std::string_view text);

// Whether a value of that name is expected to be a secret: password, api_token, signingKey …
[[nodiscard]] bool names_a_secret(std::string_view name);

// Whether the text is or contains key material: a PEM block, a cloud key, hex or Base64 that is too
// irregular for words.
[[nodiscard]] bool looks_like_a_secret(std::string_view text);

// Whether it is a URL or a libpq connection string with a password in it.
[[nodiscard]] bool holds_a_password(std::string_view text);

// Goes through the whole file, also where keys are unknown. Names the key, never the value.
void find_literal_secrets(const toml::Table& file, std::vector<Mistake>& mistakes);

}  // namespace sallyport::config
