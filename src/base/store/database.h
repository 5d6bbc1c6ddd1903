#pragma once
// The one seam to the database. Two drivers stand behind it, SQLite and PostgreSQL; every store
// test runs against both.

#include "base/core/result.h"
#include "base/store/tx.h"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace sallyport::store {

enum class Engine : std::uint8_t { sqlite, postgres };

class Database {
public:
    using Work = std::move_only_function<void(Tx&)>;
    // Called once, after the commit is durable (null) or with what failed: on a database thread, or
    // at once on the submitter's when the queue is full or the database has failed for good.
    using Done = std::move_only_function<void(std::exception_ptr)>;

    // Runs what is queued to its end first.
    virtual ~Database() = default;

    [[nodiscard]] virtual Engine engine() const noexcept = 0;

    // False once the storage has failed (StorageFailed): nothing is taken any more until the
    // process starts anew. And while it is full (StorageFull), until something was written again.
    // Part of the admission of new visits.
    [[nodiscard]] virtual bool healthy() const noexcept = 0;

    // The same database as the role that owns its schema; null when there is no other role. For
    // migrate().
    [[nodiscard]] virtual std::unique_ptr<Database> open_as_owner() const { return nullptr; }

    // Queues `work` to run in a writing transaction on a database thread and calls `done` when the
    // commit is durable. SQLite: one writer thread runs waiting works in one durable commit, a
    // savepoint each, so that one's fault leaves the others. PostgreSQL: a pool of connections,
    // SERIALIZABLE, run again on 40001 and 40P01.
    //
    // `work` runs from start to end without a suspension, so what it checked first is still true
    // when it writes. It owns what it uses: the request that sent it may be gone by then. It may be
    // run more than once, so it must not move out of what it captured.
    virtual void submit_write(Work work, Done done) = 0;
    // The same for reading only, on a consistent snapshot, in parallel with writers.
    virtual void submit_read(Work work, Done done) = 0;

    // The same, waited for: for commands, jobs and tests; never from an event loop. Returns what
    // `work(tx)` returned, whether it answered yes or refused: only an exception rolls back.
    template <class F>
    std::invoke_result_t<F&, Tx&> write(F work) {
        return wait<F>(&Database::submit_write, std::move(work));
    }

    template <class F>
    std::invoke_result_t<F&, Tx&> read(F work) {
        return wait<F>(&Database::submit_read, std::move(work));
    }

private:
    template <class F>
    std::invoke_result_t<F&, Tx&> wait(void (Database::*submit)(Work, Done), F work) {
        using Answer = std::invoke_result_t<F&, Tx&>;
        Completion completion;
        if constexpr (std::is_void_v<Answer>) {
            (this->*submit)([&](Tx& tx) { work(tx); }, completion.done());
            completion.wait();
        } else {
            std::optional<Answer> answer;
            (this->*submit)([&](Tx& tx) { answer.emplace(work(tx)); }, completion.done());
            completion.wait();
            return *std::move(answer);
        }
    }

    // The end of one work, waited for.
    class Completion {
    public:
        // A Fault on a database thread, which would wait for itself.
        Completion();
        [[nodiscard]] Done done() const;
        // Throws what the work ended with, if it failed.
        void wait();

    private:
        struct State;
        std::shared_ptr<State> state_;
    };
};

// What the configuration says about the store.
struct SqliteSettings {
    std::string path;  // the database file; its folder must exist
    std::size_t queue_max = 4096;
    int readers = 2;
    int busy_milliseconds = 5000;  // how long to wait for another process that holds the lock
};

struct PostgresSettings {
    std::string conninfo;  // libpq keywords without a password; that comes from passfile or peer
    // The same for the role that owns the schema, if that is another: then the server's own role
    // gets only what migrations leave it (audit rows can be inserted and read, not changed).
    std::string owner_conninfo = {};
    std::size_t queue_max = 4096;
    int connections = 8;
    int away_milliseconds = 5000;  // how long work waits for a server that is away
};

[[nodiscard]] std::unique_ptr<Database> open_sqlite(const SqliteSettings& settings);
[[nodiscard]] std::unique_ptr<Database> open_postgres(const PostgresSettings& settings);

// Brings the schema up to this binary's version, forward only, one transaction per migration.
// Throws store::SchemaTooNew if the database was written by a newer Sallyport, and a Fault if a
// migration was changed after it had been applied. A database that is up to date is only read.
//
// On PostgreSQL it runs as the owner role when there is one. That role gives the server's role the
// use of every table it makes from then on; a migration takes back what the server must not do, in
// a `--- postgres` block: REVOKE UPDATE, DELETE, TRUNCATE ON audit_event FROM {server_role};
void migrate(Database& database);
// The schema version that this binary writes.
[[nodiscard]] int schema_version() noexcept;

}  // namespace sallyport::store
