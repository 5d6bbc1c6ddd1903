#include "domain/authn/authenticator_metadata_store.h"

#include "tests/support/attestation_authority.h"
#include "tests/support/clocks.h"
#include "tests/support/databases.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace sallyport::authn {

namespace {

using namespace std::chrono_literals;
using webauthn::MetadataBlob;

webauthn::Aaguid model(std::uint8_t number) {
    webauthn::Aaguid aaguid;
    aaguid.bytes.fill(static_cast<std::byte>(number));
    return aaguid;
}

MetadataBlob blob(std::int64_t number, std::vector<webauthn::AuthenticatorMetadata> models) {
    return {
        .number = number,
        .next_update = std::chrono::sys_days(std::chrono::year(2026) / 12 / 1),
        .authenticators = std::move(models),
    };
}

// Each on both engines.
struct Desk {
    explicit Desk(store::Database& used) : database(used) {
        moments.assess(ClockState::synchronised);
    }

    std::string keep(const MetadataBlob& list) {
        const auto moment = moments.now();
        const auto kept =
            database.write([&](store::Tx& tx) { return keep_metadata(tx, moment, list); });
        return kept ? "kept" : std::string(kept.error().reason);
    }

    std::vector<webauthn::AuthenticatorMetadata> of(std::uint8_t number) {
        return database.read([&](store::Tx& tx) { return metadata_of(tx, model(number)); });
    }

    template <class Body>
    static void on_each_engine(Body body) {
        test::for_each_engine([&](store::Database& database) {
            Desk desk(database);
            body(desk);
        });
    }

    store::Database& database;
    test::SettableClock clock;
    test::ReplayedRandom random;
    MomentSource moments{clock, random, "test"};
};

TEST_CASE("S1-21 (part): what a list says of a model is kept, with its roots") {
    Desk::on_each_engine([](Desk& desk) {
        CHECK(desk.of(1).empty());
        const auto root = test::make_authority("Maker");
        const auto older = test::make_authority("Maker, before");
        REQUIRE(
            desk.keep(blob(
                7,
                {{model(1), "Key One", {root.parsed(), older.parsed()}, ""},
                 {model(2), "Key Two", {}, "REVOKED"},
                 // A model that is there twice: the first counts.
                 {model(1), "Another", {}, ""}}
            )) == "kept"
        );
        const auto one = desk.of(1);
        REQUIRE(one.size() == 1);
        CHECK(one.front().aaguid == model(1));
        CHECK(one.front().description == "Key One");
        REQUIRE(one.front().roots.size() == 2);
        CHECK(one.front().roots.at(0).der == root.der);
        CHECK(one.front().roots.at(1).der == older.der);
        CHECK(one.front().compromised.empty());
        REQUIRE(desk.of(2).size() == 1);
        CHECK(desk.of(2).front().compromised == "REVOKED");
        CHECK(desk.of(3).empty());
    });
}

TEST_CASE(
    "S1-21 (part): a newer list replaces the whole of the last; an older or the same is refused"
) {
    Desk::on_each_engine([](Desk& desk) {
        REQUIRE(desk.keep(blob(7, {{model(1), "Key One", {}, ""}})) == "kept");
        CHECK(desk.keep(blob(7, {{model(2), "Key Two", {}, ""}})) == "metadata.replayed");
        CHECK(desk.keep(blob(6, {{model(2), "Key Two", {}, ""}})) == "metadata.replayed");
        CHECK(desk.of(2).empty());
        REQUIRE(desk.keep(blob(8, {{model(2), "Key Two", {}, ""}})) == "kept");
        CHECK(desk.of(1).empty());
        CHECK(desk.of(2).size() == 1);
    });
}

TEST_CASE("the list in force says its number, and until when it is the newest") {
    Desk::on_each_engine([](Desk& desk) {
        const auto find = [&] {
            return desk.database.read([](store::Tx& tx) { return find_kept_metadata(tx); });
        };
        CHECK_FALSE(find().has_value());
        REQUIRE(desk.keep(blob(7, {})) == "kept");
        const auto kept = find();
        REQUIRE(kept.has_value());
        CHECK(kept->number == 7);
        CHECK(kept->imported_at == desk.clock.now());
        const auto due = Time(std::chrono::sys_days(std::chrono::year(2026) / 12 / 1));
        CHECK(kept->next_update == due);
        CHECK_FALSE(kept->is_outdated(due + 24h - 1us));
        CHECK(kept->is_outdated(due + 24h));
        const auto counts = [&] {
            return desk.database.read([](store::Tx& tx) { return count_models(tx); });
        };
        CHECK(counts().models == 0);
        REQUIRE(
            desk.keep(blob(8, {{model(1), "", {}, ""}, {model(2), "", {}, "REVOKED"}})) == "kept"
        );
        CHECK(counts().models == 2);
        CHECK(counts().compromised == 1);
    });
}

}  // namespace

}  // namespace sallyport::authn
