#include "edge/gateway/protocol_entry.h"

#include "tests/support/checkout.h"

#include "base/core/fault.h"
#include "edge/gateway/http/gateway_fixture.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

namespace sallyport::gateway {

namespace {

std::string fault_of(const ProtocolEntry& entry) {
    try {
        check_whole(entry);
    } catch (const Fault& fault) {
        return fault.what();
    }
    return "";
}

TEST_CASE("S0-71: a protocol whose entry declares no permission keeps the gateway from starting") {
    test_gate::Gate gate;
    const std::atomic<bool> alarm{false};
    const Services services{
        .database = gate.store.database(),
        .sessions = gate.sessions,
        .policy = gate.policy,
        .leases = gate.leases,
        .vault = gate.vault,
        .recorder = *gate.recorder.recorder,
        .clock = gate.people.clock,
        .moments = gate.moments,
        .site = {"sign-in.example", "gate.example", 443},
        .alarm = alarm,
    };
    auto forgotten = http_entry;
    forgotten.permission.reset();
    CHECK_THROWS_WITH_AS(
        HttpGateway(services, {}, forgotten),
        "protocol http declares no permission; every entry needs one",
        Fault
    );
    CHECK_NOTHROW(HttpGateway(services, {}, http_entry));
}

TEST_CASE("S0-71: permission, step-up and events are all declared, or the entry is refused") {
    auto without_grant = http_entry;
    without_grant.permission = policy::Permission::device_read;
    CHECK(fault_of(without_grant) == "protocol http names a permission that asks for no grant");

    auto silent_on_step_up = http_entry;
    silent_on_step_up.step_up.reset();
    CHECK(fault_of(silent_on_step_up) == "protocol http does not say whether it asks for step-up");

    for (auto member : {&ProtocolEntry::opened_event, &ProtocolEntry::refused_event}) {
        auto unwritten = http_entry;
        unwritten.*member = "";
        CHECK(
            fault_of(unwritten) ==
            "protocol http names an audit event that the catalogue does not have"
        );
    }
    for (const auto& entry : protocol_entries()) {
        CHECK(fault_of(entry).empty());
    }
}

TEST_CASE("S0-71: every folder of a protocol has its entry in the table") {
    std::vector<std::string> folders;
    for (const auto& item :
         std::filesystem::directory_iterator(sallyport::test::in_checkout("src/edge/gateway"))) {
        if (item.is_directory()) folders.push_back(item.path().filename());
    }
    REQUIRE(folders.size() == protocol_entries().size());
    for (const auto& entry : protocol_entries()) {
        CHECK(std::ranges::find(folders, std::string(entry.protocol)) != folders.end());
    }
}

}  // namespace

}  // namespace sallyport::gateway
