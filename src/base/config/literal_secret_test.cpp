#include "base/config/literal_secret.h"

#include "tests/support/clocks.h"

#include "base/config/config.h"
#include "base/core/bytes.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

using namespace sallyport;
using namespace sallyport::config;

namespace {

std::string mistakes(const std::string& text) {
    const auto settings = parse_settings(text, {"x.toml", std::nullopt});
    REQUIRE_FALSE(settings);
    return settings.error().detail;
}

}  // namespace

TEST_CASE("S0-17: a literal under a secret's name is refused with key and place, never the value") {
    for (const std::string name :
         {"password",
          "db_password",
          "Passphrase",
          "api_token",
          "apiKey",
          "signing-key",
          "secret",
          "client_secret",
          "credentials",
          "pepper",
          "totp_seed",
          "psk",
          "service_pin"}) {
        for (const std::string place : {"[server]\n", "[unknown]\n", "", "[a.b.c]\n"}) {
            const auto text = mistakes(place + name + " = \"hunter2\"\n");
            const auto line = place.empty() ? "x.toml:1:1: " : "x.toml:2:1: ";
            CHECK(text.contains(line));
            CHECK(text.contains(name + " holds a literal secret"));
            CHECK(text.contains("systemd-cred:name"));
            CHECK_FALSE(text.contains("hunter2"));
        }
    }
}

TEST_CASE("S0-17: a literal secret is found whatever its type and wherever it is nested") {
    CHECK(mistakes("password = 12345678").contains("password holds a literal secret"));
    CHECK_FALSE(mistakes("password = 12345678").contains("12345678"));
    CHECK(mistakes("list = [{ token = \"hunter2\" }]").contains("list.token holds a literal secret")
    );
    CHECK(mistakes("tokens = [\"hunter2\", \"x\"]").contains("x.toml:1:11: tokens holds"));
    CHECK(mistakes("a.b.password = \"hunter2\"").contains("a.b.password holds"));
    CHECK_FALSE(mistakes("pin_required = true").contains("literal secret"));
    CHECK_FALSE(mistakes("password = \"\"").contains("literal secret"));
}

TEST_CASE("S0-17: references are no literals") {
    for (const std::string reference :
         {"file:/etc/sallyport/password", "systemd-cred:db-password", "systemd-cred:master.key"}) {
        CHECK(is_secret_reference(reference));
        CHECK_FALSE(mistakes("password = \"" + reference + "\"").contains("literal secret"));
    }
    for (const std::string no_reference :
         {"file:secret",
          "file:",
          "systemd-cred:",
          "systemd-cred:../x",
          "systemd-cred:a b",
          "env:PASSWORD",
          "hunter2",
          "/etc/password",
          "systemd-cred:Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZg"}) {
        CHECK_FALSE_MESSAGE(is_secret_reference(no_reference), no_reference);
        CHECK(mistakes("password = \"" + no_reference + "\"").contains("literal secret"));
    }
}

TEST_CASE("S0-17: key material is found under any name") {
    test::ReplayedRandom random(17);
    int missed = 0;
    for (int i = 0; i < 300; ++i) {
        Bytes bytes(32);
        random.fill(bytes);
        for (const auto& literal : {to_hex(bytes), to_base64(bytes), to_base32(bytes)}) {
            const auto text = mistakes("[server]\nnode = \"" + literal + "\"\n");
            REQUIRE_FALSE(text.contains(literal));
            missed += text.contains("x.toml:2:1: server.node holds a literal secret") ? 0 : 1;
        }
    }
    CHECK(missed <= 3);  // Base64 of 32 bytes happens to have no digit once in a thousand
    // Cut in two, so that no scanner takes this file for a leak.
    CHECK(looks_like_a_secret(std::string("-----BEGIN PRIVATE") + " KEY-----"));
    CHECK(looks_like_a_secret(std::string("AKIA") + "IOSFODNN7EXAMPLE"));
}

TEST_CASE("S0-17: a key in the place of a key's path is refused") {
    const std::string hex(32, '7');
    for (const std::string& value :
         {hex + "ab0c" + hex.substr(4), std::string("hunter2"), std::string("master.key")}) {
        const auto text = mistakes("[keys]\nmaster_key = \"" + value + "\"\n");
        CHECK(text.contains("x.toml:2:1: keys.master_key holds a literal secret"));
        CHECK_FALSE(text.contains(value));
    }
    CHECK_FALSE(mistakes("[keys]\nmaster_key = \"./master.key\"\n").contains("literal secret"));
}

TEST_CASE("S0-17: a password in a URL or a connection string is refused") {
    for (const std::string value :
         {"postgres://anna:hunter2@db/sallyport",
          "postgresql://anna:hun/ter2@db/sallyport",
          "https://u:hunter2@proxy:3128",
          "host=db password=hunter2",
          "host=db password = 'hunter2'",
          "PASSWORD=hunter2",
          "sslpassword=hunter2",
          "postgresql://db/x?user=a&password=hunter2"}) {
        const auto text = mistakes("[store]\nconninfo = \"" + value + "\"\n");
        CHECK_MESSAGE(text.contains("x.toml:2:1: store.conninfo holds a literal secret"), value);
        CHECK_FALSE(text.contains("ter2"));
    }
    for (const std::string value :
         {"host=/run/postgresql dbname=sallyport user=sallyport passfile=/etc/sallyport/pgpass",
          "postgres://anna@db:5432/sallyport",
          "https://proxy:3128/path"}) {
        CHECK_FALSE_MESSAGE(holds_a_password(value), value);
    }
}

TEST_CASE("S0-17: a secret written as a name is not told either") {
    const std::string name = "a81f0c3e5d7b92640f1e2d3c4b5a69788796a5b4c3d2e1f0";
    const auto text = mistakes("[server]\n" + name + " = true\n");
    CHECK(text.contains("(name withheld)"));
    CHECK_FALSE(text.contains(name));
}

TEST_CASE("names, paths and words are no secrets") {
    for (const std::string_view harmless :
         {"/var/lib/sallyport/recordings",
          "SallyportHospital2026",
          "gate-1.klinikum.example.org",
          "/etc/ssl/certs/9f8e7d6c.0",
          "018f3c5a-7b1e-7c3d-9a2b-4c5d6e7f8a9b",
          "0.0.0.0:443",
          "2001:0db8:85a3:0000:0000:8a2e:0370:7334",
          "debug",
          "host=/run/postgresql dbname=sallyport",
          "/srv/2026-11-22T08-30-00Z/backup",
          "wildcard.gate.example.net.pem",
          "",
          "00000000000000000000000000000000",
          "ThisIsAVeryLongNameWithoutAnyDigitInIt"}) {
        CHECK_FALSE_MESSAGE(looks_like_a_secret(harmless), harmless);
    }
    for (const std::string_view harmless :
         {"passes", "header_bytes", "node", "keyboard", "monkey", "level", "path", "compass"}) {
        CHECK_FALSE_MESSAGE(names_a_secret(harmless), harmless);
    }
}

TEST_CASE("random text of 24 bytes and more is nearly always found") {
    test::ReplayedRandom random(4711);
    int found = 0;
    for (int i = 0; i < 1000; ++i) {
        Bytes bytes(24);
        random.fill(bytes);
        found += looks_like_a_secret(to_base64(bytes)) ? 1 : 0;
    }
    CHECK(found > 900);
}
