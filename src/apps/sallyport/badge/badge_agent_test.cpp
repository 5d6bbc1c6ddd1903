#include "apps/sallyport/badge/badge_agent.h"

#include "tests/support/clocks.h"

#include <doctest/doctest.h>

#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace sallyport::cli {

namespace {

using namespace std::chrono_literals;

class FakeReader final : public CardReader {
public:
    std::optional<CardChange> next(std::chrono::milliseconds /*time_max*/) override {
        if (changes.empty()) return std::nullopt;
        auto change = std::move(changes.front());
        changes.pop_front();
        return change;
    }

    Result<CardSignature> sign(BytesView message) override {
        signed_over.push_back(to_hex(message));
        if (!signature) return refuse(Refusal::not_found, "card.gone");
        return *signature;
    }

    std::deque<CardChange> changes;
    std::optional<CardSignature> signature;
    std::vector<std::string> signed_over;
};

class FakeServer final : public BadgeServer {
public:
    Delivery tap(const authn::CardSeen& card, std::string& said) override {
        said = "told";
        asked.push_back("tap " + to_hex(card.uid));
        if (card.proof) {
            asked.back() += " " + to_hex(card.proof->challenge) + " " +
                            to_hex(card.proof->certificate) + " " + to_hex(card.proof->signature);
        }
        return answer;
    }

    Delivery challenge(Bytes& challenge, std::string& said) override {
        said = "asked";
        asked.emplace_back("challenge");
        challenge = from_hex("c0ffee").value();
        return answer;
    }

    Delivery removal(std::string& said) override {
        said = "told";
        asked.emplace_back("removal");
        return answer;
    }

    Delivery answer = Delivery::done;
    std::vector<std::string> asked;
};

struct Desk {
    explicit Desk(BadgeAgent::Mode mode)
        : agent(reader, server, clock, mode, [this](auto line) { lines.emplace_back(line); }) {}

    bool put_on(std::string_view uid, bool has_key = false) {
        reader.changes.push_back(
            {.kind = CardChange::placed,
             .uid = from_hex(uid).value(),
             .has_key = has_key,
             .detail = {}}
        );
        return agent.step(0ms);
    }

    bool happens(CardChange::Kind kind) {
        reader.changes.push_back({.kind = kind, .uid = {}, .detail = "Reader 1"});
        return agent.step(0ms);
    }

    bool passes(Duration time) {
        clock.advance(time);
        return agent.step(0ms);
    }

    std::vector<std::string> asked() { return std::exchange(server.asked, {}); }

