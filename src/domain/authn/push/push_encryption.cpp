#include "domain/authn/push/push_encryption.h"

#include "base/core/fault.h"
#include "base/crypto/crypto.h"
#include "base/crypto/encrypted_content.h"

namespace sallyport::authn {

namespace {

constexpr std::size_t input_key_size = 32;

}  // namespace

Bytes encrypt_push_message(
    const PushSubscription& to, BytesView plain, const crypto::P256PrivateKey& once, BytesView salt
) {
    const auto agreed = once.agree(to.public_key);
    if (!agreed) throw Fault("a stored push subscription has a key that is no point of P-256");
    // §3.4: HKDF with the subscription's secret as salt binds the message to it; the info binds
    // both public keys.
    ByteWriter info;
    info.put(as_bytes("WebPush: info"));
    info.u8(0);
    info.put(to.public_key);
    info.put(once.public_point());
    const auto key =
        crypto::hkdf_sha256(*agreed, to.secret.expose(), as_text(info.bytes()), input_key_size);
    return crypto::encrypt_content(key, salt, once.public_point(), plain);
}

}  // namespace sallyport::authn
