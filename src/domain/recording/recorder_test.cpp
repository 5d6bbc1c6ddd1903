#include "domain/recording/recorder.h"

#include "tests/support/recorded.h"

#include <doctest/doctest.h>

using namespace sallyport;
using namespace sallyport::recording;

TEST_CASE("a recording gives back every frame in order, and its root hash verifies") {
    test::RecorderInMemory here;
    here.start();
    const auto id = test::fresh_connection(1);
    const auto recording = here.open(id);

    for (int i = 1; i <= 20; ++i) {
        const auto sequence =
            test::submit_and_wait(*recording, test::frame_of("frame " + std::to_string(i)));
        CHECK(sequence == static_cast<std::uint64_t>(i));
    }
    const auto root = test::seal(*recording).get();

    const auto frames = test::all_of(here.read(id));
    REQUIRE(frames.size() == 21);
    CHECK(as_text(frames[6].frame.payload) == "frame 7");
    CHECK(frames.back().frame.kind == FrameKind::end);
    CHECK(as_text(frames.back().frame.payload) == R"({"cause":"logout","frames":21})");
    const auto report = here.verify(id, root);
    CHECK(report.whole());
    CHECK(report.sealed);
    CHECK(report.frames == 21);
    CHECK(report.root_hash == root);
    const auto reader = here.read(id);
    CHECK(reader.info().device == "pump-07");
    CHECK(reader.info().login_name == "erin");
    CHECK(reader.manifest()->cause == "logout");
    CHECK(reader.manifest()->closed_at == test::at_second(60));
    CHECK_FALSE(reader.manifest()->interrupted);
}

TEST_CASE("nothing that was recorded lies on the disk in clear") {
    test::RecorderInMemory here;
    here.start();
    const auto id = test::fresh_connection(1);
    const auto recording = here.open(id);
    test::submit_and_wait(*recording, test::frame_of("canary-3f9a"));
    test::submit_and_wait(
        *recording, test::frame_of(std::string(inline_size_max, 'x') + "canary-3f9a")
    );
    (void)test::seal(*recording).get();
    here.recorder.reset();

    const auto inner = here.settings.folder + "/" + folder_of(id);
    std::size_t files = 0;
    for (const auto& folder : {inner, here.settings.folder + "/journal"}) {
        for (const auto& name : here.disk.list(folder)) {
            const auto& bytes = here.disk.bytes_of(folder + "/" + name);
            CHECK(as_text(bytes).find("canary-3f9a") == std::string_view::npos);
            ++files;
        }
    }
    CHECK(files >= 4);
}

TEST_CASE("frames of many recordings complete in the order of each") {
    test::RecorderInMemory here;
    here.start();

    struct Visit {
        std::shared_ptr<Recording> recording;
        std::vector<std::uint64_t> completed;
    };

    std::mutex mutex;
    std::vector<Visit> visits(8);
    std::vector<std::future<Bytes>> seals;
    for (std::size_t i = 0; i < visits.size(); ++i) {
        visits[i].recording = here.open(test::fresh_connection(i + 1));
    }

    for (int round = 0; round < 200; ++round) {
        for (auto& visit : visits) {
            visit.recording->submit(
                test::frame_of(std::string(static_cast<std::size_t>(round), 'a')),
                [&](const auto& error, std::uint64_t sequence) {
                    const std::lock_guard lock(mutex);
                    if (!error) visit.completed.push_back(sequence);
                }
            );
        }
    }
    for (auto& visit : visits) {
        seals.push_back(test::seal(*visit.recording));
    }

    for (std::size_t i = 0; i < visits.size(); ++i) {
        const auto root = seals[i].get();
        const std::lock_guard lock(mutex);
        REQUIRE(visits[i].completed.size() == 200);
        CHECK(std::ranges::is_sorted(visits[i].completed));
        const auto report = here.verify(visits[i].recording->id(), root);
        CHECK(report.whole());
        CHECK(report.frames == 201);
    }
}

