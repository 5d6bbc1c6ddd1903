#include "domain/authn/push/vapid.h"

#include "base/core/bytes.h"

#include <nlohmann/json.hpp>

namespace sallyport::authn {

crypto::P256PrivateKey vapid_key(const keys::KeyRing& keys) {
    return crypto::P256PrivateKey::derive(keys.key(keys::Purpose::push_sender), "vapid es256");
}

std::string vapid_authorization(
    const crypto::P256PrivateKey& key,
    const PushEndpoint& endpoint,
    std::string_view contact,
    Time now
) {
    const auto ends = std::chrono::floor<std::chrono::seconds>(now + vapid_life);
    const nlohmann::json claims = {
        {"aud", endpoint.origin()},
        {"exp", ends.time_since_epoch().count()},
        {"sub", std::string(contact)},
    };
    // RFC 7515 §5.1, the compact form.
    const auto signed_part = to_base64url(as_bytes(R"({"typ":"JWT","alg":"ES256"})")) + "." +
                             to_base64url(as_bytes(claims.dump()));
    const auto signature = key.sign(as_bytes(signed_part));
    return "vapid t=" + signed_part + "." + to_base64url(signature) +
           ", k=" + to_base64url(key.public_point());
}

}  // namespace sallyport::authn
