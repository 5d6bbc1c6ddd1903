#include "domain/authn/push/own_phones.h"

#include "domain/authn/own_authenticators.h"
#include "domain/authn/push/push_fixture.h"

#include <doctest/doctest.h>

namespace sallyport::authn {

namespace {

using namespace std::chrono_literals;

TEST_CASE("a phone answers questions once it has proven its key") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto bound_before = ward.people.events("cred.bound").size();
        const auto begun = ward.begin();
        REQUIRE(begun.has_value());
        CHECK(ward.state_of(begun->id) == AuthenticatorState::issued);
        const auto made = ward.new_phone(*begun, ward.phone);
        const auto token = ward.finish(begun->id, made);
        REQUIRE(token.has_value());
        CHECK(token->size() == 32);
        CHECK(ward.state_of(begun->id) == AuthenticatorState::active);
        CHECK(ward.people.events("cred.bound").size() == bound_before + 1);
        CHECK(reason_of(ward.prompt(*token)) == "ok");
        CHECK(reason_of(ward.prompt(crypto::Secret::random(32))) == "push.phone_unknown");
        // Once.
        CHECK(reason_of(ward.finish(begun->id, made)) == "authenticator.not_issued");
    });
}

TEST_CASE("S1-71 (part): push is not enabled before its person read about prompt bombing") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto begun = ward.begin();
        REQUIRE(begun.has_value());
        auto made = ward.new_phone(*begun, ward.phone);
        made.training_read = 0;
        CHECK(reason_of(ward.finish(begun->id, made)) == "push.training_open");
        CHECK(ward.people.events("training.acknowledged").empty());
        CHECK(ward.state_of(begun->id) == AuthenticatorState::issued);
        made.training_read = push_training_version;
        CHECK(reason_of(ward.finish(begun->id, made)) == "ok");
        const auto events = ward.people.events("training.acknowledged");
        REQUIRE(events.size() == 1);
        CHECK(events.front().leaf_json.contains("push-bombing"));
    });
}

TEST_CASE("possession of the key is proven for this phone, this account and this origin") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto first = ward.begin("First");
        const auto second = ward.begin("Second");
        REQUIRE(second.has_value());
        // The one that waited was forgotten for the new one.
        const auto lost = ward.new_phone(*first, ward.phone);
        CHECK(reason_of(ward.finish(first->id, lost)) == "authenticator.unknown");

        auto made = ward.new_phone(*second, ward.phone);
        made.signature = ward.phone.enrol(second->id, first->challenge);
        CHECK(reason_of(ward.finish(second->id, made)) == "push.signature_wrong");
        made.signature = test::Phone(ward.phone.origin()).enrol(second->id, second->challenge);
        CHECK(reason_of(ward.finish(second->id, made)) == "push.signature_wrong");
        made = ward.new_phone(*second, ward.phone);
        made.origin = "https://sign-in.hospital.example.evil.example";
        CHECK(reason_of(ward.finish(second->id, made)) == "push.signature_wrong");
        made = ward.new_phone(*second, ward.phone);
        made.public_key.pop_back();
        CHECK(reason_of(ward.finish(second->id, made)) == "push.key_malformed");
        CHECK(ward.state_of(second->id) == AuthenticatorState::issued);

        const auto stranger = ward.write([&](store::Tx& tx, const Moment& moment) {
            return ward.own.finish(
                tx,
                moment,
                ward.anna.account,
                second->id,
                ward.new_phone(*second, ward.phone),
                ward.people.acting(ward.anna)
            );
        });
        CHECK(reason_of(stranger) == "authenticator.unknown");
    });
}

TEST_CASE("a phone that was not proven in half an hour never is, and one key is one phone") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto late = ward.begin();
        ward.people.clock.advance(issued_max);
        CHECK(
            reason_of(ward.finish(late->id, ward.new_phone(*late, ward.phone))) ==
            "authenticator.issue_over"
        );
        (void)ward.enrol(ward.phone);
        const auto again = ward.begin();
        CHECK(
            reason_of(ward.finish(again->id, ward.new_phone(*again, ward.phone))) ==
            "push.key_known"
        );
    });
}

TEST_CASE("a phone has a label, and an account no more than five of them") {
    PushWard::on_each_engine([](PushWard& ward) {
        CHECK(reason_of(ward.begin("")) == "authenticator.label_malformed");
        for (std::size_t i = 0; i < phones_max; ++i) {
            (void)ward.enrol(test::Phone(ward.phone.origin()));
        }
        CHECK(reason_of(ward.begin()) == "authenticator.too_many");
    });
}

TEST_CASE("what reaches a phone is kept sealed, and a suspended phone is not reached") {
    PushWard::on_each_engine([](PushWard& ward) {
        const auto enrolled = ward.enrol(ward.phone);
        const auto& keys = ward.people.keys;
        const auto point = crypto::P256PrivateKey::generate().public_point();
        const PushSubscription subscription{
            .endpoint = parse_push_endpoint("https://push.example/p/canary").value(),
            .public_key = point,
            .secret = crypto::Secret::random(push_auth_secret_size),
        };
        ward.write([&](store::Tx& tx, const Moment&) {
            set_subscription(tx, keys, enrolled.id, &subscription);
        });
        const auto phones = [&] {
            return ward.read([&](store::Tx& tx, const Moment& moment) {
                return usable_phones(tx, keys, ward.erik.account, moment.now);
            });
        };
        const auto found = phones();
        REQUIRE(found.size() == 1);
        REQUIRE(found.front().subscription.has_value());
        CHECK(found.front().subscription->endpoint.target == "/p/canary");
        CHECK(found.front().subscription->public_key == point);
        const auto kept = ward.read([](store::Tx& tx, const Moment&) {
            return tx.query("SELECT sealed_subscription FROM push_phone").front().blob(0);
        });
        CHECK_FALSE(as_text(kept).contains("canary"));

        ward.suspend(enrolled.id);
        CHECK(phones().empty());
        CHECK(reason_of(ward.prompt(enrolled.token)) == "push.phone_unknown");
    });
}

}  // namespace

}  // namespace sallyport::authn
