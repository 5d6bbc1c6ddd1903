#pragma once
// What tests of recordings say often: a key ring, a visit, a frame, and waiting for it.

#include "tests/support/clocks.h"
#include "tests/support/memory_disk.h"

#include "base/keys/key_ring.h"
#include "domain/recording/reader.h"
#include "domain/recording/recorder.h"

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace sallyport::test {

// The same every time: what one process wrote, another reads.
inline keys::KeyRing fixed_keys() {
    std::array<std::byte, 32> bytes{};
    bytes.fill(std::byte{0x5A});
    return keys::KeyRing(crypto::Secret::take(bytes));
}

inline Time at_second(std::int64_t second) {
    return from_micros(1'795'334'400'000'000) + std::chrono::seconds(second);
}

inline ConnectionId fresh_connection(std::uint64_t seed) {
    ReplayedRandom random(seed);
    return ConnectionId::fresh(at_second(0), random);
}

inline recording::RecordingInfo info_of(const ConnectionId& connection) {
    return {connection, "http", "person-1", "erin", "pump-07", "grant-1", at_second(0)};
}

inline recording::Frame frame_of(
    std::string_view payload,
    recording::FrameKind kind = recording::FrameKind::to_device,
    std::uint32_t exchange = 1,
    std::int64_t second = 1
) {
    const auto bytes = as_bytes(payload);
    return {kind, 1, exchange, 0, at_second(second), Bytes(bytes.begin(), bytes.end())};
}

inline std::future<std::uint64_t> submit(recording::Recording& recording, recording::Frame frame) {
    auto promise = std::make_shared<std::promise<std::uint64_t>>();
    auto future = promise->get_future();
    recording.submit(std::move(frame), [promise](const auto& error, std::uint64_t sequence) {
        error ? promise->set_exception(error) : promise->set_value(sequence);
    });
    return future;
}

inline std::uint64_t submit_and_wait(recording::Recording& recording, recording::Frame frame) {
    return submit(recording, std::move(frame)).get();
}

inline std::future<Bytes> seal(
    recording::Recording& recording, std::string cause = "logout", std::int64_t second = 60
) {
    auto promise = std::make_shared<std::promise<Bytes>>();
    auto future = promise->get_future();
    recording.seal(std::move(cause), at_second(second), [promise](const auto& error, Bytes root) {
        error ? promise->set_exception(error) : promise->set_value(std::move(root));
    });
    return future;
}

// Small and quick, with no room kept free unless the test says so.
inline recording::RecorderSettings small_settings(std::string folder) {
    recording::RecorderSettings settings;
    settings.folder = std::move(folder);
    settings.reserve_bytes = 1U << 20U;
    settings.free_bytes_min = 1U << 20U;
    settings.journal_file_bytes = 256U << 10U;
    settings.segment_bytes_max = 256U << 10U;
    settings.lazy_delay = std::chrono::milliseconds(1);
    settings.move_delay = std::chrono::milliseconds(1);
    return settings;
}

// A recorder on a disk in memory, and everything it needs.
struct RecorderInMemory {
    MemoryDisk disk;
    keys::KeyRing keys = fixed_keys();
    ReplayedRandom random{7};
    recording::RecorderSettings settings = small_settings("/rec");
    std::unique_ptr<recording::Recorder> recorder;

    recording::Recorder& start() {
        recorder = recording::open_recorder(settings, keys, random, disk);
        return *recorder;
    }

    // Once it is quiet, what a test does next is all that the disk does. Before the first visit.
    void wait_for_spare() {
        while (!disk.exists(settings.folder + "/journal/spare"))
            std::this_thread::yield();
    }

    std::shared_ptr<recording::Recording> open(const ConnectionId& connection) const {
        return recorder->open(info_of(connection)).value();
    }

    recording::RecordingReader read(const ConnectionId& connection) {
        return std::move(
            recording::RecordingReader::open(disk, settings.folder, connection, keys).value()
        );
    }

    recording::IntegrityReport verify(const ConnectionId& connection, BytesView root = {}) {
        return recording::verify_recording(disk, settings.folder, connection, keys, root);
    }

    std::string path(const ConnectionId& connection, std::string_view name) const {
        return settings.folder + "/" + recording::folder_of(connection) + "/" + std::string(name);
    }
};

inline std::vector<recording::ReadFrame> all_of(recording::RecordingReader reader) {
    std::vector<recording::ReadFrame> frames;
    while (auto frame = reader.next()) {
        frames.push_back(*std::move(frame));
    }
    return frames;
}

}  // namespace sallyport::test
