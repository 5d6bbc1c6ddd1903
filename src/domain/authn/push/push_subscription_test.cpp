#include "domain/authn/push/push_subscription.h"

#include <doctest/doctest.h>

#include <string>

using namespace sallyport;
using namespace sallyport::authn;

namespace {

const PushHosts hosts = {"push.example"};

constexpr auto point =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
constexpr auto auth = "BTBZMqHH6r4Tts7J_aSIgg";
constexpr auto endpoint = "https://push.example/p/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV";

std::string subscription(
    const std::string& url = endpoint,
    const std::string& p256dh = point,
    const std::string& secret = auth,
    const std::string& more = R"("expirationTime":null,)"
) {
    return R"({"endpoint":")" + url + R"(",)" + more + R"("keys":{"p256dh":")" + p256dh +
           R"(","auth":")" + secret + R"("}})";
}

std::string_view reason(std::string_view json) {
    const auto parsed = parse_push_subscription(json, hosts);
    return parsed ? "accepted" : parsed.error().reason;
}

}  // namespace

TEST_CASE("a browser's subscription is read, kept and read again") {
    const auto parsed = parse_push_subscription(subscription(), hosts).value();
    CHECK(parsed.endpoint.url() == endpoint);
    CHECK(to_base64url(parsed.public_key) == point);
    CHECK(to_base64url(parsed.secret.expose()) == auth);
    const auto again = PushSubscription::from_stored(parsed.to_stored());
    CHECK(again.endpoint == parsed.endpoint);
    CHECK(again.public_key == parsed.public_key);
    CHECK(crypto::constant_time_equal(again.secret, parsed.secret));
}

TEST_CASE("what browsers differ in does not matter") {
    CHECK(reason(subscription(endpoint, point, std::string(auth) + "==")) == "accepted");
    CHECK(
        reason(subscription(endpoint, point, auth, R"("expirationTime":1793534400000,)")) ==
        "accepted"
    );
    CHECK(reason(subscription(endpoint, point, auth, R"("new":{"member":1},)")) == "accepted");
    CHECK(reason(subscription(endpoint, point, auth, "")) == "accepted");
}

TEST_CASE("a subscription has an endpoint on the list, a point of the curve and a secret") {
    CHECK(reason(subscription("https://10.0.0.1/p")) == "push.host_not_allowed");
    CHECK(reason(subscription("https://push.example.evil.example/p")) == "push.host_not_allowed");
    CHECK(reason(subscription("http://push.example/p")) == "push.endpoint_malformed");
    CHECK(reason(subscription("")) == "push.subscription_malformed");
    auto off_curve = std::string(point);
    off_curve[20] = off_curve[20] == 'A' ? 'B' : 'A';
    CHECK(reason(subscription(endpoint, off_curve)) == "push.subscription_malformed");
    CHECK(reason(subscription(endpoint, auth)) == "push.subscription_malformed");
    CHECK(reason(subscription(endpoint, point, point)) == "push.subscription_malformed");
    CHECK(reason(subscription(endpoint, point, "====")) == "push.subscription_malformed");
    CHECK(reason(subscription(endpoint, point, "not base64url")) == "push.subscription_malformed");
    CHECK(reason(R"({"endpoint":"https://push.example/p"})") == "push.subscription_malformed");
    CHECK(reason(R"({"endpoint":1,"keys":{}})") == "push.subscription_malformed");
    CHECK(reason("") == "push.subscription_malformed");
    CHECK(reason("null") == "push.subscription_malformed");
    const auto padding = R"("a":")" + std::string(push_subscription_size_max, 'a') + R"(",)";
    CHECK(reason(subscription(endpoint, point, auth, padding)) == "push.subscription_malformed");
}
