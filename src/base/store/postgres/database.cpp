#include "base/store/database.h"

#include "base/core/log.h"
#include "base/store/driver_tx.h"
#include "base/store/faults.h"
#include "base/store/postgres/connection.h"
#include "base/store/postgres/conninfo.h"
#include "base/store/work_queue.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

namespace sallyport::store {

namespace {

using postgres::Connection;
using postgres::ConnectionLost;
using postgres::SerializationFailure;

// How often a work is run at most before the conflicts around it count as an overload.
constexpr int runs_max = 30;
constexpr std::chrono::milliseconds pause_max{50};

class PostgresTx final : public DriverTx {
public:
    explicit PostgresTx(Connection& connection) : connection_(connection) {}

    // The server or the wire ended this transaction, whatever the work made of it. It was not
    // committed and may be run again.
    [[nodiscard]] bool interrupted() const noexcept { return interrupted_; }

private:
    Outcome run(std::string_view sql, const std::vector<Value>& values) override {
        return watched([&]() -> Outcome {
            auto outcome = connection_.run(sql, values);
            return {outcome.changes, std::move(outcome.rows)};
        });
    }

    void control(std::string_view sql) override {
        watched([&] { connection_.control(std::string(sql)); });
    }

    [[nodiscard]] bool stands() const noexcept override { return !interrupted_; }

    template <class F>
    std::invoke_result_t<F&> watched(F run) {
        try {
            return run();
        } catch (const SerializationFailure&) {
            interrupted_ = true;
            throw;
        } catch (const ConnectionLost&) {
            interrupted_ = true;
            throw;
        }
    }

    Connection& connection_;
    bool interrupted_ = false;
};

class PostgresDatabase final : public Database {
public:
    explicit PostgresDatabase(const PostgresSettings& settings)
        : settings_(settings), jobs_(settings.queue_max) {
        const auto connection_settings = postgres::connection_settings(settings.conninfo);
        const int connections = std::max(1, settings.connections);
        for (int i = 0; i < connections; ++i) {
            connections_.push_back(std::make_unique<Connection>(connection_settings));
        }
        connections_.front()->connect();  // so that a wrong setting shows now; the others when used
        try {
            for (int i = 0; i < connections; ++i) {
                threads_.emplace_back([this, i] { serve(i); });
            }
        } catch (...) {
            stop();
            throw;
        }
    }

    ~PostgresDatabase() override { stop(); }

    PostgresDatabase(const PostgresDatabase&) = delete;
    PostgresDatabase& operator=(const PostgresDatabase&) = delete;

    [[nodiscard]] Engine engine() const noexcept override { return Engine::postgres; }

    // The server guards its own storage and recovers by itself, so this does too.
    [[nodiscard]] bool healthy() const noexcept override { return !storage_failed_; }

    [[nodiscard]] std::unique_ptr<Database> open_as_owner() const override {
        if (settings_.owner_conninfo.empty()) return nullptr;
        return open_postgres({.conninfo = settings_.owner_conninfo, .connections = 1});
    }

    void submit_write(Work work, Done done) override {
        push_or_refuse(jobs_, {Access::write, std::move(work), std::move(done)});
    }

    void submit_read(Work work, Done done) override {
        push_or_refuse(jobs_, {Access::read, std::move(work), std::move(done)});
    }

private:
    void stop() {
        jobs_.close();
        threads_.clear();  // joins
    }

    void serve(int index) {
        const DatabaseThread mark;
        auto& connection = *connections_[static_cast<std::size_t>(index)];
        while (auto job = jobs_.take()) {
            auto error = run_to_end(connection, *job, index);
            note_storage(*job, error);
            finish(*job, std::move(error));
        }
    }

    // Runs the job until it is committed, has failed by its own fault, or can't be run now.
    std::exception_ptr run_to_end(Connection& connection, Job& job, int index) {
        std::string reason;
        for (int run = 1; run <= runs_max; ++run) {
            try {
                require_connection(connection);
                if (run_once(connection, job)) return nullptr;
            } catch (const SerializationFailure& failure) {
                reason = failure.what();
            } catch (const ConnectionLost& lost) {
                reason = lost.what();
                connection.disconnect();
            } catch (...) {
                return std::current_exception();
            }
            // Threads that collided come back at different times.
            std::this_thread::sleep_for(
                std::min(pause_max, std::chrono::milliseconds(run) * (index + 1))
            );
        }
        return std::make_exception_ptr(
            Overloaded("PostgreSQL did not let a transaction through; nothing was done: " + reason)
        );
    }

    // True when committed; false, SerializationFailure or ConnectionLost when nothing was.
    bool run_once(Connection& connection, Job& job) {
        connection.control(
            job.access == Access::write ? "BEGIN ISOLATION LEVEL SERIALIZABLE"
                                        : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        );
        PostgresTx tx(connection);
        try {
            job.work(tx);
            tx.require_whole();
        } catch (...) {
            roll_back(connection);
            if (tx.interrupted()) return false;
            throw;
        }
        if (job.access == Access::read) {
            roll_back(connection);
            return true;
        }
        commit(connection);
        return true;
    }

    static void commit(Connection& connection) {
        try {
            if (connection.control("COMMIT") != "COMMIT") {
                throw Fault("PostgreSQL rolled a transaction back instead of committing it");
            }
        } catch (const ConnectionLost& lost) {
            connection.disconnect();
            throw Fault(
                std::string("the connection was lost during a COMMIT; nobody knows whether it was "
                            "done: ") +
                lost.what()
            );
        }
    }

    static void roll_back(Connection& connection) {
        if (!connection.connected()) return connection.disconnect();
        try {
            connection.control("ROLLBACK");
        } catch (const Fault&) {
            connection.disconnect();  // the server rolls back by itself
        }
    }

    // Waits a while for a server that restarts. Throws Overloaded when it does not come back.
    void require_connection(Connection& connection) {
        if (connection.connected()) return;
        const auto end = std::chrono::steady_clock::now() +
                         std::chrono::milliseconds(settings_.away_milliseconds);
        for (std::chrono::milliseconds pause{10};; pause = std::min(2 * pause, 8 * pause_max)) {
            try {
                return connection.connect();
            } catch (const ConnectionLost& lost) {
                if (std::chrono::steady_clock::now() + pause >= end) {
                    const Overloaded away(std::string(lost.what()) + "; nothing was done");
                    // Whoever queued behind it has waited as long: answer all.
                    auto waiting = jobs_.take_all();
                    finish(waiting, std::make_exception_ptr(away));
                    throw Overloaded(away);
                }
            }
            std::this_thread::sleep_for(pause);
        }
    }

    void note_storage(const Job& job, const std::exception_ptr& error) noexcept {
        if (job.access == Access::read) return;
        try {
            if (error) std::rethrow_exception(error);
            storage_failed_ = false;
        } catch (const StorageFull& full) {
            storage_failed_ = true;
            log::error("the disk of PostgreSQL is full", {{"error", full.what()}});
        } catch (const StorageFailed& failure) {
            storage_failed_ = true;
            log::error("the storage of PostgreSQL failed", {{"error", failure.what()}});
        } catch (...) {
            return;  // says nothing about the storage
        }
    }

    const PostgresSettings settings_;
    std::atomic<bool> storage_failed_ = false;
    std::vector<std::unique_ptr<Connection>> connections_;
    WorkQueue jobs_;
    std::vector<std::jthread> threads_;
};

}  // namespace

std::unique_ptr<Database> open_postgres(const PostgresSettings& settings) {
    return std::make_unique<PostgresDatabase>(settings);
}

}  // namespace sallyport::store
