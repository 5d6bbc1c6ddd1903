#pragma once
// Rows of the log read as Entry values, for `list`, `find` and the export.

#include "base/store/tx.h"
#include "domain/audit/log.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::audit {

// The conditions of a filter; each has its own text, so that the engine sees constants only where
// there are any.
class Conditions {
public:
    explicit Conditions(const Filter& filter) {
        if (!filter.type_prefix.empty()) {
            add("substr(type, 1, CAST(? AS INTEGER)) = ?",
                static_cast<std::int64_t>(filter.type_prefix.size()));
            values_.emplace_back(filter.type_prefix);
        }
        if (filter.account) add("account_id = ?", filter.account->text());
        if (filter.session) add("session_id = ?", filter.session->text());
        if (filter.grant) add("grant_id = ?", filter.grant->text());
        if (!filter.object.empty()) add("object = ?", filter.object);
        if (filter.from) add("at_us >= ?", store::value(*filter.from));
        if (filter.until) add("at_us < ?", store::value(*filter.until));
        if (filter.before_index) add("leaf_index < ?", *filter.before_index);
    }

    void add(std::string_view condition, store::Value value) {
        sql_ += " AND ";
        sql_ += condition;
        values_.push_back(std::move(value));
    }

    [[nodiscard]] const std::string& sql() const { return sql_; }

    [[nodiscard]] const std::vector<store::Value>& values() const { return values_; }

private:
    std::string sql_;
    std::vector<store::Value> values_;
};

// By which column, and which way.
struct RowOrder {
    enum Way : std::uint8_t { upwards, downwards };

    std::string_view column;  // "seq" or "leaf_index"
    Way way;
};

// Up to `count_max` more entries where `which` holds, with what is left of their personal texts, in
// one statement.
void add_entries(
    store::Tx& tx,
    std::vector<Entry>& entries,
    std::string_view which,
    const Conditions& conditions,
    const RowOrder& order,
    std::size_t count_max
);

}  // namespace sallyport::audit
