#include "domain/network/rule_store.h"

#include "tests/support/clocks.h"
#include "tests/support/databases.h"

#include "domain/network/network_test_rules.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

namespace sallyport::network {

namespace {

using namespace std::chrono_literals;
using directory::DeviceName;

const std::vector<std::string> gateways{"10.20.0.5"};

// A group of two pumps, and one that is in none.
struct Ward {
    explicit Ward(store::Database& store) : database(store) {
        database.write([&](store::Tx& tx) {
            by = directory::create_account(
                     tx,
                     {directory::LoginName::parse("anna").value(),
                      "Admin",
                      "gateway_administrator",
                      "gateway",
                      std::nullopt},
                     std::nullopt,
                     now()
            )
                     .value()
                     .id;
            const directory::NewDeviceGroup wanted{
                .name = DeviceName::parse("pump-ward").value(),
                .description = "Pumps",
                .deployed = 2,
                .mds2 = std::nullopt,
                .interfaces = {},
                .profile = std::nullopt,
            };
            group = directory::create_device_group(tx, wanted, now()).value().id;
        });
        add("pump-01", "10.20.30.1", group);
        add("pump-02", "10.20.30.2", group);
        add("pump-99", "10.20.30.99", std::nullopt);
    }

    void add(
        std::string_view name,
        std::string address,
        const std::optional<directory::DeviceGroupId>& member_of
    ) {
        database.write([&](store::Tx& tx) {
            directory::NewDevice wanted{
                .name = DeviceName::parse(name).value(),
                .serial = "SN-" + std::string(name),
                .address = std::move(address),
                .port = 8080,
                .archetype = "A2",
                .profile = std::nullopt,
            };
            wanted.details.group = member_of;
            REQUIRE(directory::create_device(tx, wanted, by.value(), now()).has_value());
        });
    }

    [[nodiscard]] Moment now() const { return moments.now(); }

    [[nodiscard]] RuleScope scope(std::string_view name) {
        return database.read([&](store::Tx& tx) { return find_scope(tx, name).value(); });
    }

    // "attested", "exception", or why not.
    [[nodiscard]] std::string cover_of(std::string_view device) {
        return database.read([&](store::Tx& tx) {
            const auto found = directory::find_device(tx, DeviceName::parse(device).value());
            const auto cover = check_covered(tx, found.value(), clock.now());
            return std::string(cover ? to_text(*cover) : cover.error().reason);
        });
    }

    void attest(std::string_view name, Time ends_at) {
        const auto of = scope(name);
        database.write([&](store::Tx& tx) {
            auto rule = rule_of(tx, of, gateways).value();
            const NewCover wanted{std::move(rule), "core-router-1", "CHG-7", "", ends_at};
            static_cast<void>(add_cover(tx, now(), of, wanted, by.value()));
        });
        clock.advance(1s);
    }

    void except(std::string_view name, Time ends_at) {
        const auto of = scope(name);
        database.write([&](store::Tx& tx) {
            const NewCover wanted{std::nullopt, "", "CHG-8", "The router is replaced", ends_at};
            static_cast<void>(add_cover(tx, now(), of, wanted, by.value()));
        });
        clock.advance(1s);
    }

    store::Database& database;
    test::SettableClock clock;
    test::ReplayedRandom random;
    test::Moments moments{clock, random};
    std::optional<AccountId> by;
    std::optional<directory::DeviceGroupId> group;
};

}  // namespace

TEST_CASE("one rule is for a group, or for a device that is in none") {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        CHECK(ward.scope("pump-ward").devices.size() == 2);
        CHECK(ward.scope("pump-01").key() == ward.scope("pump-ward").key());
        CHECK(ward.scope("pump-99").name() == "pump-99");
        database.read([&](store::Tx& tx) {
            CHECK(find_scope(tx, "nothing").error().reason == "network.scope_unknown");
            CHECK(find_scope(tx, "No name").error().reason == "network.scope_unknown");
            const auto scopes = list_scopes(tx);
            REQUIRE(scopes.size() == 2);
            CHECK(scopes[0].name() == "pump-99");
            CHECK(scopes[1].name() == "pump-ward");
            CHECK(rule_of(tx, scopes[1], {}).error().reason == "network.gateway_unknown");
        });
    });
}

