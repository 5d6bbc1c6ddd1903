#include "domain/governance/fleet_import.h"

#include "tests/support/databases.h"
#include "tests/support/hospital.h"

#include "domain/audit/log.h"
#include "domain/governance/device_group_admin.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <string_view>

namespace sallyport::governance {

namespace {

using directory::DeviceName;
using policy::Permission;
using test::Hospital;
using test::Somebody;

constexpr std::string_view header = "name,serial,address,port,archetype,ephi,ward\n";

std::string rows(int first, int last) {
    std::string csv;
    for (int i = first; i <= last; ++i) {
        csv += fmt::format(
            "pump-{:03},SN-{:04},10.20.{}.{},8080,A2,RT,ICU 2\n", i, i, i / 200, i % 200 + 1
        );
    }
    return csv;
}

class Fleet {
public:
    explicit Fleet(store::Database& opened)
        : database(opened),
          hospital(opened),
          adam(hospital.employ("adam", "gateway_administrator")) {}

    Result<directory::DeviceGroup> group(
        std::string_view name, std::optional<std::int64_t> deployed = {}
    ) {
        const auto permit = hospital.permit(adam, Permission::device_manage);
        return database.write([&](store::Tx& tx) {
            return create_group(
                tx, hospital.moment(), permit, wanted(name, deployed), adam.actor()
            );
        });
    }

    static directory::NewDeviceGroup wanted(
        std::string_view name, std::optional<std::int64_t> deployed = {}
    ) {
        return {DeviceName::parse(name).value(), "pumps", deployed, std::nullopt, {}, std::nullopt};
    }

    Result<FleetImport> import(
        const std::string& csv, FleetTrial trial = FleetTrial::no, std::string_view group = "pumps"
    ) {
        const auto permit = hospital.permit(adam, Permission::device_manage);
        return database.write([&](store::Tx& tx) {
            return import_fleet(
                tx,
                hospital.moment(),
                permit,
                {DeviceName::parse(group).value(), csv, trial},
                {},
                adam.actor()
            );
        });
    }

    std::size_t count(const std::string& type) {
        return database.read([&](store::Tx& tx) {
            return audit::list(tx, {.type_prefix = type, .count_max = 1000}).size();
        });
    }

    std::vector<directory::Device> devices() {
        return database.read([](store::Tx& tx) { return directory::list_devices(tx); });
    }

    std::vector<std::string_view> gaps(const DeviceName& name) {
        return database.read([&](store::Tx& tx) {
            const auto found = directory::find_device_group(tx, name).value();
            std::vector<std::string_view> what;
            for (const auto& gap :
                 directory::gaps_of(found, directory::count_members(tx, found.id))) {
                what.push_back(gap.what);
            }
            return what;
        });
    }

