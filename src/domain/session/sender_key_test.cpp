#include "domain/session/sender_key.h"

#include "tests/support/browser_key.h"
#include "tests/support/databases.h"
#include "tests/support/people.h"
#include "tests/support/signing_key.h"

#include "base/core/fault.h"

#include <doctest/doctest.h>

#include <exception>
#include <string>

namespace sallyport::session {

namespace {

using namespace std::chrono_literals;

Opened opened(test::People& people, const test::TestPerson& person, Channel channel) {
    auto proof = people.sign_in(person);
    REQUIRE(proof.has_value());
    auto made = people.database().write([&](store::Tx& tx) {
        return open(tx, people.now(), people.policy, *std::move(proof), people.where, channel);
    });
    REQUIRE(made.has_value());
    return *std::move(made);
}

TEST_CASE("a sender key is a browser's key as base64url, in one spelling") {
    const auto reason = [](const std::string& text) -> std::string_view {
        const auto key = parse_sender_key(text);
        return key ? "accepted" : key.error().reason;
    };
    const auto text = to_base64url(test::BrowserKey().spki());
    CHECK(text.size() == sender_key_text_size);
    CHECK(reason(text) == "accepted");
    const auto p384 = test::SigningKey(crypto::CoseAlgorithm::es384).spki();
    for (const auto& wrong :
         {std::string(),
          text + "A",
          text.substr(1),
          text.substr(0, 121) + "=",
          std::string(122, 'A'),
          to_base64url(p384)}) {
        CAPTURE(wrong);
        CHECK(reason(wrong) == "sender_key.malformed");
    }
}

TEST_CASE("S2-23 (part): a session has its key from its first moment, and never another") {
    test::for_each_engine([](store::Database& database) {
        test::People people(database);
        const auto person = people.first_administrator();
        const auto session = opened(people, person, Channel::web);
        const auto mine = test::BrowserKey().spki();
        const auto bind = [&](const Opened& to, const Bytes& spki) {
            people.database().write([&](store::Tx& tx) {
                bind_sender_key(tx, people.now(), to, spki);
            });
        };
        const auto bound = [&](const SessionId& id) {
            return people.database().read([&](store::Tx& tx) { return sender_key_of(tx, id); });
        };
        CHECK_FALSE(bound(session.session.id).has_value());
        bind(session, mine);
        CHECK(bound(session.session.id) == mine);

        // At the same moment, at a later one, and by whoever writes to the table.
        const auto theirs = test::BrowserKey().spki();
        CHECK_THROWS_AS(bind(session, theirs), std::exception);
        people.clock.advance(1us);
        CHECK_THROWS_AS(bind(session, theirs), Fault);
        for (const auto* const statement :
             {"UPDATE session_sender_key SET public_key = ?",
              "DELETE FROM session_sender_key WHERE public_key <> ?"}) {
            CHECK_THROWS_AS(
                people.database().write([&](store::Tx& tx) { tx.execute(statement, {theirs}); }),
                std::exception
            );
        }
        CHECK(bound(session.session.id) == mine);

        // A program opens no device.
        const auto program = opened(people, person, Channel::cli);
        bind(program, theirs);
        CHECK_FALSE(bound(program.session.id).has_value());
    });
}

}  // namespace

}  // namespace sallyport::session
