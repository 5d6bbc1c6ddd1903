#pragma once
// Comma-separated values (RFC 4180), as spreadsheets write them: a byte order mark, ';' for ',' and
// bare LF are taken too. Every cell knows where it stands, so that a mistake can be shown there.

#include "base/core/result.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport {

struct CsvCell {
    std::string text;          // unquoted, without white space around what was not quoted
    std::uint32_t column = 1;  // in bytes, where the cell begins
};

struct CsvRow {
    std::vector<CsvCell> cells;
    std::uint32_t line = 1;  // where the row begins; a quoted cell may hold line ends
};

struct CsvLimits {
    std::size_t bytes_max = std::size_t{1} << 20U;
    std::size_t rows_max = 10'000;
    std::size_t cells_max = 64;
    std::size_t cell_size_max = 1'000;
};

// Empty lines are left out. The separator is ';' if the first line holds one outside quotes and no
// ',' does. Refuses invalid "csv.malformed", the detail saying "line 3, column 17: …": a quote
// inside an unquoted cell, bytes after a closing quote, a quoted cell without an end, a NUL, UTF-8
// that is none, and whatever exceeds a limit.
[[nodiscard]] Result<std::vector<CsvRow>> parse_csv(
    std::string_view text, const CsvLimits& limits = {}
);

}  // namespace sallyport
