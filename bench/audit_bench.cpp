// The audit log's two numbers: durable appends per second with 64 writers through the store, and
// `verify` of a million events as a multiple of plain RFC 6962 hashing of the same leaves in the
// same run. SALLYPORT_BENCH_EVENTS asks for another number of events.

#include "domain/audit/log.h"
#include "domain/audit/log_desk.h"
#include "domain/audit/tiles.h"
#include "domain/audit/verify.h"

#include <benchmark/benchmark.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace sallyport;
using namespace sallyport::audit;

namespace {

std::size_t event_count() {
    const char* wanted = std::getenv("SALLYPORT_BENCH_EVENTS");
    return wanted == nullptr ? 1'000'000 : std::strtoull(wanted, nullptr, 10);
}

// Each writer waits until its event is durable before it sends the next, as requests do.
void durable_appends(benchmark::State& state) {
    const auto writers = static_cast<std::size_t>(state.range(0));
    test::SqliteFixture sqlite;
    auto& database = sqlite.database();
    std::int64_t total = 0;
    for (auto round : state) {
        static_cast<void>(round);
        constexpr std::int64_t each = 1000;
        std::vector<std::jthread> threads;
        for (std::size_t writer = 0; writer < writers; ++writer) {
            threads.emplace_back([&database, writer] {
                test::SettableClock clock;
                crypto::SystemRandom random;
                const test::Moments moments(clock, random);
                const auto event = writer % 4 == 0 ? samples::failure() : samples::sign_in();
                for (std::int64_t i = 0; i < each; ++i) {
                    database.write([&](store::Tx& tx) { append(tx, moments.now(), event); });
                }
            });
        }
        threads.clear();
        total += each * static_cast<std::int64_t>(writers);
    }
    state.SetItemsProcessed(total);
}

// One log for all that follows; made once.
samples::LogDesk& big_log() {
    static test::SqliteFixture sqlite;
    static const auto desk = [] {
        auto made = std::make_unique<samples::LogDesk>(sqlite.database());
        for (std::size_t left = event_count(); left > 0;) {
            const auto batch = std::min<std::size_t>(left, 5000);
            made->append_many(batch);
            left -= batch;
            if (left % 100'000 == 0) {
                while (made->step().published < event_count() - left) {
                }
                std::fprintf(stderr, "made %zu events\n", event_count() - left);
            }
        }
        while (made->step().published < event_count()) {
        }
        return made;
    }();
    return *desk;
}

std::vector<Bytes> bundles() {
    auto& files = big_log().log();
    const auto size = big_log().sequencer().status().published;
    std::vector<Bytes> all;
    for (std::uint64_t number = 0; number * tile_width < size; ++number) {
        all.push_back(files.read(entries_path(number, width_of(0, number, size))).value());
    }
    return all;
}

void plain_hashing(benchmark::State& state) {
    const auto all = bundles();
    std::uint64_t count = 0;
    for (auto round : state) {
        static_cast<void>(round);
        GrowingTree tree;
        for (const auto& bundle : all) {
            for (const auto entry : parse_entries(bundle).value()) {
                tree.append(leaf_hash(entry));
            }
        }
        count += tree.size();
        benchmark::DoNotOptimize(tree.root());
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(count));
}

void verify_with(benchmark::State& state, samples::LogDesk::With what) {
    auto& desk = big_log();
    std::uint64_t count = 0;
    for (auto round : state) {
        static_cast<void>(round);
        const auto report = desk.verify(what);
        if (!report.sound()) state.SkipWithError(to_text(report).c_str());
        count += report.size;
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(count));
}

void verify_files(benchmark::State& state) {
    verify_with(state, samples::LogDesk::With::anchor);
}

void verify_files_and_database(benchmark::State& state) {
    verify_with(state, samples::LogDesk::With::both);
}

BENCHMARK(durable_appends)
    ->Arg(1)
    ->Arg(64)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(plain_hashing)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Iterations(1);
BENCHMARK(verify_files)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Iterations(1);
BENCHMARK(verify_files_and_database)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Iterations(1);

}  // namespace

BENCHMARK_MAIN();
