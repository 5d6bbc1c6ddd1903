#include "domain/authn/webauthn/tpm_structures.h"

#include <algorithm>

namespace sallyport::authn::webauthn {

namespace {

// TPM 2.0 Library Part 2 §6.3, TPM_ALG_ID.
constexpr std::uint16_t alg_rsa = 0x0001;
constexpr std::uint16_t alg_sha1 = 0x0004;
constexpr std::uint16_t alg_sha256 = 0x000B;
constexpr std::uint16_t alg_sha384 = 0x000C;
constexpr std::uint16_t alg_sha512 = 0x000D;
constexpr std::uint16_t alg_null = 0x0010;
constexpr std::uint16_t alg_ecc = 0x0023;

// §6.4, TPM_ECC_CURVE.
constexpr std::uint16_t curve_p256 = 0x0003;
constexpr std::uint16_t curve_p384 = 0x0004;
constexpr std::uint16_t curve_p521 = 0x0005;

constexpr std::uint32_t attribute_sign = 1U << 18U;      // §8.3.3.8
constexpr std::uint32_t magic = 0xFF544347;              // TPM_GENERATED_VALUE
constexpr std::uint16_t type_certify = 0x8017;           // TPM_ST_ATTEST_CERTIFY
constexpr std::size_t clock_and_firmware_size = 17 + 8;  // TPMS_CLOCK_INFO, firmwareVersion
constexpr std::uint32_t usual_exponent = 65537;          // what 0 stands for

std::unexpected<Refusal> malformed() {
    return refuse(Refusal::invalid, "tpm.malformed");
}

// A TPM2B: a size of 16 bits and as many bytes.
Result<BytesView> take_sized(ByteReader& in) {
    SP_TRY(const auto size, in.u16());
    return in.take(size);
}

Result<crypto::HashAlgorithm> hash_algorithm(std::uint16_t id) {
    switch (id) {
        case alg_sha1:
            return crypto::HashAlgorithm::sha1;
        case alg_sha256:
            return crypto::HashAlgorithm::sha256;
        case alg_sha384:
            return crypto::HashAlgorithm::sha384;
        case alg_sha512:
            return crypto::HashAlgorithm::sha512;
        default:
            return malformed();
    }
}

// A scheme with its details: nothing for TPM_ALG_NULL, otherwise `detail_size` bytes.
Result<void> skip_scheme(ByteReader& in, std::size_t detail_size) {
    SP_TRY(const auto scheme, in.u16());
    if (scheme != alg_null) {
        SP_CHECK(in.take(detail_size));
    }
    return {};
}

// Some TPMs drop zeros in front.
Result<Bytes> widened(BytesView number, std::size_t size) {
    if (number.size() > size) return malformed();
    Bytes out(size - number.size());
    out.insert(out.end(), number.begin(), number.end());
    return out;
}

// TPMS_RSA_PARMS, TPM2B_PUBLIC_KEY_RSA.
Result<crypto::PublicKey> rsa_key(ByteReader& in) {
    SP_CHECK(skip_scheme(in, 4));  // symmetric: key bits and mode
    SP_CHECK(skip_scheme(in, 2));  // a hash
    SP_CHECK(in.u16());            // key bits; the modulus has them
    SP_TRY(const auto stated, in.u32());
    SP_TRY(const auto modulus, take_sized(in));
    ByteWriter exponent;
    exponent.u32(stated == 0 ? usual_exponent : stated);
    const auto& bytes = exponent.bytes();
    const auto first = std::ranges::find_if(bytes, [](std::byte b) { return b != std::byte{0}; });
    return crypto::PublicKey::from_rsa(modulus, BytesView(first, bytes.end()));
}

// TPMS_ECC_PARMS, TPMS_ECC_POINT.
Result<crypto::PublicKey> ecc_key(ByteReader& in) {
    SP_CHECK(skip_scheme(in, 4));
    SP_CHECK(skip_scheme(in, 2));
    SP_TRY(const auto curve, in.u16());
    SP_CHECK(skip_scheme(in, 2));  // key derivation: a hash
    SP_TRY(const auto x, take_sized(in));
    SP_TRY(const auto y, take_sized(in));
    const auto made = [&](crypto::EcCurve which, std::size_t size) -> Result<crypto::PublicKey> {
        SP_TRY(const auto wide_x, widened(x, size));
        SP_TRY(const auto wide_y, widened(y, size));
        return crypto::PublicKey::from_ec(which, wide_x, wide_y);
    };
    switch (curve) {
        case curve_p256:
            return made(crypto::EcCurve::p256, 32);
        case curve_p384:
            return made(crypto::EcCurve::p384, 48);
        case curve_p521:
            return made(crypto::EcCurve::p521, 66);
        default:
            return malformed();
    }
}

Result<TpmPublicArea> public_area(ByteReader in) {
    SP_TRY(const auto type, in.u16());
    SP_TRY(const auto name_algorithm_id, in.u16());
    SP_TRY(const auto name_algorithm, hash_algorithm(name_algorithm_id));
    SP_TRY(const auto attributes, in.u32());
    SP_CHECK(take_sized(in));  // authPolicy
    if (type != alg_rsa && type != alg_ecc) return malformed();
    SP_TRY(auto key, type == alg_rsa ? rsa_key(in) : ecc_key(in));
    if (in.left() != 0) return malformed();
    return TpmPublicArea{
        .name_algorithm = name_algorithm,
        .name_algorithm_id = name_algorithm_id,
        .may_sign = (attributes & attribute_sign) != 0,
        .key = std::move(key),
    };
}

Result<TpmCertifyInfo> certify_info(ByteReader in) {
    SP_TRY(const auto made_by_tpm, in.u32());
    SP_TRY(const auto type, in.u16());
    if (made_by_tpm != magic || type != type_certify) return malformed();
    SP_CHECK(take_sized(in));  // qualifiedSigner
    SP_TRY(const auto extra_data, take_sized(in));
    SP_CHECK(in.take(clock_and_firmware_size));
    SP_TRY(const auto name, take_sized(in));
    SP_CHECK(take_sized(in));  // qualifiedName
    if (in.left() != 0) return malformed();
    return TpmCertifyInfo{.extra_data = extra_data, .name = name};
}

}  // namespace

Result<TpmPublicArea> parse_tpm_public_area(BytesView bytes) {
    auto area = public_area(ByteReader(bytes));
    if (!area) return refuse(Refusal::invalid, "webauthn.tpm_public_area");
    return area;
}

Result<TpmCertifyInfo> parse_tpm_certify_info(BytesView bytes) {
    auto info = certify_info(ByteReader(bytes));
    if (!info) return refuse(Refusal::invalid, "webauthn.tpm_certify_info");
    return info;
}

}  // namespace sallyport::authn::webauthn
