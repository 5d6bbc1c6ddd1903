#include "domain/audit/leaf.h"

#include "base/core/fault.h"
#include "domain/audit/audit_samples.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

namespace sallyport::audit {

namespace {

struct Desk {
    test::SettableClock clock;
    test::ReplayedRandom random;
    test::Moments moments{clock, random};

    Leaf encode(const Event& event) {
        const auto moment = moments.now();
        return encode_leaf(EventId::fresh(moment.now, random), moment, event);
    }
};

bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a leaf says who, what, when, where, with what outcome and by which factor") {
    Desk desk;
    const auto event = samples::sign_in();

    const auto leaf = desk.encode(event).bytes;

    CHECK(holds(leaf, R"({"at":1795334400000000,"clock":"synchronised",)"));
    CHECK(holds(leaf, R"("factor":{"aal":2,"age":90000000,"amr":"pwd+otp","authenticator":"pass)"));
    CHECK(holds(leaf, R"("outcome":"success","policy":3,"reason":"ok",)"));
    CHECK(holds(leaf, R"("type":"authn.success","v":1,)"));
    CHECK(holds(leaf, R"("what":{"action":"sign_in","object":"account:e.larsson"})"));
    CHECK(holds(leaf, R"("where":{"channel":"web","node":"test","source":{"sha256":")"));
    CHECK(holds(leaf, R"("workstation":"unregistered","zone":"unzoned"})"));
    CHECK(holds(leaf, R"("person":")" + event.who.person->text()));
}

TEST_CASE("the state of the clock is in every leaf") {
    Desk desk;
    auto moment = desk.moments.now();
    moment.clock = ClockState::unsynchronised;
    const auto id = EventId::fresh(moment.now, desk.random);
    CHECK(holds(encode_leaf(id, moment, samples::sign_in()).bytes, R"("clock":"unsynchronised")"));
    moment.clock = ClockState::behind;
    CHECK(holds(encode_leaf(id, moment, samples::sign_in()).bytes, R"("clock":"behind")"));
}

TEST_CASE("personal values are in the leaf as commitments that text and salt open") {
    Desk desk;
    const auto leaf = desk.encode(samples::failure("mallory@example.org"));

    CHECK_FALSE(holds(leaf.bytes, "mallory"));
    CHECK_FALSE(holds(leaf.bytes, "192.0.2.99"));
    REQUIRE(leaf.personal.size() == 2);
    CHECK(leaf.personal[0].name == "fields.identifier");
    CHECK(leaf.personal[0].text == "mallory@example.org");
    CHECK(leaf.personal[1].name == "where.source");

    const auto content = read_leaf(leaf.bytes);
    REQUIRE(content);
    REQUIRE(content->commitments.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
        const auto& beside = leaf.personal[i];
        CHECK(content->commitments[i].name() == beside.name);
        CHECK(content->commitments[i].named(beside.name));
        CHECK(content->commitments[i].digest == commitment(beside.name, beside.salt, beside.text));
    }
    // The same name, another day: nobody can tell from the leaves.
    CHECK(
        desk.encode(samples::failure("mallory@example.org")).personal[0].salt !=
        leaf.personal[0].salt
    );
}

TEST_CASE("an over-long value is cut at a character's border and flagged, never dropped") {
    Desk desk;
    auto event = samples::sign_in();
    event.object = std::string(4095, 'o') + "é" + std::string(100'000, 'o');
    event.fields.push_back({"note", std::string(5000, 'n')});

    const auto leaf = desk.encode(event).bytes;

    CHECK(holds(leaf, R"("cut":["fields.note","what.object"])"));
    CHECK(read_leaf(leaf)->columns.object == std::string(4095, 'o'));
}

TEST_CASE("invalid UTF-8 is replaced and flagged, never dropped") {
    Desk desk;
    auto event = samples::failure("m\xFFllory");
    event.ticket = std::string("CHG\0001", 5);

    const auto leaf = desk.encode(event);

    CHECK(holds(leaf.bytes, R"("replaced":["fields.identifier","ticket"])"));
    CHECK(leaf.personal[0].text == "m\xEF\xBF\xBDllory");
    CHECK(read_leaf(leaf.bytes));
}

TEST_CASE("an event of nothing but long values still fits into a leaf") {
    Desk desk;
    auto event = samples::sign_in();
    for (std::size_t i = 0; i < leaf_fields_max; ++i) {
        event.fields.push_back({"f" + std::to_string(i), std::string(9000, '\x01')});
    }

    const auto leaf = desk.encode(event).bytes;

    CHECK(leaf.size() <= leaf_size_max);
    CHECK(leaf.size() > leaf_size_max / 4);
    CHECK(holds(leaf, "\"fields.f63\""));
    CHECK(read_leaf(leaf));
}

TEST_CASE("too many fields, a strange name or a name used twice are our mistakes, and faults") {
    Desk desk;
    auto crowded = samples::sign_in();
    for (std::size_t i = 0; i <= leaf_fields_max; ++i) {
        crowded.fields.push_back({"f" + std::to_string(i), true});
    }
    CHECK_THROWS_AS(desk.encode(crowded), Fault);

    auto strange = samples::sign_in();
    strange.fields.push_back({"na\"me", true});
    CHECK_THROWS_AS(desk.encode(strange), Fault);

    auto twice = samples::sign_in();
    twice.fields.push_back({"name", true});
    twice.fields.push_back({"name", false});
    CHECK_THROWS_AS(desk.encode(twice), Fault);
}

TEST_CASE("numbers that a double can't hold are written as text") {
    Desk desk;
    auto event = samples::sign_in();
    event.fields.push_back({"big", std::int64_t{1} << 60U});
    event.fields.push_back({"small", std::int64_t{-5}});

    const auto leaf = desk.encode(event).bytes;

    CHECK(holds(leaf, R"("fields":{"big":"1152921504606846976","small":-5})"));
    CHECK(read_leaf(leaf));
}

TEST_CASE("whatever an event holds, its leaf reads back to the same columns") {
    const bool true_for_all = rc::check([] {
        Desk desk;
        auto event = samples::failure(*rc::gen::arbitrary<std::string>());
        event.action = *rc::gen::arbitrary<std::string>();
        event.object = *rc::gen::arbitrary<std::string>();
        event.ticket = *rc::gen::arbitrary<std::string>();
        event.who.role = *rc::gen::arbitrary<std::string>();
        event.policy_version = *rc::gen::arbitrary<std::int64_t>();

        const auto leaf = desk.encode(event).bytes;
        const auto content = read_leaf(leaf);

        RC_ASSERT(content.has_value());
        RC_ASSERT(content->columns.type == "authn.failure");
        RC_ASSERT(content->columns.at_us == 1'795'334'400'000'000);
        RC_ASSERT(content->columns.outcome == "refused");
    });
    CHECK(true_for_all);
}

TEST_CASE("no changed byte leaves a leaf as it was") {
    Desk desk;
    const auto leaf = desk.encode(samples::failure()).bytes;
    const auto original = read_leaf(leaf).value();
    std::size_t unread = 0;
    for (std::size_t i = 0; i < leaf.size(); ++i) {
        auto changed = leaf;
        changed[i] = static_cast<char>(changed[i] ^ 0x02);
        unread += read_leaf(changed) ? 0U : 1U;
    }
    CHECK(unread > leaf.size() / 4);  // keys, braces, quotes, digests; the rest is the tree's part
    const auto longer = leaf + " ";
    CHECK_FALSE(read_leaf(longer));
    CHECK_FALSE(read_leaf(std::string_view(leaf).substr(0, leaf.size() - 1)));
    CHECK_FALSE(read_leaf(""));
    CHECK_FALSE(read_leaf("{}"));
    CHECK(original.columns.type == "authn.failure");
}

}  // namespace sallyport::audit
