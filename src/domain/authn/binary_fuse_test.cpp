#include "domain/authn/binary_fuse.h"

#include "base/core/fault.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

namespace sallyport::authn {

namespace {

using Keys = std::vector<std::uint64_t>;

// Different ones, the same each time.
Keys some_keys(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::set<std::uint64_t> keys;
    while (keys.size() < count) {
        keys.insert(random());
    }
    return {keys.begin(), keys.end()};
}

bool has_all(const FuseFilter& filter, const Keys& keys) {
    return std::ranges::all_of(keys, [&](std::uint64_t key) { return filter.contains(key); });
}

TEST_CASE("whatever keys go into a filter, it has every one of them") {
    const bool holds = rc::check([] {
        const auto given =
            *rc::gen::container<std::set<std::uint64_t>>(rc::gen::arbitrary<std::uint64_t>());
        const Keys keys(given.begin(), given.end());
        const auto filter = build_fuse_filter(keys);
        RC_ASSERT(filter.cells.size() == filter.shape.cells());
        RC_ASSERT(is_fuse_shape(filter.shape));
        RC_ASSERT(has_all(filter, keys));
    });
    CHECK(holds);
}

TEST_CASE("filters of every small size, and of keys that follow one another, have all their keys") {
    for (std::size_t size = 0; size <= 300; ++size) {
        CAPTURE(size);
        Keys row(size);
        std::ranges::generate(row, [next = std::uint64_t{0}]() mutable { return next++; });
        CHECK(has_all(build_fuse_filter(row), row));
        const auto scattered = some_keys(size, size);
        CHECK(has_all(build_fuse_filter(scattered), scattered));
    }
}

TEST_CASE("a filter without keys denies everything") {
    const auto filter = build_fuse_filter({});
    CHECK(filter.cells.empty());
    CHECK_FALSE(filter.contains(0));
    CHECK_FALSE(filter.contains(~std::uint64_t{0}));
}

TEST_CASE("of a million strangers, about one in 65,536 is taken for a key") {
    const auto keys = some_keys(65'536, 1);
    const auto filter = build_fuse_filter(keys);
    REQUIRE(has_all(filter, keys));
    std::mt19937_64 random(2);
    int taken = 0;
    for (int i = 0; i < 1'000'000; ++i) {
        const auto stranger = random();
        if (filter.contains(stranger) && !std::ranges::binary_search(keys, stranger)) ++taken;
    }
    // 15.3 are expected, with a deviation of 3.9.
    CHECK(taken >= 3);
    CHECK(taken <= 31);
}

TEST_CASE("a filter of 65,536 keys takes at most 2.45 bytes a key, one of a million at most 2.3") {
    const auto bytes_a_key = [](std::size_t keys) {
        return 2.0 * static_cast<double>(fuse_shape_for(keys).cells()) / static_cast<double>(keys);
    };
    CHECK(bytes_a_key(65'536) <= 2.45);
    CHECK(bytes_a_key(40'000) <= 2.55);
    CHECK(bytes_a_key(1'000'000) <= 2.3);
    for (std::size_t keys = 1; keys <= fuse_keys_max; keys = keys * 2 + 1) {
        CAPTURE(keys);
        CHECK(is_fuse_shape(fuse_shape_for(keys)));
        CHECK(fuse_shape_for(keys).cells() >= keys);
    }
}

TEST_CASE("the same keys give the same filter, whatever their order") {
    auto keys = some_keys(5'000, 3);
    const auto one = build_fuse_filter(keys);
    std::ranges::reverse(keys);
    const auto other = build_fuse_filter(keys);
    CHECK(one.seed == other.seed);
    CHECK(has_all(other, keys));
    CHECK(build_fuse_filter(keys).cells == other.cells);
}

TEST_CASE("a probe stays within the cells, in three of them") {
    const bool holds = rc::check([](std::uint64_t key, std::uint32_t seed) {
        const FuseShape shape{
            .segment_size = 1U << *rc::gen::inRange(0U, 14U),
            .segment_count = *rc::gen::inRange(1U, fuse_segment_count_max + 1),
        };
        RC_ASSERT(is_fuse_shape(shape));
        const auto probe = fuse_probe(shape, seed, key);
        for (const auto cell : probe.cells) {
            RC_ASSERT(cell < shape.cells());
        }
        RC_ASSERT(std::set<std::uint32_t>(probe.cells.begin(), probe.cells.end()).size() == 3U);
    });
    CHECK(holds);
}

TEST_CASE("a key that is there twice is a fault") {
    CHECK_THROWS_AS((void)build_fuse_filter(Keys{7, 7}), Fault);
}

}  // namespace

}  // namespace sallyport::authn
