#include "base/store/driver_tx.h"

#include "base/core/fault.h"
#include "base/core/utf8.h"

namespace sallyport::store {

std::int64_t DriverTx::execute(std::string_view sql, const std::vector<Value>& values) {
    return guarded(sql, values).changes;
}

std::vector<Row> DriverTx::query(std::string_view sql, const std::vector<Value>& values) {
    return guarded(sql, values).rows;
}

void DriverTx::require_whole() const {
    if (!broken_.empty()) {
        throw Fault("the transaction is broken by an earlier fault: " + broken_);
    }
}

void DriverTx::savepoint() {
    require_whole();
    control("SAVEPOINT attempt");
}

void DriverTx::release() {
    require_whole();
    control("RELEASE SAVEPOINT attempt");
}

void DriverTx::undo() {
    if (!stands()) return;  // it was rolled back whole; broken_ says so from here on
    control("ROLLBACK TO SAVEPOINT attempt");
    control("RELEASE SAVEPOINT attempt");
    broken_.clear();
}

DriverTx::Outcome DriverTx::guarded(std::string_view sql, const std::vector<Value>& values) {
    require_whole();
    try {
        require_texts_storable(values);
        return run(sql, values);
    } catch (const std::exception& error) {
        broken_ = error.what();
        throw;
    }
}

bool is_storable_text(std::string_view text) noexcept {
    return text.find('\0') == std::string_view::npos && is_utf8(text);
}

void require_texts_storable(const std::vector<Value>& values) {
    for (const auto& value : values) {
        const auto* text = std::get_if<std::string>(&value);
        if (text != nullptr && !is_storable_text(*text)) {
            throw Fault("a text with a zero byte or invalid UTF-8 can't be stored; use a blob");
        }
    }
}

}  // namespace sallyport::store