TEST_CASE("marks are written without being waited for, and refer to what was sent") {
    test::RecorderInMemory here;
    here.start();
    const auto id = test::fresh_connection(1);
    const auto recording = here.open(id);

    const auto sequence = test::submit_and_wait(*recording, test::frame_of("GET /"));
    recording->mark_sent(sequence, test::at_second(2));
    (void)test::seal(*recording).get();

    const auto frames = test::all_of(here.read(id));
    REQUIRE(frames.size() == 3);
    CHECK(frames[1].frame.kind == FrameKind::sent);
    CHECK(frames[1].frame.reference == sequence);
    CHECK(frames[1].frame.at == test::at_second(2));
    CHECK(frames[1].frame.payload.empty());
}

TEST_CASE("frames that belong together are durable by one sync and have consecutive numbers") {
    test::RecorderInMemory here;
    here.start();
    here.wait_for_spare();
    const auto id = test::fresh_connection(1);
    const auto recording = here.open(id);
    CHECK(test::submit_and_wait(*recording, test::frame_of("before")) == 1);

    const auto syncs = here.disk.syncs();
    std::promise<std::uint64_t> last;
    recording->submit_all(
        {test::frame_of("a"), test::frame_of("b"), test::frame_of("c")},
        [&](const auto& error, std::uint64_t sequence) {
            error ? last.set_exception(error) : last.set_value(sequence);
        }
    );
    CHECK(last.get_future().get() == 4);
    CHECK(here.disk.syncs() == syncs + 1);
    (void)test::seal(*recording).get();

    const auto frames = test::all_of(here.read(id));
    REQUIRE(frames.size() == 5);
    CHECK(as_text(frames[1].frame.payload) == "a");
    CHECK(as_text(frames[2].frame.payload) == "b");
    CHECK(as_text(frames[3].frame.payload) == "c");
}

