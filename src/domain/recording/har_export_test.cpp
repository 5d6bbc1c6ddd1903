#include "tests/support/databases.h"
#include "tests/support/recorded.h"

#include "domain/recording/exchange_list.h"
#include "domain/recording/har.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace sallyport;
using namespace sallyport::recording;
using Json = nlohmann::json;

namespace {

constexpr std::size_t mebibyte = 1U << 20U;

std::string answer_head(std::size_t size) {
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", size);
}

// One exchange whose answer has a body of `size` bytes in frames of 512 KiB, all of them marked.
void record_download(Recording& recording, std::uint32_t id, std::size_t size) {
    using test::frame_of;
    (void)test::submit(recording, frame_of(R"({"method":"GET"})", FrameKind::exchange_begin, id));
    const auto asked = fmt::format("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", id);
    recording.mark_sent(
        test::submit_and_wait(recording, frame_of(asked, FrameKind::to_device, id)),
        test::at_second(2)
    );
    std::uint64_t last =
        test::submit_and_wait(recording, frame_of(answer_head(size), FrameKind::from_device, id));
    constexpr std::size_t frame_size = mebibyte / 2;
    for (std::size_t sent = 0; sent < size; sent += frame_size) {
        const std::string body(std::min(frame_size, size - sent), static_cast<char>('a' + id % 26));
        last = test::submit_and_wait(recording, frame_of(body, FrameKind::from_device, id));
    }
    recording.mark_sent(last, test::at_second(3));
    (void)test::submit_and_wait(
        recording, frame_of(R"({"outcome":"answered"})", FrameKind::exchange_end, id)
    );
}

// A recording of `count` downloads of 1 MiB on a real disk.
struct Recorded {
    explicit Recorded(std::uint32_t count) {
        auto settings = test::small_settings(folder.file("rec"));
        settings.segment_bytes_max = 16U << 20U;
        settings.journal_file_bytes = 8U << 20U;
        settings.reserve_bytes = 64U << 20U;
        root = settings.folder;
        const auto recorder = open_recorder(std::move(settings), keys, random, disk);
        const auto recording = recorder->open(test::info_of(id)).value();
        for (std::uint32_t i = 1; i <= count; ++i) {
            record_download(*recording, i, mebibyte);
        }
        (void)test::seal(*recording).get();
    }

    RecordingReader read() {
        return std::move(RecordingReader::open(disk, root, id, keys).value());
    }

    test::TemporaryFolder folder;
    std::string root;
    PosixDisk disk;
    keys::KeyRing keys = test::fixed_keys();
    test::ReplayedRandom random{7};
    ConnectionId id = test::fresh_connection(1);
};

}  // namespace

TEST_CASE("a recording of 72 MB becomes a HAR file while at most 8 MB of it are held") {
    constexpr std::uint32_t count = 72;
    Recorded recorded(count);
    HarExport file(recorded.read());
    std::uint64_t written = 0;
    std::size_t longest = 0;
    std::size_t steps = 0;
    std::string end;
    while (!file.done()) {
        const auto piece = file.step();
        written += piece.size();
        longest = std::max(longest, piece.size());
        if (!piece.empty()) end = piece;
        ++steps;
    }
    CHECK(file.report().whole());
    CHECK(written > count * mebibyte);
    CHECK(longest < 2 * mebibyte);
    CHECK(steps > count / 2);
    CHECK(end.ends_with("}}\n"));

    // What is held between the pieces, frame by frame.
    auto reader = recorded.read();
    HarWriter writer([](const std::string&) {}, {});
    std::size_t held = 0;
    writer.begin(reader);
    while (const auto frame = reader.next()) {
        writer.add(*frame);
        held = std::max(held, writer.held_size());
    }
    CHECK(held + longest < 8 * mebibyte);
    MESSAGE("written " << written << ", held at most " << held + longest);
}

