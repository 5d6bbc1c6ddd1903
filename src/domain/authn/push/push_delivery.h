#pragma once
// A push message on its way to a phone (RFC 8030 §5). It says that there is a question and nothing
// of it, since it passes a service of others.

#include "base/core/moment.h"
#include "base/keys/key_ring.h"
#include "domain/authn/push/push_subscription.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::authn {

// To be sent by POST.
struct PushRequest {
    PushEndpoint to;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

// `contact`: see vapid.h. The message is worth nothing after push_attempt_max, and takes the place
// of an earlier one that was not delivered yet.
[[nodiscard]] PushRequest make_push_request(
    const keys::KeyRing& keys,
    const PushSubscription& to,
    std::string_view contact,
    const Moment& moment
);

}  // namespace sallyport::authn
