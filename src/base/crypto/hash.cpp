#include "base/crypto/crypto.h"
#include "base/crypto/openssl.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

namespace sallyport::crypto {
namespace {

using openssl::require;

EVP_MD* sha256_algorithm() {
    static const openssl::Owned<EVP_MD, EVP_MD_free> fetched(
        EVP_MD_fetch(nullptr, "SHA256", nullptr)
    );
    require(fetched != nullptr, "no SHA-256");
    return fetched.get();
}

EVP_MD_CTX* started_context(void* context) {
    require(context != nullptr, "a SHA-256 that was ended or moved from is used");
    return static_cast<EVP_MD_CTX*>(context);
}

const char* name_of(HashAlgorithm algorithm) {
    switch (algorithm) {
        case HashAlgorithm::sha1:
            return "SHA1";
        case HashAlgorithm::sha256:
            return "SHA256";
        case HashAlgorithm::sha384:
            return "SHA384";
        case HashAlgorithm::sha512:
            return "SHA512";
    }
    throw Fault("no such hash algorithm");
}

std::size_t size_of(HashAlgorithm algorithm) {
    switch (algorithm) {
        case HashAlgorithm::sha1:
            return 20;
        case HashAlgorithm::sha256:
            return 32;
        case HashAlgorithm::sha384:
            return 48;
        case HashAlgorithm::sha512:
            return 64;
    }
    throw Fault("no such hash algorithm");
}

// A fresh context each time: a cached one would keep a copy of the key.
void hmac_into(
    HashAlgorithm algorithm, const Secret& key, BytesView message, std::span<std::byte> digest
) {
    static const openssl::Owned<EVP_MAC, EVP_MAC_free> fetched(
        EVP_MAC_fetch(nullptr, "HMAC", nullptr)
    );
    require(fetched != nullptr, "no HMAC");
    const openssl::MacContext context(EVP_MAC_CTX_new(fetched.get()));
    require(context != nullptr, "no HMAC context");

    // OpenSSL takes a null key for "the one set before": an empty key needs an address.
    static constexpr std::byte nothing{};
    const auto bytes = key.size() > 0 ? key.expose() : std::span(&nothing, 0);
    const OSSL_PARAM options[] = {
        OSSL_PARAM_construct_utf8_string(
            OSSL_MAC_PARAM_DIGEST, const_cast<char*>(name_of(algorithm)), 0
        ),
        OSSL_PARAM_construct_end(),
    };
    require(
        EVP_MAC_init(context.get(), openssl::in(bytes), bytes.size(), options) == 1, "HMAC init"
    );
    require(
        EVP_MAC_update(context.get(), openssl::in(message), message.size()) == 1, "HMAC update"
    );
    std::size_t size = 0;
    require(
        EVP_MAC_final(context.get(), openssl::out(digest), &size, digest.size()) == 1 &&
            size == digest.size(),
        "HMAC final"
    );
}

}  // namespace

Sha256Digest sha256(BytesView message) {
    thread_local const openssl::DigestContext context(EVP_MD_CTX_new());
    Sha256Digest digest;
    unsigned size = 0;
    require(
        context != nullptr && EVP_DigestInit_ex2(context.get(), sha256_algorithm(), nullptr) == 1 &&
            EVP_DigestUpdate(context.get(), message.data(), message.size()) == 1 &&
            EVP_DigestFinal_ex(context.get(), openssl::out(digest), &size) == 1,
        "SHA-256"
    );
    return digest;
}

Secret sha1(const Secret& message) {
    const openssl::Owned<EVP_MD, EVP_MD_free> fetched(EVP_MD_fetch(nullptr, "SHA1", nullptr));
    require(fetched != nullptr, "no SHA-1");
    const auto bytes = message.expose();
    return Secret::make(size_of(HashAlgorithm::sha1), [&](std::span<std::byte> digest) {
        const auto data = openssl::in(bytes);
        require(
            EVP_Digest(data, bytes.size(), openssl::out(digest), nullptr, fetched.get(), nullptr) ==
                1,
            "SHA-1"
        );
    });
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
    require(
        context_ != nullptr &&
            EVP_DigestInit_ex2(started_context(context_), sha256_algorithm(), nullptr) == 1,
        "SHA-256 init"
    );
}

Sha256::~Sha256() {
    EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context_));
}

Sha256::Sha256(Sha256&& other) noexcept : context_(std::exchange(other.context_, nullptr)) {}

Sha256& Sha256::operator=(Sha256&& other) noexcept {
    std::swap(context_, other.context_);
    return *this;
}

void Sha256::update(BytesView bytes) {
    require(
        EVP_DigestUpdate(started_context(context_), bytes.data(), bytes.size()) == 1,
        "SHA-256 update"
    );
}

Sha256Digest Sha256::digest() {
    const openssl::DigestContext ended(started_context(std::exchange(context_, nullptr)));
    Sha256Digest digest;
    unsigned size = 0;
    require(EVP_DigestFinal_ex(ended.get(), openssl::out(digest), &size) == 1, "SHA-256 final");
    return digest;
}

Sha256Digest hmac_sha256(const Secret& key, BytesView message) {
    Sha256Digest digest;
    hmac_into(HashAlgorithm::sha256, key, message, digest);
    return digest;
}

Bytes digest(HashAlgorithm algorithm, BytesView message) {
    Bytes out(size_of(algorithm));
    std::size_t size = 0;
    require(
        EVP_Q_digest(
            nullptr,
            name_of(algorithm),
            nullptr,
            message.data(),
            message.size(),
            openssl::out(out),
            &size
        ) == 1 &&
            size == out.size(),
        "digest"
    );
    return out;
}

Bytes hmac(HashAlgorithm algorithm, const Secret& key, BytesView message) {
    Bytes digest(size_of(algorithm));
    hmac_into(algorithm, key, message, digest);
    return digest;
}

Secret hkdf_sha256(const Secret& key, BytesView salt, std::string_view info, std::size_t size) {
    static const openssl::Owned<EVP_KDF, EVP_KDF_free> fetched(
        EVP_KDF_fetch(nullptr, "HKDF", nullptr)
    );
    require(fetched != nullptr, "no HKDF");
    const openssl::KdfContext context(EVP_KDF_CTX_new(fetched.get()));
    require(context != nullptr, "no HKDF context");

    // The parameters only read what they point to; OpenSSL's signatures forgot const.
    const auto given = [](const char* name, BytesView bytes) {
        return OSSL_PARAM_construct_octet_string(
            name, const_cast<std::byte*>(bytes.data()), bytes.size()
        );
    };
    std::array<OSSL_PARAM, 5> options{};
    std::size_t count = 0;
    options[count++] =
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, const_cast<char*>("SHA256"), 0);
    options[count++] = given(OSSL_KDF_PARAM_KEY, key.expose());
    // Without a salt HKDF takes zeros; OpenSSL wants it left out, not empty.
    if (!salt.empty()) options[count++] = given(OSSL_KDF_PARAM_SALT, salt);
    if (!info.empty()) options[count++] = given(OSSL_KDF_PARAM_INFO, as_bytes(info));
    options[count] = OSSL_PARAM_construct_end();
    return Secret::make(size, [&](std::span<std::byte> out) {
        require(
            EVP_KDF_derive(context.get(), openssl::out(out), out.size(), options.data()) == 1,
            "HKDF"
        );
    });
}

bool constant_time_equal(BytesView a, BytesView b) noexcept {
    if (a.size() != b.size()) return false;
    return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace sallyport::crypto
