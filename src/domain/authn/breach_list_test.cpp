#include "domain/authn/breach_list.h"

#include "tests/support/people.h"

#include "base/core/fault.h"
#include "domain/authn/breach_check.h"
#include "domain/authn/breach_samples.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <random>
#include <set>
#include <string>
#include <vector>

namespace sallyport::authn {

namespace {

using test::secret;
using Keys = std::vector<std::uint64_t>;

Keys some_keys(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::set<std::uint64_t> keys;
    while (keys.size() < count) {
        keys.insert(random());
    }
    return {keys.begin(), keys.end()};
}

// "ok", or why it is not opened or not whole.
std::string state_of(const Bytes& file) {
    const auto list = test::open_list(file);
    if (!list) return std::string(list.error().reason);
    const auto verified = list->verify();
    return verified ? "ok" : std::string(verified.error().reason);
}

TEST_CASE("no hash of a list is ever denied, however it is cut into shards") {
    const bool holds = rc::check([] {
        const auto given =
            *rc::gen::container<std::set<std::uint64_t>>(rc::gen::arbitrary<std::uint64_t>());
        const Keys keys(given.begin(), given.end());
        const auto list = test::open_list(test::list_of_keys(keys, *rc::gen::inRange(0U, 10U)));
        RC_ASSERT(list.has_value());
        RC_ASSERT(list->facts().entries == keys.size());
        RC_ASSERT(list->verify().has_value());
        for (const auto key : keys) {
            RC_ASSERT(list->contains(key));
        }
    });
    CHECK(holds);
}

TEST_CASE("100,000 hashes in four shards are all found, and next to none of others") {
    const auto keys = some_keys(100'000, 4);
    const auto file = test::list_of_keys(keys, 2);
    const auto list = test::open_list(file);
    REQUIRE(list.has_value());
    for (std::size_t i = 0; i < keys.size(); i += 97) {
        CHECK(list->contains(keys[i]));
    }
    int taken = 0;
    constexpr int strangers = 5'000;
    std::mt19937_64 random(5);
    for (int i = 0; i < strangers; ++i) {
        if (list->contains(random())) ++taken;
    }
    // 0.08 are expected; three would be one run in ten thousand with other seeds.
    CHECK(taken < 3);
    CHECK(file.size() < 512 + 4 * 32 + 100'000 * 5 / 2);
}

TEST_CASE("the edges of the hashes' range are found too") {
    const Keys keys{0, 1, 1ULL << 63U, ~1ULL, ~0ULL};
    for (const unsigned bits : {0U, 1U, 7U, 16U}) {
        CAPTURE(bits);
        const auto list = test::open_list(test::list_of_keys(keys, bits));
        REQUIRE(list.has_value());
        for (const auto key : keys) {
            CHECK(list->contains(key));
        }
        CHECK_FALSE(list->contains(2ULL << 40U));
    }
}

TEST_CASE("hashes out of order are refused, the same again counts once") {
    Bytes file;
    BreachListBuilder builder({}, test::write_into(file));
    CHECK(builder.add(0).has_value());
    CHECK(builder.add(0).has_value());
    CHECK(builder.add(5).has_value());
    CHECK(builder.add(5).has_value());
    const auto wrong = builder.add(4);
    REQUIRE_FALSE(wrong.has_value());
    CHECK(wrong.error().reason == "breach_list.unsorted");
    CHECK(builder.finish().entries == 2);
    CHECK(state_of(file) == "ok");
}

TEST_CASE("a shard that would outgrow the memory meant for it is refused") {
    BreachListBuilder builder({}, [](std::uint64_t, BytesView) {});
    for (std::uint64_t key = 0; key < fuse_keys_max; ++key) {
        REQUIRE(builder.add(key).has_value());
    }
    const auto wrong = builder.add(fuse_keys_max);
    REQUIRE_FALSE(wrong.has_value());
    CHECK(wrong.error().reason == "breach_list.uneven");
}

TEST_CASE("shards are as many as keep each at 65,536 entries") {
    CHECK(breach_shard_bits_for(0) == 0);
    CHECK(breach_shard_bits_for(65'536) == 0);
    CHECK(breach_shard_bits_for(1'000'000) == 4);
    CHECK(breach_shard_bits_for(1'000'000'000) == 14);
    CHECK(breach_shard_bits_for(~std::uint64_t{0}) == 16);
}

TEST_CASE("a list that is cut off anywhere, or has more behind it, is refused when it is opened") {
    const auto whole = test::list_of_keys(some_keys(200, 6), 2);
    REQUIRE(state_of(whole) == "ok");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CAPTURE(size);
        auto part = whole;
        part.resize(size);
        CHECK_FALSE(test::open_list(std::move(part)).has_value());
    }
    auto longer = whole;
    longer.push_back(std::byte{0});
    CHECK_FALSE(test::open_list(std::move(longer)).has_value());
}

TEST_CASE("whichever bit of a list is changed, it is not opened or not whole") {
    const auto whole = test::list_of_keys(some_keys(200, 7), 2);
    for (std::size_t at = 0; at < whole.size(); ++at) {
        CAPTURE(at);
        auto changed = whole;
        changed[at] ^= static_cast<std::byte>(1U << (at % 8));
        CHECK(state_of(changed) != "ok");
    }
}

TEST_CASE("a question about a shard that was damaged since the start is a fault, not a no") {
    auto file = test::list_of_keys(some_keys(200, 8));
    file.back() ^= std::byte{1};
    const auto list = test::open_list(file);
    REQUIRE(list.has_value());
    CHECK_THROWS_WITH_AS(
        (void)list->contains(1), "breach list breach-list is damaged: shard 0 was changed", Fault
    );
}

TEST_CASE("another kind of file, and another version, are named as such") {
    CHECK(state_of({}) == "breach_list.not_one");
    CHECK(state_of(Bytes(4096)) == "breach_list.not_one");
    auto newer = test::list_of_keys({1, 2, 3});
    newer[9] = std::byte{2};
    CHECK(state_of(newer) == "breach_list.newer");
}

TEST_CASE("a list that was not finished is none") {
    Bytes file;
    BreachListBuilder builder({.shard_bits = 1}, test::write_into(file));
    for (const std::uint64_t key : {1ULL, 2ULL, 1ULL << 63U}) {
        REQUIRE(builder.add(key).has_value());
    }
    CHECK(file.size() > breach_header_size);
    CHECK(state_of(file) == "breach_list.not_one");
}

TEST_CASE("the header tells what the list was made of") {
    BreachListFacts facts{
        .shard_bits = 3,
        .entries = 1'000'000'007,
        .count_min = 10,
        .made_at = from_micros(1'795'334'400'000'000),
        .source = std::string(255, 'x'),
    };
    facts.table_digest.fill(std::byte{7});
    const auto read = decode_breach_header(encode_breach_header(facts));
    REQUIRE(read.has_value());
    CHECK(*read == facts);
    facts.source += 'x';
    CHECK_THROWS_AS((void)encode_breach_header(facts), Fault);
}

TEST_CASE("a passphrase is looked for by the SHA-1 of its bytes, as the download has it") {
    const auto list = test::list_of({"password", "correct horse battery staple", "pässwörd"});
    CHECK(list->contains(secret("password")));
    CHECK(list->contains(secret("correct horse battery staple")));
    CHECK(list->contains(secret("pässwörd")));
    CHECK_FALSE(list->contains(secret("Password")));
    CHECK_FALSE(list->contains(secret("")));
    // SHA-1 of "password", as everybody knows it.
    CHECK(list->contains(0x5BAA61E4C9B93F3FULL));
}

TEST_CASE("S0-85 (part): what is breached is told by the list in force, which can be replaced") {
    BreachCheck check;
    CHECK_FALSE(check.is_breached(secret("eleven wet umbrellas")));
    check.use(test::list_of({"seven grey herons"}));
    CHECK_FALSE(check.is_breached(secret("eleven wet umbrellas")));
    CHECK(check.is_breached(secret("seven grey herons")));
    check.use(test::list_of({"eleven wet umbrellas"}));
    CHECK(check.is_breached(secret("eleven wet umbrellas")));
    CHECK_FALSE(check.is_breached(secret("seven grey herons")));
    check.use(nullptr);
    CHECK_FALSE(check.is_breached(secret("eleven wet umbrellas")));
}

}  // namespace

}  // namespace sallyport::authn
