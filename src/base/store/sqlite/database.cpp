#include "base/store/database.h"

#include "base/core/log.h"
#include "base/store/driver_tx.h"
#include "base/store/faults.h"
#include "base/store/sqlite/connection.h"
#include "base/store/work_queue.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

namespace sallyport::store {

namespace {

using sqlite::Connection;
using sqlite::Mode;

// A group takes what is waiting, up to this many works or this much time, and then commits. It
// never waits for more to come.
constexpr std::size_t group_size_max = 512;
constexpr std::chrono::milliseconds group_time_max{4};

// The log is copied into the database file when it has this many pages (4 MB), and with some
// patience towards readers when it has grown to the larger number (64 MB) because of them.
constexpr int checkpoint_pages = 1000;
constexpr int checkpoint_pages_patient = 16'000;
constexpr int checkpoint_patience_milliseconds = 100;

class SqliteTx final : public DriverTx {
public:
    explicit SqliteTx(Connection& connection) : connection_(connection) {}

private:
    Outcome run(std::string_view sql, const std::vector<Value>& values) override {
        auto outcome = connection_.run(sql, values);
        return {outcome.changes, std::move(outcome.rows)};
    }

    void control(std::string_view sql) override { connection_.run(sql); }

    [[nodiscard]] bool stands() const noexcept override { return connection_.in_transaction(); }

    Connection& connection_;
};

class SqliteDatabase final : public Database {
public:
    explicit SqliteDatabase(const SqliteSettings& settings)
        : settings_(settings),
          writer_(settings.path, Mode::read_write, settings.busy_milliseconds),
          writes_(settings.queue_max),
          reads_(settings.queue_max) {
        // A log left behind by a process that died may hold pages which its failed fsync never
        // brought to the disk, though the page cache shows them. Into the database file with them,
        // by an fsync of our own, before anything new stands on them.
        writer_.checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
        std::vector<std::unique_ptr<Connection>> readers;
        for (int i = 0; i < std::max(1, settings.readers); ++i) {
            readers.push_back(std::make_unique<Connection>(
                settings.path, Mode::read_only, settings.busy_milliseconds
            ));
        }
        try {
            threads_.emplace_back([this] { write_groups(); });
            for (auto& reader : readers) {
                threads_.emplace_back([this, connection = std::move(reader)] { serve(*connection); }
                );
            }
        } catch (...) {
            stop();
            throw;
        }
    }

    ~SqliteDatabase() override {
        stop();
        // Not after a failed fsync: a second one may say that all is well when it is not.
        if (healthy()) checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
    }

    SqliteDatabase(const SqliteDatabase&) = delete;
    SqliteDatabase& operator=(const SqliteDatabase&) = delete;

    [[nodiscard]] Engine engine() const noexcept override { return Engine::sqlite; }

    [[nodiscard]] bool healthy() const noexcept override { return !failed_ && !full_; }

    void submit_write(Work work, Done done) override {
        submit(writes_, {Access::write, std::move(work), std::move(done)});
    }

    void submit_read(Work work, Done done) override {
        submit(reads_, {Access::read, std::move(work), std::move(done)});
    }

private:
    struct Ended {
        Job job;
        std::exception_ptr error;  // null: waits for the commit
    };

    using Group = std::vector<Ended>;

    void submit(WorkQueue& queue, Job job) {
        if (failed_) return finish(job, already_failed());
        push_or_refuse(queue, std::move(job));
    }

    void stop() {
        writes_.close();
        reads_.close();
        threads_.clear();  // joins
    }

    void write_groups() {
        const DatabaseThread mark;
        while (auto first = writes_.take()) {
            write_group(*std::move(first));
        }
    }

    void write_group(Job first) {
        if (failed_) return finish(first, already_failed());
        if (const auto error = caught([&] { writer_.run("BEGIN IMMEDIATE"); })) {
            note_room(error, false);
            // Whoever queued behind it has waited as long: answer all.
            auto waiting = writes_.take_all();
            finish(first, error);
            return finish(waiting, error);
        }

        Group group;
        const auto commits_before = writer_.commits();
        auto fatal = run_group(std::move(first), group);
        if (!fatal) fatal = caught([&] { writer_.run("COMMIT"); });
        if (fatal) roll_back();
        note_room(fatal, writer_.commits() != commits_before);
        for (auto& ended : group) {
            finish(ended.job, ended.error ? std::move(ended.error) : fatal);
        }
        if (!fatal) checkpoint_if_due();
    }

