#pragma once
// One SQLite connection, opened the way we want it, with its prepared statements. For one thread.

#include "base/store/statement_cache.h"
#include "base/store/tx.h"

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::store::sqlite {

enum class Mode : std::uint8_t { read_write, read_only };

struct Outcome {
    std::int64_t changes = 0;
    std::vector<Row> rows;
};

class Connection {
public:
    // How many prepared statements are kept.
    static constexpr std::size_t statements_max = 256;

    // Opens and configures. A file made here is readable by its owner only.
    Connection(const std::string& path, Mode mode, int busy_milliseconds);
    ~Connection() = default;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    Connection(Connection&&) = delete;
    Connection& operator=(Connection&&) = delete;

    // How long a statement waits for a lock that somebody else holds.
    void wait_for_locks(int milliseconds) { sqlite3_busy_timeout(db_.get(), milliseconds); }

    // Runs one statement. Throws ConstraintViolation, Overloaded (somebody else holds the lock),
    // StorageFull, StorageFailed or a plain Fault.
    Outcome run(std::string_view sql, const std::vector<Value>& values = {});

    // Whether a transaction is open. SQLite ends it by itself after some faults.
    [[nodiscard]] bool in_transaction() const noexcept;

    // How many pages the write-ahead log had after the last commit.
    [[nodiscard]] int wal_pages() const noexcept { return wal_pages_; }

    // Commits of this connection that wrote something.
    [[nodiscard]] std::uint64_t commits() const noexcept { return commits_; }

    struct Checkpoint {
        int pages = 0;   // in the log
        int copied = 0;  // of those, safe in the database file
    };

    // Copies the log into the database file, durably. `mode` is one of SQLITE_CHECKPOINT_*. When
    // somebody reads old pages or holds a lock, it does what it can.
    Checkpoint checkpoint(int mode);

private:
    struct Close {
        void operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }
    };

    struct Finalize {
        void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
    };

    using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

    void configure(Mode mode);
    sqlite3_stmt* prepare(std::string_view sql);
    [[noreturn]] void fail(int code, std::string_view doing) const;

    std::string path_;
    std::unique_ptr<sqlite3, Close> db_;
    StatementCache<Statement> statements_{statements_max};
    int wal_pages_ = 0;
    std::uint64_t commits_ = 0;
};

}  // namespace sallyport::store::sqlite
