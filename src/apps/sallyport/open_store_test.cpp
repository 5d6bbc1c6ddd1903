#include "apps/sallyport/open_store.h"

#include "tests/support/databases.h"

#include "base/config/config.h"
#include "base/core/fault.h"

#include <doctest/doctest.h>

#include <string>

using namespace sallyport;

namespace {

config::Settings configured(const std::string& store) {
    auto settings = config::parse_settings(
        "[server]\nnode = \"gate-1\"\ndata_dir = \"/nowhere\"\n"
        "sign_in_host = \"sallyport.example.org\"\ndevice_suffix = \"gate.example.net\"\n"
        "[listen]\nhttps = \"127.0.0.1:8443\"\n"
        "[keys]\nmaster_key = \"/nowhere/m\"\nlog_key = \"/nowhere/l\"\n[store]\n" +
            store,
        {"/etc/sallyport.toml", std::nullopt}
    );
    REQUIRE_MESSAGE(settings.has_value(), settings.error().detail);
    return *settings;
}

std::string current_role(store::Database& database) {
    return database.read([](store::Tx& tx) {
        return tx.query("SELECT CAST(current_user AS TEXT)").front().text(0);
    });
}

}  // namespace

TEST_CASE("the owner of the schema is another role than the server's, as the configuration says") {
    if (test::postgres_socket_folder().empty()) {
        MESSAGE("PostgreSQL was left out: SALLYPORT_TEST_PG_SOCKET_DIR is not set");
        return;
    }
    test::PostgresFixture fixture;
    const auto database = cli::open_store(configured(
        "engine = \"postgres\"\nconninfo = \"" + fixture.settings().conninfo +
        "\"\nowner_conninfo = \"" + fixture.settings().owner_conninfo + "\"\n"
    ));
    CHECK(current_role(*database) == "sallyport_server");
    const auto owner = database->open_as_owner();
    REQUIRE(owner);
    CHECK(current_role(*owner) == "postgres");

    store::migrate(*database);
    for (const std::string forbidden :
         {"DELETE FROM audit_event",
          "UPDATE audit_event SET outcome = 'ok'",
          "ALTER TABLE audit_event DISABLE TRIGGER ALL"}) {
        CHECK_THROWS_AS(database->write([&](store::Tx& tx) { tx.execute(forbidden); }), Fault);
    }
    owner->write([](store::Tx& tx) { tx.execute("DELETE FROM audit_event"); });

    const auto alone = cli::open_store(
        configured("engine = \"postgres\"\nconninfo = \"" + fixture.settings().conninfo + "\"\n")
    );
    CHECK(alone->open_as_owner() == nullptr);
}
