#include "base/crypto/aead_sealer.h"
#include "base/crypto/crypto.h"
#include "base/crypto/openssl.h"

#include <openssl/rand.h>

#include <algorithm>
#include <limits>

namespace sallyport::crypto {
namespace {

using openssl::require;

constexpr std::size_t key_size = 32;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = aead_tag_size;

const EVP_CIPHER* aes_256_gcm() {
    static const openssl::Owned<EVP_CIPHER, EVP_CIPHER_free> fetched(
        EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)
    );
    require(fetched != nullptr, "no AES-256-GCM");
    return fetched.get();
}

// A context of its own each time, freed (and so wiped) soon: it holds the key's schedule.
openssl::CipherContext new_context(const Secret& key) {
    require(key.size() == key_size, "an AES-256-GCM key has 32 bytes");
    openssl::CipherContext context(EVP_CIPHER_CTX_new());
    require(context != nullptr, "no cipher context");
    return context;
}

void check_nonce(BytesView nonce) {
    require(nonce.size() == nonce_size, "an AES-256-GCM nonce has 12 bytes");
}

openssl::CipherContext sealing_context(const Secret& key) {
    auto context = new_context(key);
    const auto key_bytes = key.expose();
    const bool ok = EVP_EncryptInit_ex2(
                        context.get(), aes_256_gcm(), openssl::in(key_bytes), nullptr, nullptr
                    ) == 1;
    require(ok, "AES-256-GCM key");
    return context;
}

int as_int(std::size_t size) {
    require(
        size <= static_cast<std::size_t>(std::numeric_limits<int>::max()), "AEAD of over 2 GiB"
    );
    return static_cast<int>(size);
}

// Writes ciphertext and tag; `out` has room for exactly those, and may be where `plain` is.
void seal_into(
    EVP_CIPHER_CTX* c,
    BytesView nonce,
    BytesView bound_to,
    BytesView plain,
    std::span<std::byte> out
) {
    check_nonce(nonce);
    int size = 0;
    bool ok = EVP_EncryptInit_ex2(c, nullptr, nullptr, openssl::in(nonce), nullptr) == 1;
    if (!bound_to.empty()) {
        ok = ok &&
             EVP_EncryptUpdate(c, nullptr, &size, openssl::in(bound_to), as_int(bound_to.size())) ==
                 1;
    }
    if (!plain.empty()) {
        ok = ok && EVP_EncryptUpdate(
                       c, openssl::out(out), &size, openssl::in(plain), as_int(plain.size())
                   ) == 1;
    }
    const auto tag = out.last(tag_size);
    ok = ok && EVP_EncryptFinal_ex(c, openssl::out(tag), &size) == 1 &&
         EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, tag_size, tag.data()) == 1;
    require(ok, "AES-256-GCM seal");
}

// Whether `sealed` (ciphertext and tag) is authentic; if not, `out` is wiped.
bool open_into(
    const Secret& key,
    BytesView nonce,
    BytesView bound_to,
    BytesView sealed,
    std::span<std::byte> out
) {
    check_nonce(nonce);
    const auto context = new_context(key);
    auto* const c = context.get();
    const auto key_bytes = key.expose();
    const auto cipher = sealed.first(sealed.size() - tag_size);
    std::array<std::byte, tag_size> tag;
    std::ranges::copy(sealed.last(tag_size), tag.begin());
    int size = 0;
    bool ok = EVP_DecryptInit_ex2(
                  c, aes_256_gcm(), openssl::in(key_bytes), openssl::in(nonce), nullptr
              ) == 1;
    if (!bound_to.empty()) {
        ok = ok &&
             EVP_DecryptUpdate(c, nullptr, &size, openssl::in(bound_to), as_int(bound_to.size())) ==
                 1;
    }
    if (!cipher.empty()) {
        ok = ok && EVP_DecryptUpdate(
                       c, openssl::out(out), &size, openssl::in(cipher), as_int(cipher.size())
                   ) == 1;
    }
    ok = ok && EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, tag_size, tag.data()) == 1;
    require(ok, "AES-256-GCM open");

    std::array<unsigned char, tag_size> rest;  // GCM has no last block to give
    const bool authentic = EVP_DecryptFinal_ex(c, rest.data(), &size) == 1;
    if (!authentic) OPENSSL_cleanse(out.data(), out.size());
    return authentic;
}

std::unexpected<Refusal> not_authentic() {
    return refuse(Refusal::invalid, "aead.not_authentic");
}

}  // namespace

Bytes aead_seal(const Secret& key, BytesView bound_to, BytesView plain) {
    Bytes sealed(nonce_size + plain.size() + tag_size);
    const auto nonce = std::span(sealed).first(nonce_size);
    require(RAND_bytes(openssl::out(nonce), nonce_size) == 1, "no randomness");
    seal_into(
        sealing_context(key).get(), nonce, bound_to, plain, std::span(sealed).subspan(nonce_size)
    );
    return sealed;
}

Result<Secret> aead_open(const Secret& key, BytesView bound_to, BytesView sealed) {
    if (sealed.size() < nonce_size + tag_size) return not_authentic();
    const auto nonce = sealed.first(nonce_size);
    const auto rest = sealed.subspan(nonce_size);
    bool authentic = false;
    auto plain = Secret::make(rest.size() - tag_size, [&](std::span<std::byte> out) {
        authentic = open_into(key, nonce, bound_to, rest, out);
    });
    if (!authentic) return not_authentic();
    return plain;
}

Bytes aead_seal_at(const Secret& key, BytesView nonce, BytesView bound_to, BytesView plain) {
    Bytes sealed(plain.size() + tag_size);
    seal_into(sealing_context(key).get(), nonce, bound_to, plain, sealed);
    return sealed;
}

Result<Bytes> aead_open_at(
    const Secret& key, BytesView nonce, BytesView bound_to, BytesView sealed
) {
    if (sealed.size() < tag_size) return not_authentic();
    Bytes plain(sealed.size() - tag_size);
    if (!open_into(key, nonce, bound_to, sealed, plain)) return not_authentic();
    return plain;
}

struct AeadSealer::Impl {
    openssl::CipherContext context;
};

AeadSealer::AeadSealer(const Secret& key)
    : impl_(std::make_unique<Impl>(Impl{sealing_context(key)})) {}

AeadSealer::~AeadSealer() = default;

void AeadSealer::seal_in_place(BytesView nonce, BytesView bound_to, std::span<std::byte> text) {
    require(text.size() >= tag_size, "no room for an AES-256-GCM tag");
    const auto plain = text.first(text.size() - tag_size);
    seal_into(impl_->context.get(), nonce, bound_to, plain, text);
}

}  // namespace sallyport::crypto
