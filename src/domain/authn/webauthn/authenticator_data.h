#pragma once
// What the authenticator says and signs (WebAuthn §6.1), and the credential in it (§6.5.1).

#include "base/core/bytes.h"
#include "base/crypto/crypto.h"
#include "domain/authn/webauthn/aaguid.h"

#include <cstdint>
#include <optional>

namespace sallyport::authn::webauthn {

inline constexpr std::size_t authenticator_data_size_max = 16384;  // bytes
inline constexpr std::size_t credential_id_size_min = 16;          // WebAuthn §4, "Credential ID"
inline constexpr std::size_t credential_id_size_max = 1023;        // §7.1 step 26

struct AttestedCredential {
    Aaguid aaguid;
    Bytes id;
    Bytes public_key;  // COSE_Key, as it came
};

struct AuthenticatorData {
    crypto::Sha256Digest rp_id_hash{};
    bool user_present = false;     // UP
    bool user_verified = false;    // UV
    bool backup_eligible = false;  // BE: a credential that may leave its device
    bool backup_state = false;     // BS: and has
    std::uint32_t sign_count = 0;
    std::optional<AttestedCredential> credential;  // AT
    Bytes extensions;                              // ED: a CBOR map, as it came
};

// Every length is checked, and nothing may follow. Refuses invalid "webauthn.authenticator_data",
// and "webauthn.credential_id" for an id of another size than the bounds above.
[[nodiscard]] Result<AuthenticatorData> parse_authenticator_data(BytesView bytes);

}  // namespace sallyport::authn::webauthn
