#include "apps/sallyport/command_table.h"

#include "apps/sallyport/api_client.h"
#include "apps/sallyport/command.h"
#include "tests/support/checkout.h"
#include "tests/support/clocks.h"

#include "base/core/fault.h"
#include "base/crypto/crypto.h"

#include <CLI/CLI.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string>

namespace sallyport::cli {

namespace {

// The whole command line, as run() builds it.
struct WholeApp {
    CLI::App app{"", "sallyport"};
    test::SettableClock clock;
    crypto::SystemRandom random;

    WholeApp() { add_all_commands(app, {clock, random}); }
};

// "POST /api/users" of each route; another test holds the document against the route table.
std::set<std::string> documented_routes() {
    std::ifstream file(test::in_checkout("docs/openapi.yaml"));
    REQUIRE(file.is_open());
    std::set<std::string> routes;
    std::string path;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("  /") && line.ends_with(":")) path = line.substr(2, line.size() - 3);
        if (line == "    get:") routes.insert("GET " + path);
        if (line == "    post:") routes.insert("POST " + path);
    }
    return routes;
}

TEST_CASE("S0-71: every command is in the table, and the table has no other") {
    WholeApp whole;
    CHECK_NOTHROW(check_commands(whole.app));
    CHECK(command_entries().size() == 82);
}

TEST_CASE("S0-71: a command that the table does not have keeps the program from starting") {
    WholeApp whole;
    whole.app.add_subcommand("forgotten", "");
    CHECK_THROWS_WITH_AS(
        check_commands(whole.app), "command forgotten is not in the table of commands", Fault
    );

    WholeApp deeper;
    deeper.app.get_subcommand("user")->add_subcommand("promote", "");
    CHECK_THROWS_WITH_AS(
        check_commands(deeper.app), "command user promote is not in the table of commands", Fault
    );

    CLI::App empty("", "sallyport");
    CHECK_THROWS_AS(check_commands(empty), Fault);
}

TEST_CASE("every route that a command declares is one of the API's") {
    const auto documented = documented_routes();
    REQUIRE(documented.size() > 40);
    for (const auto& entry : command_entries()) {
        auto rest = std::string(entry.routes);
        while (!rest.empty()) {
            const auto route = rest.substr(0, rest.find(", "));
            rest.erase(0, std::min(rest.size(), route.size() + 2));
            CAPTURE(entry.name);
            CAPTURE(route);
            CHECK(documented.contains(route));
        }
    }
}

TEST_CASE("a command calls what it declared and nothing else") {
    const auto* const disable = find_command("user disable");
    REQUIRE(disable != nullptr);
    CHECK(may_call(*disable, "POST", "/api/users/erik/disable"));
    CHECK(may_call(*disable, "POST", "/api/step-up"));
    CHECK_FALSE(may_call(*disable, "GET", "/api/users/erik/disable"));
    CHECK_FALSE(may_call(*disable, "POST", "/api/users/erik/enable"));
    CHECK_FALSE(may_call(*disable, "POST", "/api/users//disable"));
    CHECK_FALSE(may_call(*disable, "POST", "/api/users/erik/disable/more"));
    CHECK_FALSE(may_call(*disable, "POST", "/api/users/erik"));
    const auto* const list = find_command("audit list");
    REQUIRE(list != nullptr);
    CHECK(may_call(*list, "GET", "/api/audit?type=user.&count=3"));
    CHECK_FALSE(may_call(*list, "GET", "/api/audit/0193"));
    const auto* const verify = find_command("audit verify");
    REQUIRE(verify != nullptr);
    CHECK_FALSE(may_call(*verify, "POST", "/api/step-up"));

    // Refused before there is a connection: nothing listens on this port.
    ApiClient client({.host = "localhost", .port = 1, .ca_file = ""}, *list);
    CHECK_THROWS_WITH_AS(
        static_cast<void>(client.call("POST", "/api/users")),
        "command audit list does not declare POST /api/users",
        Fault
    );
}

TEST_CASE("only what needs no server works without one, and none of it administers people") {
    std::set<std::string_view> alone;
    for (const auto& entry : command_entries()) {
        if (entry.routes.empty()) alone.insert(entry.name);
    }
    CHECK(
        alone ==
        std::set<std::string_view>{
            "init",
            "serve",
            "clock accept",
            "config check",
            "version",
            "restore",
            "audit rotate-key",
            "audit verify",
            "recovery admin",
            "breach-list import",
            "breach-list show",
            "posture import",
            "authenticator-metadata import",
            "authenticator-metadata show"
        }
    );
}

}  // namespace

}  // namespace sallyport::cli
