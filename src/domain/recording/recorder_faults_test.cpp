// The disk fails in every way it can; what was acknowledged is there, and nobody is let in.

#include "tests/support/recorded.h"

#include "domain/recording/recorder.h"

#include <doctest/doctest.h>

#include <atomic>
#include <map>

using namespace sallyport;
using namespace sallyport::recording;

namespace {

std::string payload_of(std::size_t recording, std::uint64_t frame) {
    const auto text = std::to_string(recording) + "/" + std::to_string(frame) + " ";
    // Every seventh goes to the bulk file.
    return text + std::string(frame % 7 == 0 ? inline_size_max + 1 : frame * 131 % 5000, 'p');
}

// What was acknowledged: per recording, sequence → payload; and the roots of sealed ones.
struct Promises {
    std::mutex mutex;
    std::map<std::size_t, std::map<std::uint64_t, std::string>> frames;
    std::map<std::size_t, Bytes> roots;
};

constexpr std::size_t recordings = 3;
constexpr std::uint64_t rounds = 12;

ConnectionId id_of(std::size_t recording) {
    return test::fresh_connection(100 + recording);
}

// Visits that go on until everything is sealed or the disk has failed.
void visit(test::RecorderInMemory& here, Promises& promises) {
    std::vector<std::shared_ptr<Recording>> open;
    for (std::size_t i = 0; i < recordings; ++i) {
        auto recording = here.recorder->open(test::info_of(id_of(i)));
        if (!recording) return;
        open.push_back(*recording);
    }
    std::vector<std::future<std::uint64_t>> waiting;
    for (std::uint64_t round = 1; round <= rounds; ++round) {
        for (std::size_t i = 0; i < recordings; ++i) {
            auto promise = std::make_shared<std::promise<std::uint64_t>>();
            waiting.push_back(promise->get_future());
            const auto payload = payload_of(i, round);
            open[i]->submit(
                test::frame_of(payload),
                [&promises, i, payload, promise](const auto& error, std::uint64_t sequence) {
                    const std::lock_guard lock(promises.mutex);
                    if (!error) promises.frames[i].emplace(sequence, payload);
                    promise->set_value(sequence);
                }
            );
        }
        if (round % 3 == 0) {
            for (auto& frame : waiting) {
                (void)frame.get();
            }
            waiting.clear();
        }
    }
    std::vector<std::future<Bytes>> seals;
    for (std::size_t i = 0; i + 1 < recordings; ++i) {  // the last one is never sealed
        seals.push_back(test::seal(*open[i]));
    }
    for (std::size_t i = 0; i < seals.size(); ++i) {
        try {
            promises.roots[i] = seals[i].get();
        } catch (const RecorderFailed&) {
        }
    }
}

void check_kept(test::RecorderInMemory& here, Promises& promises) {
    for (const auto& [i, frames] : promises.frames) {
        const auto root = promises.roots.contains(i) ? promises.roots[i] : Bytes{};
        const auto report = here.verify(id_of(i), root);
        for (const auto& problem : report.problems) {
            FAIL_CHECK(problem.what << " in " << problem.file << " frame " << problem.sequence);
        }
        CHECK(report.sealed);
        std::map<std::uint64_t, std::string> found;
        std::uint64_t before = 0;
        for (const auto& read : test::all_of(here.read(id_of(i)))) {
            CHECK(read.sequence == before + 1);
            before = read.sequence;
            found.emplace(read.sequence, as_text(read.frame.payload));
        }
        for (const auto& [sequence, payload] : frames) {
            CHECK(found[sequence] == payload);
        }
    }
}

// Somebody else takes what is free, and nothing of what the recorder gives back meanwhile.
void fill(test::MemoryDisk& disk, std::uint64_t capacity) {
    disk.set_capacity(capacity);
    const auto hog = disk.open("/rec/hog", OpenMode::write);
    for (auto room = disk.free_bytes("/rec"); hog->size() == 0; room -= 4096) {
        try {
            hog->allocate(room);
        } catch (const DiskFull&) {
            // The recorder wrote something in between.
        }
    }
}

void start_again(test::RecorderInMemory& here) {
    here.recorder.reset();
    here.start();
}

std::size_t run_until(std::uint64_t operations, bool power_cut) {
    test::RecorderInMemory here;
    here.settings.journal_file_bytes = 128U << 10U;
    here.settings.segment_bytes_max = 16U << 10U;
    Promises promises;
    here.start();
    here.disk.cut_power_after(operations);
    visit(here, promises);
    here.recorder.reset();
    const bool finished = !here.disk.dead();
    power_cut ? here.disk.restart() : here.disk.revive();

    here.start();
    check_kept(here, promises);
    for (const auto& found : here.recorder->recovered()) {
        CHECK(found.gaps.empty());
        CHECK(here.verify(found.connection, found.root_hash).whole());
    }
    start_again(here);
    CHECK(here.recorder->recovered().empty());
    return finished ? 0 : promises.frames.size() + 1;
}

}  // namespace