TEST_CASE("S2-29 (part): what a person keeps is in the rule; a log read again changes counts alone"
) {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        const auto scope = ward.scope("pump-ward");
        const auto seen = [&](std::uint64_t count) {
            FlowLine library{
                .direction = Direction::to_device,
                .peer = address_of("10.1.1.5"),
                .port = 2575,
                .count = count,
                .devices = 2,
                .first = ward.clock.now() - 24h,
                .last = ward.clock.now(),
            };
            FlowLine around = library;
            around.port = 8080;
            database.write([&](store::Tx& tx) {
                const FlowLogFacts facts{std::string(64, 'a'), count, {}, {}};
                add_flow_log(
                    tx, ward.now(), scope, facts, std::vector{library, around}, ward.by.value()
                );
            });
        };
        CHECK_FALSE(database.read([&](store::Tx& tx) { return has_flow_log(tx, scope); }));
        seen(7);
        auto flows = database.read([&](store::Tx& tx) { return flows_of(tx, scope); });
        REQUIRE(flows.size() == 2);
        CHECK(flows[0].line.count == 7);
        CHECK(flows[0].decision == FlowDecision::open);
        CHECK_FALSE(flows[0].line.is_way_around);
        CHECK(flows[1].line.is_way_around);
        database.write([&](store::Tx& tx) {
            for (const auto& flow : flows) {
                decide_flow(
                    tx, ward.now(), flow.id, FlowDecision::keep, "drug library", ward.by.value()
                );
            }
        });
        seen(9);
        flows = database.read([&](store::Tx& tx) { return flows_of(tx, scope); });
        REQUIRE(flows.size() == 2);
        CHECK(flows[0].line.count == 9);
        CHECK(flows[0].decision == FlowDecision::keep);
        CHECK(flows[0].decided_by == ward.by);
        const auto rule =
            database.read([&](store::Tx& tx) { return rule_of(tx, scope, gateways).value(); });
        // The gateway's port stays the gateway's, whatever was said of it.
        REQUIRE(rule.kept.size() == 1);
        CHECK(rule.kept[0].port == 2575);
        CHECK(rule.kept[0].purpose == "drug library");
        CHECK(rule.devices.size() == 2);
    });
}

TEST_CASE("a device is covered by an attestation that names it where it is, or by an exception") {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        CHECK(ward.cover_of("pump-01") == "network.uncovered");
        ward.attest("pump-ward", ward.clock.now() + 24h * 30);
        CHECK(ward.cover_of("pump-01") == "attested");
        CHECK(ward.cover_of("pump-99") == "network.uncovered");

        // A pump that came later, or moved, is not in it; the others stay.
        ward.add("pump-03", "10.20.30.3", ward.group);
        CHECK(ward.cover_of("pump-03") == "network.device_not_in_rule");
        CHECK(ward.cover_of("pump-02") == "attested");
        ward.except("pump-ward", ward.clock.now() + 24h);
        CHECK(ward.cover_of("pump-03") == "exception");
        CHECK(ward.cover_of("pump-02") == "attested");

        ward.clock.advance(24h);
        CHECK(ward.cover_of("pump-03") == "network.device_not_in_rule");
        ward.clock.advance(24h * 29);
        CHECK(ward.cover_of("pump-01") == "network.uncovered");
    });
}

TEST_CASE("a newer attestation goes before an older, and what is ended stays ended") {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        const auto key = ward.scope("pump-ward").key();
        ward.attest("pump-ward", ward.clock.now() + 24h * 300);
        ward.attest("pump-ward", ward.clock.now() + 1h);
        ward.clock.advance(2h);
        CHECK(ward.cover_of("pump-01") == "network.uncovered");
        ward.attest("pump-ward", ward.clock.now() + 24h);
        ward.except("pump-ward", ward.clock.now() + 24h);
        database.write([&](store::Tx& tx) { CHECK(end_covers(tx, key, ward.clock.now()) == 3); });
        CHECK(ward.cover_of("pump-01") == "network.uncovered");
        CHECK_THROWS(database.write([&](store::Tx& tx) { tx.execute("DELETE FROM network_cover"); })
        );
        CHECK_THROWS(database.write([&](store::Tx& tx) {
            tx.execute("UPDATE network_cover SET reason = 'another'");
        }));
    });
}

TEST_CASE("the newest look at a firewall is what stands") {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        const auto scope = ward.scope("pump-ward");
        const auto latest = [&] {
            return database.read([&](store::Tx& tx) { return latest_drift(tx, scope); });
        };
        CHECK_FALSE(latest().has_value());
        database.write([&](store::Tx& tx) {
            const Drift drift{{"missing \xFF"}, {"too many"}, false};
            add_drift(tx, ward.now(), scope, Dialect::ios, drift, ward.by.value());
        });
        const auto found = latest();
        REQUIRE(found.has_value());
        CHECK(found->dialect == Dialect::ios);
        CHECK(found->drift.missing.at(0).starts_with("missing "));
        CHECK(found->drift.unexpected.at(0) == "too many");
        CHECK(found->checked_by == ward.by);
    });
}

}  // namespace sallyport::network
