#pragma once
// What a ceremony was started with, and so must come back with. The caller keeps it from the moment
// the options are sent; nothing of it comes from the browser.

#include "base/core/bytes.h"
#include "base/crypto/public_key.h"

#include <string>
#include <vector>

namespace sallyport::authn::webauthn {

inline constexpr std::size_t challenge_size_min = 16;  // bytes (WebAuthn §13.4.3)

struct Expectation {
    std::string rp_id;                 // a host name: "sallyport.example.org"
    std::vector<std::string> origins;  // "https://sallyport.example.org"; compared whole
    // Random, made for this ceremony, and forgotten with its first answer, right or wrong: that is
    // what makes an answer good once.
    Bytes challenge;
    bool user_verification = true;  // a PIN or biometric is asked for
    // In a frame of another site: not unless told so.
    bool cross_origin = false;
    std::vector<std::string> top_origins = {};  // which sites may frame us
};

}  // namespace sallyport::authn::webauthn
