// What recording costs: frames made durable per second, and the time from submit to durable, at one
// and at many connections, against bare pwrite + fdatasync of the same bytes on the same disk in
// the same run. The ratio is what counts; the disk is whatever SALLYPORT_BENCH_FOLDER (or /var/tmp)
// is.

#include "base/crypto/crypto.h"
#include "domain/recording/recorder.h"

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <latch>
#include <mutex>
#include <string>
#include <vector>

using namespace sallyport;
using namespace sallyport::recording;

namespace {

using Clock = std::chrono::steady_clock;

class Folder {
public:
    Folder() {
        const char* const wanted = std::getenv("SALLYPORT_BENCH_FOLDER");
        std::string name =
            std::string(wanted != nullptr ? wanted : "/var/tmp") + "/sallyport-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        path_ = name;
    }

    ~Folder() { std::filesystem::remove_all(path_); }

    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    Folder(Folder&&) = delete;
    Folder& operator=(Folder&&) = delete;

    [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

double median_micros(std::vector<Clock::duration>& times) {
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::ranges::nth_element(times, middle);
    return std::chrono::duration<double, std::micro>(*middle).count();
}

// The yardstick: one write into blocks that are there already, and one fdatasync.
double bare_micros(const Folder& folder, std::size_t size) {
    PosixDisk disk;
    const auto file = disk.open(folder.file("bare"), OpenMode::write);
    constexpr std::uint64_t file_size = 8U << 20U;
    file->write_at(0, Bytes(file_size));
    file->sync();
    const Bytes bytes(size, std::byte{'b'});
    std::vector<Clock::duration> times;
    std::uint64_t offset = 0;
    for (int i = 0; i < 1000; ++i) {
        const auto begin = Clock::now();
        file->write_at(offset, bytes);
        file->sync();
        times.push_back(Clock::now() - begin);
        offset = (offset + size + 4095) / 4096 * 4096 % (file_size - size);
        offset -= offset % 4096;
    }
    return median_micros(times);
}

// Visits that each submit a frame when the one before is durable, as a gateway does.
class Load {
public:
    Load(Recorder& recorder, std::size_t visits, std::size_t size, std::size_t frames)
        : frames_left_(static_cast<std::int64_t>(frames)),
          payload_(size, std::byte{'p'}),
          done_(static_cast<std::ptrdiff_t>(visits)) {
        crypto::SystemRandom random;
        const SystemClock clock;
        for (std::size_t i = 0; i < visits; ++i) {
            const auto id = ConnectionId::fresh(clock.now(), random);
            const RecordingInfo info{id, "http", "p", "l", "d", "g", clock.now()};
            visits_.push_back(recorder.open(info).value());
        }
    }

    void run() {
        for (auto& visit : visits_) {
            next(*visit);
        }
        done_.wait();
    }

    std::vector<Clock::duration>& times() { return times_; }

private:
    void next(Recording& visit) {
        if (frames_left_.fetch_sub(1, std::memory_order_relaxed) <= 0) {
            done_.count_down();
            return;
        }
        const auto begin = Clock::now();
        visit.submit(
            {FrameKind::to_device, 1, 1, 0, from_micros(1'795'334'400'000'000), payload_},
            [this, begin, &visit](const std::exception_ptr& error, std::uint64_t sequence) {
                if (error) std::abort();
                times_.push_back(Clock::now() - begin);  // the journal's thread only
                visit.mark_sent(sequence, from_micros(1'795'334'400'000'000));
                next(visit);
            }
        );
    }

    std::atomic<std::int64_t> frames_left_;
    Bytes payload_;
    std::vector<std::shared_ptr<Recording>> visits_;
    std::vector<Clock::duration> times_;
    std::latch done_;
};

void durable_frames(benchmark::State& state) {
    const auto visits = static_cast<std::size_t>(state.range(0));
    const auto size = static_cast<std::size_t>(state.range(1));
    const Folder folder;
    const auto bare = bare_micros(folder, size);

    PosixDisk disk;
    crypto::SystemRandom random;
    const keys::KeyRing keys(crypto::Secret::random(32));
    RecorderSettings settings;
    settings.folder = folder.file("rec");
    const auto recorder = open_recorder(settings, keys, random, disk);
    std::vector<Clock::duration> times;
    std::int64_t frames = 0;
    for (auto round : state) {
        (void)round;
        const std::size_t count = 500 + 200 * visits;
        Load load(*recorder, visits, size, count);
        load.run();
        frames += static_cast<std::int64_t>(count);
        times.insert(times.end(), load.times().begin(), load.times().end());
    }
    const auto median = median_micros(times);
    state.SetItemsProcessed(frames);
    state.counters["p50_us"] = median;
    state.counters["bare_us"] = bare;
    // Below 1: the batch serves many at once.
    state.counters["p50_to_bare"] = median / bare;
    // How many times more frames a second than one writer with one fdatasync each.
    state.counters["frames_to_bare"] =
        benchmark::Counter(static_cast<double>(frames) * bare / 1e6, benchmark::Counter::kIsRate);
}

BENCHMARK(durable_frames)
    ->ArgNames({"visits", "bytes"})
    ->Args({1, 400})
    ->Args({1, 16384})
    ->Args({32, 400})
    ->Args({256, 400})
    ->Args({256, 16384})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
