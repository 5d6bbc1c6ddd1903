#pragma once
// An open transaction, and the values that go in and come out of it. The SQL above this seam is
// written once, with `?` for parameters; the drivers translate.

#include "base/core/bytes.h"
#include "base/core/result.h"
#include "base/core/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace sallyport::store {

using Null = std::nullptr_t;
using Value = std::variant<Null, std::int64_t, std::string, Bytes>;

// One answer row. Columns are read by position; a column of another type than asked for is a
// fault (our SQL and our code disagree).
class Row {
public:
    explicit Row(std::vector<Value> values) : values_(std::move(values)) {}

    [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }

    [[nodiscard]] bool is_null(std::size_t column) const;
    [[nodiscard]] std::int64_t integer(std::size_t column) const;
    [[nodiscard]] const std::string& text(std::size_t column) const;
    [[nodiscard]] const Bytes& blob(std::size_t column) const;
    [[nodiscard]] Time time(std::size_t column) const;  // stored as UTC microseconds

    [[nodiscard]] std::optional<std::int64_t> maybe_integer(std::size_t column) const;
    [[nodiscard]] std::optional<std::string> maybe_text(std::size_t column) const;
    [[nodiscard]] std::optional<Time> maybe_time(std::size_t column) const;

    // The id stored as text in this column; malformed is a fault.
    template <class IdType>
    [[nodiscard]] IdType id(std::size_t column) const;
    template <class IdType>
    [[nodiscard]] std::optional<IdType> maybe_id(std::size_t column) const;

private:
    std::vector<Value> values_;
};

// What a broken uniqueness or foreign-key constraint throws, so that code which races for a name
// can turn it into a refusal. Everything else that goes wrong is a plain Fault.
class ConstraintViolation;

// Functions that change things take a Tx&, so a reader sees in the signature that a change and its
// audit entry commit together or not at all.
//
// A refusal is an answer, so it commits: what was noted about the attempt (the audit entry, the
// throttle count, the one-time value that is now used up) must outlive the "no". What the attempt
// itself changed must not; it goes inside attempt().
//
// A transaction's work may be run again from the start when the engine asks for it (PostgreSQL
// serialization failure): it must not keep side effects of its own.
class Tx {
public:
    virtual ~Tx() = default;

    // Runs `work()` between savepoints: kept if it returns a value, undone if it refuses. An
    // exception undoes it too and passes through; unless somebody catches a ConstraintViolation
    // outside, it takes the whole transaction with it.
    template <class Work>
    std::invoke_result_t<Work&> attempt(Work work) {
        savepoint();
        try {
            auto result = work();
            result ? release() : undo();
            return result;
        } catch (...) {
            undo_quietly();
            throw;
        }
    }

    // Returns how many rows were changed. After a ConstraintViolation (as after any fault) the
    // transaction can only be left, or undone to a savepoint: catch it outside an attempt().
    virtual std::int64_t execute(std::string_view sql, const std::vector<Value>& values = {}) = 0;
    [[nodiscard]] virtual std::vector<Row> query(
        std::string_view sql, const std::vector<Value>& values = {}
    ) = 0;

private:
    virtual void savepoint() = 0;
    virtual void release() = 0;
    virtual void undo() = 0;
    void undo_quietly() noexcept;
};

[[nodiscard]] inline Value value(Time time) {
    return to_micros(time);
}

[[nodiscard]] inline Value value(const std::optional<Time>& time) {
    return time ? Value(to_micros(*time)) : Value(nullptr);
}

[[nodiscard]] inline Value value(const std::optional<std::string>& text) {
    return text ? Value(*text) : Value(nullptr);
}

template <class IdType>
    requires requires(const IdType& id) { id.text(); }
[[nodiscard]] Value value(const IdType& id) {
    return id.text();
}

template <class IdType>
    requires requires(const IdType& id) { id.text(); }
[[nodiscard]] Value value(const std::optional<IdType>& id) {
    return id ? Value(id->text()) : Value(nullptr);
}

template <class IdType>
IdType Row::id(std::size_t column) const {
    return IdType::parse(text(column)).value();
}

template <class IdType>
std::optional<IdType> Row::maybe_id(std::size_t column) const {
    if (is_null(column)) return std::nullopt;
    return id<IdType>(column);
}

}  // namespace sallyport::store
