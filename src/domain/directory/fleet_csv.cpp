#include "domain/directory/fleet_csv.h"

#include "base/core/ascii.h"
#include "domain/directory/text_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <map>
#include <optional>
#include <utility>

namespace sallyport::directory {

namespace {

struct FleetColumn {
    std::string_view name;
    bool required;
};

constexpr std::array<FleetColumn, 8> fleet_columns{{
    {"name", true},
    {"serial", true},
    {"address", true},
    {"port", false},
    {"archetype", true},
    {"ephi", true},
    {"mac", false},
    {"ward", false},
}};

constexpr std::uint16_t usual_port = 8080;
constexpr std::size_t ward_size_max = 100;

std::string column_names() {
    std::string names;
    for (const auto& column : fleet_columns) {
        names += (names.empty() ? "" : ", ") + std::string(column.name);
    }
    return names;
}

// The place of each known column in the rows; none: the table lacks it.
using Places = std::array<std::optional<std::size_t>, fleet_columns.size()>;

Result<Places> places_in(const CsvRow& header) {
    const auto wrong = [&](const CsvCell& cell, std::string_view what) {
        return refuse(
            Refusal::invalid,
            "fleet.header",
            fmt::format("line {}, column {}: {}", header.line, cell.column, what)
        );
    };
    Places places;
    for (std::size_t at = 0; at < header.cells.size(); ++at) {
        const auto& cell = header.cells[at];
        const auto known = std::ranges::find_if(fleet_columns, [&](const FleetColumn& column) {
            return same_ignoring_case(column.name, cell.text);
        });
        if (known == fleet_columns.end()) {
            return wrong(cell, "not a column; the columns are " + column_names());
        }
        auto& place = places.at(static_cast<std::size_t>(known - fleet_columns.begin()));
        if (place) return wrong(cell, "the column is there already");
        place = at;
    }
    for (std::size_t at = 0; at < fleet_columns.size(); ++at) {
        if (fleet_columns[at].required && !places[at]) {
            return wrong({}, fmt::format("the column {} is missing", fleet_columns[at].name));
        }
    }
    return places;
}

class RowReader {
public:
    RowReader(const CsvRow& row, const Places& places, FleetFile& file)
        : row_(row), places_(places), file_(file) {}

    // None if something is wrong; then it is among the file's problems.
    [[nodiscard]] std::optional<FleetRow> read() {
        for (std::size_t at = places_.size(); at < row_.cells.size(); ++at) {
            if (!row_.cells[at].text.empty()) {
                complain_at(row_.cells[at].column, "row", "more cells than columns");
            }
        }
        for (const std::string_view needed : {"serial", "address", "archetype"}) {
            if (text(needed).empty()) complain(needed, "is missing");
        }
        const auto name = checked("name", DeviceName::parse(text("name")));
        const auto ephi = checked("ephi", parse_ephi_use(text("ephi")));
        const auto mac = text("mac").empty() ? std::optional(std::string())
                                             : checked("mac", parse_mac(text("mac")));
        const auto port = port_number();
        if (const auto ward = text("ward");
            !ward.empty() && !is_clean_text(ward, 1, ward_size_max)) {
            complain("ward", "at most 100 bytes of plain text");
        }
        if (!name || !ephi || !mac || !port || faulty_) return std::nullopt;
        FleetRow read{
            row_.line,
            {},
            NewDevice{
                .name = *name,
                .serial = text("serial"),
                .address = text("address"),
                .port = *port,
                .archetype = text("archetype"),
                .profile = std::nullopt,
                .details =
                    {.group = std::nullopt,
                     .mac = *mac,
                     .ward = text("ward"),
                     .ephi = ephi,
                     .interfaces = {}},
            },
        };
        if (const auto form = check_form(read.device); !form) {
            complain(cell_of(form.error().reason), words_of(form.error().reason));
            return std::nullopt;
        }
        for (const auto& column : fleet_columns) {
            read.columns.push_back(column_at(column.name));
        }
        return read;
    }

    void complain(std::string_view cell, std::string_view what) {
        complain_at(std::max(column_at(cell), 1U), cell, what);
    }

private:
    void complain_at(std::uint32_t column, std::string_view cell, std::string_view what) {
        faulty_ = true;
        if (file_.problems.size() == problems_max) return;
        file_.problems.push_back({row_.line, column, std::string(cell), std::string(what)});
    }

