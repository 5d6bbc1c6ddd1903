#pragma once
// Voluntary Application Server Identification (RFC 8292): tells a push service who sends, so that
// it takes messages for a subscription from nobody else.

#include "base/core/time.h"
#include "base/crypto/p256_private_key.h"
#include "base/keys/key_ring.h"
#include "domain/authn/push/push_endpoint.h"

#include <chrono>
#include <string>
#include <string_view>

namespace sallyport::authn {

inline constexpr std::chrono::hours vapid_life{1};  // at most 24 (§2)

// This server's key, always the same under one master key: subscriptions are bound to it (§4).
[[nodiscard]] crypto::P256PrivateKey vapid_key(const keys::KeyRing& keys);

// The value of the Authorization header (§3). `contact` is a mailto: or https: URI at which the
// push service reaches the operator (§2.1).
[[nodiscard]] std::string vapid_authorization(
    const crypto::P256PrivateKey& key,
    const PushEndpoint& endpoint,
    std::string_view contact,
    Time now
);

}  // namespace sallyport::authn
