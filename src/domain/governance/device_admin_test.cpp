#include "domain/governance/device_admin.h"

#include "tests/support/databases.h"
#include "tests/support/hospital.h"

#include "domain/audit/log.h"
#include "domain/governance/notice.h"

#include <doctest/doctest.h>

#include <array>

namespace sallyport::governance {

namespace {

using namespace std::chrono_literals;
using directory::AddressRules;
using directory::DeviceName;
using directory::DeviceState;
using policy::Permission;
using test::Hospital;
using test::Somebody;

directory::NewDevice pump(std::string_view name, const std::string& address = "10.1.2.3") {
    return {
        .name = DeviceName::parse(name).value(),
        .serial = "EM-" + std::string(name),
        .address = address,
        .port = 8080,
        .archetype = "A2",
        .profile = std::nullopt,
    };
}

struct Workshop {
    explicit Workshop(store::Database& opened)
        : database(opened),
          hospital(opened),
          adam(hospital.employ("adam", "gateway_administrator")) {}

    Result<directory::Device> add(
        const directory::NewDevice& wanted, const DeviceNetwork& network
    ) {
        const auto permit = hospital.permit(adam, Permission::device_manage);
        return database.write([&](store::Tx& tx) {
            return register_device(tx, hospital.moment(), permit, wanted, network, adam.actor());
        });
    }

    Result<directory::Device> set_profile(
        const DeviceId& device, const directory::DeviceProfile& profile
    ) {
        const auto permit = hospital.permit(adam, Permission::device_manage, device);
        return database.write([&](store::Tx& tx) {
            return change_profile(tx, hospital.moment(), permit, device, profile, adam.actor());
        });
    }

    Result<directory::Device> retire(const DeviceId& device) {
        const auto permit = hospital.permit(adam, Permission::device_manage, device);
        return database.write([&](store::Tx& tx) {
            return retire_device(tx, hospital.moment(), permit, device, adam.actor());
        });
    }

    std::size_t count(const std::string& type) {
        return database.read([&](store::Tx& tx) {
            return audit::list(tx, {.type_prefix = type}).size();
        });
    }