TEST_CASE("the power may go at any operation of the disk: what was acknowledged is there") {
    std::uint64_t operations = 0;
    while (run_until(operations, true) != 0) {
        ++operations;
        REQUIRE(operations < 2000);
    }
    CHECK(operations > 50);
}

TEST_CASE("the process may die at any operation: what was acknowledged is there, once") {
    std::uint64_t operations = 0;
    while (run_until(operations, false) != 0) {
        operations += 3;
        REQUIRE(operations < 2000);
    }
    CHECK(operations > 50);
}

TEST_CASE("a recovery that is cut at any operation is done again") {
    for (std::uint64_t operations = 0;; ++operations) {
        test::RecorderInMemory here;
        Promises promises;
        here.start();
        here.disk.cut_power_after(60);
        visit(here, promises);
        here.recorder.reset();
        here.disk.restart();

        here.disk.cut_power_after(operations);
        bool again = false;
        try {
            here.start();
            here.recorder.reset();
        } catch (const DiskFault&) {
            again = true;
        }
        again = again || here.disk.dead();
        here.disk.restart();
        here.start();
        check_kept(here, promises);
        if (!again) break;
        REQUIRE(operations < 1000);
    }
}

TEST_CASE("an fsync error is final: everything fails from there on, and nobody is admitted") {
    for (std::uint64_t syncs = 0; syncs < 40; syncs += 3) {
        test::RecorderInMemory here;
        std::atomic<int> poisonings{0};
        here.settings.on_trouble = [&](Trouble trouble) {
            if (trouble == Trouble::poisoned) ++poisonings;
        };
        Promises promises;
        here.start();
        const auto bystander = here.open(test::fresh_connection(1));
        here.disk.fail_sync_after(syncs);
        visit(here, promises);
        // Whatever was still under way: the next durable frame meets the failing disk.
        while (!here.recorder->poisoned()) {
            try {
                (void)test::submit_and_wait(*bystander, test::frame_of("x"));
            } catch (const RecorderFailed&) {
            }
        }

        CHECK(here.recorder->admit().error().reason == "recorder.poisoned");
        CHECK(
            here.recorder->open(test::info_of(test::fresh_connection(2))).error().reason ==
            "recorder.poisoned"
        );
        CHECK_THROWS_AS(test::submit_and_wait(*bystander, test::frame_of("x")), RecorderFailed);
        CHECK_THROWS_AS(test::seal(*bystander).get(), RecorderFailed);
        here.recorder.reset();
        CHECK(poisonings == 1);

        // A new process, after the power was gone too.
        here.disk.restart();
        here.start();
        check_kept(here, promises);
    }
}

