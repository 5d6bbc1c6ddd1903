#pragma once
// People with cards, for tests of this folder: presentations as the card host makes them.

#include "tests/support/databases.h"
#include "tests/support/people.h"

#include "domain/authn/certificate/card_presentation.h"
#include "domain/authn/certificate/own_cards.h"

#include <functional>
#include <string>
#include <utility>

namespace sallyport::authn {

// Cards that the trust has found good; the first byte tells them apart.
inline PresentedCard card_number(int number) {
    const auto filled = [&](int part) {
        Bytes bytes(32, static_cast<std::byte>(part));
        bytes.front() = static_cast<std::byte>(number);
        return bytes;
    };
    return {
        .fingerprint = filled(1),
        .key_digest = filled(2),
        .issuer_key = Bytes(32, std::byte{3}),
        .serial = {std::byte{0x10}, static_cast<std::byte>(number)},
        .subject = "CN=Somebody",
        .valid_until = from_micros(1'900'000'000'000'000),
        .key_in_hardware = true,
        .pin_asked = true,
        .shown = {filled(4), filled(5)},
    };
}

class CardDesk {
public:
    explicit CardDesk(store::Database& database) : people(database) {}

    // `body` on a fresh database of each engine.
    static void on_each_engine(const std::function<void(CardDesk&)>& body) {
        test::for_each_engine([&](store::Database& database) {
            CardDesk desk(database);
            body(desk);
        });
    }

    template <class Work>
    auto write(Work work) {
        return people.database().write([&](store::Tx& tx) { return work(tx, people.now()); });
    }

    // What the card host makes of it: the browser's answer once it is back.
    CardAnswer through_card_host(const CardAsked& asked, const Result<PresentedCard>& found) {
        const auto presentation = write([&](store::Tx& tx, const Moment& now) {
            return redeem_card_code(tx, now, people.context, asked.code.expose(), people.where);
        });
        REQUIRE(presentation.has_value());
        const auto settled = write([&](store::Tx& tx, const Moment& now) {
            return settle_card(tx, now, *presentation, found, people.where);
        });
        REQUIRE(settled.has_value());
        return {.token = bytes_of(asked.token), .code = bytes_of(settled->code)};
    }

    Result<CardAsked> begin(const test::TestPerson& person, const SessionId& session) {
        return write([&](store::Tx& tx, const Moment& now) {
            return OwnCards(people.context)
                .begin(tx, now, person.account, session, "My card", people.acting(person));
        });
    }

    Result<AuthenticatorId> finish(
        const test::TestPerson& person, const SessionId& session, const CardAnswer& answer
    ) {
        return write([&](store::Tx& tx, const Moment& now) {
            return OwnCards(people.context)
                .finish(tx, now, person.account, session, answer, people.acting(person));
        });
    }

    // Bound as the person would.
    Result<AuthenticatorId> bind(const test::TestPerson& person, const PresentedCard& card) {
        const auto session = SessionId::fresh(people.clock.now(), people.random);
        const auto asked = begin(person, session);
        if (!asked) return std::unexpected(asked.error());
        return finish(person, session, through_card_host(*asked, card));
    }

    static Bytes bytes_of(const crypto::Secret& secret) {
        const auto view = secret.expose();
        return {view.begin(), view.end()};
    }

    [[nodiscard]] std::string last_reason(const std::string& type) {
        const auto events = people.events(type);
        return events.empty() ? "none" : events.front().reason;
    }

    test::People people;
};

template <class T>
std::string reason_of(const Result<T>& result) {
    return result ? "ok" : std::string(result.error().reason);
}

}  // namespace sallyport::authn
