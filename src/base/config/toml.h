#pragma once
// TOML as plain values that know where they stood. The library behind it is said in toml.cpp only.

#include "base/config/mistakes.h"

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sallyport::config::toml {

struct Value;
using Array = std::vector<Value>;

struct Table {
    Position at;  // of its header or brace
    std::map<std::string, Value> values;
};

// A date or time: none of our settings is one.
struct Other {};

struct Value {
    Position key_at;  // of the key, or of the value where there is no key
    std::variant<bool, std::int64_t, double, std::string, Array, Table, Other> value;

    template <class T>
    [[nodiscard]] const T* as() const noexcept {
        return std::get_if<T>(&value);
    }
};

// At most 1 MiB in lines of at most 1024 bytes, so that nesting is bounded. The mistake quotes
// nothing of the text but single characters.
[[nodiscard]] std::expected<Table, Mistake> parse(std::string_view text);

}  // namespace sallyport::config::toml