TEST_CASE("of frames that belong together all are taken or none") {
    test::RecorderInMemory here;
    here.settings.queue_bytes_max = 100'000;
    here.start();
    const auto id = test::fresh_connection(1);
    const auto recording = here.open(id);
    const auto large = test::frame_of(std::string(60'000, 'x'));

    std::promise<std::uint64_t> answer;
    recording->submit_all({large, large}, [&](const auto& error, std::uint64_t sequence) {
        error ? answer.set_exception(error) : answer.set_value(sequence);
    });
    CHECK_THROWS_AS(answer.get_future().get(), RecorderOverloaded);
    // Nothing of it stayed behind in the queue's count, nor in the recording.
    CHECK(test::submit_and_wait(*recording, large) == 1);
    (void)test::seal(*recording).get();
    CHECK(here.verify(id).frames == 2);
}

TEST_CASE("what nobody waits for is written with the next batch, and tells that it was") {
    test::RecorderInMemory here;
    here.settings.lazy_delay = std::chrono::hours(1);
    here.start();
    here.wait_for_spare();
    const auto id = test::fresh_connection(1);
    const auto recording = here.open(id);
    CHECK(test::submit_and_wait(*recording, test::frame_of("before")) == 1);

    const auto syncs = here.disk.syncs();
    std::promise<std::uint64_t> lazy;
    recording->submit_lazily(
        test::frame_of("end of an exchange"),
        [&](const auto&, std::uint64_t sequence) { lazy.set_value(sequence); }
    );
    CHECK(test::submit_and_wait(*recording, test::frame_of("the next request")) == 3);
    CHECK(lazy.get_future().get() == 2);
    CHECK(here.disk.syncs() == syncs + 1);
}

TEST_CASE("a last frame that nobody waits for is written when the recorder stops") {
    test::RecorderInMemory here;
    here.settings.lazy_delay = std::chrono::hours(1);
    here.start();
    const auto id = test::fresh_connection(1);
    auto recording = here.open(id);
    CHECK(test::submit_and_wait(*recording, test::frame_of("before")) == 1);
    recording->submit_lazily(test::frame_of("end of an exchange"), {});
    recording.reset();
    here.recorder.reset();

    here.start();
    const auto frames = test::all_of(here.read(id));
    REQUIRE(frames.size() >= 2);
    CHECK(as_text(frames[1].frame.payload) == "end of an exchange");
}

TEST_CASE("frames over 64 KiB go to the bulk file, in their place between the others") {
    test::RecorderInMemory here;
    here.start();
    const auto id = test::fresh_connection(1);
    const auto recording = here.open(id);
    const std::string longest(inline_size_max, 'i');
    const std::string firmware(3U << 20U, 'f');
    const std::string second(inline_size_max + 1, 's');

    auto waiting = std::vector<std::future<std::uint64_t>>();
    for (const auto& payload : {std::string("a"), longest, firmware, std::string("b"), second}) {
        waiting.push_back(test::submit(*recording, test::frame_of(payload)));
    }
    for (std::size_t i = 0; i < waiting.size(); ++i) {
        CHECK(waiting[i].get() == i + 1);
    }
    const auto root = test::seal(*recording).get();

    const auto frames = test::all_of(here.read(id));
    REQUIRE(frames.size() == 6);
    CHECK(as_text(frames[1].frame.payload) == longest);
    CHECK(as_text(frames[2].frame.payload) == firmware);
    CHECK(as_text(frames[3].frame.payload) == "b");
    CHECK(as_text(frames[4].frame.payload) == second);
    CHECK(here.verify(id, root).whole());
    const auto sealed_over = frame_head_size + tag_size;
    CHECK(
        here.disk.bytes_of(here.path(id, "bulk")).size() ==
        firmware.size() + second.size() + 2 * sealed_over
    );
}

TEST_CASE("a payload over 16 MiB is refused and harms nobody") {
    test::RecorderInMemory here;
    here.start();
    const auto recording = here.open(test::fresh_connection(1));

    auto too_long =
        test::submit(*recording, test::frame_of(std::string(payload_size_max + 1, 'x')));
    CHECK_THROWS_AS(too_long.get(), RecorderFailed);
    CHECK(test::submit_and_wait(*recording, test::frame_of("next")) == 1);
    CHECK_FALSE(here.recorder->poisoned());
}

TEST_CASE("segments are cut by size and by time, each with its index and hash") {
    test::RecorderInMemory here;
    here.settings.segment_bytes_max = 64U << 10U;
    here.start();
    const auto id = test::fresh_connection(1);
    const auto recording = here.open(id);
    for (int i = 0; i < 100; ++i) {
        test::submit_and_wait(
            *recording, test::frame_of(std::string(4096, 'a'), FrameKind::to_device, 1, i)
        );
    }
    // 15 minutes later.
    test::submit_and_wait(*recording, test::frame_of("late", FrameKind::to_device, 1, 99 + 901));
    const auto root = test::seal(*recording, "logout", 1001).get();

    const auto reader = here.read(id);
    const auto& segments = reader.manifest()->segments;
    REQUIRE(segments.size() >= 8);
    std::uint64_t expected = 1;
    for (const auto& segment : segments) {
        CHECK(segment.bytes <= here.settings.segment_bytes_max);
        CHECK(segment.first == expected);
        expected = segment.last + 1;
        CHECK(here.disk.exists(here.path(id, segment.name.substr(0, 6) + ".index")));
    }
    CHECK(segments.back().first == 101);
    CHECK(here.verify(id, root).whole());
}

TEST_CASE("a reader can begin at a time in the middle") {
    test::RecorderInMemory here;
    here.start();
    const auto id = test::fresh_connection(1);
    const auto recording = here.open(id);
    for (int i = 0; i < 300; ++i) {
        (void)test::submit_and_wait(
            *recording,
            test::frame_of(std::to_string(i) + std::string(4000, ' '), FrameKind::to_device, 1, i)
        );
    }
    (void)test::seal(*recording, "logout", 300).get();

    for (const int second : {0, 1, 150, 299, 5000}) {
        auto reader = here.read(id);
        reader.seek(test::at_second(second));
        const auto first = reader.next();
        REQUIRE(first.has_value());
        CHECK(first->frame.at <= test::at_second(second));
        // Not further back than one index step: 64 KiB of records.
        CHECK(first->frame.at >= test::at_second(std::min(second, 300) - 20));
        CHECK(reader.report().whole());
    }
}

TEST_CASE("an open recording can be read as far as it was moved") {
    test::RecorderInMemory here;
    here.start();
    const auto id = test::fresh_connection(1);
    const auto recording = here.open(id);
    test::submit_and_wait(*recording, test::frame_of("one"));
    here.recorder.reset();  // moves what is durable, and seals nothing

    const auto frames = test::all_of(here.read(id));
    REQUIRE(frames.size() == 1);
    const auto report = here.verify(id);
    CHECK(report.whole());
    CHECK_FALSE(report.sealed);
}

TEST_CASE("the journal gives its files back, and reuses them") {
    test::RecorderInMemory here;
    here.start();
    const auto id = test::fresh_connection(1);
    const auto recording = here.open(id);
    for (int i = 0; i < 500; ++i) {
        test::submit_and_wait(*recording, test::frame_of(std::string(10'000, 'x')));
    }
    (void)test::seal(*recording).get();
    here.recorder.reset();

    // 5 MB went through files of 256 KiB.
    CHECK(here.disk.list("/rec/journal") == std::vector<std::string>{"spare"});
    CHECK(here.disk.bytes_of("/rec/journal/spare").size() == 256U << 10U);
    CHECK(here.verify(id).frames == 501);
}

TEST_CASE("a stopped recorder fails what comes late, at once") {
    test::RecorderInMemory here;
    here.start();
    const auto recording = here.open(test::fresh_connection(1));
    here.recorder.reset();

    CHECK_THROWS_AS(test::submit_and_wait(*recording, test::frame_of("late")), RecorderFailed);
    recording->mark_sent(1, test::at_second(1));
    CHECK_THROWS_AS(test::seal(*recording).get(), RecorderFailed);
}

TEST_CASE("after its seal a recording takes nothing more") {
    test::RecorderInMemory here;
    here.start();
    const auto id = test::fresh_connection(1);
    const auto recording = here.open(id);
    (void)test::seal(*recording).get();

    CHECK_THROWS_AS(test::submit_and_wait(*recording, test::frame_of("late")), RecorderFailed);
    CHECK_THROWS_AS(test::seal(*recording).get(), RecorderFailed);
    CHECK(here.verify(id).frames == 1);
}

TEST_CASE("one connection has one recording") {
    test::RecorderInMemory here;
    here.start();
    const auto id = test::fresh_connection(1);
    const auto recording = here.open(id);
    CHECK(here.recorder->open(test::info_of(id)).error().reason == "recorder.already_open");

    auto info = test::info_of(test::fresh_connection(2));
    info.device = std::string(info_size_max, 'x');
    CHECK(here.recorder->open(info).error().reason == "recorder.info_too_long");
}

TEST_CASE("a full queue refuses loudly and goes on") {
    test::RecorderInMemory here;
    here.settings.queue_bytes_max = 100'000;
    here.start();
    const auto recording = here.open(test::fresh_connection(1));

    std::mutex gate;
    gate.lock();
    // The journal's thread stands in this completion until the gate opens.
    std::promise<void> standing;
    recording->submit(test::frame_of("first"), [&](const auto&, std::uint64_t) {
        standing.set_value();
        const std::lock_guard wait(gate);
    });
    standing.get_future().wait();
    std::vector<std::future<std::uint64_t>> waiting;
    for (int i = 0; i < 20; ++i) {
        waiting.push_back(test::submit(*recording, test::frame_of(std::string(20'000, 'x'))));
    }
    gate.unlock();

    int taken = 0;
    int refused = 0;
    for (auto& frame : waiting) {
        try {
            (void)frame.get();
            ++taken;
        } catch (const RecorderOverloaded&) {
            ++refused;
        }
    }
    CHECK(taken == 4);
    CHECK(refused == 16);
    CHECK(test::submit_and_wait(*recording, test::frame_of("next")) == 6);
}
