#pragma once
// Many devices from one table, as it comes out of a spreadsheet or an asset system. Every mistake
// is found at once, with its line and column; what a row means beside the register is governance's.

#include "base/core/csv.h"
#include "base/core/result.h"
#include "domain/directory/device.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::directory {

struct FleetRow {
    std::uint32_t line = 1;
    std::vector<std::uint32_t> columns;  // where each cell of fleet_columns begins; 0: not there
    NewDevice device;                    // without profile and group
};

struct FleetProblem {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
    std::string cell;  // "serial"
    std::string what;  // "1 to 100 printable characters"

    friend bool operator==(const FleetProblem&, const FleetProblem&) = default;
};

struct FleetFile {
    std::vector<FleetRow> rows;          // those without a problem
    std::vector<FleetProblem> problems;  // in the file's order, at most problems_max
};

inline constexpr std::size_t problems_max = 100;
inline constexpr std::size_t fleet_rows_max = 5'000;

// The first row names the columns, in any order and case: name, serial, address, archetype and ephi
// must be there; port (8080), mac and ward may be. Two rows with one name, serial, MAC, or address
// and port are a problem of the second. Refuses invalid "csv.malformed" and "fleet.header" (detail:
// what is wrong with the first row).
[[nodiscard]] Result<FleetFile> parse_fleet(std::string_view csv);

// Where that cell of the row begins; 1 if the table lacks the column.
[[nodiscard]] std::uint32_t column_of(const FleetRow& row, std::string_view cell) noexcept;

}  // namespace sallyport::directory
