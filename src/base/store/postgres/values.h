#pragma once
// Our values in PostgreSQL's wire formats. Parameters go as binary, of the type that the value has;
// so the statement is another one when a value is null or of another type.

#include "base/store/tx.h"

#include <libpq-fe.h>

#include <string>
#include <vector>

namespace sallyport::store::postgres {

// The values of one execution; they must outlive it.
class Parameters {
public:
    explicit Parameters(const std::vector<Value>& values);

    // One letter per value: i, t, b, or n for null.
    [[nodiscard]] const std::string& signature() const noexcept { return signature_; }

    [[nodiscard]] int size() const noexcept { return static_cast<int>(types_.size()); }

    [[nodiscard]] const Oid* types() const noexcept { return types_.data(); }

    [[nodiscard]] const char* const* values() const noexcept { return values_.data(); }

    [[nodiscard]] const int* lengths() const noexcept { return lengths_.data(); }

    [[nodiscard]] const int* formats() const noexcept { return formats_.data(); }

private:
    std::string signature_;
    std::vector<Oid> types_;
    std::vector<std::uint64_t> integers_;  // big-endian
    std::vector<const char*> values_;
    std::vector<int> lengths_;
    std::vector<int> formats_;
};

// Whether we read the binary form of this column type; if one column's we don't, the whole answer
// comes as text.
[[nodiscard]] bool has_binary_form(Oid type) noexcept;

// Every row of an answer. A value that is none of ours (a floating-point number) is a Fault.
[[nodiscard]] std::vector<Row> read_rows(const PGresult* result);

}  // namespace sallyport::store::postgres
