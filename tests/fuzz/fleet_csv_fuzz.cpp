// Whatever the table, it is refused or read; what is read is well formed, and its places are in it.
#include "domain/directory/fleet_csv.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport::directory;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto file = parse_fleet(input);
    if (!file) {
        const auto reason = file.error().reason;
        if (reason != "csv.malformed" && reason != "fleet.header") std::abort();
        return 0;
    }
    const auto lines = static_cast<std::size_t>(std::ranges::count(input, '\n')) + 1;
    if (file->problems.size() > problems_max || file->rows.size() > fleet_rows_max) std::abort();
    for (const auto& problem : file->problems) {
        const bool placed = problem.line >= 1 && problem.line <= lines && problem.column >= 1 &&
                            problem.column <= size + 1;
        if (!placed || problem.what.empty()) std::abort();
    }
    for (const auto& row : file->rows) {
        const bool whole = check_form(row.device).has_value() && row.device.details.ephi;
        if (!whole || row.line > lines) std::abort();
    }
    return 0;
}
