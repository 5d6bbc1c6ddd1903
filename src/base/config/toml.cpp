#include "base/config/toml.h"

#include <algorithm>
#include <cctype>
#include <string>

namespace {

// toml++ 3.3 asserts what a file can break ("[" before a character that begins no name). An
// operator's slip must not end the process, nor be assumed away in a release build.
struct BrokenAssumption {};

}  // namespace

#undef NDEBUG
#define TOML_ASSERT(expression) ((expression) ? void() : throw BrokenAssumption())  // NOLINT
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace sallyport::config::toml {
namespace {

constexpr std::size_t text_size_max = std::size_t{1} << 20;
constexpr std::size_t line_size_max = 1024;

Position position(const ::toml::source_region& region) {
    return {
        std::max<std::size_t>(region.begin.line, 1), std::max<std::size_t>(region.begin.column, 1)
    };
}

Table table_of(const ::toml::table& node);

Value value_of(const ::toml::node& node, Position at);

Array array_of(const ::toml::array& node) {
    Array values;
    values.reserve(node.size());
    for (const auto& element : node) {
        values.push_back(value_of(element, position(element.source())));
    }
    return values;
}

Value value_of(const ::toml::node& node, Position at) {
    if (const auto* v = node.as_boolean()) return {at, v->get()};
    if (const auto* v = node.as_integer()) return {at, v->get()};
    if (const auto* v = node.as_floating_point()) return {at, v->get()};
    if (const auto* v = node.as_string()) return {at, v->get()};
    if (const auto* v = node.as_array()) return {at, array_of(*v)};
    if (const auto* v = node.as_table()) return {at, table_of(*v)};
    return {at, Other{}};
}

Table table_of(const ::toml::table& node) {
    Table table{position(node.source()), {}};
    for (const auto& [key, value] : node) {
        table.values.emplace(std::string(key.str()), value_of(value, position(key.source())));
    }
    return table;
}

// The library quotes what it read, and what it read may be a secret without its quotation marks.
// Quoted characters stay, anything longer goes.
std::string without_quotations(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto open = text.find('\'');
        out += text.substr(0, open);
        if (open == std::string_view::npos) break;
        text.remove_prefix(open + 1);
        const auto close = text.find('\'', 1);
        if (close == std::string_view::npos) return out + "...";
        out += close == 1 ? "'" + std::string(text.substr(0, 1)) + "'" : "'...'";
        text.remove_prefix(close + 1);
    }
    return out;
}

// Long lines are what deep nesting needs; the library recurses once per level.
std::expected<void, Mistake> check_sizes(std::string_view text) {
    if (text.size() > text_size_max) {
        return std::unexpected(Mistake{{}, "the file is over 1 MiB; this is no configuration"});
    }
    std::size_t line = 1;
    std::size_t start = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && text[i] != '\n') continue;
        if (i - start > line_size_max) {
            return std::unexpected(Mistake{
                {line, line_size_max + 1},
                "the line is over 1024 bytes; break the list over several lines"
            });
        }
        start = i + 1;
        ++line;
    }
    return {};
}

// The first line that looks like a section without a name.
Position odd_header(std::string_view text) {
    constexpr std::string_view blank = " \t";
    for (std::size_t line = 1; !text.empty(); ++line) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto row = text.substr(0, end);
        const auto bracket = row.find_first_not_of(blank);
        if (bracket != std::string_view::npos && row[bracket] == '[') {
            const auto name = row.find_first_not_of(" \t[", bracket);
            const bool named = name != std::string_view::npos &&
                               (std::isalnum(static_cast<unsigned char>(row[name])) != 0 ||
                                std::string_view("-_\"'").contains(row[name]));
            if (!named) return {line, bracket + 1};
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return {};
}

}  // namespace

std::expected<Table, Mistake> parse(std::string_view text) {
    if (auto sizes = check_sizes(text); !sizes) return std::unexpected(std::move(sizes).error());
    try {
        const auto parsed = ::toml::parse(text);
        if (parsed) return table_of(parsed.table());
        return std::unexpected(Mistake{
            position(parsed.error().source()),
            "not TOML: " + without_quotations(parsed.error().description())
        });
    } catch (const BrokenAssumption&) {
        return std::unexpected(Mistake{
            odd_header(text), "not TOML: a section's name is made of letters, digits, - and _"
        });
    }
}

}  // namespace sallyport::config::toml