    store::Database& database;
    Hospital hospital;
    Somebody adam;
};

std::string problems_of(const Result<FleetImport>& import) {
    REQUIRE(import.has_value());
    CHECK_FALSE(import->applied);
    std::string text;
    for (const auto& problem : import->problems) {
        text +=
            fmt::format("{}:{} {}: {}\n", problem.line, problem.column, problem.cell, problem.what);
    }
    return text;
}

using Names = std::vector<std::string>;

TEST_CASE("S2-06: 240 units are counted; 239 and 241 are shown as a mismatch") {
    test::for_each_engine([](store::Database& database) {
        Fleet fleet(database);
        REQUIRE(fleet.group("pumps", 240).has_value());
        const auto name = DeviceName::parse("pumps").value();
        using Whats = std::vector<std::string_view>;
        CHECK(fleet.gaps(name) == Whats{"mds2_missing", "count_differs"});

        const auto first = fleet.import(std::string(header) + rows(1, 239));
        REQUIRE(first.has_value());
        CHECK(first->applied);
        CHECK(first->registered.size() == 239);
        CHECK(fleet.gaps(name) == Whats{"mds2_missing", "count_differs"});
        const auto told = database.read([&](store::Tx& tx) {
            const auto group = directory::find_device_group(tx, name).value();
            return directory::gaps_of(group, directory::count_members(tx, group.id)).back().detail;
        });
        CHECK(told == "240 deployed, 239 registered");

        CHECK(fleet.import(std::string(header) + rows(1, 240))->registered == Names{"pump-240"});
        CHECK(fleet.gaps(name) == Whats{"mds2_missing"});
        CHECK(fleet.import(std::string(header) + rows(1, 241))->registered == Names{"pump-241"});
        CHECK(fleet.gaps(name) == Whats{"mds2_missing", "count_differs"});
        CHECK(fleet.count("device.registered") == 241);
        CHECK(fleet.count("device_group.imported") == 3);
    });
}

TEST_CASE(
    "S2-05 (part): an asset group's id resolves to its members, with address, MAC, serial and place"
) {
    test::for_each_engine([](store::Database& database) {
        Fleet fleet(database);
        REQUIRE(fleet.group("pump-vlan-volumetric-ip32").has_value());
        const auto done = fleet.import(
            "name,serial,address,archetype,ephi,mac,ward\n"
            "pump-1,SN-1,10.20.0.1,A2,RT,00:1b:63:84:45:e6,ICU 2\n"
            "pump-2,SN-2,10.20.0.2,A2,none,,Oncology\n",
            FleetTrial::no,
            "pump-vlan-volumetric-ip32"
        );
        REQUIRE(done.has_value());
        const auto members = database.read([](store::Tx& tx) {
            const auto group = directory::find_device_group(
                tx, DeviceName::parse("pump-vlan-volumetric-ip32").value()
            );
            return directory::members_of(tx, group->id);
        });
        REQUIRE(members.size() == 2);
        CHECK(members[0].name.text() == "pump-1");
        CHECK(members[0].serial == "SN-1");
        CHECK(members[0].address == "10.20.0.1");
        CHECK(members[0].details.mac == "00:1b:63:84:45:e6");
        CHECK(members[0].details.ward == "ICU 2");
        CHECK(directory::to_text(*members[0].details.ephi) == "RT");
        CHECK(members[1].details.ward == "Oncology");
        CHECK(directory::to_text(*members[1].details.ephi) == "none");
    });
}

TEST_CASE("the same table again changes nothing; a changed one changes what it says") {
    test::for_each_engine([](store::Database& database) {
        Fleet fleet(database);
        REQUIRE(fleet.group("pumps").has_value());
        const auto table = std::string(header) + rows(1, 3);
        REQUIRE(fleet.import(table)->applied);
        const auto again = fleet.import(table);
        CHECK(again->applied);
        CHECK(again->unchanged == 3);
        CHECK(fleet.count("device.modified") == 0);

        const auto moved = fleet.import(
            std::string(header) +
            "pump-001,SN-0001,10.20.0.99,8080,A2,RT,ICU 2\n"
            "pump-003,SN-0003,10.20.0.4,8080,A2,RT,Oncology\n"
        );
        REQUIRE(moved->applied);
        CHECK(moved->updated == Names{"pump-001", "pump-003"});
        CHECK(moved->absent == Names{"pump-002"});
        CHECK(moved->moved.size() == 1);
        const auto devices = fleet.devices();
        CHECK(devices.at(0).address == "10.20.0.99");
        CHECK(devices.at(2).details.ward == "Oncology");
        const auto events = database.read([](store::Tx& tx) {
            return audit::list(tx, {.type_prefix = "device.modified"});
        });
        REQUIRE(events.size() == 2);
        CHECK(events[0].leaf_json.contains(R"("changed_fields":"ward")"));
        CHECK(events[1].leaf_json.contains(R"("changed_fields":"address")"));
    });
}

TEST_CASE("one wrong row and nothing of the table happens; a trial changes nothing either") {
    test::for_each_engine([](store::Database& database) {
        Fleet fleet(database);
        REQUIRE(fleet.group("pumps").has_value());
        const auto trial = fleet.import(std::string(header) + rows(1, 5), FleetTrial::yes);
        REQUIRE(trial.has_value());
        CHECK_FALSE(trial->applied);
        CHECK(trial->registered.size() == 5);
        CHECK(
            problems_of(
                fleet.import(std::string(header) + rows(1, 5) + "pump-6,,10.20.0.9,80,A2,C,\n")
            ) == "7:8 serial: is missing\n"
        );
        CHECK(fleet.devices().empty());
        CHECK(fleet.count("device.registered") == 0);
        CHECK(fleet.count("device_group.imported") == 0);
    });
}

TEST_CASE("what contradicts the register is a problem, told by line and column") {
    test::for_each_engine([](store::Database& database) {
        Fleet fleet(database);
        REQUIRE(fleet.group("pumps").has_value());
        REQUIRE(fleet.group("others").has_value());
        REQUIRE(fleet.import(std::string(header) + rows(1, 4))->applied);
        const auto permit = fleet.hospital.permit(fleet.adam, Permission::device_manage);
        database.write([&](store::Tx& tx) {
            const auto device = directory::find_device_by_serial(tx, "SN-0004").value();
            REQUIRE(
                retire_device(tx, fleet.hospital.moment(), permit, device.id, fleet.adam.actor())
                    .has_value()
            );
        });
        CHECK(
            problems_of(fleet.import(
                std::string(header) + "pump-x,SN-0001,10.20.0.2,8080,A2,RT,\n"
                                      "pump-002,SN-0002,10.20.0.3,8080,A3,RT,\n"
                                      "pump-003,SN-9,10.20.0.4,8080,A2,RT,\n"
                                      "pump-004,SN-0004,10.20.0.5,8080,A2,RT,\n"
                                      "pump-9,SN-10,127.0.0.1,8080,A2,RT,\n"
            )) ==
            "2:1 name: this serial number is registered as pump-001; names stay\n"
            "3:33 archetype: is registered as A2\n"
            "4:1 name: is registered with another serial number; names are not used again\n"
            "5:10 serial: is a retired device's\n"
            "6:14 address: no device may have this address\n"
        );
        CHECK(
            problems_of(fleet.import(std::string(header) + rows(1, 1), FleetTrial::no, "others")) ==
            "2:10 serial: is in another group\n"
        );
        CHECK(fleet.import("x", FleetTrial::no, "nobody").error().reason == "device_group.unknown");
        CHECK(fleet.import("x").error().reason == "fleet.header");
    });
}

TEST_CASE("one profile covers a group: what is imported gets it, and a change reaches every member"
) {
    test::for_each_engine([](store::Database& database) {
        Fleet fleet(database);
        REQUIRE(fleet.group("pumps").has_value());
        REQUIRE(fleet.import(std::string(header) + rows(1, 2))->applied);
        auto wanted = Fleet::wanted("pumps");
        wanted.profile = directory::default_profile("A2");
        wanted.profile->identity = directory::DeviceReading{"/status", "/serial"};
        const auto permit = fleet.hospital.permit(fleet.adam, Permission::device_manage);
        const auto changed = database.write([&](store::Tx& tx) {
            return change_group(tx, fleet.hospital.moment(), permit, wanted, fleet.adam.actor());
        });
        REQUIRE(changed.has_value());
        CHECK(changed->members.size() == 2);
        REQUIRE(fleet.import(std::string(header) + rows(1, 3))->applied);
        for (const auto& device : fleet.devices()) {
            CHECK(directory::to_json(device.profile) == directory::to_json(*wanted.profile));
        }
        CHECK(fleet.count("device.modified") == 2);
        CHECK(fleet.count("device_group.modified") == 1);
    });
}

TEST_CASE("S0-81, S2-04 (part): what the proof of a device and a group lacks is told") {
    test::for_each_engine([](store::Database& database) {
        Fleet fleet(database);
        auto wanted = Fleet::wanted("pumps", 1);
        wanted.mds2 = directory::Mds2Reference{
            "ExampleMed-IP3.2-MDS2-2024", std::string(64, 'a'), "2024-05-01"
        };
        wanted.interfaces =
            directory::parse_interfaces(
                R"([{"name":"web","kind":"network","authentication":"fixed_password","control":"gateway"},
                    {"name":"USB","kind":"usb","authentication":"none","control":"none"}])"
            )
                .value();
        const auto permit = fleet.hospital.permit(fleet.adam, Permission::device_manage);
        REQUIRE(database
                    .write([&](store::Tx& tx) {
                        return create_group(
                            tx, fleet.hospital.moment(), permit, wanted, fleet.adam.actor()
                        );
                    })
                    .has_value());
        REQUIRE(fleet.import("name,serial,address,archetype,ephi\npump-1,SN-1,10.20.0.1,A2,none\n")
                    ->applied);
        CHECK(fleet.gaps(wanted.name).empty());
        const auto device = fleet.devices().at(0);
        const auto group = database.read([&](store::Tx& tx) {
            return directory::find_device_group(tx, wanted.name).value();
        });
        CHECK(group.mds2->reference == "ExampleMed-IP3.2-MDS2-2024");
        CHECK(group.mds2->sha256 == std::string(64, 'a'));
        CHECK(group.mds2->date == "2024-05-01");
        const auto gaps = directory::gaps_of(device, &group);
        REQUIRE(gaps.size() == 3);
        CHECK(gaps[0].what == "ward_unknown");
        CHECK(gaps[1].what == "interface_uncovered");
        CHECK(gaps[1].detail == "USB");
        CHECK(gaps[2].what == "last_hop_clear");
        CHECK(gaps[2].detail == "web");

        for (const auto& [hash, date, member] : std::vector<std::array<std::string, 3>>{
                 {std::string(63, 'a'), "2024-05-01", "mds2_sha256"},
                 {std::string(64, 'A'), "2024-05-01", "mds2_sha256"},
                 {std::string(64, 'a'), "2024-02-30", "mds2_date"},
                 {std::string(64, 'a'), "1.5.2024", "mds2_date"},
             }) {
            auto wrong = Fleet::wanted("wrong");
            wrong.mds2 = directory::Mds2Reference{"x", hash, date};
            const auto refused = database.write([&](store::Tx& tx) {
                return create_group(tx, fleet.hospital.moment(), permit, wrong, fleet.adam.actor());
            });
            REQUIRE_FALSE(refused.has_value());
            CHECK(refused.error().reason == "device_group.mds2_malformed");
            CHECK(refused.error().detail == member);
        }
    });
}

TEST_CASE("only who manages devices makes groups and imports; names are taken once") {
    test::for_each_engine([](store::Database& database) {
        Fleet fleet(database);
        REQUIRE(fleet.group("pumps").has_value());
        CHECK(fleet.group("pumps").error().reason == "device_group.name_taken");
        const auto vault = fleet.hospital.permit(fleet.adam, Permission::vault_manage);
        const auto refused = database.write([&](store::Tx& tx) {
            return import_fleet(
                tx,
                fleet.hospital.moment(),
                vault,
                {DeviceName::parse("pumps").value(), ""},
                {},
                fleet.adam.actor()
            );
        });
        CHECK(refused.error().reason == "device.wrong_permit");
    });
}

}  // namespace

}  // namespace sallyport::governance
