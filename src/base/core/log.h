#pragma once
// The operator's log: one JSON object a line on standard error. For the machine's health, never
// for evidence (that is domain/audit) and never with a secret: it takes no Secret, and callers
// pass facts, not requests.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace sallyport::log {

enum class Level : std::uint8_t { debug, info, warning, error };

struct Field {
    std::string_view name;
    std::variant<std::string, std::int64_t> value;
};

// Lines below this level are dropped. Thread-safe. Starts at info.
void set_level(Level level);
void write(Level level, std::string_view message, std::initializer_list<Field> fields = {});

inline void info(std::string_view message, std::initializer_list<Field> fields = {}) {
    write(Level::info, message, fields);
}

inline void warning(std::string_view message, std::initializer_list<Field> fields = {}) {
    write(Level::warning, message, fields);
}

inline void error(std::string_view message, std::initializer_list<Field> fields = {}) {
    write(Level::error, message, fields);
}

// The text as a JSON string literal, quotes included; invalid UTF-8 becomes U+FFFD.
[[nodiscard]] std::string json_quoted(std::string_view text);

}  // namespace sallyport::log
