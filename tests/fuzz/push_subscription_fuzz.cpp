// Whatever a browser claims to be a subscription: what is accepted is an address of the list and a
// key of the curve, and is the same after it was kept.
#include "domain/authn/push/push_subscription.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport;
    using namespace sallyport::authn;
    static const PushHosts hosts = {"push.example", "*.push.example:8443"};
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto endpoint = parse_push_endpoint(text)) {
        if (endpoint->url().size() > text.size()) std::abort();
        if (parse_push_endpoint(endpoint->url()).value() != *endpoint) std::abort();
    }
    const auto parsed = parse_push_subscription(text, hosts);
    if (!parsed) return 0;
    if (size > push_subscription_size_max) std::abort();
    if (!parsed->endpoint.host.ends_with("push.example")) std::abort();
    const auto kept = PushSubscription::from_stored(parsed->to_stored());
    if (kept.endpoint != parsed->endpoint || kept.public_key != parsed->public_key) std::abort();
    return 0;
}
