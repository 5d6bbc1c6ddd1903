#pragma once
// What a new credential comes in (WebAuthn §6.5): authenticator data, and a statement about it in
// some format.

#include "base/core/bytes.h"
#include "base/crypto/cbor.h"

#include <string>

namespace sallyport::authn::webauthn {

inline constexpr std::size_t attestation_object_size_max = 65536;  // bytes

// The statement and the data are views into what was parsed, which must outlive them.
struct AttestationObject {
    std::string format;           // "packed"
    crypto::CborValue statement;  // a map
    BytesView authenticator_data;
};

// Refuses invalid "webauthn.attestation_object".
[[nodiscard]] Result<AttestationObject> parse_attestation_object(BytesView cbor);

}  // namespace sallyport::authn::webauthn
