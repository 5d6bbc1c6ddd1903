#include "domain/authn/certificate/card_presentation.h"

#include "domain/authn/certificate/card_fixture.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace sallyport::authn {

namespace {

using namespace std::chrono_literals;

constexpr auto sign_in = CardPurpose::sign_in;

Result<CardAsked> ask(CardDesk& desk, CardQuestion question = {.purpose = sign_in}) {
    return desk.write([&](store::Tx& tx, const Moment& now) {
        const audit::Actor nobody{
            .who = {}, .where = desk.people.where, .factor = {}, .session = {}
        };
        return ask_for_card(tx, now, desk.people.context, question, nobody);
    });
}

Result<Bytes> redeem(CardDesk& desk, BytesView code) {
    return desk.write([&](store::Tx& tx, const Moment& now) {
        return redeem_card_code(tx, now, desk.people.context, code, desk.people.where);
    });
}

Result<TakenCard> take(
    CardDesk& desk, const CardAnswer& answer, CardPurpose purpose = sign_in, BytesView holder = {}
) {
    return desk.write([&](store::Tx& tx, const Moment& now) {
        return take_card(tx, now, desk.people.context, answer, purpose, holder, desk.people.where);
    });
}

TEST_CASE("what the card host saw comes back to the browser that asked, once") {
    CardDesk::on_each_engine([](CardDesk& desk) {
        const auto asked = ask(desk, {.purpose = sign_in, .label = "a label", .zone = "ward-3"});
        REQUIRE(asked.has_value());
        const auto answer = desk.through_card_host(*asked, card_number(1));
        const auto taken = take(desk, answer);
        REQUIRE(taken.has_value());
        CHECK(taken->card.fingerprint == card_number(1).fingerprint);
        CHECK(taken->card.key_digest == card_number(1).key_digest);
        CHECK(taken->card.issuer_key == card_number(1).issuer_key);
        CHECK(taken->card.serial == card_number(1).serial);
        CHECK(taken->card.subject == "CN=Somebody");
        CHECK(taken->card.valid_until == card_number(1).valid_until);
        CHECK(taken->card.key_in_hardware);
        CHECK(taken->card.pin_asked);
        CHECK(taken->card.shown == card_number(1).shown);
        CHECK(taken->label == "a label");
        CHECK(taken->zone == "ward-3");
        CHECK(desk.people.events("authn.card_asked").size() == 1);
        CHECK(desk.people.events("authn.card_shown").size() == 1);

        CHECK(reason_of(take(desk, answer)) == "card.over");
        CHECK(desk.last_reason("authn.failure") == "card.code_unknown");
    });
}

TEST_CASE("a code to the card host is good once, for two minutes") {
    CardDesk::on_each_engine([](CardDesk& desk) {
        const auto asked = ask(desk);
        REQUIRE(asked.has_value());
        CHECK(reason_of(redeem(desk, Bytes(32))) == "card.code_refused");
        CHECK(redeem(desk, asked->code.expose()).has_value());
        CHECK(reason_of(redeem(desk, asked->code.expose())) == "card.code_refused");

        const auto late = ask(desk);
        desk.people.clock.advance(card_code_life - 1s);
        CHECK(redeem(desk, late->code.expose()).has_value());
        const auto later = ask(desk);
        desk.people.clock.advance(card_code_life);
        CHECK(reason_of(redeem(desk, later->code.expose())) == "card.code_refused");
        CHECK(desk.last_reason("authn.failure") == "card.code_over");
    });
}

TEST_CASE("a code back is worth nothing without the token of the browser that asked") {
    CardDesk::on_each_engine([](CardDesk& desk) {
        const auto asked = ask(desk);
        const auto thief = ask(desk);
        REQUIRE(asked.has_value());
        REQUIRE(thief.has_value());
        const auto answer = desk.through_card_host(*asked, card_number(1));
        const CardAnswer stolen{.token = CardDesk::bytes_of(thief->token), .code = answer.code};
        CHECK(reason_of(take(desk, stolen)) == "card.over");
        CHECK(desk.last_reason("authn.failure") == "card.other_browser");
        // Shown in the wrong place, it is used up.
        CHECK(reason_of(take(desk, answer)) == "card.over");
    });
}

TEST_CASE("a code back is good for thirty seconds, for its purpose, in its flow") {
    CardDesk::on_each_engine([](CardDesk& desk) {
        const Bytes flow(32, std::byte{1});
        const Bytes other(32, std::byte{2});
        const CardQuestion question{.purpose = CardPurpose::second_factor, .holder = flow};
        const auto back = [&] {
            return desk.through_card_host(*ask(desk, question), card_number(1));
        };

        CHECK(reason_of(take(desk, back(), CardPurpose::second_factor, other)) == "card.over");
        CHECK(desk.last_reason("authn.failure") == "card.other_flow");
        desk.people.clock.advance(61s);  // what one source repeats is told once a minute
        CHECK(reason_of(take(desk, back(), CardPurpose::sign_in, flow)) == "card.over");
        CHECK(desk.last_reason("authn.failure") == "card.other_purpose");

        auto late = back();
        desk.people.clock.advance(card_return_life);
        CHECK(reason_of(take(desk, late, CardPurpose::second_factor, flow)) == "card.over");
        late = back();
        desk.people.clock.advance(card_return_life - 1s);
        CHECK(take(desk, late, CardPurpose::second_factor, flow).has_value());
    });
}

TEST_CASE("a refused certificate goes back as refused, and the log knows why") {
    CardDesk::on_each_engine([](CardDesk& desk) {
        const Result<PresentedCard> refused =
            refuse(Refusal::unauthenticated, "certificate.revoked", "CN=Somebody");
        const auto answer = desk.through_card_host(*ask(desk), refused);
        CHECK(desk.last_reason("authn.failure") == "certificate.revoked");
        CHECK(desk.people.events("authn.card_shown").empty());
        CHECK(reason_of(take(desk, answer)) == "card.not_accepted");
        CHECK(reason_of(take(desk, answer)) == "card.over");
    });
}

TEST_CASE("asking without end is slowed down by source; what was right costs nothing") {
    CardDesk::on_each_engine([](CardDesk& desk) {
        for (int i = 0; i < 40; ++i) {
            const auto asked = ask(desk);
            REQUIRE(asked.has_value());
            REQUIRE(take(desk, desk.through_card_host(*asked, card_number(1))).has_value());
        }
        int until_slow = 0;
        while (ask(desk).has_value())
            ++until_slow;
        CHECK(until_slow == source_rules.free_failures);
        CHECK(reason_of(ask(desk)) == "authn.throttled");
        CHECK(desk.people.events("authn.throttled").size() == 1);
    });
}

TEST_CASE("what is over is forgotten") {
    CardDesk::on_each_engine([](CardDesk& desk) {
        const auto asked = ask(desk);
        desk.people.clock.advance(card_presentation_max);
        desk.write([](store::Tx& tx, const Moment& now) { sweep_card_presentations(tx, now); });
        CHECK(reason_of(redeem(desk, asked->code.expose())) == "card.code_refused");
        CHECK(desk.last_reason("authn.failure") == "card.code_unknown");
    });
}

}  // namespace

}  // namespace sallyport::authn