    store::Database& database;
    Hospital hospital;
    Somebody adam;
};

template <class T>
std::string_view answer(const Result<T>& result) {
    return result ? "yes" : result.error().reason;
}

TEST_CASE("a device is registered, changed and retired, each with its event") {
    test::for_each_engine([](store::Database& database) {
        Workshop shop(database);
        const auto made = shop.add(pump("pump-07"), {});
        REQUIRE(made.has_value());
        CHECK(made->registered_by == shop.adam.account.id);

        auto profile = made->profile;
        profile.request_body_max = 99;
        REQUIRE(shop.set_profile(made->id, profile).has_value());
        CHECK(database.read([&](store::Tx& tx) {
            return directory::find_device(tx, made->id)->profile.request_body_max;
        }) == 99);

        const auto retired = shop.retire(made->id);
        REQUIRE(retired.has_value());
        CHECK(retired->state == DeviceState::retired);
        CHECK(answer(shop.retire(made->id)) == "device.retired");
        CHECK(answer(shop.set_profile(made->id, profile)) == "device.retired");
        CHECK(answer(shop.add(pump("pump-07"), {})) == "device.name_taken");

        CHECK(shop.count("device.registered") == 1);
        CHECK(shop.count("device.modified") == 1);
        CHECK(shop.count("device.retired") == 1);
    });
}

TEST_CASE("no device is registered where the server itself or its neighbours are") {
    test::for_each_engine([](store::Database& database) {
        Workshop shop(database);
        const std::array own{
            directory::Listener{"10.0.0.5", 8080}, directory::Listener{"::", 8443}
        };
        const DeviceNetwork strict{.rules = AddressRules::strict, .own = own};
        const DeviceNetwork demo{.rules = AddressRules::demo, .own = own};

        CHECK(answer(shop.add(pump("a", "127.0.0.1"), strict)) == "device.address_forbidden");
        CHECK(answer(shop.add(pump("a", "169.254.169.254"), demo)) == "device.address_forbidden");
        CHECK(answer(shop.add(pump("a", "10.0.0.5"), strict)) == "device.address_own");
        auto at_listener = pump("a", "localhost");
        at_listener.port = 8443;
        CHECK(answer(shop.add(at_listener, demo)) == "device.address_own");
        CHECK(answer(shop.add(pump("a", "127.0.0.1"), demo)) == "yes");
        CHECK(shop.count("device.registered") == 1);
    });
}

TEST_CASE("a profile that could not be read again is not stored") {
    test::for_each_engine([](store::Database& database) {
        Workshop shop(database);
        auto wanted = pump("pump-07");
        wanted.profile = directory::DeviceProfile{};
        wanted.profile->allow = {{"GET", "/a/../b", ""}};
        CHECK(answer(shop.add(wanted, {})) == "device_profile.malformed");

        const auto made = shop.add(pump("pump-08"), {}).value();
        auto profile = made.profile;
        profile.answer_timeout = 0s;
        CHECK(answer(shop.set_profile(made.id, profile)) == "device_profile.malformed");
        CHECK(
            answer(shop.set_profile(DeviceId::from_bytes(IdBytes{std::byte{1}}), made.profile)) ==
            "device.unknown"
        );
    });
}

TEST_CASE("a Permit for something else, another device, or in other hands, changes no device") {
    test::for_each_engine([](store::Database& database) {
        Workshop shop(database);
        const auto first = shop.add(pump("pump-07"), {}).value();
        const auto second = shop.add(pump("pump-08", "10.1.2.4"), {}).value();
        const auto erik = shop.hospital.employ("erik", "engineer");
        const auto reading = shop.hospital.permit(shop.adam, Permission::device_read, first.id);
        const auto for_first = shop.hospital.permit(shop.adam, Permission::device_manage, first.id);
        CHECK(
            shop.hospital.ask(erik, Permission::device_manage).error().reason ==
            "policy.not_in_role"
        );
        database.write([&](store::Tx& tx) {
            const auto moment = shop.hospital.moment();
            CHECK(
                answer(retire_device(tx, moment, reading, first.id, shop.adam.actor())) ==
                "device.wrong_permit"
            );
            CHECK(
                answer(retire_device(tx, moment, for_first, second.id, shop.adam.actor())) ==
                "device.wrong_permit"
            );
            CHECK(
                answer(retire_device(tx, moment, for_first, first.id, erik.actor())) ==
                "device.wrong_permit"
            );
            CHECK(
                answer(
                    register_device(tx, moment, for_first, pump("pump-09"), {}, shop.adam.actor())
                ) == "device.wrong_permit"
            );
        });
    });
}

TEST_CASE("the recording notice is accepted once a version, by the person themselves") {
    test::for_each_engine([](store::Database& database) {
        Workshop shop(database);
        const auto erik = shop.hospital.employ("erik", "engineer");
        const auto accept =
            [&](const Somebody& who, const AccountId& account, const std::string& version) {
                return database.write([&](store::Tx& tx) {
                    return answer(
                        accept_notice(tx, shop.hospital.moment(), account, version, who.actor())
                    );
                });
            };
        const auto accepted = [&](const std::string& version) {
            return database.read([&](store::Tx& tx) {
                return notice_accepted(tx, erik.account.id, version);
            });
        };
        CHECK_FALSE(accepted("1"));
        CHECK(accept(shop.adam, erik.account.id, "1") == "notice.other_account");
        CHECK(accept(erik, erik.account.id, "2") == "notice.other_version");
        CHECK_FALSE(accepted("1"));

        CHECK(accept(erik, erik.account.id, "1") == "yes");
        CHECK(accept(erik, erik.account.id, "1") == "yes");
        CHECK(accepted("1"));
        CHECK_FALSE(accepted("2"));
        CHECK(shop.count("notice.accepted") == 1);
    });
}

}  // namespace

}  // namespace sallyport::governance
