#include "base/crypto/signature_strength.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace sallyport::crypto {

namespace {

using PssParameters = openssl::Owned<RSA_PSS_PARAMS, RSA_PSS_PARAMS_free>;

constexpr std::array<std::string_view, 6> curves = {
    "prime256v1",
    "secp384r1",
    "secp521r1",
    "brainpoolP256r1",
    "brainpoolP384r1",
    "brainpoolP512r1",
};

constexpr std::array<int, 3> digests = {NID_sha256, NID_sha384, NID_sha512};

// An exponent of 1 makes every signature right; a huge one only costs the verifier.
bool has_sound_exponent(const EVP_PKEY* key) {
    BIGNUM* read = nullptr;
    if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &read) != 1) return false;
    const openssl::Owned<BIGNUM, BN_free> exponent(read);
    return BN_is_odd(exponent.get()) == 1 && BN_is_one(exponent.get()) == 0 &&
           BN_num_bits(exponent.get()) <= 256;
}

// Explicit curve parameters have no name: whoever chooses them may know more than we do
// (CVE-2020-0601).
bool is_known_curve(const EVP_PKEY* key) {
    std::array<char, 64> name{};
    std::size_t size = 0;
    if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) != 1) return false;
    return std::ranges::find(curves, std::string_view(name.data(), size)) != curves.end();
}

bool is_strong(const EVP_PKEY* key) {
    switch (EVP_PKEY_get_base_id(key)) {
        case EVP_PKEY_RSA:
        case EVP_PKEY_RSA_PSS:
            return EVP_PKEY_get_bits(key) >= rsa_bits_min && has_sound_exponent(key);
        case EVP_PKEY_EC:
            return is_known_curve(key);
        case EVP_PKEY_ED25519:
            return true;
        default:
            return false;
    }
}

// RFC 4055 §3.1: without parameters, or without a hash in them, PSS is with SHA-1.
int pss_digest(const X509_ALGOR* algorithm) {
    const ASN1_OBJECT* oid = nullptr;
    int type = V_ASN1_UNDEF;
    const void* value = nullptr;
    X509_ALGOR_get0(&oid, &type, &value, algorithm);
    if (type != V_ASN1_SEQUENCE) return NID_sha1;
    const PssParameters parameters(static_cast<RSA_PSS_PARAMS*>(
        ASN1_item_unpack(static_cast<const ASN1_STRING*>(value), ASN1_ITEM_rptr(RSA_PSS_PARAMS))
    ));
    if (parameters == nullptr || parameters->hashAlgorithm == nullptr) return NID_sha1;
    return OBJ_obj2nid(parameters->hashAlgorithm->algorithm);
}

}  // namespace

Result<void> require_strong_key(const X509* certificate) {
    const auto* key = X509_get0_pubkey(certificate);
    if (key == nullptr || !is_strong(key)) {
        return refuse(Refusal::unauthenticated, "certificate.weak_key");
    }
    return {};
}

bool is_strong_signature(const X509_ALGOR* algorithm) {
    const ASN1_OBJECT* oid = nullptr;
    X509_ALGOR_get0(&oid, nullptr, nullptr, algorithm);
    const int name = OBJ_obj2nid(oid);
    if (name == NID_ED25519) return true;
    int digest = NID_undef;
    int key = NID_undef;
    if (name == NID_rsassaPss) {
        digest = pss_digest(algorithm);
    } else if (OBJ_find_sigid_algs(name, &digest, &key) != 1) {
        return false;
    }
    return std::ranges::find(digests, digest) != digests.end();
}

}  // namespace sallyport::crypto
