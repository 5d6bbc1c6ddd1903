#include "domain/authn/breach_list_source.h"

#include "base/core/fault.h"
#include "domain/authn/breach_samples.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <sstream>
#include <string>
#include <vector>

namespace sallyport::authn {

namespace {

constexpr std::uint64_t too_long_to_sort = breach_source_unsorted_max + 1;

bool always(const BreachProgress&) {
    return true;
}

std::string line(std::uint64_t key, std::uint64_t count = 1) {
    return fmt::format("{:016X}{:024X}:{}\r\n", key, 0, count);
}

struct Built {
    std::string verdict;  // "ok", or the reason and the detail
    BreachListFacts facts;
    Bytes file;
};

// `size` is what the file system said.
Built build(
    const std::string& text,
    std::uint64_t size,
    std::uint64_t count_min = 1,
    const GoOn& go_on = always
) {
    std::istringstream stream(text);
    Built built;
    const BreachSource source{
        .text = stream, .size = size, .name = "pwned.txt", .count_min = count_min
    };
    const auto facts =
        build_breach_list(source, from_micros(1), test::write_into(built.file), go_on);
    built.verdict = facts ? "ok" : std::string(facts.error().reason) + " | " + facts.error().detail;
    if (facts) built.facts = *facts;
    return built;
}

Built build(const std::string& text) {
    return build(text, text.size());
}

TEST_CASE("a short list may be in any order, a long one is read as it comes") {
    const auto text = line(30) + line(10) + line(20);
    const auto built = build(text);
    CHECK(built.verdict == "ok");
    CHECK(built.facts.entries == 3);
    CHECK(built.facts.source == "pwned.txt");
    CHECK(built.facts.made_at == from_micros(1));
    const auto list = test::open_list(built.file);
    REQUIRE(list.has_value());
    CHECK((list->contains(10) && list->contains(20) && list->contains(30)));

    CHECK(
        build(text, too_long_to_sort).verdict ==
        "breach_list.unsorted | line 2: its hash is below the one before"
    );
    CHECK(build(line(10) + line(20) + line(30), too_long_to_sort).facts.entries == 3);
}

TEST_CASE("a line that makes no sense is refused with its number") {
    CHECK(
        build(line(1) + "\n" + line(2)).verdict ==
        "breach_list.malformed_line | line 2: must be the 40 hexadecimal digits of a SHA-1 hash, a "
        "colon and a count"
    );
    CHECK(build(line(1) + line(2) + "garbage").verdict.contains("line 3: "));
    CHECK(build("8846F7EAEE8FB117AD06BDD830B7586C:1\n").verdict.contains("line 1: has 32 digits"));
    CHECK(build(std::string(5U << 20U, 'A')).verdict.contains("line 1: "));
}

TEST_CASE("lines are whole wherever the blocks that are read end") {
    std::string text;
    constexpr std::uint64_t count = 60'000;
    for (std::uint64_t key = 1; key <= count; ++key) {
        text += line(key << 44U, key);
    }
    REQUIRE(text.size() > (2U << 20U));
    const auto built = build(text);
    CHECK(built.verdict == "ok");
    CHECK(built.facts.entries == count);
    // Without a line feed at the end.
    text.resize(text.size() - 2);
    CHECK(build(text).facts.entries == count);
}

TEST_CASE("hashes seen less often than asked are left out, padding always") {
    const auto text = line(1, 0) + line(2, 1) + line(3, 9) + line(4, 10) + line(4, 10);
    CHECK(build(text, text.size(), 1).facts.entries == 3);
    CHECK(build(text, text.size(), 10).facts.entries == 1);
    CHECK(build(text, text.size(), 10).facts.count_min == 10);
    CHECK(build(text, text.size(), 11).verdict.starts_with("breach_list.empty"));
    CHECK(build("").verdict.starts_with("breach_list.empty"));
}

TEST_CASE("it stops when it is told to, and what is written then is no list") {
    std::string text;
    while (text.size() < (3U << 20U)) {
        text += line(1);
    }
    std::vector<std::uint64_t> seen;
    const auto stopped = build(text, too_long_to_sort, 1, [&](const BreachProgress& progress) {
        seen.push_back(progress.bytes);
        return seen.size() < 2;
    });
    CHECK(stopped.verdict.starts_with("breach_list.stopped"));
    CHECK(seen == std::vector<std::uint64_t>{1U << 20U, 2U << 20U});
    CHECK_FALSE(test::open_list(stopped.file).has_value());
}

TEST_CASE("the start of a long list alone is refused: it is not spread as hashes are") {
    // As if a download of 40 GB had broken off after a million and a bit.
    std::string text;
    for (std::uint64_t key = 0; key <= fuse_keys_max; ++key) {
        text += line(key);
    }
    CHECK(build(text, std::uint64_t{40} << 30U)
              .verdict.contains(
                  fmt::format("line {}: too many hashes begin alike", fuse_keys_max + 1)
              ));
}

TEST_CASE("a source that can't be read to its end is a fault") {
    struct Broken final : std::streambuf {
        int underflow() override { throw std::ios_base::failure("the disk"); }
    };

    Broken broken;
    std::istream stream(&broken);
    const BreachSource source{.text = stream, .size = 100, .name = "x", .count_min = 1};
    CHECK_THROWS_AS(
        (void)build_breach_list(
            source, from_micros(0), [](std::uint64_t, BytesView) {}, always
        ),
        Fault
    );
}

}  // namespace

}  // namespace sallyport::authn
