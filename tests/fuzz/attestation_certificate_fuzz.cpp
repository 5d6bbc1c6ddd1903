// Whatever comes as an attestation's certificate, and as the structures in its extensions: it is
// read or refused, and trusts nobody but itself.
#include "base/crypto/attestation_certificate.h"

#include "domain/authn/webauthn/android_key_description.h"
#include "domain/authn/webauthn/tpm_structures.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport;
    const auto input = as_bytes({reinterpret_cast<const char*>(data), size});
    static_cast<void>(authn::webauthn::parse_android_key_description(input));
    static_cast<void>(authn::webauthn::parse_tpm_certify_info(input));
    static_cast<void>(authn::webauthn::parse_tpm_public_area(input));
    const auto certificate = crypto::parse_attestation_certificate(input);
    if (!certificate) return 0;
    if (certificate->der.size() != size) std::abort();
    const auto path = std::span(&*certificate, 1);
    if (crypto::verify_attestation_path(path, {}, certificate->not_before)) std::abort();
    static_cast<void>(crypto::verify_attestation_path(path, path, certificate->not_before));
    return 0;
}
