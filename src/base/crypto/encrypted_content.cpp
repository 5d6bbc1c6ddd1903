#include "base/crypto/encrypted_content.h"

#include "base/crypto/crypto.h"
#include "base/crypto/openssl.h"

#include <string_view>

namespace sallyport::crypto {

namespace {

using openssl::require;
using namespace std::string_view_literals;

constexpr std::uint32_t record_size = 4096;
constexpr std::size_t key_size = 16;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::byte last_record{2};  // §2: the delimiter of the last record

// The zero octet is part of both (§2.2, §2.3).
constexpr auto key_info = "Content-Encoding: aes128gcm\0"sv;
constexpr auto nonce_info = "Content-Encoding: nonce\0"sv;

const EVP_CIPHER* aes_128_gcm() {
    static const openssl::Owned<EVP_CIPHER, EVP_CIPHER_free> fetched(
        EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr)
    );
    require(fetched != nullptr, "no AES-128-GCM");
    return fetched.get();
}

Bytes seal(const Secret& key, const Secret& nonce, BytesView plain) {
    const openssl::CipherContext context(EVP_CIPHER_CTX_new());
    require(context != nullptr, "no cipher context");
    auto* const c = context.get();
    const auto key_bytes = key.expose();
    const auto nonce_bytes = nonce.expose();
    Bytes sealed(plain.size() + tag_size);
    const auto tag = std::span(sealed).last(tag_size);
    int size = 0;
    require(
        EVP_EncryptInit_ex2(
            c, aes_128_gcm(), openssl::in(key_bytes), openssl::in(nonce_bytes), nullptr
        ) == 1 &&
            EVP_EncryptUpdate(
                c, openssl::out(sealed), &size, openssl::in(plain), static_cast<int>(plain.size())
            ) == 1 &&
            EVP_EncryptFinal_ex(c, openssl::out(tag), &size) == 1 &&
            EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, tag_size, tag.data()) == 1,
        "AES-128-GCM seal"
    );
    return sealed;
}

}  // namespace

Bytes encrypt_content(const Secret& key, BytesView salt, BytesView key_id, BytesView plain) {
    require(salt.size() == content_salt_size, "a content salt has 16 bytes");
    require(key_id.size() <= content_key_id_max, "a content key id of over 255 bytes");
    require(plain.size() <= content_plain_max, "content for more than one record");
    const auto content_key = hkdf_sha256(key, salt, key_info, key_size);
    // The first record's number is zero, so that its nonce is the base as it is (§2.3).
    const auto nonce = hkdf_sha256(key, salt, nonce_info, nonce_size);
    Bytes padded(plain.begin(), plain.end());
    padded.push_back(last_record);

    ByteWriter out;
    out.put(salt);
    out.u32(record_size);
    out.u8(static_cast<std::uint8_t>(key_id.size()));
    out.put(key_id);
    out.put(seal(content_key, nonce, padded));
    return std::move(out).take();
}

}  // namespace sallyport::crypto
