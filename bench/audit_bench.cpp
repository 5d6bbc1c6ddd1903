// The audit log's two numbers: durable appends per second with 64 writers through the store, beside
// bare fdatasync on the same disk; and `verify` of a million events as a multiple of RFC 6962
// hashing of the same leaves, with nothing but OpenSSL, in the same run. BENCH_EVENTS asks for
// another number of events.

#include "bench/verdict.h"

#include "domain/audit/log.h"
#include "domain/audit/log_desk.h"
#include "domain/audit/tiles.h"
#include "domain/audit/verify.h"

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
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
    const char* wanted = std::getenv("BENCH_EVENTS");
    return wanted == nullptr ? 1'000'000 : std::strtoull(wanted, nullptr, 10);
}

// What the disk of the temporary folder does by itself: append a page, fdatasync. A second.
double bare_syncs_a_second() {
    const test::TemporaryFolder folder;
    const int file = ::open(folder.file("bare").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const std::string page(4096, 'x');
    constexpr int count = 300;
    const bench::Stopwatch wall(CLOCK_MONOTONIC);
    for (int i = 0; i < count; ++i) {
        const bool written = ::write(file, page.data(), page.size()) == 4096;
        if (!written || ::fdatasync(file) != 0) std::abort();
    }
    const double rate = count / wall.seconds();
    ::close(file);
    return rate;
}

// Each writer waits until its event is durable before it sends the next, as requests do.
void durable_appends(benchmark::State& state) {
    const auto writers = static_cast<std::size_t>(state.range(0));
    test::SqliteFixture sqlite;
    auto& database = sqlite.database();
    const double bare = bare_syncs_a_second();
    std::int64_t total = 0;
    const bench::Stopwatch wall(CLOCK_MONOTONIC);
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
    if (writers < 64) return;
    const double rate = static_cast<double>(total) / wall.seconds();
    bench::note(
        "durable audit appends, 64 writers",
        {rate,
         bench::Bound::at_least,
         10'000,
         "a second",
         "bare fdatasync " + std::to_string(std::lround(bare)) + " a second, ratio " +
             std::to_string(rate / bare)}
    );
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

// RFC 6962 §2.1 as short as it can be said with OpenSSL alone: none of our code.
class BareTree {
public:
    using Digest = std::array<unsigned char, 32>;

    void append(const std::byte* bytes, std::size_t size) {
        auto digest = hash(0, bytes, size, nullptr, 0);
        for (auto rest = size_++; (rest & 1U) != 0; rest >>= 1U) {
            digest = hash(1, subtrees_.back().data(), 32, digest.data(), 32);
            subtrees_.pop_back();
        }
        subtrees_.push_back(digest);
    }

    [[nodiscard]] Digest root() {
        auto digest = subtrees_.back();
        for (auto at = subtrees_.size() - 1; at-- > 0;) {
            digest = hash(1, subtrees_[at].data(), 32, digest.data(), 32);
        }
        return digest;
    }

private:
    Digest hash(
        unsigned char prefix,
        const void* first,
        std::size_t first_size,
        const void* second,
        std::size_t second_size
    ) {
        Digest digest;
        EVP_DigestInit_ex2(context_.get(), sha256_.get(), nullptr);
        EVP_DigestUpdate(context_.get(), &prefix, 1);
        EVP_DigestUpdate(context_.get(), first, first_size);
        if (second != nullptr) EVP_DigestUpdate(context_.get(), second, second_size);
        EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
        return digest;
    }

    std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> sha256_{
        EVP_MD_fetch(nullptr, "SHA256", nullptr), &EVP_MD_free
    };
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_{
        EVP_MD_CTX_new(), &EVP_MD_CTX_free
    };
    std::vector<Digest> subtrees_;
    std::uint64_t size_ = 0;
};

double bare_seconds = 0;

void bare_hashing(benchmark::State& state) {
    const auto all = bundles();
    std::uint64_t count = 0;
    for (auto round : state) {
        static_cast<void>(round);
        const bench::Stopwatch wall(CLOCK_MONOTONIC);
        BareTree tree;
        for (const auto& bundle : all) {
            for (const auto entry : parse_entries(bundle).value()) {
                tree.append(entry.data(), entry.size());
                ++count;
            }
        }
        const auto root = tree.root();
        bare_seconds = wall.seconds();
        const auto ours = big_log().sequencer().status();
        if (ours.published != count) state.SkipWithError("not all events were hashed");
        benchmark::DoNotOptimize(root);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(count));
}

double verify_with(benchmark::State& state, samples::LogDesk::With what) {
    auto& desk = big_log();
    std::uint64_t count = 0;
    double seconds = 0;
    for (auto round : state) {
        static_cast<void>(round);
        const bench::Stopwatch wall(CLOCK_MONOTONIC);
        const auto report = desk.verify(what);
        seconds = wall.seconds();
        if (!report.sound()) state.SkipWithError(to_text(report).c_str());
        count += report.size;
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(count));
    return seconds;
}

void verify_files(benchmark::State& state) {
    const double seconds = verify_with(state, samples::LogDesk::With::anchor);
    if (bare_seconds == 0) return;
    bench::note(
        "verify of " + std::to_string(event_count()) + " events, files and anchor",
        {seconds / bare_seconds,
         bench::Bound::at_most,
         3,
         "times bare RFC 6962 hashing",
         "bare hashing " + std::to_string(bare_seconds) + " s"}
    );
}

void verify_files_and_database(benchmark::State& state) {
    static_cast<void>(verify_with(state, samples::LogDesk::With::both));
}

BENCHMARK(durable_appends)
    ->Arg(1)
    ->Arg(64)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(bare_hashing)
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

int main(int argc, char** argv) {
    return sallyport::bench::run(argc, argv);
}
