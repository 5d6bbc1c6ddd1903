#pragma once
// One connection to a PostgreSQL server, with its prepared statements. For one thread.

#include "base/core/fault.h"
#include "base/store/postgres/values.h"
#include "base/store/statement_cache.h"
#include "base/store/tx.h"

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::store::postgres {

// The server asks for the transaction to be run again (SQLSTATE 40001, 40P01). Stays in the driver.
class SerializationFailure final : public Fault {
public:
    using Fault::Fault;
};

// The connection is gone; the server has rolled back what was not being committed. Stays in the
// driver.
class ConnectionLost final : public Fault {
public:
    using Fault::Fault;
};

struct Outcome {
    std::int64_t changes = 0;
    std::vector<Row> rows;
};

class Connection {
public:
    static constexpr std::size_t statements_max = 256;

    // Does not connect yet.
    explicit Connection(std::vector<std::pair<std::string, std::string>> settings)
        : settings_(std::move(settings)) {}

    // Connects anew. Throws ConnectionLost with the server's or libpq's reason, and a plain Fault
    // if the server would not keep what it acknowledges (fsync = off).
    void connect();
    void disconnect() noexcept;
    [[nodiscard]] bool connected() const noexcept;

    // Runs one statement with values, prepared. Throws ConstraintViolation, StorageFailed,
    // SerializationFailure, ConnectionLost or a plain Fault.
    Outcome run(std::string_view sql, const std::vector<Value>& values);
    // BEGIN, COMMIT and the like. Returns the command's tag: a COMMIT may say ROLLBACK.
    std::string control(const std::string& sql);

private:
    struct Finish {
        void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
    };

    struct Clear {
        void operator()(PGresult* result) const noexcept { PQclear(result); }
    };

    using Result = std::unique_ptr<PGresult, Clear>;

    struct Statement {
        std::string name;
        int answer_format = 0;  // 0 text, 1 binary
    };

    // Passes good results on; throws what the others mean.
    Result checked(PGresult* result, std::string_view doing);
    const Statement& prepare(std::string_view sql, const Parameters& parameters);
    void require_durable();

    std::vector<std::pair<std::string, std::string>> settings_;
    std::unique_ptr<PGconn, Finish> connection_;
    StatementCache<Statement> statements_{statements_max};
    std::uint64_t statements_made_ = 0;
};

}  // namespace sallyport::store::postgres