TEST_CASE(
    "S2-26 (part): a full disk lets nobody in, and running visits end cleanly out of the reserve"
) {
    test::RecorderInMemory here;
    here.settings.journal_file_bytes = 128U << 10U;
    here.settings.reserve_bytes = 4U << 20U;
    std::atomic<int> warnings{0};
    here.settings.on_trouble = [&](Trouble trouble) {
        CHECK(trouble == Trouble::on_reserve);
        ++warnings;
    };
    here.start();
    const auto id = test::fresh_connection(1);
    const auto recording = here.open(id);
    CHECK(here.recorder->admit().has_value());
    test::submit_and_wait(*recording, test::frame_of("before"));

    fill(here.disk, 64U << 20U);
    CHECK(here.recorder->admit().error().reason == "recorder.disk_reserve");

    std::uint64_t last = 0;
    for (int i = 0; i < 40; ++i) {
        last = test::submit_and_wait(*recording, test::frame_of(std::string(10'000, 'x')));
    }
    const auto root = test::seal(*recording).get();

    CHECK(here.recorder->on_reserve());
    CHECK(warnings == 1);
    CHECK_FALSE(here.recorder->poisoned());
    CHECK(here.recorder->admit().error().reason == "recorder.disk_reserve");
    const auto report = here.verify(id, root);
    CHECK(report.whole());
    CHECK(report.frames == last + 1);

    // Room again: the reserve is built up, and visits begin.
    here.disk.remove("/rec/hog");
    CHECK(here.recorder->admit().has_value());
    CHECK_FALSE(here.recorder->on_reserve());
}

TEST_CASE("beyond the reserve nothing is acknowledged that is not durable") {
    test::RecorderInMemory here;
    here.settings.reserve_bytes = 200'000;
    here.start();
    const auto id = test::fresh_connection(1);
    const auto recording = here.open(id);
    std::vector<std::uint64_t> kept{test::submit_and_wait(*recording, test::frame_of("first"))};
    fill(here.disk, 16U << 20U);
    try {
        for (;;) {
            kept.push_back(
                test::submit_and_wait(*recording, test::frame_of(std::string(10'000, 'x')))
            );
        }
    } catch (const RecorderFailed&) {
    }
    CHECK(kept.size() > 10);
    CHECK(here.recorder->poisoned());
    here.recorder.reset();

    here.disk.set_capacity(64U << 20U);
    here.disk.restart();
    here.start();
    CHECK(here.verify(id).whole());
    CHECK(test::all_of(here.read(id)).size() == kept.size());
}

TEST_CASE("without room for the reserve no visit begins") {
    test::RecorderInMemory here;
    here.disk.set_capacity(1U << 20U);
    here.settings.journal_file_bytes = 128U << 10U;
    here.start();
    CHECK(here.recorder->on_reserve());
    CHECK(here.recorder->admit().error().reason == "recorder.disk_reserve");
}

TEST_CASE("a recording without its seal is sealed at the next start, as interrupted") {
    test::RecorderInMemory here;
    here.start();
    const auto id = test::fresh_connection(1);
    auto recording = here.open(id);
    test::submit_and_wait(*recording, test::frame_of("GET /", FrameKind::exchange_begin, 1, 30));
    recording.reset();
    start_again(here);

    REQUIRE(here.recorder->recovered().size() == 1);
    const auto& found = here.recorder->recovered().front();
    CHECK(found.connection == id);
    CHECK(found.interrupted);
    CHECK(found.cause == "interrupted");
    CHECK(found.closed_at == test::at_second(30));
    CHECK(found.frames == 1);
    const auto report = here.verify(id, found.root_hash);
    CHECK(report.whole());
    const auto reader = here.read(id);
    CHECK(reader.manifest()->interrupted);
    CHECK(reader.manifest()->exchanges == 1);
}

TEST_CASE("an end that was recorded before the process died is sealed with its own cause") {
    // Cut at each operation of the seal.
    bool found_one = false;
    for (std::uint64_t operations = 1; operations < 40; ++operations) {
        test::RecorderInMemory here;
        here.settings.move_delay = std::chrono::milliseconds(0);
        here.start();
        const auto id = test::fresh_connection(1);
        const auto recording = here.open(id);
        test::submit_and_wait(*recording, test::frame_of("x"));
        here.disk.cut_power_after(operations);
        auto sealed = test::seal(*recording, "grant_over", 60);
        bool failed = false;
        try {
            (void)sealed.get();
        } catch (const RecorderFailed&) {
            failed = true;
        }
        here.recorder.reset();
        here.disk.restart();
        here.start();
        for (const auto& found : here.recorder->recovered()) {
            if (found.interrupted) continue;
            CHECK(failed);
            CHECK(found.cause == "grant_over");
            CHECK(found.closed_at == test::at_second(60));
            found_one = true;
        }
        CHECK(here.verify(id).whole());
    }
    CHECK(found_one);
}

TEST_CASE("a batch that went bad in the journal shows as a gap, and the rest is kept") {
    test::RecorderInMemory here;
    here.settings.move_delay = std::chrono::hours(1);
    here.settings.lazy_delay = std::chrono::hours(1);  // the first record waits for its first frame
    here.start();
    const auto id = test::fresh_connection(1);
    const auto recording = here.open(id);
    for (int i = 1; i <= 5; ++i) {
        test::submit_and_wait(*recording, test::frame_of("frame " + std::to_string(i)));
    }
    // The machine loses power before anything was moved; then a bit rots in the second batch.
    here.disk.cut_power_after(0);
    here.recorder.reset();
    here.disk.restart();
    auto& journal = here.disk.bytes_of("/rec/journal/0000000000000001.journal");
    journal[2 * 4096 + 60] ^= std::byte{1};
    here.start();

    REQUIRE(here.recorder->recovered().size() == 1);
    const auto& found = here.recorder->recovered().front();
    REQUIRE(found.gaps.size() == 2);
    CHECK(found.gaps[0] == std::pair<std::uint64_t, std::uint64_t>(2, 2));
    CHECK(found.gaps[1] == std::pair<std::uint64_t, std::uint64_t>(6, 0));  // and who knows
    const auto frames = test::all_of(here.read(id));
    REQUIRE(frames.size() == 4);
    CHECK(as_text(frames[1].frame.payload) == "frame 3");
    const auto report = here.verify(id, found.root_hash);
    REQUIRE_FALSE(report.whole());
    CHECK(report.problems[0].what == "frame.missing");
    CHECK(report.problems[0].sequence == 2);
}

TEST_CASE("a journal file whose header went bad is read by its batches") {
    test::RecorderInMemory here;
    here.settings.move_delay = std::chrono::hours(1);
    here.settings.lazy_delay = std::chrono::hours(1);  // the first record waits for its first frame
    here.start();
    const auto id = test::fresh_connection(1);
    const auto recording = here.open(id);
    test::submit_and_wait(*recording, test::frame_of("kept"));
    here.disk.cut_power_after(0);
    here.recorder.reset();
    here.disk.restart();
    here.disk.bytes_of("/rec/journal/0000000000000001.journal")[20] ^= std::byte{1};
    here.start();

    CHECK(test::all_of(here.read(id)).size() == 1);
}