    test::SettableClock clock;
    FakeReader reader;
    FakeServer server;
    std::vector<std::string> lines;
    BadgeAgent agent;
};

using Asked = std::vector<std::string>;

TEST_CASE("each tap is told, a shaky hand's second reading is not") {
    Desk desk(BadgeAgent::Mode::tap);
    CHECK(desk.put_on("11223344"));
    CHECK(desk.happens(CardChange::removed));
    CHECK(desk.put_on("11223344"));
    CHECK(desk.asked() == Asked{"tap 11223344"});
    CHECK(desk.put_on("55667788"));
    CHECK(desk.asked() == Asked{"tap 55667788"});
    CHECK(desk.happens(CardChange::removed));
    CHECK(desk.passes(BadgeAgent::bounce));
    CHECK(desk.put_on("55667788"));
    CHECK(desk.asked() == Asked{"tap 55667788"});
}

TEST_CASE("where badges stay, a card that goes is told, and so is one that goes with its reader") {
    Desk desk(BadgeAgent::Mode::stay);
    CHECK(desk.happens(CardChange::reader_found));
    CHECK(desk.put_on("11223344"));
    CHECK(desk.happens(CardChange::removed));
    CHECK(desk.asked() == Asked{"tap 11223344", "removal"});
    CHECK(desk.put_on("11223344"));  // at once: it counts here
    CHECK(desk.happens(CardChange::reader_lost));
    CHECK(desk.asked() == Asked{"tap 11223344", "removal"});
    CHECK(desk.happens(CardChange::reader_found));
    CHECK(desk.asked().empty());
    CHECK(desk.happens(CardChange::reader_lost));  // nothing was on it
    CHECK(desk.asked().empty());
    REQUIRE(desk.lines.size() >= 3);
    CHECK(desk.lines.back() == "reader Reader 1: gone; waiting for it");
}

TEST_CASE("a card that can't be read is told to nobody but the log") {
    Desk desk(BadgeAgent::Mode::stay);
    CHECK(desk.happens(CardChange::unreadable));
    CHECK(desk.happens(CardChange::removed));
    CHECK(desk.asked().empty());
    CHECK(desk.lines.back().starts_with("a card that can't be a badge"));
}

TEST_CASE("while the server is away a removal waits with growing pauses, and a tap grows stale") {
    Desk desk(BadgeAgent::Mode::stay);
    CHECK(desk.put_on("11223344"));
    (void)desk.asked();
    desk.server.answer = Delivery::away;
    CHECK(desk.happens(CardChange::removed));
    CHECK(desk.asked() == Asked{"removal"});
    CHECK(desk.put_on("55667788"));
    CHECK(desk.asked().empty());  // not before the pause is over
    CHECK(desk.passes(1s));
    CHECK(desk.asked() == Asked{"removal"});
    CHECK(desk.passes(1s));
    CHECK(desk.asked().empty());
    CHECK(desk.passes(1s));
    CHECK(desk.asked() == Asked{"removal"});
    CHECK(desk.lines.back() == "server away (told); trying again in 4 s");
    for (int i = 0; i < 10; ++i)
        CHECK(desk.passes(30s));
    CHECK(desk.asked().size() == 10);
    CHECK(desk.lines.back() == "server away (told); trying again in 30 s");
    desk.server.answer = Delivery::done;
    CHECK(desk.passes(30s));
    // Whoever put that card on long ago is asked to do it again.
    CHECK(desk.asked() == Asked{"removal"});
    CHECK(desk.lines.back() == "a card came while the server was away; it has to be put on again");
    CHECK(desk.put_on("55667788"));
    CHECK(desk.asked() == Asked{"tap 55667788"});
}

TEST_CASE("a tap that can still be worth something is told when the server is back, after what went"
) {
    Desk desk(BadgeAgent::Mode::stay);
    CHECK(desk.put_on("11223344"));
    (void)desk.asked();
    desk.server.answer = Delivery::away;
    CHECK(desk.happens(CardChange::removed));
    CHECK(desk.put_on("55667788"));
    (void)desk.asked();
    desk.server.answer = Delivery::done;
    CHECK(desk.passes(2s));
    CHECK(desk.asked() == Asked{"removal", "tap 55667788"});
    // A card that went again before it could be told leaves nothing but that it went.
    desk.server.answer = Delivery::away;
    CHECK(desk.put_on("11223344"));
    CHECK(desk.happens(CardChange::removed));
    (void)desk.asked();
    desk.server.answer = Delivery::done;
    CHECK(desk.passes(30s));
    CHECK(desk.asked() == Asked{"removal"});
}

TEST_CASE(
    "a card with a key signs the server's challenge and its number; one that went says a number"
) {
    Desk desk(BadgeAgent::Mode::tap);
    desk.reader.signature =
        CardSignature{.certificate = from_hex("ce").value(), .signature = from_hex("51").value()};
    CHECK(desk.put_on("11223344", true));
    CHECK(desk.asked() == Asked{"challenge", "tap 11223344 c0ffee ce 51"});
    const auto message =
        authn::card_proof_message(from_hex("c0ffee").value(), from_hex("11223344").value());
    CHECK(desk.reader.signed_over == Asked{to_hex(message)});
    desk.reader.signature.reset();
    CHECK(desk.put_on("55667788", true));
    CHECK(desk.asked() == Asked{"challenge", "tap 55667788"});
    CHECK(desk.lines[1] == "the card did not prove itself (card.gone)");
    // Each attempt has a challenge of its own.
    desk.server.answer = Delivery::away;
    CHECK(desk.put_on("11223344", true));
    CHECK(desk.asked() == Asked{"challenge"});
    desk.server.answer = Delivery::done;
    CHECK(desk.passes(1s));
    CHECK(desk.asked() == Asked{"challenge", "tap 11223344"});
}

TEST_CASE("a refusal is over with being told; a reader that is not known any more stops") {
    Desk desk(BadgeAgent::Mode::tap);
    desk.server.answer = Delivery::refused;
    CHECK(desk.put_on("11223344"));
    CHECK(desk.asked() == Asked{"tap 11223344"});
    CHECK(desk.passes(5s));
    CHECK(desk.asked().empty());
    CHECK(desk.lines.back() == "refused: told");
    desk.server.answer = Delivery::unregistered;
    CHECK_FALSE(desk.put_on("55667788"));
}

}  // namespace

}  // namespace sallyport::cli