    [[nodiscard]] const CsvCell* cell(std::string_view name) const noexcept {
        const auto known = std::ranges::find(fleet_columns, name, &FleetColumn::name);
        const auto place = places_[static_cast<std::size_t>(known - fleet_columns.begin())];
        return place && *place < row_.cells.size() ? &row_.cells[*place] : nullptr;
    }

    [[nodiscard]] std::string text(std::string_view name) const {
        const auto* const found = cell(name);
        return found == nullptr ? std::string() : found->text;
    }

    [[nodiscard]] std::uint32_t column_at(std::string_view name) const noexcept {
        const auto known = std::ranges::find(fleet_columns, name, &FleetColumn::name);
        if (known == fleet_columns.end()) return 1;
        const auto* const found = cell(name);
        return found == nullptr ? 0 : found->column;
    }

    template <class Value>
    [[nodiscard]] std::optional<Value> checked(std::string_view name, Result<Value> value) {
        if (value) return *std::move(value);
        complain(name, text(name).empty() ? "is missing" : std::string_view(value.error().detail));
        return std::nullopt;
    }

    [[nodiscard]] std::optional<std::uint16_t> port_number() {
        const auto given = text("port");
        if (given.empty()) return usual_port;
        unsigned number = 0;
        const auto* const end = given.data() + given.size();
        const auto [stop, error] = std::from_chars(given.data(), end, number);
        const bool fits = error == std::errc() && stop == end && number >= 1 &&
                          number <= std::numeric_limits<std::uint16_t>::max();
        if (fits) return static_cast<std::uint16_t>(number);
        complain("port", "a number from 1 to 65535");
        return std::nullopt;
    }

    static std::string_view cell_of(std::string_view reason) noexcept {
        if (reason == "device.serial_malformed") return "serial";
        if (reason == "device.archetype_unknown") return "archetype";
        return reason == "device.port_malformed" ? "port" : "address";
    }

    static std::string_view words_of(std::string_view reason) noexcept {
        if (reason == "device.serial_malformed") return "1 to 100 printable characters";
        if (reason == "device.archetype_unknown") return "one of A1 to A6";
        return "an IP address or a host name of the device network";
    }

    const CsvRow& row_;
    const Places& places_;
    FleetFile& file_;
    bool faulty_ = false;
};

// What only one row may have, and where it was seen first.
class Taken {
public:
    // The line of the first row with that value, if this is not it.
    [[nodiscard]] std::optional<std::uint32_t> seen(
        std::string_view cell, const std::string& value, std::uint32_t line
    ) {
        if (value.empty()) return std::nullopt;
        const auto [place, is_new] = lines_.try_emplace({std::string(cell), value}, line);
        return is_new ? std::nullopt : std::optional(place->second);
    }

private:
    std::map<std::pair<std::string, std::string>, std::uint32_t> lines_;
};

bool is_first_of_its_kind(const FleetRow& row, Taken& taken, RowReader& reader) {
    const auto& device = row.device;
    const std::array<std::pair<std::string_view, std::string>, 4> unique{{
        {"name", device.name.text()},
        {"serial", device.serial},
        {"address", fmt::format("{}:{}", device.address, device.port)},
        {"mac", device.details.mac},
    }};
    bool first = true;
    for (const auto& [cell, value] : unique) {
        const auto line = taken.seen(cell, value, row.line);
        if (!line) continue;
        reader.complain(cell, fmt::format("the same as in line {}", *line));
        first = false;
    }
    return first;
}

}  // namespace

Result<FleetFile> parse_fleet(std::string_view csv) {
    CsvLimits limits;
    limits.rows_max = fleet_rows_max + 1;
    SP_TRY(const auto rows, parse_csv(csv, limits));
    if (rows.empty()) return refuse(Refusal::invalid, "fleet.header", "the table is empty");
    SP_TRY(const auto places, places_in(rows.front()));
    FleetFile file;
    Taken taken;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        RowReader reader(rows[i], places, file);
        auto row = reader.read();
        if (row && is_first_of_its_kind(*row, taken, reader)) file.rows.push_back(*std::move(row));
    }
    return file;
}

std::uint32_t column_of(const FleetRow& row, std::string_view cell) noexcept {
    const auto known = std::ranges::find(fleet_columns, cell, &FleetColumn::name);
    const auto at = static_cast<std::size_t>(known - fleet_columns.begin());
    return at < row.columns.size() ? std::max(row.columns[at], 1U) : 1;
}

}  // namespace sallyport::directory
