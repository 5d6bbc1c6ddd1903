#pragma once
// The two TPM 2.0 structures in a TPM attestation (TPM 2.0 Library Part 2: TPMT_PUBLIC §12.2.4,
// TPMS_ATTEST §10.12.12).

#include "base/core/bytes.h"
#include "base/crypto/crypto.h"
#include "base/crypto/public_key.h"

#include <optional>

namespace sallyport::authn::webauthn {

// TPMT_PUBLIC: the key that the TPM holds.
struct TpmPublicArea {
    crypto::HashAlgorithm name_algorithm;
    std::uint16_t name_algorithm_id;  // as the name begins with
    bool may_sign;                    // the object attribute "sign"
    crypto::PublicKey key;
};

// Refuses invalid "webauthn.tpm_public_area": RSA and ECC keys only.
[[nodiscard]] Result<TpmPublicArea> parse_tpm_public_area(BytesView bytes);

// TPMS_ATTEST of type TPM_ST_ATTEST_CERTIFY. Views into what was parsed.
struct TpmCertifyInfo {
    BytesView extra_data;
    BytesView name;  // of the certified object: the hash algorithm's number and the hash
};

// Refuses invalid "webauthn.tpm_certify_info": also if the TPM did not make it (the magic number),
// or it certifies something else than a key.
[[nodiscard]] Result<TpmCertifyInfo> parse_tpm_certify_info(BytesView bytes);

}  // namespace sallyport::authn::webauthn
