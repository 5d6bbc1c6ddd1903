#include "base/store/tx.h"

#include "base/core/log.h"
#include "base/store/faults.h"

#include <fmt/format.h>

namespace sallyport::store {

namespace {

template <class T>
const T& column_as(const std::vector<Value>& values, std::size_t column, std::string_view type) {
    if (column >= values.size()) {
        throw Fault(fmt::format(
            "column {} was asked of a row with {} columns: our SQL and our code disagree",
            column,
            values.size()
        ));
    }
    if (const auto* found = std::get_if<T>(&values[column])) return *found;
    throw Fault(
        fmt::format("column {} is not of type {}: our SQL and our code disagree", column, type)
    );
}

}  // namespace

bool Row::is_null(std::size_t column) const {
    if (column >= values_.size()) throw Fault(fmt::format("there is no column {}", column));
    return std::holds_alternative<Null>(values_[column]);
}

std::int64_t Row::integer(std::size_t column) const {
    return column_as<std::int64_t>(values_, column, "integer");
}

const std::string& Row::text(std::size_t column) const {
    return column_as<std::string>(values_, column, "text");
}

const Bytes& Row::blob(std::size_t column) const {
    return column_as<Bytes>(values_, column, "blob");
}

Time Row::time(std::size_t column) const {
    return from_micros(integer(column));
}

std::optional<std::int64_t> Row::maybe_integer(std::size_t column) const {
    if (is_null(column)) return std::nullopt;
    return integer(column);
}

std::optional<std::string> Row::maybe_text(std::size_t column) const {
    if (is_null(column)) return std::nullopt;
    return text(column);
}

std::optional<Time> Row::maybe_time(std::size_t column) const {
    if (is_null(column)) return std::nullopt;
    return time(column);
}

void Tx::undo_quietly() noexcept {
    try {
        undo();
    } catch (const std::exception& error) {
        // The driver remembers that this transaction is broken and will not commit it.
        log::warning("a savepoint could not be undone", {{"error", error.what()}});
    }
}

}  // namespace sallyport::store
