#include "base/store/sqlite/connection.h"

#include "base/store/faults.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace sallyport::store::sqlite {

namespace {

std::string error_text(int error) {
    return std::system_category().message(error);
}

// SQLite would make it readable by everybody whom the umask lets; its -wal and -shm files take
// after it.
void create_private_file(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) {
        throw Fault(fmt::format("the database file {}: {}", path, error_text(errno)));
    }
    ::close(file);

    const auto folder = std::filesystem::path(path).parent_path();
    const int opened = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY);
    const bool synced = opened >= 0 && ::fsync(opened) == 0;
    const int error = errno;
    if (opened >= 0) ::close(opened);
    if (!synced) {
        throw StorageFailed(
            fmt::format("the folder of the database {}: {}", path, error_text(error))
        );
    }
}

bool breaks_constraint(int code) noexcept {
    switch (code) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
        case SQLITE_CONSTRAINT_ROWID:
        case SQLITE_CONSTRAINT_FOREIGNKEY:
        case SQLITE_CONSTRAINT_CHECK:
            return true;
        default:
            return false;
    }
}

void bind(sqlite3_stmt* statement, int at, const Value& value) {
    int code = SQLITE_OK;
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        code = sqlite3_bind_int64(statement, at, *integer);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        code = sqlite3_bind_text64(
            statement, at, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8
        );
    } else if (const auto* blob = std::get_if<Bytes>(&value)) {
        // A null pointer would bind NULL.
        code = blob->empty()
                   ? sqlite3_bind_zeroblob(statement, at, 0)
                   : sqlite3_bind_blob64(statement, at, blob->data(), blob->size(), SQLITE_STATIC);
    } else {
        code = sqlite3_bind_null(statement, at);
    }
    if (code != SQLITE_OK) throw Fault(fmt::format("SQLite can't bind value {}", at));
}

Value column(sqlite3_stmt* statement, int at) {
    const auto size = [&] { return static_cast<std::size_t>(sqlite3_column_bytes(statement, at)); };
    switch (sqlite3_column_type(statement, at)) {
        case SQLITE_INTEGER:
            return std::int64_t{sqlite3_column_int64(statement, at)};
        case SQLITE_TEXT: {
            const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, at));
            return std::string(text, size());
        }
        case SQLITE_BLOB: {
            const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement, at));
            return Bytes(bytes, bytes + size());
        }
        case SQLITE_NULL:
            return nullptr;
        default:
            throw Fault(fmt::format("column {} is a floating-point number; we keep none", at));
    }
}

Row read_row(sqlite3_stmt* statement) {
    const int columns = sqlite3_column_count(statement);
    std::vector<Value> values;
    values.reserve(static_cast<std::size_t>(columns));
    for (int at = 0; at < columns; ++at) {
        values.push_back(column(statement, at));
    }
    return Row(std::move(values));
}

// Leaves the statement ready for its next use, and the values that were lent to it alone.
class Resetting {
public:
    explicit Resetting(sqlite3_stmt* statement) : statement_(statement) {}

    ~Resetting() {
        sqlite3_reset(statement_);
        sqlite3_clear_bindings(statement_);
    }

    Resetting(const Resetting&) = delete;
    Resetting& operator=(const Resetting&) = delete;

private:
    sqlite3_stmt* statement_;
};

}  // namespace

Connection::Connection(const std::string& path, Mode mode, int busy_milliseconds) : path_(path) {
    if (mode == Mode::read_write) create_private_file(path);
    const int access = mode == Mode::read_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(
        path.c_str(), &opened, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr
    );
    db_.reset(opened);
    if (code != SQLITE_OK) fail(code, "opening");
    wait_for_locks(busy_milliseconds);
    configure(mode);
}