    // Runs works until there are no more or the group is large enough. Returns what ended the
    // whole transaction, if anything did.
    std::exception_ptr run_group(Job first, Group& group) {
        const auto end = std::chrono::steady_clock::now() + group_time_max;
        std::optional<Job> next(std::move(first));
        while (next) {
            auto& ended = group.emplace_back(Ended{*std::move(next), nullptr});
            ended.error = run_apart(ended.job.work);
            if (failed_) return already_failed();
            if (is_full(ended.error)) return ended.error;
            if (!writer_.in_transaction()) {
                return std::make_exception_ptr(
                    Fault("SQLite gave up the transaction of a group; nothing of it was kept")
                );
            }
            if (group.size() >= group_size_max || std::chrono::steady_clock::now() >= end) break;
            next = writes_.take_waiting();
        }
        return nullptr;
    }

    // One work in its savepoint; what it threw, if it did, with its changes undone.
    std::exception_ptr run_apart(Work& work) {
        if (const auto error = caught([&] { writer_.run("SAVEPOINT work"); })) return error;
        const auto error = caught([&] {
            SqliteTx tx(writer_);
            work(tx);
            tx.require_whole();
            writer_.run("RELEASE SAVEPOINT work");
        });
        if (!error || !writer_.in_transaction()) return error;
        const auto unrolled = caught([&] {
            writer_.run("ROLLBACK TO SAVEPOINT work");
            writer_.run("RELEASE SAVEPOINT work");
        });
        // What can't be undone must not be committed.
        if (unrolled) roll_back();
        return error;
    }

    void roll_back() {
        if (writer_.in_transaction()) caught([&] { writer_.run("ROLLBACK"); });
        if (writer_.in_transaction()) fail("a transaction could not be rolled back");
    }

    void serve(Connection& connection) {
        const DatabaseThread mark;
        while (auto job = reads_.take()) {
            auto error = failed_ ? already_failed() : caught([&] {
                connection.run("BEGIN DEFERRED");
                SqliteTx tx(connection);
                job->work(tx);
                tx.require_whole();
            });
            if (connection.in_transaction()) caught([&] { connection.run("ROLLBACK"); });
            finish(*job, std::move(error));
        }
    }

    void checkpoint_if_due() {
        const int pages = writer_.wal_pages();
        if (pages < checkpointed_at_) checkpointed_at_ = 0;  // the log began anew
        if (pages - checkpointed_at_ < checkpoint_pages) return;
        checkpointed_at_ = pages;
        const auto done = checkpoint(SQLITE_CHECKPOINT_PASSIVE);
        if (done.copied == done.pages || pages < patient_from_) return;
        // Readers that overlap without end would let it grow without end.
        writer_.wait_for_locks(checkpoint_patience_milliseconds);
        const auto second = checkpoint(SQLITE_CHECKPOINT_RESTART);
        writer_.wait_for_locks(settings_.busy_milliseconds);
        patient_from_ = second.copied == second.pages ? checkpoint_pages_patient : 2 * pages;
    }

    Connection::Checkpoint checkpoint(int mode) {
        Connection::Checkpoint done;
        caught([&] { done = writer_.checkpoint(mode); });
        return done;
    }

    // What `run` threw, or null. A failed storage is remembered: from then on the answer is no.
    template <class F>
    std::exception_ptr caught(F run) noexcept {
        try {
            run();
            return nullptr;
        } catch (const StorageFailed& error) {
            fail(error.what());
            return std::current_exception();
        } catch (...) {
            return std::current_exception();
        }
    }

    static bool is_full(const std::exception_ptr& error) noexcept {
        if (!error) return false;
        try {
            std::rethrow_exception(error);
        } catch (const StorageFull&) {
            return true;
        } catch (...) {
            return false;
        }
    }

    // How a group ended: with room for what it wrote, without, or with what says nothing about
    // room, as a commit without a change does.
    void note_room(const std::exception_ptr& ended_with, bool wrote) noexcept {
        const bool full = is_full(ended_with);
        if (!full && (ended_with || !wrote)) return;
        if (full_.exchange(full) == full) return;
        if (full) {
            log::error("the database's disk is full", {{"path", settings_.path}});
        } else {
            log::info("the database's disk has room again", {{"path", settings_.path}});
        }
    }

    void fail(const char* what) noexcept {
        if (!failed_.exchange(true)) {
            log::error(
                "the storage failed; nothing more is accepted until a restart", {{"error", what}}
            );
        }
    }

    static std::exception_ptr already_failed() {
        return std::make_exception_ptr(
            StorageFailed("the storage failed; nothing more is accepted until a restart")
        );
    }

    const SqliteSettings settings_;
    std::atomic<bool> failed_ = false;
    std::atomic<bool> full_ = false;
    Connection writer_;
    int checkpointed_at_ = 0;  // pages of the log
    int patient_from_ = checkpoint_pages_patient;
    WorkQueue writes_;
    WorkQueue reads_;
    std::vector<std::jthread> threads_;
};

}  // namespace

std::unique_ptr<Database> open_sqlite(const SqliteSettings& settings) {
    return std::make_unique<SqliteDatabase>(settings);
}

}  // namespace sallyport::store
