// Durable commits: how many a second, with 1 and with 64 writers who each wait for their own, on
// both engines, beside what the disk itself can do (fdatasync of an appended block).
// It measures the disk of the temporary folder (TMPDIR).
// PostgreSQL takes part if SALLYPORT_TEST_PG_SOCKET_DIR names a cluster (tests/support/
// pg_cluster.sh).
#include "tests/support/databases.h"

#include "base/store/database.h"

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace sallyport::store {

namespace {

constexpr int commits_each = 100;  // of each writer, in a round

void make_table(Database& database) {
    test::write_as_owner(database, [&](Tx& tx) {
        const std::string blob = database.engine() == Engine::sqlite ? "BLOB" : "BYTEA";
        tx.execute("CREATE TABLE bench (id BIGINT PRIMARY KEY, leaf " + blob + " NOT NULL)");
    });
}

// Rows of the size of an audit event.
void commit_from(benchmark::State& state, Database& database) {
    const auto writers = static_cast<int>(state.range(0));
    std::atomic<std::int64_t> next = 0;
    make_table(database);
    for (auto unused : state) {
        std::vector<std::jthread> threads;
        for (int writer = 0; writer < writers; ++writer) {
            threads.emplace_back([&] {
                const Bytes leaf(400, std::byte{7});
                for (int i = 0; i < commits_each; ++i) {
                    database.write([&](Tx& tx) {
                        tx.execute("INSERT INTO bench (id, leaf) VALUES (?, ?)", {next++, leaf});
                    });
                }
            });
        }
    }
    state.SetItemsProcessed(state.iterations() * writers * commits_each);
}

void sqlite_commits(benchmark::State& state) {
    test::SqliteFixture fixture;
    commit_from(state, fixture.database());
}

void postgres_commits(benchmark::State& state) {
    if (test::postgres_socket_folder().empty()) {
        state.SkipWithError("SALLYPORT_TEST_PG_SOCKET_DIR is not set");
        return;
    }
    test::PostgresFixture fixture;
    commit_from(state, fixture.database());
}

void disk_fdatasync(benchmark::State& state) {
    const test::TemporaryFolder folder;
    const int file = ::open(folder.file("log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const std::string block(4096, 'x');
    for (auto unused : state) {
        const bool written = ::write(file, block.data(), block.size()) == 4096;
        if (!written || ::fdatasync(file) != 0) state.SkipWithError("the disk failed");
    }
    ::close(file);
    state.SetItemsProcessed(state.iterations());
}

void sqlite_reads(benchmark::State& state) {
    test::SqliteFixture fixture;
    make_table(fixture.database());
    fixture.database().write([](Tx& tx) {
        tx.execute(
            "INSERT INTO bench (id, leaf) VALUES (?, ?)",
            {std::int64_t{1}, Bytes(400, std::byte{7})}
        );
    });
    for (auto unused : state) {
        const auto size = fixture.database().read([](Tx& tx) {
            return tx.query("SELECT leaf FROM bench WHERE id = ?", {std::int64_t{1}}).size();
        });
        benchmark::DoNotOptimize(size);
    }
    state.SetItemsProcessed(state.iterations());
}

BENCHMARK(disk_fdatasync)->UseRealTime();
BENCHMARK(sqlite_commits)->Arg(1)->Arg(64)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(postgres_commits)->Arg(1)->Arg(64)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(sqlite_reads)->UseRealTime();

}  // namespace

}  // namespace sallyport::store

BENCHMARK_MAIN();
