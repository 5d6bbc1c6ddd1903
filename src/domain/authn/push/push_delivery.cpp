#include "domain/authn/push/push_delivery.h"

#include "base/crypto/encrypted_content.h"
#include "base/crypto/p256_private_key.h"
#include "domain/authn/push/push_attempt.h"
#include "domain/authn/push/push_encryption.h"
#include "domain/authn/push/vapid.h"

#include <array>

namespace sallyport::authn {

PushRequest make_push_request(
    const keys::KeyRing& keys,
    const PushSubscription& to,
    std::string_view contact,
    const Moment& moment
) {
    std::array<std::byte, crypto::content_salt_size> salt{};
    moment.random.fill(salt);
    const auto once = crypto::P256PrivateKey::generate();
    const auto body = encrypt_push_message(to, as_bytes(R"({"type":"question"})"), once, salt);
    return {
        .to = to.endpoint,
        .headers =
            {
                {"TTL", std::to_string(push_attempt_max.count())},
                {"Urgency", "high"},
                {"Topic", "question"},
                {"Content-Type", "application/octet-stream"},
                {"Content-Encoding", "aes128gcm"},
                {"Authorization",
                 vapid_authorization(vapid_key(keys), to.endpoint, contact, moment.now)},
            },
        .body = std::string(as_text(body)),
    };
}

}  // namespace sallyport::authn
