#pragma once
// The one seam to the database. Two drivers stand behind it, SQLite and PostgreSQL; every store
// test runs against both.

#include "base/core/result.h"
#include "base/store/tx.h"

#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace sallyport::store {

// The database is full of other work: the bounded queue in front of it has no room. Nothing was
// done. Callers answer 503.
class Overloaded;

enum class Engine : std::uint8_t { sqlite, postgres };

class Database {
public:
    using Work = std::move_only_function<void(Tx&)>;
    // Called once, on a database thread, after the commit is durable (null) or with what failed.
    using Done = std::move_only_function<void(std::exception_ptr)>;

    virtual ~Database() = default;

    [[nodiscard]] virtual Engine engine() const noexcept = 0;

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
        std::promise<void> finished;
        if constexpr (std::is_void_v<Answer>) {
            (this->*submit)(
                [&](Tx& tx) { work(tx); }, [&](std::exception_ptr e) { finish(finished, e); }
            );
            finished.get_future().get();
        } else {
            std::optional<Answer> answer;
            (this->*submit)(
                [&](Tx& tx) { answer.emplace(work(tx)); },
                [&](std::exception_ptr e) { finish(finished, e); }
            );
            finished.get_future().get();
            return *std::move(answer);
        }
    }

    static void finish(std::promise<void>& finished, const std::exception_ptr& error) {
        error ? finished.set_exception(error) : finished.set_value();
    }
};

// What the configuration says about the store.
struct SqliteSettings {
    std::string path;  // the database file; its folder must exist
    std::size_t queue_max = 4096;
    int readers = 2;
};

struct PostgresSettings {
    std::string conninfo;  // libpq keywords without a password; that comes from passfile or peer
    std::size_t queue_max = 4096;
    int connections = 8;
};

[[nodiscard]] std::unique_ptr<Database> open_sqlite(const SqliteSettings& settings);
[[nodiscard]] std::unique_ptr<Database> open_postgres(const PostgresSettings& settings);

// Brings the schema up to this binary's version, forward only, one transaction per migration.
// Throws store::SchemaTooNew if the database was written by a newer Sallyport.
void migrate(Database& database);
// The schema version that this binary writes.
[[nodiscard]] int schema_version() noexcept;

}  // namespace sallyport::store
