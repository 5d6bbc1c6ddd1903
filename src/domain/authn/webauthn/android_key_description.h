#pragma once
// What Android's key store says about a key (the KeyDescription extension of its certificates).
// https://source.android.com/docs/security/features/keystore/attestation

#include "base/core/bytes.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace sallyport::authn::webauthn {

// Only what WebAuthn §8.4 looks at.
struct AndroidAuthorizations {
    std::vector<std::uint32_t> purposes;
    std::optional<std::uint32_t> origin;
    bool all_applications = false;
};

struct AndroidKeyDescription {
    BytesView challenge;  // a view into what was parsed
    AndroidAuthorizations software;
    AndroidAuthorizations hardware;  // enforced by the trusted environment
};

inline constexpr std::uint32_t android_purpose_sign = 2;      // KM_PURPOSE_SIGN
inline constexpr std::uint32_t android_origin_generated = 0;  // KM_ORIGIN_GENERATED

// Refuses invalid "webauthn.android_key_description".
[[nodiscard]] Result<AndroidKeyDescription> parse_android_key_description(BytesView der);

}  // namespace sallyport::authn::webauthn
