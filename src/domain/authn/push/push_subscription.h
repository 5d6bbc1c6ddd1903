#pragma once
// What a browser gives for sending it messages (Push API §8.1, PushSubscriptionJSON). Everything in
// it comes from outside, and the endpoint is an address that the server will call.

#include "base/core/bytes.h"
#include "base/crypto/secret.h"
#include "domain/authn/push/push_endpoint.h"

#include <cstddef>
#include <string_view>

namespace sallyport::authn {

inline constexpr std::size_t push_subscription_size_max = 4096;  // bytes of JSON
inline constexpr std::size_t push_auth_secret_size = 16;         // RFC 8291 §3.2

struct PushSubscription {
    PushEndpoint endpoint;
    Bytes public_key;       // the browser's, an uncompressed P-256 point that is on the curve
    crypto::Secret secret;  // shared with the browser; whoever knows both can write messages to it

    // For keeping, sealed: the endpoint is a capability too (RFC 8030 §8.3).
    [[nodiscard]] crypto::Secret to_stored() const;
    [[nodiscard]] static PushSubscription from_stored(const crypto::Secret& stored);
};

// Members that are not known are skipped, as browsers may add some. Refuses invalid
// "push.subscription_malformed", "push.endpoint_malformed", and denied "push.host_not_allowed" for
// a host that is not in `hosts`.
[[nodiscard]] Result<PushSubscription> parse_push_subscription(
    std::string_view json, const PushHosts& hosts
);

}  // namespace sallyport::authn
