#include "base/store/postgres/conninfo.h"

#include "base/core/fault.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace sallyport::store::postgres {

namespace {

std::optional<std::string> setting(const std::string& conninfo, const std::string& name) {
    for (const auto& [key, value] : connection_settings(conninfo)) {
        if (key == name) return value;
    }
    return std::nullopt;
}

std::string fault_of(const std::string& conninfo) {
    try {
        (void)connection_settings(conninfo);
    } catch (const Fault& fault) {
        return fault.what();
    }
    return "";
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a conninfo is read as libpq reads it, and what it leaves open gets a limit") {
    const std::string text = "host=/run/postgresql dbname=sallyport user='the server'";
    CHECK(setting(text, "host") == "/run/postgresql");
    CHECK(setting(text, "user") == "the server");
    CHECK(setting(text, "connect_timeout") == "5");
    CHECK(setting(text, "client_encoding") == "UTF8");
    CHECK(setting(text, "target_session_attrs") == "read-write");
    CHECK(setting(text + " connect_timeout=9", "connect_timeout") == "9");
    CHECK(
        setting("postgresql://db.example/sallyport?sslmode=verify-full", "sslmode") == "verify-full"
    );
    CHECK(setting("host=db passfile=/etc/sallyport/pgpass", "passfile") == "/etc/sallyport/pgpass");
}

TEST_CASE("S0-17: a password in a conninfo refuses the start, naming the key and never the value") {
    for (const std::string conninfo : {
             "host=db password=hunter2hunter2",
             "postgresql://sallyport:hunter2hunter2@db.example/sallyport",
             "postgresql://db.example/sallyport?password=hunter2hunter2",
         }) {
        const auto text = fault_of(conninfo);
        CHECK(has(text, "\"password\""));
        CHECK(has(text, "passfile"));
        CHECK_FALSE(has(text, "hunter2"));
    }
    CHECK(has(fault_of("host=db sslpassword=hunter2hunter2"), "\"sslpassword\""));
    // Nor does one that can't be read quote it.
    const auto broken = fault_of("host=db password='hunter2hunter2");
    CHECK(has(broken, "can't be read"));
    CHECK_FALSE(has(broken, "hunter2"));
}

TEST_CASE("S0-17: PGPASSWORD in the environment refuses the start, naming it and never its value") {
    // NOLINTBEGIN(concurrency-mt-unsafe): there is one thread
    REQUIRE(std::getenv("PGPASSWORD") == nullptr);
    ::setenv("PGPASSWORD", "hunter2hunter2", 1);
    const auto text = fault_of("host=db");
    ::unsetenv("PGPASSWORD");
    // NOLINTEND(concurrency-mt-unsafe)

    CHECK(has(text, "PGPASSWORD"));
    CHECK_FALSE(has(text, "hunter2"));
}

}  // namespace sallyport::store::postgres
