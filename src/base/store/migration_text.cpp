#include "base/core/fault.h"
#include "base/store/migration.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace sallyport::store {

namespace {

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

char upper(char c) {
    return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
}

bool starts_with_words(std::string_view text, std::string_view words) {
    return text.size() >= words.size() &&
           std::ranges::equal(text.substr(0, words.size()), words, {}, upper);
}

bool ends_with_words(std::string_view text, std::string_view words) {
    return text.size() >= words.size() &&
           std::ranges::equal(text.substr(text.size() - words.size()), words, {}, upper);
}

std::string quoted_identifier(std::string_view name) {
    std::string quoted = "\"";
    for (const char c : name) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::string token_text(std::string_view token, Engine engine, std::string_view server_role) {
    const bool sqlite = engine == Engine::sqlite;
    if (token == "int") return sqlite ? "INTEGER" : "BIGINT";
    if (token == "text") return "TEXT";
    if (token == "blob") return sqlite ? "BLOB" : "BYTEA";
    if (token == "strict") return sqlite ? "STRICT" : "";
    if (token == "server_role" && !sqlite) return quoted_identifier(server_role);
    throw Fault(fmt::format("a migration says {{{}}}, which means nothing here", token));
}

// A token is lower-case letters and underscores between braces; other braces stand for themselves.
std::string with_tokens(std::string_view line, Engine engine, std::string_view server_role) {
    std::string out;
    while (!line.empty()) {
        const auto open = line.find('{');
        out += line.substr(0, open);
        if (open == std::string_view::npos) break;
        line.remove_prefix(open + 1);
        const auto close = line.find('}');
        const auto token = line.substr(0, close);
        const bool is_token =
            close != std::string_view::npos && !token.empty() &&
            std::ranges::all_of(token, [](char c) { return is_lower(c) || c == '_'; });
        if (!is_token) {
            out += '{';
            continue;
        }
        out += token_text(token, engine, server_role);
        line.remove_prefix(close + 1);
    }
    return out;
}

// For whom the lines after this one are: nobody in particular, or an engine.
std::optional<Engine> section(std::string_view line) {
    if (line == "--- both") return std::nullopt;
    if (line == "--- sqlite") return Engine::sqlite;
    if (line == "--- postgres") return Engine::postgres;
    throw Fault(fmt::format("a migration has a line \"{}\"; say sqlite, postgres or both", line));
}

bool is_whole(std::string_view statement, Engine engine) {
    if (!statement.ends_with(';')) return false;
    if (engine == Engine::sqlite && (starts_with_words(statement, "CREATE TRIGGER") ||
                                     starts_with_words(statement, "CREATE TEMP TRIGGER"))) {
        return ends_with_words(statement, "END;");
    }
    int bodies = 0;
    for (auto at = statement.find("$$"); at != std::string_view::npos;
         at = statement.find("$$", at + 2)) {
        ++bodies;
    }
    return bodies % 2 == 0;
}

}  // namespace

std::vector<std::string> migration_statements(
    std::string_view sql, Engine engine, std::string_view server_role
) {
    std::vector<std::string> statements;
    std::string statement;
    std::optional<Engine> whose;
    while (!sql.empty()) {
        const auto end = sql.find('\n');
        const auto line = trimmed(sql.substr(0, end));
        sql.remove_prefix(end == std::string_view::npos ? sql.size() : end + 1);
        if (line.starts_with("---")) {
            if (!statement.empty()) {
                throw Fault(fmt::format("a migration's statement runs into \"{}\"", line));
            }
            whose = section(line);
            continue;
        }
        if (line.empty() || line.starts_with("--") || (whose && *whose != engine)) continue;
        if (!statement.empty()) statement += '\n';
        statement += with_tokens(line, engine, server_role);
        if (!is_whole(statement, engine)) continue;
        statements.push_back(std::move(statement));
        statement.clear();
    }
    if (!statement.empty()) {
        throw Fault(fmt::format("a migration's last statement has no end: {}", statement));
    }
    return statements;
}

}  // namespace sallyport::store
