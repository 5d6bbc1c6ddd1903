#pragma once
// Session and access tokens have no place in a URL: it ends in histories, logs and referrers.

#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "edge/http/message.h"

#include <optional>
#include <string>
#include <string_view>

namespace sallyport::http {

// How our tokens look: the prefix, then 256 random bits in base64url. The prefix lets scanners
// and this check find one that leaked.
inline constexpr std::string_view token_prefix = "sp_";
inline constexpr std::size_t token_digits = 43;

[[nodiscard]] bool looks_like_token(std::string_view text) noexcept;
// The form in which a client keeps a token of 32 bytes: for one Set-Cookie or one answer.
[[nodiscard]] std::string token_text(const crypto::Secret& token);
// Back to the 32 bytes. Refuses unauthenticated "token.malformed".
[[nodiscard]] Result<crypto::Secret> parse_token(std::string_view text);

struct UrlToken {
    std::string parameter;  // its name, for the log; empty if it stood in the path
    // The token itself if it has our form, for revoking it; empty otherwise. Not to be logged.
    std::string token;
};

// S0-73: a session or access token in path or query, by the parameter's name (access_token,
// session, sid, token, …) or by the value's form. Such a request is refused with 400; who knows
// the token revokes it. `code`, `state` and `ticket` are single-use and not meant here.
[[nodiscard]] std::optional<UrlToken> token_in_target(const Request& request);
// The same by the form alone, for a device's host: there a parameter of that name is the device's.
[[nodiscard]] std::optional<UrlToken> own_token_in_target(const Request& request);

}  // namespace sallyport::http
