#include "base/core/log.h"

#include "base/core/time.h"
#include "base/core/utf8.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <mutex>

namespace sallyport::log {
namespace {

// A longer value is cut: no caller's text may flood the operator's disk.
constexpr std::size_t value_size_max = 4096;

std::atomic<Level> level_min = Level::info;

std::string_view name_of(Level level) {
    switch (level) {
        case Level::debug:
            return "debug";
        case Level::info:
            return "info";
        case Level::warning:
            return "warning";
        case Level::error:
            return "error";
    }
    return "error";
}

std::string quoted_and_cut(std::string_view text) {
    if (text.size() <= value_size_max) return json_quoted(text);
    return json_quoted(std::string(text.substr(0, value_size_max)) + "... (cut)");
}

// Whole lines, whoever else writes. What can't be written is lost: the log is no evidence, and
// there is nobody left to tell.
void write_line(std::string_view line) {
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    while (!line.empty()) {
        const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        line.remove_prefix(static_cast<std::size_t>(written));
    }
}

}  // namespace

void set_level(Level level) {
    level_min.store(level, std::memory_order_relaxed);
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
    if (level < level_min.load(std::memory_order_relaxed)) return;
    std::string line = fmt::format(
        R"({{"time":"{}","level":"{}","message":{})",
        to_text(SystemClock().now()),
        name_of(level),
        quoted_and_cut(message)
    );
    for (const auto& field : fields) {
        line += ',';
        line += json_quoted(field.name);
        line += ':';
        if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
            line += std::to_string(*number);
        } else {
            line += quoted_and_cut(std::get<std::string>(field.value));
        }
    }
    line += "}\n";
    write_line(line);
}

// Control characters are escaped, C1 and DEL too, so that a log line shown on a terminal stays a
// line and commands nothing.
std::string json_quoted(std::string_view text) {
    std::string out = "\"";
    out.reserve(text.size() + 2);
    while (!text.empty()) {
        const auto [value, size] = front_code_point(text);
        if (!value) {
            out += "\uFFFD";
        } else if (*value == U'"' || *value == U'\\') {
            out += '\\';
            out += static_cast<char>(*value);
        } else if (*value == U'\n') {
            out += "\\n";
        } else if (*value < 0x20 || (*value >= 0x7f && *value < 0xa0)) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(*value));
        } else {
            out += text.substr(0, size);
        }
        text.remove_prefix(size);
    }
    out += '"';
    return out;
}

}  // namespace sallyport::log
