#include "base/core/csv.h"

#include "base/core/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace sallyport {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t';
}

std::string_view trimmed(std::string_view text) noexcept {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

char separator_of(std::string_view text) noexcept {
    bool quoted = false;
    bool semicolon = false;
    for (const char c : text) {
        if (c == '"') quoted = !quoted;
        if (quoted) continue;
        if (c == ',') return ',';
        if (c == '\n') break;
        semicolon = semicolon || c == ';';
    }
    return semicolon ? ';' : ',';
}

class CsvReader {
public:
    CsvReader(std::string_view text, const CsvLimits& limits)
        : text_(text), limits_(limits), separator_(separator_of(text)) {}

    [[nodiscard]] Result<std::vector<CsvRow>> read() {
        std::vector<CsvRow> rows;
        while (!at_end()) {
            CsvRow row{{}, line_};
            if (!read_row(row)) return refuse(Refusal::invalid, "csv.malformed", problem_);
            const bool empty = row.cells.size() == 1 && row.cells.front().text.empty();
            if (empty) continue;
            if (rows.size() == limits_.rows_max) {
                complain(row.line, 1, fmt::format("more than {} rows", limits_.rows_max));
                return refuse(Refusal::invalid, "csv.malformed", problem_);
            }
            rows.push_back(std::move(row));
        }
        return rows;
    }

private:
    [[nodiscard]] bool at_end() const noexcept { return at_ == text_.size(); }

    [[nodiscard]] char peek() const noexcept { return text_[at_]; }

    [[nodiscard]] std::uint32_t column() const noexcept {
        return static_cast<std::uint32_t>(at_ - line_start_) + 1;
    }

    [[nodiscard]] bool at_line_end() const noexcept {
        return peek() == '\n' ||
               (peek() == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] == '\n'));
    }

    void next_line() noexcept {
        if (!at_end() && peek() == '\r') ++at_;
        if (!at_end()) ++at_;
        ++line_;
        line_start_ = at_;
    }

    void skip_blanks() noexcept {
        while (!at_end() && is_blank(peek())) {
            ++at_;
        }
    }

    bool complain(std::uint32_t line, std::uint32_t column, std::string_view what) {
        problem_ = fmt::format("line {}, column {}: {}", line, column, what);
        return false;
    }

    bool read_row(CsvRow& row) {
        for (;;) {
            if (row.cells.size() == limits_.cells_max) {
                return complain(
                    line_, column(), fmt::format("more than {} cells", limits_.cells_max)
                );
            }
            if (!read_cell(row)) return false;
            if (at_end()) return true;
            if (peek() == separator_) {
                ++at_;
                continue;
            }
            next_line();
            return true;
        }
    }

    bool read_cell(CsvRow& row) {
        const auto line = line_;
        CsvCell cell{{}, column()};
        skip_blanks();
        const bool good = !at_end() && peek() == '"' ? read_quoted(cell) : read_plain(cell);
        if (!good) return false;
        if (cell.text.size() > limits_.cell_size_max) {
            return complain(
                line,
                cell.column,
                fmt::format("a cell of more than {} bytes", limits_.cell_size_max)
            );
        }
        if (cell.text.contains('\0') || !is_utf8(cell.text)) {
            return complain(line, cell.column, "no text (UTF-8)");
        }
        row.cells.push_back(std::move(cell));
        return true;
    }

    bool read_plain(CsvCell& cell) {
        const auto begin = at_;
        while (!at_end() && peek() != separator_ && !at_line_end()) {
            if (peek() == '"') {
                return complain(
                    line_, column(), "a quote inside a cell that does not begin with one"
                );
            }
            ++at_;
        }
        cell.text = trimmed(text_.substr(begin, at_ - begin));
        return true;
    }

    bool read_quoted(CsvCell& cell) {
        const auto line = line_;
        ++at_;
        for (;;) {
            if (at_end()) return complain(line, cell.column, "a quote that is never closed");
            const char c = peek();
            if (c == '"' && at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
                cell.text += '"';
                at_ += 2;
                continue;
            }
            ++at_;
            if (c == '"') break;
            cell.text += c;
            if (c == '\n') {
                ++line_;
                line_start_ = at_;
            }
        }
        skip_blanks();
        if (at_end() || peek() == separator_ || at_line_end()) return true;
        return complain(line_, column(), "something behind a closing quote");
    }

    std::string_view text_;
    const CsvLimits& limits_;
    char separator_;
    std::size_t at_ = 0;
    std::size_t line_start_ = 0;
    std::uint32_t line_ = 1;
    std::string problem_;
};

}  // namespace

Result<std::vector<CsvRow>> parse_csv(std::string_view text, const CsvLimits& limits) {
    if (text.size() > limits.bytes_max) {
        return refuse(
            Refusal::invalid, "csv.malformed", fmt::format("more than {} bytes", limits.bytes_max)
        );
    }
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    return CsvReader(text, limits).read();
}

}  // namespace sallyport
