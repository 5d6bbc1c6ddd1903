#pragma once
// Message encryption for Web Push (RFC 8291): only the browser that subscribed can read a message,
// the push service between can't.

#include "base/core/bytes.h"
#include "base/crypto/p256_private_key.h"
#include "domain/authn/push/push_subscription.h"

namespace sallyport::authn {

// The body of a push message. `once` is a key made for this message and the salt 16 random bytes;
// neither is used again (§3.1, RFC 8188 §2.1). Over crypto::content_plain_max bytes are a fault.
[[nodiscard]] Bytes encrypt_push_message(
    const PushSubscription& to, BytesView plain, const crypto::P256PrivateKey& once, BytesView salt
);

}  // namespace sallyport::authn