void Connection::configure(Mode mode) {
    constexpr std::array switches = {
        std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1},
        std::pair{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        std::pair{SQLITE_DBCONFIG_DQS_DML, 0},
        std::pair{SQLITE_DBCONFIG_DQS_DDL, 0},
        std::pair{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        // Closing must not retry a checkpoint whose fsync failed: see Database's destructor.
        std::pair{SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1},
    };
    for (const auto& [name, value] : switches) {
        if (const int code = sqlite3_db_config(db_.get(), name, value, nullptr);
            code != SQLITE_OK) {
            fail(code, "configuring");
        }
    }
    sqlite3_limit(db_.get(), SQLITE_LIMIT_ATTACHED, 0);

    if (mode == Mode::read_write) {
        const auto journal = run("PRAGMA journal_mode = WAL");
        if (journal.rows.empty() || journal.rows.front().text(0) != "wal") {
            throw Fault(fmt::format("the database {} can't use a write-ahead log here", path_));
        }
        run("PRAGMA synchronous = FULL");
        // A deleted value is overwritten: what was erased by policy is not left in free pages.
        run("PRAGMA secure_delete = ON");
        run("PRAGMA journal_size_limit = 67108864");
        run("PRAGMA cache_size = -8000");
        // SQLite's own checkpoints swallow their errors, a failed fsync too; we do our own.
        sqlite3_wal_hook(
            db_.get(),
            [](void* self, sqlite3*, const char*, int pages) {
                static_cast<Connection*>(self)->wal_pages_ = pages;
                ++static_cast<Connection*>(self)->commits_;
                return SQLITE_OK;
            },
            this
        );
    } else {
        run("PRAGMA query_only = ON");
    }
    run("PRAGMA foreign_keys = ON");
    run("PRAGMA cell_size_check = ON");
    run("PRAGMA temp_store = MEMORY");
}

Outcome Connection::run(std::string_view sql, const std::vector<Value>& values) {
    auto* const statement = prepare(sql);
    const Resetting resetting(statement);
    const int wanted = sqlite3_bind_parameter_count(statement);
    if (std::cmp_not_equal(wanted, values.size())) {
        throw Fault(fmt::format("{} values for {} placeholders in: {}", values.size(), wanted, sql)
        );
    }
    for (int at = 0; at < wanted; ++at) {
        bind(statement, at + 1, values[static_cast<std::size_t>(at)]);
    }

    Outcome outcome;
    const auto changes_before = sqlite3_total_changes64(db_.get());
    int code = sqlite3_step(statement);
    for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
        outcome.rows.push_back(read_row(statement));
    }
    if (code != SQLITE_DONE) fail(code, sql);
    // changes64() alone still tells of the statement before, when this one was no INSERT, UPDATE or
    // DELETE.
    if (sqlite3_total_changes64(db_.get()) != changes_before) {
        outcome.changes = sqlite3_changes64(db_.get());
    }
    return outcome;
}

bool Connection::in_transaction() const noexcept {
    return sqlite3_get_autocommit(db_.get()) == 0;
}

Connection::Checkpoint Connection::checkpoint(int mode) {
    Checkpoint done;
    const int code = sqlite3_wal_checkpoint_v2(db_.get(), nullptr, mode, &done.pages, &done.copied);
    const int kind = code & 0xFF;
    if (kind != SQLITE_OK && kind != SQLITE_BUSY && kind != SQLITE_LOCKED) fail(code, "checkpoint");
    return done;
}

sqlite3_stmt* Connection::prepare(std::string_view sql) {
    if (const auto* known = statements_.find(sql)) return known->get();

    sqlite3_stmt* prepared = nullptr;
    const char* rest = nullptr;
    const int code = sqlite3_prepare_v3(
        db_.get(),
        sql.data(),
        static_cast<int>(sql.size()),
        SQLITE_PREPARE_PERSISTENT,
        &prepared,
        &rest
    );
    Statement statement(prepared);
    if (code != SQLITE_OK) fail(code, sql);
    const auto unread = sql.substr(static_cast<std::size_t>(rest - sql.data()));
    if (statement == nullptr || unread.find_first_not_of(" \t\n;") != std::string_view::npos) {
        throw Fault(fmt::format("this is not one statement: {}", sql));
    }
    const auto leaving = statements_.make_room();  // finalized at the end of the scope
    return statements_.put(std::string(sql), std::move(statement)).get();
}

// Our SQL holds no values, so it may be in the text.
void Connection::fail(int code, std::string_view doing) const {
    const auto text = fmt::format(
        "SQLite, {}: {} (code {}) at: {}",
        path_,
        db_ ? sqlite3_errmsg(db_.get()) : sqlite3_errstr(code),
        code,
        doing
    );
    if (breaks_constraint(code)) throw ConstraintViolation(text);
    // The index of the write-ahead log could not grow; what it points to is untouched.
    if (code == SQLITE_IOERR_SHMSIZE) throw StorageFull(text + "; nothing was done");
    // A write through a read-only connection; its extended codes tell of a file that was taken
    // away.
    if (code == SQLITE_READONLY) throw Fault(text);
    switch (code & 0xFF) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL:
            throw Overloaded(text + "; another process holds the lock; nothing was done");
        case SQLITE_FULL:
            throw StorageFull(text + "; nothing was done");
        case SQLITE_IOERR:
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
            throw StorageFailed(text);
        default:
            throw Fault(text);
    }
}

}  // namespace sallyport::store::sqlite
