#pragma once
// WebAuthn's messages between our pages' script and us: bytes as base64url, members as the script
// (assets/security_key.js) names them.

#include "base/core/result.h"
#include "domain/authn/own_security_keys.h"
#include "domain/authn/security_key.h"
#include "edge/api/input.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace sallyport::api {

// WebAuthn §5.8.6: whether the key is to check who holds it.
enum class UserVerification : std::uint8_t { discouraged, preferred, required };

// Options of navigator.credentials.get(). No credentials: whichever the person chooses.
[[nodiscard]] nlohmann::json key_request_json(
    const authn::RelyingParty& relying_party,
    const Bytes& challenge,
    const std::vector<authn::CredentialDescriptor>& credentials,
    UserVerification user_verification
);
// Options of navigator.credentials.create().
[[nodiscard]] nlohmann::json key_creation_json(
    const authn::RelyingParty& relying_party,
    const std::string& name,
    const authn::KeyCreation& creation
);

// Refuses invalid "input.missing", "input.malformed" (not base64url), naming the member.
[[nodiscard]] Result<authn::KeyAnswer> key_answer_in(const Input& input);
[[nodiscard]] Result<authn::NewKey> new_key_in(const Input& input);

}  // namespace sallyport::api
