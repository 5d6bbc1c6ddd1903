#include "domain/authn/push/push_delivery.h"

#include "domain/authn/push/phone_address.h"
#include "domain/authn/push/push_fixture.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

namespace sallyport::authn {

namespace {

PushSubscription subscription() {
    return {
        .endpoint = parse_push_endpoint("https://push.example/p/canary").value(),
        .public_key = crypto::P256PrivateKey::generate().public_point(),
        .secret = crypto::Secret::random(push_auth_secret_size),
    };
}

Result<void> set_address(PushWard& ward, const crypto::Secret& token) {
    return ward.write([&](store::Tx& tx, const Moment& moment) {
        return set_phone_address(
            tx, moment, ward.people.keys, token.expose(), subscription(), ward.phone_where
        );
    });
}

TEST_CASE("a push message is short-lived, urgent, and reads as nothing on its way") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto made = make_push_request(
            ward.people.keys, subscription(), "mailto:it@hospital.example", ward.people.now()
        );
        CHECK(made.to.url() == "https://push.example/p/canary");
        const std::map<std::string, std::string> headers(made.headers.begin(), made.headers.end());
        CHECK(headers.at("TTL") == "60");
        CHECK(headers.at("Urgency") == "high");
        CHECK(headers.at("Content-Encoding") == "aes128gcm");
        CHECK(headers.at("Authorization").starts_with("vapid t="));
        CHECK_FALSE(made.body.contains("question"));
        const auto again = make_push_request(
            ward.people.keys, subscription(), "mailto:it@hospital.example", ward.people.now()
        );
        CHECK(again.body.substr(0, 16) != made.body.substr(0, 16));
    });
}

TEST_CASE("a phone with an address is woken, until the push service knows it no more") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto enrolled = ward.enrol(ward.phone);
        CHECK(reason_of(set_address(ward, crypto::Secret::random(32))) == "push.phone_unknown");
        CHECK(ward.ask(ward.first_form(ward.erik.passphrase))->wake.empty());
        CHECK(reason_of(set_address(ward, enrolled.token)) == "ok");
        const auto asked = ward.ask(ward.first_form(ward.erik.passphrase));
        REQUIRE(asked->wake.size() == 1);
        CHECK(asked->wake.front().phone == enrolled.id);
        CHECK(asked->wake.front().to.endpoint.target == "/p/canary");
        const auto events = ward.people.events("cred.push_address_set");
        REQUIRE(events.size() == 1);
        CHECK(events.front().leaf_json.contains("push.example"));
        CHECK_FALSE(events.front().leaf_json.contains("canary"));

        ward.write([&](store::Tx& tx, const Moment& moment) {
            drop_phone_address(tx, moment, ward.people.keys, enrolled.id);
        });
        CHECK(ward.ask(ward.first_form(ward.erik.passphrase))->wake.empty());
        CHECK(ward.people.events("cred.push_address_set").size() == 2);
    });
}

}  // namespace

}  // namespace sallyport::authn
