#pragma once
// What the browser brings to `sallyport login` at http://127.0.0.1:PORT/ (RFC 8252 §7.3,
// RFC 6749 §4.1.2).

#include "base/core/result.h"
#include "base/crypto/secret.h"

#include <string>
#include <string_view>

namespace sallyport::cli {

inline constexpr std::size_t return_target_size_max = 256;
inline constexpr std::size_t return_word_size = 43;  // base64url of 32 bytes: code and state

struct SignInReturn {
    std::string code;
    std::string state;
};

// Of a request's target, "/?code=…&state=…". Refuses invalid "sign_in_return.malformed" for
// anything else: another path, a member that is missing, given twice, unknown or of another form.
[[nodiscard]] Result<SignInReturn> parse_sign_in_return(std::string_view target);

// Whether it answers what was asked: any page can send a browser here. In constant time.
[[nodiscard]] bool is_of(const SignInReturn& returned, const crypto::Secret& state);

}  // namespace sallyport::cli
