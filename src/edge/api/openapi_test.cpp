// docs/openapi.yaml says what the table says: every route, its access, permission, step-up and
// event. The document is hand-written beyond that; this test reads the lines that must agree.

#include "tests/support/checkout.h"

#include "edge/api/api_test_house.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>
#include <set>
#include <string>

namespace sallyport::api::test {

namespace {

// "GET /api/users session user.read step_up=no event=-"
std::string line_of(const Route& route) {
    return fmt::format(
        "{} {} {} {} step_up={} event={}",
        route.method,
        route.path,
        route.access == Access::open ? "open" : "session",
        route.permission ? policy::to_text(*route.permission) : "-",
        route.step_up == StepUp::yes ? "yes" : "no",
        route.event
    );
}

std::string after(std::string_view line, std::string_view name) {
    const auto at = line.find(name);
    return at == std::string_view::npos ? "" : std::string(line.substr(at + name.size()));
}

std::set<std::string> documented() {
    std::ifstream file(sallyport::test::in_checkout("docs/openapi.yaml"));
    REQUIRE(file.is_open());
    std::set<std::string> lines;
    std::string path;
    std::string method;
    std::string access;
    std::string permission;
    std::string step_up;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("  /") && line.ends_with(":")) {
            path = line.substr(2, line.size() - 3);
        } else if (line == "    get:" || line == "    post:") {
            method = line == "    get:" ? "GET" : "POST";
        } else if (line.starts_with("      x-access: ")) {
            access = after(line, "x-access: ");
        } else if (line.starts_with("      x-permission: ")) {
            permission = after(line, "x-permission: ");
        } else if (line.starts_with("      x-step-up: ")) {
            step_up = after(line, "x-step-up: ");
        } else if (line.starts_with("      x-audit-event: ")) {
            auto event = after(line, "x-audit-event: ");
            if (event == "none") event = "-";
            if (permission == "none") permission = "-";
            lines.insert(fmt::format(
                "{} {} {} {} step_up={} event={}", method, path, access, permission, step_up, event
            ));
        }
    }
    return lines;
}

TEST_CASE("docs/openapi.yaml lists the routes of the table, with what each asks for") {
    ApiTestHouse house;
    std::set<std::string> table;
    for (const auto& route : house.router().routes()) {
        table.insert(line_of(route));
    }
    const auto document = documented();
    for (const auto& line : table) {
        CHECK_MESSAGE(document.contains(line), "not in docs/openapi.yaml: " << line);
    }
    for (const auto& line : document) {
        CHECK_MESSAGE(table.contains(line), "not in the route table: " << line);
    }
}

}  // namespace

}  // namespace sallyport::api::test
