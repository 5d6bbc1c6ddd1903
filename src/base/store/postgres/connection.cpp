#include "base/store/postgres/connection.h"

#include "base/store/faults.h"
#include "base/store/postgres/placeholders.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace sallyport::store::postgres {

namespace {

// SQLSTATEs, PostgreSQL 15 appendix A.
bool breaks_constraint(std::string_view state) {
    constexpr std::array<std::string_view, 5> states = {
        "23001",  // restrict_violation
        "23503",  // foreign_key_violation
        "23505",  // unique_violation
        "23514",  // check_violation
        "23P01",  // exclusion_violation
    };
    return std::ranges::find(states, state) != states.end();
}

bool ends_connection(std::string_view state) {
    return state.starts_with("08") || state == "57P01" || state == "57P02" || state == "57P03" ||
           state == "57P05";
}

bool wants_another_run(std::string_view state) {
    return state == "40001" || state == "40P01";
}

bool tells_of_storage(std::string_view state) {
    return state == "58030" || state == "XX001" || state == "XX002";
}

// The server's primary message only: the detail of a broken constraint quotes the row's values.
std::string message_of(const PGresult* result, const PGconn* connection) {
    const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    std::string text = primary != nullptr ? primary : PQerrorMessage(connection);
    while (text.ends_with('\n')) {
        text.pop_back();
    }
    return text;
}

std::int64_t changes_of(PGresult* result) {
    if (std::string_view(PQcmdStatus(result)).starts_with("SELECT")) return 0;
    const std::string_view count = PQcmdTuples(result);
    std::int64_t changes = 0;
    std::from_chars(count.data(), count.data() + count.size(), changes);
    return changes;
}

}  // namespace

void Connection::connect() {
    disconnect();
    std::vector<const char*> names;
    std::vector<const char*> values;
    for (const auto& [name, value] : settings_) {
        names.push_back(name.c_str());
        values.push_back(value.c_str());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
    connection_.reset(PQconnectdbParams(names.data(), values.data(), 0));
    if (!connected()) {
        auto reason = connection_ ? message_of(nullptr, connection_.get()) : "out of memory";
        disconnect();
        throw ConnectionLost("PostgreSQL can't be reached: " + reason);
    }
    PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
    require_durable();
}

void Connection::disconnect() noexcept {
    statements_.clear();
    connection_.reset();
}

bool Connection::connected() const noexcept {
    return connection_ && PQstatus(connection_.get()) == CONNECTION_OK;
}

void Connection::require_durable() {
    const auto fsync = run("SELECT current_setting('fsync', true)", {}).rows;
    if (fsync.front().maybe_text(0) == "off") {
        throw Fault(
            "the PostgreSQL server runs with fsync = off: it would lose what it acknowledged. Set "
            "fsync = on and restart it."
        );
    }
    // A stronger setting of the server (on, remote_apply) stays.
    control(
        "SELECT set_config('synchronous_commit', 'on', false) "
        "WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write')"
    );
}

Outcome Connection::run(std::string_view sql, const std::vector<Value>& values) {
    const Parameters parameters(values);
    const auto& statement = prepare(sql, parameters);
    const auto result = checked(
        PQexecPrepared(
            connection_.get(),
            statement.name.c_str(),
            parameters.size(),
            parameters.values(),
            parameters.lengths(),
            parameters.formats(),
            statement.answer_format
        ),
        sql
    );
    return {changes_of(result.get()), read_rows(result.get())};
}

std::string Connection::control(const std::string& sql) {
    if (!connection_) throw ConnectionLost("there is no connection to PostgreSQL");
    const auto result = checked(PQexec(connection_.get(), sql.c_str()), sql);
    return PQcmdStatus(result.get());
}

const Connection::Statement& Connection::prepare(
    std::string_view sql, const Parameters& parameters
) {
    if (!connection_) throw ConnectionLost("there is no connection to PostgreSQL");
    auto key = fmt::format("{}:{}", parameters.signature(), sql);
    if (const auto* known = statements_.find(key)) return *known;
    const auto numbered = numbered_placeholders(sql);
    if (numbered.placeholders != parameters.size()) {
        throw Fault(fmt::format(
            "{} values for {} placeholders in: {}", parameters.size(), numbered.placeholders, sql
        ));
    }
    if (const auto leaving = statements_.make_room()) control("DEALLOCATE " + leaving->name);

    Statement statement{.name = fmt::format("s{}", ++statements_made_)};
    checked(
        PQprepare(
            connection_.get(),
            statement.name.c_str(),
            numbered.text.c_str(),
            parameters.size(),
            parameters.types()
        ),
        sql
    );
    const auto described =
        checked(PQdescribePrepared(connection_.get(), statement.name.c_str()), sql);
    statement.answer_format = 1;
    for (int at = 0; at < PQnfields(described.get()); ++at) {
        if (!has_binary_form(PQftype(described.get(), at))) statement.answer_format = 0;
    }
    return statements_.put(std::move(key), std::move(statement));
}

// Our SQL holds no values, so it may be in the text.
Connection::Result Connection::checked(PGresult* raw, std::string_view doing) {
    Result result(raw);
    const auto status = PQresultStatus(raw);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;

    const char* field = PQresultErrorField(raw, PG_DIAG_SQLSTATE);
    const std::string_view state = field != nullptr ? field : "";
    const auto text = fmt::format(
        "PostgreSQL: {} (SQLSTATE {}) at: {}", message_of(raw, connection_.get()), state, doing
    );
    // An error without a state is the client library's own: a write found the connection closed,
    // say, which its status does not tell yet.
    if (!connected() || state.empty() || ends_connection(state)) throw ConnectionLost(text);
    if (wants_another_run(state)) throw SerializationFailure(text);
    if (breaks_constraint(state)) throw ConstraintViolation(text);
    if (state == "53100") throw StorageFull(text + "; nothing was done");
    if (tells_of_storage(state)) throw StorageFailed(text);
    throw Fault(text);
}

}  // namespace sallyport::store::postgres
