#include "base/core/id.h"

#include "tests/support/clocks.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <set>
#include <type_traits>

using namespace sallyport;

namespace {

// Fills with ones, so that what the format fixes can be told from what is random.
class Ones final : public Random {
public:
    void fill(std::span<std::byte> out) override {
        for (auto& byte : out) {
            byte = std::byte{0xff};
        }
    }
};

}  // namespace

TEST_CASE("RFC 9562 appendix A.6: the time is in front, then version 7 and the variant") {
    Ones random;
    // 2022-02-22T14:22:22.000-05:00
    const auto id = fresh_uuid_v7(from_micros(1'645'557'742'000'000), random);
    CHECK(uuid_text(id) == "017f22e2-79b0-7000-bfff-ffffffffffff");
    const auto later = fresh_uuid_v7(from_micros(1'645'557'742'000'999), random);
    CHECK(uuid_text(later) == "017f22e2-79b0-7ffb-bfff-ffffffffffff");
}

TEST_CASE("ids sort by the microsecond in which they were made") {
    const bool held = rc::check([](std::uint64_t seed) {
        test::ReplayedRandom random(seed);
        const auto micros = *rc::gen::inRange<std::int64_t>(0, 4'000'000'000'000'000);
        const auto earlier = DeviceId::fresh(from_micros(micros), random);
        const auto later = DeviceId::fresh(from_micros(micros + 1), random);
        RC_ASSERT(earlier < later);
        RC_ASSERT(earlier.text() < later.text());
    });
    CHECK(held);
}

TEST_CASE("ids made at the same time differ") {
    test::ReplayedRandom random;
    std::set<EventId> ids;
    for (int i = 0; i < 10'000; ++i) {
        ids.insert(EventId::fresh(from_micros(0), random));
    }
    CHECK(ids.size() == 10'000);
}

TEST_CASE("an id is read in its one spelling only") {
    const std::string good = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
    CHECK(DeviceId::parse(good).value().text() == good);
    for (const std::string bad :
         {"",
          "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
          "017f22e279b07cc398c4dc0c0c07398f",
          "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
          "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
          "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
          "017f22e2-79b0-7cc3-98c4+dc0c0c07398f",
          "017f22e2-79b0-7cc3-98c4-dc0c0c07398f "}) {
        CHECK_MESSAGE(DeviceId::parse(bad).error().reason == "id.malformed", bad);
    }
    const bool held = rc::check([] {
        IdBytes bytes{};
        for (auto& byte : bytes) {
            byte = static_cast<std::byte>(*rc::gen::arbitrary<std::uint8_t>());
        }
        RC_ASSERT(parse_uuid(uuid_text(bytes)).value() == bytes);
    });
    CHECK(held);
}

TEST_CASE("an id of one kind is no id of another") {
    static_assert(!std::is_convertible_v<DeviceId, AccountId>);
    static_assert(!std::is_constructible_v<DeviceId, AccountId>);
    static_assert(!std::is_constructible_v<DeviceId, IdBytes>);
}
