#include "domain/authn/push/push_subscription.h"

#include "base/crypto/public_key.h"
#include "domain/directory/bounded_json.h"

#include <algorithm>

namespace sallyport::authn {

namespace {

using directory::MemberReader;

constexpr std::size_t point_size = 65;
constexpr std::size_t key_text_max = 128;

std::unexpected<Refusal> malformed(std::string why) {
    return refuse(Refusal::invalid, "push.subscription_malformed", std::move(why));
}

// Some browsers pad, some do not.
Result<Bytes> unpadded(std::string text) {
    while (text.ends_with('=')) {
        text.pop_back();
    }
    return from_base64url(text);
}

bool is_p256_point(BytesView point) {
    if (point.size() != point_size || point.front() != std::byte{4}) return false;
    const auto half = (point_size - 1) / 2;
    return crypto::PublicKey::from_ec(
               crypto::EcCurve::p256, point.subspan(1, half), point.subspan(1 + half)
    )
        .has_value();
}

}  // namespace

// Secret, point, URL: the first two have fixed sizes.
crypto::Secret PushSubscription::to_stored() const {
    const auto url = endpoint.url();
    const auto size = secret.size() + public_key.size() + url.size();
    return crypto::Secret::make(size, [&](std::span<std::byte> out) {
        auto at = std::ranges::copy(secret.expose(), out.begin()).out;
        at = std::ranges::copy(public_key, at).out;
        std::ranges::copy(as_bytes(url), at);
    });
}

PushSubscription PushSubscription::from_stored(const crypto::Secret& stored) {
    ByteReader in(stored.expose());
    const auto secret = in.take(push_auth_secret_size).value();
    const auto point = in.take(point_size).value();
    const auto url = in.take(in.left()).value();
    return {
        .endpoint = parse_push_endpoint(as_text(url)).value(),
        .public_key = {point.begin(), point.end()},
        .secret = crypto::Secret::make(
            secret.size(), [&](std::span<std::byte> out) { std::ranges::copy(secret, out.begin()); }
        ),
    };
}

Result<PushSubscription> parse_push_subscription(std::string_view json, const PushHosts& hosts) {
    nlohmann::json document;
    std::string problem;
    if (!directory::parse_bounded_json(json, push_subscription_size_max, document, problem)) {
        return malformed(problem);
    }
    MemberReader members(document, "", problem);
    const auto url = members.text("endpoint", 1, push_endpoint_size_max);
    MemberReader keys(members.object("keys"), "keys", problem);
    const auto point_text = keys.text("p256dh", 1, key_text_max);
    const auto secret_text = keys.text("auth", 1, key_text_max);
    if (!problem.empty()) return malformed(problem);

    auto point = unpadded(point_text);
    auto secret = unpadded(secret_text);
    if (!point || !is_p256_point(*point)) return malformed("keys.p256dh: no point of P-256");
    if (!secret || secret->size() != push_auth_secret_size) {
        return malformed("keys.auth: not 16 bytes");
    }
    SP_TRY(auto endpoint, parse_push_endpoint(url));
    if (!is_allowed(endpoint, hosts)) {
        return refuse(Refusal::denied, "push.host_not_allowed", endpoint.host);
    }
    return PushSubscription{
        .endpoint = std::move(endpoint),
        .public_key = *std::move(point),
        .secret = crypto::Secret::take(*secret),
    };
}

}  // namespace sallyport::authn
