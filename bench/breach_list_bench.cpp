// What a breach list costs: making it from the lines of a download, asking it, and how often it is
// wrong.
#include "domain/authn/breach_list.h"

#include "bench/verdict.h"
#include "tests/support/temporary_folder.h"

#include "domain/authn/breach_list_source.h"
#include "domain/recording/disk.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace sallyport;

constexpr std::size_t million = 1'000'000;

// A million lines as the download has them, in order.
const std::string& download() {
    static const auto text = [] {
        std::mt19937_64 random(1);
        std::vector<std::uint64_t> keys(million);
        std::ranges::generate(keys, random);
        std::ranges::sort(keys);
        std::string lines;
        for (const auto key : keys) {
            lines += fmt::format("{:016X}{:024X}:{}\r\n", key, key, 1 + key % 1000);
        }
        return lines;
    }();
    return text;
}

authn::BreachListFacts make_list(const std::string& path) {
    recording::PosixDisk disk;
    const std::shared_ptr file = disk.open(path, recording::OpenMode::write);
    std::istringstream text(download());
    const authn::BreachSource source{
        .text = text, .size = download().size(), .name = "bench", .count_min = 1
    };
    auto built = authn::build_breach_list(
        source,
        from_micros(0),
        [&](std::uint64_t offset, BytesView bytes) { file->write_at(offset, bytes); },
        [](const auto&) { return true; }
    );
    file->sync();
    return built.value();
}

void import_a_million(benchmark::State& state) {
    const test::TemporaryFolder folder;
    (void)download();
    const bench::Stopwatch cpu(CLOCK_PROCESS_CPUTIME_ID);
    for (auto _ : state) {
        benchmark::DoNotOptimize(make_list(folder / "list"));
    }
    bench::note(
        "breach list, importing a million lines",
        {cpu.seconds() / static_cast<double>(state.iterations()),
         bench::Bound::at_most,
         1.0,
         "s of CPU",
         {}}
    );
    const auto size = std::filesystem::file_size(folder / "list");
    bench::note(
        "breach list, size on disk",
        {static_cast<double>(size) / million, bench::Bound::at_most, 2.5, "bytes an entry", {}}
    );
}

BENCHMARK(import_a_million)->Unit(benchmark::kMillisecond);

// As the server asks: one shard read, verified, three cells of it compared.
void ask(benchmark::State& state) {
    const test::TemporaryFolder folder;
    (void)make_list(folder / "list");
    recording::PosixDisk disk;
    const std::shared_ptr file = disk.open(folder / "list", recording::OpenMode::read);
    const auto list = authn::BreachList::open(
        "bench",
        [file](std::uint64_t offset, std::span<std::byte> out) {
            return file->read_at(offset, out);
        },
        file->size()
    );
    std::mt19937_64 random(2);
    const bench::Stopwatch cpu(CLOCK_PROCESS_CPUTIME_ID);
    for (auto _ : state) {
        benchmark::DoNotOptimize(list->contains(random()));
    }
    bench::note(
        "breach list, one question",
        {cpu.seconds() / static_cast<double>(state.iterations()) * 1e6,
         bench::Bound::at_most,
         1000.0,
         "µs of CPU",
         {}}
    );
}

BENCHMARK(ask)->Unit(benchmark::kMicrosecond);

void probe_strangers(benchmark::State& state) {
    std::mt19937_64 random(3);
    std::vector<std::uint64_t> keys(std::size_t{1} << 16U);
    std::ranges::generate(keys, std::ref(random));
    const auto filter = authn::build_fuse_filter(keys);
    std::int64_t taken = 0;
    for (auto _ : state) {
        taken += filter.contains(random()) ? 1 : 0;
    }
    bench::note(
        "breach list, strangers taken for entries (1 in 65,536 is 15.3)",
        {static_cast<double>(taken) / static_cast<double>(state.iterations()) * 1e6,
         bench::Bound::at_most,
         17.0,
         "of a million",
         {}}
    );
}

BENCHMARK(probe_strangers)->Iterations(50'000'000);

}  // namespace

int main(int argc, char** argv) {
    return sallyport::bench::run(argc, argv);
}
