#include "domain/directory/device.h"

#include "tests/support/clocks.h"
#include "tests/support/databases.h"

#include "base/core/fault.h"
#include "domain/directory/account.h"
#include "domain/directory/device_address.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>

namespace sallyport::directory {

namespace {

using namespace std::chrono_literals;

struct Registry {
    explicit Registry(store::Database& database)
        : by(database.write([&](store::Tx& tx) {
              return create_account(
                         tx,
                         {LoginName::parse("anna").value(),
                          "Admin",
                          "gateway_administrator",
                          "gateway",
                          std::nullopt},
                         std::nullopt,
                         moment()
              )
                  .value()
                  .id;
          })) {}

    [[nodiscard]] Moment moment() const { return moments.now(); }

    test::SettableClock clock;
    test::ReplayedRandom random;
    test::Moments moments{clock, random};
    AccountId by;
};

NewDevice pump(std::string_view name = "pump-07") {
    return {
        .name = DeviceName::parse(name).value(),
        .serial = "EM-" + std::string(name),
        .address = "10.1.2.3",
        .port = 8080,
        .archetype = "A2",
        .profile = std::nullopt,
    };
}

TEST_CASE("a device name is a DNS label in lower case") {
    CHECK(DeviceName::parse("pump-07").value().text() == "pump-07");
    CHECK(DeviceName::parse("7").has_value());
    CHECK(DeviceName::parse(std::string(63, 'a')).has_value());
    for (const std::string_view text :
         {"", "-pump", "pump-", "Pump", "pump.07", "pump_07", "pümp", "pump 7", "pump\n"}) {
        CAPTURE(text);
        const auto name = DeviceName::parse(text);
        REQUIRE_FALSE(name.has_value());
        CHECK(name.error().reason == "device_name.malformed");
    }
    CHECK_FALSE(DeviceName::parse(std::string(64, 'a')).has_value());
}

TEST_CASE("a registered device is found as it was registered, with its archetype's profile") {
    test::for_each_engine([](store::Database& database) {
        const Registry registry(database);
        const auto made = database.write([&](store::Tx& tx) {
            return create_device(tx, pump(), registry.by, registry.moment()).value();
        });
        database.read([&](store::Tx& tx) {
            const auto found = find_device(tx, made.id);
            REQUIRE(found.has_value());
            CHECK(found->name.text() == "pump-07");
            CHECK(found->serial == "EM-pump-07");
            CHECK(found->address == "10.1.2.3");
            CHECK(found->port == 8080);
            CHECK(found->archetype == "A2");
            CHECK(to_json(found->profile) == to_json(default_profile("A2")));
            CHECK(found->state == DeviceState::registered);
            CHECK(found->registered_by == registry.by);
            CHECK(find_device(tx, made.name)->id == made.id);
            CHECK(list_devices(tx).size() == 1);
        });
    });
}

TEST_CASE("names and serials are taken once, also by retired devices") {
    test::for_each_engine([](store::Database& database) {
        const Registry registry(database);
        database.write([&](store::Tx& tx) {
            const auto first = create_device(tx, pump(), registry.by, registry.moment()).value();
            set_device_state(tx, first.id, DeviceState::retired);

            CHECK(
                create_device(tx, pump(), registry.by, registry.moment()).error().reason ==
                "device.name_taken"
            );
            auto same_serial = pump("pump-08");
            same_serial.serial = first.serial;
            CHECK(
                create_device(tx, same_serial, registry.by, registry.moment()).error().reason ==
                "device.serial_taken"
            );
            CHECK(create_device(tx, pump("pump-08"), registry.by, registry.moment()).has_value());
        });
        CHECK_THROWS_AS(
            database.write([](store::Tx& tx) { tx.execute("DELETE FROM device"); }), Fault
        );
    });
}

TEST_CASE("a device without serial, address, port or archetype is refused") {
    test::SqliteFixture fixture;
    const Registry registry(fixture.database());
    const auto reason_of = [&](auto change) {
        auto wanted = pump();
        change(wanted);
        return fixture.database().write([&](store::Tx& tx) {
            return create_device(tx, wanted, registry.by, registry.moment()).error().reason;
        });
    };
    CHECK(reason_of([](auto& d) { d.serial = ""; }) == "device.serial_malformed");
    CHECK(reason_of([](auto& d) {
              d.serial = std::string(101, '1');
          }) == "device.serial_malformed");
    CHECK(reason_of([](auto& d) { d.serial = "a\nb"; }) == "device.serial_malformed");
    CHECK(reason_of([](auto& d) { d.address = "not an address"; }) == "device.address_malformed");
    CHECK(reason_of([](auto& d) { d.port = 0; }) == "device.port_malformed");
    CHECK(reason_of([](auto& d) { d.archetype = "A7"; }) == "device.archetype_unknown");
    CHECK(reason_of([](auto& d) { d.archetype = ""; }) == "device.archetype_unknown");
}

TEST_CASE("a profile reads back as it was written") {
    DeviceProfile profile;
    profile.allow = {
        {"GET", "/status", ""}, {"*", "/infusion*", ""}, {"POST", "/firmware", "firmware"}
    };
    profile.request_body_max = 7;
    profile.response_body_max = 1 << 30;
    profile.connect_timeout = 1s;
    profile.answer_timeout = 600s;
    profile.upgrade_allowed = true;
    profile.answers_cacheable = true;
    profile.cookies_readable = true;
    profile.allow.push_back({"POST", "/search", "", false});
    profile.allow.push_back({"GET", "/start", "", true});
    profile.identity = DeviceReading{"/status", "/pump/serial"};
    profile.therapy = TherapyRule{{"/infusion", "/state", true}, {"stopped", "false"}};

    const auto parsed = parse_device_profile(to_json(profile));

    REQUIRE(parsed.has_value());
    CHECK(to_json(*parsed) == to_json(profile));
    CHECK(parsed->allow.size() == 5);
    CHECK(parsed->allow[2].needs == "firmware");
    CHECK_FALSE(parsed->allow[2].changes.has_value());
    CHECK(parsed->allow[3].changes == false);
    CHECK(parsed->allow[4].changes == true);
    REQUIRE(parsed->identity.has_value());
    CHECK(parsed->identity->path == "/status");
    CHECK(parsed->identity->pointer == "/pump/serial");
    CHECK_FALSE(parsed->identity->with_credential);
    REQUIRE(parsed->therapy.has_value());
    CHECK(parsed->therapy->reading.with_credential);
    CHECK(parsed->therapy->stopped == std::vector<std::string>{"stopped", "false"});
}

TEST_CASE("a profile that leaves a member out gets the cautious default, but needs its rules") {
    const auto parsed = parse_device_profile(R"({"allow": []})");
    REQUIRE(parsed.has_value());
    CHECK(parsed->request_body_max == 1 << 20);
    CHECK(parsed->answer_timeout == 30s);
    CHECK_FALSE(parsed->upgrade_allowed);
    CHECK_FALSE(parsed->answers_cacheable);
    CHECK_FALSE(parsed->cookies_readable);
    CHECK(parse_device_profile("{}").error().detail == "allow: is missing");
}

TEST_CASE("a malformed profile is refused, and the detail names the member") {
    const auto detail_of = [](std::string_view json) {
        const auto parsed = parse_device_profile(json);
        REQUIRE_FALSE(parsed.has_value());
        CHECK(parsed.error().reason == "device_profile.malformed");
        return parsed.error().detail;
    };
    CHECK(detail_of("") == "not JSON, near byte 1");
    CHECK(detail_of(R"({"allow": [], "alow": []})") == "alow: is not known here");
    CHECK(detail_of(R"({"allow": [{"method": "GET"}]})") == "allow[0].path: is missing");
    CHECK(detail_of(R"({"allow": [{"method": "BREW", "path": "/"}]})").starts_with("allow[0]:"));
    CHECK(detail_of(R"({"allow": [{"method": "GET", "path": "/a/../b"}]})").starts_with("allow[0]:")
    );
    CHECK(detail_of(R"({"allow": [{"method": "GET", "path": "a"}]})").starts_with("allow[0]:"));
    CHECK(detail_of(R"({"allow": [{"method": "GET", "path": "/a*b"}]})").starts_with("allow[0]:"));
    CHECK(detail_of(R"({"allow": [{"method": "GET", "path": "/a%2fb"}]})").starts_with("allow[0]:")
    );
    CHECK(detail_of(R"({"allow": [7]})") == "allow[0]: must be an object");
    CHECK(detail_of(R"({"allow": [], "request_body_max": -1})").starts_with("request_body_max:"));
    CHECK(detail_of(R"({"allow": [], "answer_timeout_seconds": 0})")
              .starts_with("answer_timeout_seconds:"));
    CHECK(
        detail_of(R"({"allow": [], "upgrade_allowed": "yes"})") ==
        "upgrade_allowed: must be true or false"
    );
    CHECK(detail_of(R"({"allow": [], "\u0000": 1})") == "?: is not known here");

    const auto with = [&](std::string_view member) {
        return detail_of(R"({"allow": [], )" + std::string(member) + "}");
    };
    CHECK(with(R"("identity": {"path": "/status"})") == "identity.pointer: is missing");
    CHECK(with(R"("identity": {"path": "status", "pointer": "/serial"})")
              .starts_with("identity.path:"));
    CHECK(
        with(R"("identity": {"path": "/st*", "pointer": "/serial"})").starts_with("identity.path:")
    );
    CHECK(
        with(R"("identity": {"path": "/s", "pointer": "serial"})").starts_with("identity.pointer:")
    );
    CHECK(with(R"("identity": {"path": "/s", "pointer": "/a~2b"})").starts_with("identity.pointer:")
    );
    CHECK(
        with(R"("identity": {"path": "/s", "pointer": "/a", "stopped": ["x"]})") ==
        "identity.stopped: is not known here"
    );
    CHECK(with(R"("therapy": {"path": "/s", "pointer": "/a"})") == "therapy.stopped: is missing");
    CHECK(
        with(R"("therapy": {"path": "/s", "pointer": "/a", "stopped": []})") ==
        "therapy.stopped: must name at least one value"
    );
    CHECK(
        with(R"("therapy": {"path": "/s", "pointer": "/a", "stopped": [false]})") ==
        "therapy.stopped: must be texts of 1 to 200 bytes"
    );
    CHECK(with(R"("therapy": 7)") == "therapy: must be an object");

    std::string many = R"({"allow": [)";
    for (int i = 0; i < 201; ++i) {
        many += std::string(i == 0 ? "" : ",") + R"({"method":"GET","path":"/"})";
    }
    CHECK(detail_of(many + "]}") == "allow: must be an array of at most 200");
}

TEST_CASE("L-06: a device is not cut off after 5 seconds; its profile says how long it may take") {
    CHECK(default_profile("A2").answer_timeout == 30s);
    CHECK(
        parse_device_profile(R"({"allow": [], "answer_timeout_seconds": 600})")
            .value()
            .answer_timeout == 600s
    );
}

TEST_CASE("device addresses may not lead back here, to a neighbour, or to everybody") {
    for (const std::string_view address :
         {"127.0.0.1",
          "127.255.0.9",
          "0.0.0.0",
          "0.1.2.3",
          "169.254.169.254",
          "224.0.0.1",
          "239.255.255.250",
          "240.0.0.1",
          "255.255.255.255",
          "::",
          "::1",
          "fe80::1",
          "febf::1",
          "fec0::1",
          "ff02::1",
          "::ffff:127.0.0.1",
          "::ffff:169.254.169.254",
          "::127.0.0.1",
          "64:ff9b::7f00:1",
          "2002:7f00:1::",
          "localhost",
          "LOCALHOST",
          "pump.localhost",
          "ip6-loopback"}) {
        CAPTURE(address);
        const auto allowed = device_address_allowed(address, AddressRules::strict);
        REQUIRE_FALSE(allowed.has_value());
        CHECK(allowed.error().kind == Refusal::denied);
        CHECK(allowed.error().reason == "device.address_forbidden");
    }
}

TEST_CASE("what resolvers might read as an address in disguise is no address") {
    for (const std::string_view address :
         {"",
          "127.1",
          "2130706433",
          "0x7f000001",
          "0x7f.1",
          "0177.0.0.1",
          "127.0.0.1.",
          "1.2.3.4.5",
          "[::1]",
          "fe80::1%eth0",
          "pump..ward",
          "-pump",
          "pump-.ward",
          "pump/ward",
          "pump ward",
          "user@pump",
          "pump:80",
          "http://pump",
          "pümp"}) {
        CAPTURE(address);
        const auto allowed = device_address_allowed(address, AddressRules::demo);
        REQUIRE_FALSE(allowed.has_value());
        CHECK(allowed.error().reason == "device.address_malformed");
    }
    CHECK_FALSE(device_address_allowed(std::string_view("10.0.0.1\0x", 10), AddressRules::strict));
    CHECK_FALSE(device_address_allowed(std::string(254, 'a'), AddressRules::strict));
}

TEST_CASE("addresses of the device network are allowed") {
    for (const std::string_view address :
         {"10.1.2.3",
          "192.168.7.7",
          "172.16.0.1",
          "100.64.0.1",
          "203.0.113.5",
          "fd00::7",
          "2001:db8::1",
          "::ffff:10.1.2.3",
          "64:ff9b::a01:203",
          "pump-07",
          "pump-07.devices.example"}) {
        CAPTURE(address);
        CHECK(device_address_allowed(address, AddressRules::strict).has_value());
    }
}

TEST_CASE("in the demo loopback is allowed, and nothing else of what is forbidden") {
    for (const std::string_view address : {"127.0.0.1", "::1", "localhost", "::ffff:127.0.0.1"}) {
        CHECK(device_address_allowed(address, AddressRules::demo).has_value());
    }
    for (const std::string_view address : {"0.0.0.0", "169.254.169.254", "ff02::1", "::"}) {
        CHECK_FALSE(device_address_allowed(address, AddressRules::demo).has_value());
    }
}

TEST_CASE("the server's own listeners are no devices, in the demo neither") {
    const std::array own{
        Listener{"10.0.0.5", 443},
        Listener{"::", 8443},
        Listener{"fd00::5", 80},
        Listener{"sallyport.example", 443}
    };
    const auto reason_of = [&](std::string_view address, std::uint16_t port, AddressRules rules) {
        const auto allowed = device_endpoint_allowed(address, port, own, rules);
        return allowed ? std::string_view("yes") : allowed.error().reason;
    };
    CHECK(reason_of("10.0.0.5", 443, AddressRules::strict) == "device.address_own");
    CHECK(reason_of("::ffff:10.0.0.5", 443, AddressRules::strict) == "device.address_own");
    CHECK(reason_of("fd00:0::5", 80, AddressRules::strict) == "device.address_own");
    CHECK(reason_of("Sallyport.Example", 443, AddressRules::strict) == "device.address_own");
    CHECK(reason_of("127.0.0.1", 8443, AddressRules::demo) == "device.address_own");
    CHECK(reason_of("pump.localhost", 8443, AddressRules::demo) == "device.address_own");

    CHECK(reason_of("10.0.0.5", 8080, AddressRules::strict) == "yes");
    CHECK(reason_of("10.0.0.6", 443, AddressRules::strict) == "yes");
    CHECK(reason_of("127.0.0.1", 8080, AddressRules::demo) == "yes");
    CHECK(reason_of("127.0.0.1", 8443, AddressRules::strict) == "device.address_forbidden");
}

TEST_CASE("whatever the last bytes, no address of a forbidden IPv4 block is allowed in any spelling"
) {
    const bool held = rc::check([] {
        const auto first = *rc::gen::element(0, 127, 224, 239, 240, 255);
        const auto byte = [] { return *rc::gen::inRange(0, 256); };
        const auto v4 = std::to_string(first) + "." + std::to_string(byte()) + "." +
                        std::to_string(byte()) + "." + std::to_string(byte());
        RC_ASSERT_FALSE(device_address_allowed(v4, AddressRules::strict).has_value());
        RC_ASSERT_FALSE(device_address_allowed("::ffff:" + v4, AddressRules::strict).has_value());
        RC_ASSERT_FALSE(device_address_allowed("64:ff9b::" + v4, AddressRules::strict).has_value());
        RC_ASSERT_FALSE(device_address_allowed("::" + v4, AddressRules::strict).has_value());
    });
    CHECK(held);
}

}  // namespace

}  // namespace sallyport::directory
