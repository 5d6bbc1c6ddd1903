#include "domain/directory/fleet_csv.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <string_view>

namespace sallyport::directory {

namespace {

constexpr std::string_view header = "name,serial,address,port,archetype,ephi,mac,ward\n";

FleetFile fleet(std::string_view csv) {
    auto file = parse_fleet(csv);
    REQUIRE(file.has_value());
    return *std::move(file);
}

// "2:6 serial: is missing", a line each.
std::string problems_of(const std::string& rows) {
    std::string text;
    for (const auto& problem : fleet(std::string(header) + rows).problems) {
        text +=
            fmt::format("{}:{} {}: {}\n", problem.line, problem.column, problem.cell, problem.what);
    }
    return text;
}

std::string header_problem(std::string_view csv) {
    const auto file = parse_fleet(csv);
    REQUIRE_FALSE(file.has_value());
    CHECK(file.error().reason == "fleet.header");
    return file.error().detail;
}

TEST_CASE("S2-06 (part): 240 pumps are read from one table") {
    std::string csv(header);
    for (int i = 1; i <= 240; ++i) {
        csv += fmt::format(
            "pump-{:03},SN-{:04},10.20.{}.{},8080,A2,RT,00:1b:63:84:{:02x}:{:02x},ICU {}\n",
            i,
            i,
            i / 200,
            i % 200 + 1,
            i / 256,
            i % 256,
            i % 7
        );
    }
    const auto file = fleet(csv);
    CHECK(file.problems.empty());
    REQUIRE(file.rows.size() == 240);
    const auto& last = file.rows.back();
    CHECK(last.line == 241);
    CHECK(last.device.name.text() == "pump-240");
    CHECK(last.device.serial == "SN-0240");
    CHECK(last.device.address == "10.20.1.41");
    CHECK(last.device.port == 8080);
    CHECK(last.device.archetype == "A2");
    CHECK(last.device.details.mac == "00:1b:63:84:00:f0");
    CHECK(last.device.details.ward == "ICU 2");
    REQUIRE(last.device.details.ephi.has_value());
    CHECK(*last.device.details.ephi == EphiUse{.receives = true, .transmits = true});
}

TEST_CASE("columns come in any order and case, and the optional ones may be left out") {
    const auto file = fleet(
        "\xEF\xBB\xBF"
        "Serial;EPHI;Name;Archetype;Address\r\nSN-1;none;pump-1;A2;pump-1.devices.example\r\n"
    );
    REQUIRE(file.rows.size() == 1);
    const auto& device = file.rows[0].device;
    CHECK(device.name.text() == "pump-1");
    CHECK(device.port == 8080);
    CHECK(device.details.mac.empty());
    CHECK(device.details.ward.empty());
    CHECK_FALSE(device.details.ephi->any());
    CHECK(column_of(file.rows[0], "serial") == 1);
    CHECK(column_of(file.rows[0], "name") == 11);
    CHECK(column_of(file.rows[0], "ward") == 1);
}

TEST_CASE("every mistake is found, with its line and column") {
    CHECK(problems_of("pump-1,SN-1,10.0.0.1,80,A2,none,,\n").empty());
    CHECK(
        problems_of("Pump 1,SN-1,10.0.0.1,80,A2,none,,\n") ==
        "2:1 name: 1 to 63 of a-z 0-9 -, no - at the ends\n"
    );
    CHECK(problems_of(",SN-1,10.0.0.1,80,A2,none,,\n") == "2:1 name: is missing\n");
    CHECK(problems_of("pump-1,,10.0.0.1,80,A2,none,,\n") == "2:8 serial: is missing\n");
    CHECK(
        problems_of(std::string("pump-1,") + std::string(101, 'S') + ",10.0.0.1,80,A2,none,,\n") ==
        "2:8 serial: 1 to 100 printable characters\n"
    );
    CHECK(
        problems_of("pump-1,,,80,,,,\n") ==
        "2:8 serial: is missing\n2:9 address: is missing\n2:13 archetype: is missing\n"
        "2:14 ephi: is missing\n"
    );
    CHECK(
        problems_of("pump-1,SN-1,10.0.0.1,0,A2,none,,\n") == "2:22 port: a number from 1 to 65535\n"
    );
    CHECK(problems_of("pump-1,SN-1,10.0.0.1,65536,A2,none,,\n").contains("port"));
    CHECK(
        problems_of("pump-1,SN-1,10.0.0.1,80,B7,none,,\n") == "2:25 archetype: one of A1 to A6\n"
    );
    CHECK(problems_of("pump-1,SN-1,10.0.0.1,80,A2,,,\n") == "2:28 ephi: is missing\n");
    CHECK(problems_of("pump-1,SN-1,10.0.0.1,80,A2,CX,,\n").starts_with("2:28 ephi: letters of CRMT")
    );
    CHECK(problems_of("pump-1,SN-1,10.0.0.1,80,A2,CC,,\n").starts_with("2:28 ephi:"));
    CHECK(problems_of("pump-1,SN-1,10.0.0.1,80,A2,C,0:1,\n").starts_with("2:30 mac: six bytes"));
    CHECK(problems_of("pump-1,SN-1,not an address,80,A2,C,,\n").contains("address"));
    CHECK(
        problems_of("pump-1,SN-1,10.0.0.1,80,A2,C,,ICU,more\n") ==
        "2:35 row: more cells than columns\n"
    );
    // Several at once, and those of one row together.
    CHECK(
        problems_of("X,SN-1,10.0.0.1,0,A2,C,,\npump-2,SN-2,10.0.0.2,80,A2,Z,,\n") ==
        "2:1 name: 1 to 63 of a-z 0-9 -, no - at the ends\n2:17 port: a number from 1 to 65535\n"
        "3:28 ephi: letters of CRMT (creates, receives, maintains, transmits), or none\n"
    );
}

TEST_CASE("what only one device may have is not given twice") {
    CHECK(
        problems_of("pump-1,SN-1,10.0.0.1,80,A2,C,00:1b:63:84:45:e6,\n"
                    "pump-1,SN-2,10.0.0.2,80,A2,C,,\n"
                    "pump-3,SN-1,10.0.0.3,80,A2,C,,\n"
                    "pump-4,SN-4,10.0.0.1,80,A2,C,,\n"
                    "pump-5,SN-5,10.0.0.5,80,A2,C,00-1B-63-84-45-E6,\n"
                    "pump-6,SN-6,10.0.0.1,81,A2,C,,\n") ==
        "3:1 name: the same as in line 2\n"
        "4:8 serial: the same as in line 2\n"
        "5:13 address: the same as in line 2\n"
        "6:30 mac: the same as in line 2\n"
    );
}

TEST_CASE("a hundred problems are told, and not more") {
    std::string rows;
    for (int i = 0; i < 150; ++i) {
        rows += fmt::format("pump-{},SN-{},10.0.0.1,{},A2,?,,\n", i, i, 1000 + i);
    }
    CHECK(fleet(std::string(header) + rows).problems.size() == problems_max);
}

TEST_CASE("a first row that does not name the columns is refused") {
    CHECK(header_problem("") == "the table is empty");
    CHECK(
        header_problem("name,serial,address,archetype\n") ==
        "line 1, column 1: the column ephi is missing"
    );
    CHECK(header_problem("name,seriall\n")
              .starts_with("line 1, column 6: not a column; the columns are name, serial"));
    CHECK(header_problem("name,name\n") == "line 1, column 6: the column is there already");
    CHECK(parse_fleet("a\"b\n").error().reason == "csv.malformed");
}

}  // namespace

}  // namespace sallyport::directory