TEST_CASE("what a device sends on all its exchanges at once is held to the limit, and cut") {
    const HarOptions options{
        .limits =
            {
                .body_size_max = 2 * mebibyte,
                .open_size_max = 8 * mebibyte,
                .waiting_size_max = 4 * mebibyte,
            },
    };
    std::string har;
    HarWriter writer([&](const std::string& piece) { har += piece; }, options);
    std::size_t most = 0;
    std::uint64_t sequence = 0;
    const auto add = [&](std::uint32_t id, FrameKind kind, const std::string& payload) {
        writer.add({++sequence, test::frame_of(payload, kind, id)});
        most = std::max(most, writer.held_size());
    };
    har = R"({"log":{"entries":[)";
    constexpr std::uint32_t count = 40;
    for (std::uint32_t id = 1; id <= count; ++id) {
        const bool chunked = id % 2 == 0;
        add(id, FrameKind::to_device, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        add(id,
            FrameKind::from_device,
            chunked ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    : answer_head(4 * mebibyte));
    }
    for (int round = 0; round < 4; ++round) {
        for (std::uint32_t id = 1; id <= count; ++id) {
            std::string body(mebibyte, static_cast<char>('a' + round));
            if (id % 2 == 0) body = "100000\r\n" + body + "\r\n";
            add(id, FrameKind::from_device, body);
        }
    }
    // 160 MiB came in; the heads are what is over the two limits.
    CHECK(most <= 12 * mebibyte + std::size_t{count} * 1000);
    const auto before_ends = har.size();
    for (std::uint32_t id = 1; id <= count; ++id) {
        add(id, FrameKind::exchange_end, R"({"outcome":"answered"})");
    }
    writer.finish({});
    CHECK(most <= 12 * mebibyte + std::size_t{count} * 1000);
    CHECK(har.size() - before_ends < 12 * mebibyte);

    const auto log = Json::parse(har)["log"];
    REQUIRE(log["entries"].size() == count);
    std::size_t cut = 0;
    for (const auto& entry : log["entries"]) {
        const auto text = entry["response"]["content"].value("text", "");
        // What is kept is the body's beginning, without a hole.
        CHECK(std::ranges::is_sorted(text));
        cut += entry["_sallyport"]["cut"] == true ? 1 : 0;
        CHECK(entry["response"]["content"]["size"] == 4 * mebibyte);
    }
    CHECK(cut == count);
}

TEST_CASE("single bytes behind a protocol switch are bounded by their number") {
    std::string har;
    const HarOptions options{.limits = {.body_size_max = mebibyte}};
    HarWriter writer([&](const std::string& piece) { har += piece; }, options);
    std::uint64_t sequence = 0;
    const auto add = [&](FrameKind kind, std::string_view payload) {
        writer.add({++sequence, test::frame_of(payload, kind, 1)});
    };
    har = R"({"log":{"entries":[)";
    add(FrameKind::to_device, "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n\r\n");
    add(FrameKind::from_device, "HTTP/1.1 101 Switching Protocols\r\n\r\n");
    for (int i = 0; i < 5000; ++i) {
        add(FrameKind::to_device, "x");
    }
    writer.finish({});
    const auto entry = Json::parse(har)["log"]["entries"][0];
    CHECK(entry["_upgradeBytes"].size() == mebibyte / 513);
    CHECK(entry["_sallyport"]["cut"] == true);
}

TEST_CASE("a visit's exchanges are listed by windows, and the recording is checked to its end") {
    Recorded recorded(5);
    const auto listed = [&](std::uint64_t skipped, std::size_t count_max) {
        auto list = std::make_unique<ExchangeList>(recorded.read(), skipped, count_max);
        while (!list->done()) {
            list->step();
        }
        return list;
    };
    const auto all = listed(0, 100);
    CHECK(all->count() == 5);
    REQUIRE(all->lines().size() == 5);
    CHECK(all->lines()[0].method == "GET");
    CHECK(all->lines()[0].url == "http://a/1");
    CHECK(all->lines()[0].status == 200);
    CHECK(all->lines()[0].outcome == "answered");
    CHECK(all->report().whole());
    const auto some = listed(3, 1);
    CHECK(some->count() == 5);
    REQUIRE(some->lines().size() == 1);
    CHECK(some->lines()[0].url == "http://a/4");
    CHECK(some->report().frames == all->report().frames);
    CHECK(listed(5, 10)->lines().empty());
}
