#include "domain/network/flow_plan.h"

#include "domain/network/flow_condenser.h"
#include "domain/network/network_test_rules.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <set>
#include <string>

namespace sallyport::network {

namespace {

const std::set<IpAddress>& pumps() {
    static const std::set<IpAddress> addresses{
        address_of("10.20.30.1"), address_of("10.20.30.2"), address_of("10.20.30.3")
    };
    return addresses;
}

}  // namespace

TEST_CASE("a log of both ways is condensed to who opened what") {
    FlowCondenser condenser(pumps());
    const auto add = [&](const Flow& flow) {
        REQUIRE(condenser.add(flow, Originator::guessed).has_value());
    };
    constexpr std::array<std::uint16_t, 3> clients{50001, 50002, 50003};
    for (const auto client : clients) {
        add(flow_of("10.1.1.5", "10.20.30.1", tcp, 2575, client));
        add(flow_of("10.20.30.1", "10.1.1.5", tcp, client, 2575));  // its answer
    }
    // Only the answer was logged: from a well-known port.
    add(flow_of("10.1.1.9", "10.20.30.2", udp, 40123, 123));
    // From a lower port to a higher one, and no answer: as it was logged.
    add(flow_of("10.1.1.6", "10.20.30.2", tcp, 50000, 40000));
    add(flow_of("10.1.1.6", "10.1.1.7", tcp, 80, 50000));  // not about a pump
    auto refused = flow_of("10.9.9.9", "10.20.30.1", tcp, 8080, 50000);
    refused.passed = false;
    add(refused);

    const auto flows = condenser.flows();
    REQUIRE(flows.size() == 3);
    CHECK(flows[0].source == address_of("10.1.1.5"));
    CHECK(flows[0].destination_port == 2575);
    CHECK(flows[0].count == 3);
    CHECK(flows[1].source == address_of("10.1.1.6"));
    CHECK(flows[1].destination_port == 50000);
    CHECK(flows[2].source == address_of("10.20.30.2"));
    CHECK(flows[2].destination == address_of("10.1.1.9"));
    CHECK(flows[2].destination_port == 123);
    CHECK(condenser.lines() == 10);

    // What it wrote is read as it stands, as often as one likes.
    const auto again = condensed(to_csv(flows), pumps());
    REQUIRE(again.has_value());
    CHECK(*again == flows);
}

TEST_CASE("of two ways with one port at both ends, the earlier one asked, or else the device") {
    auto asked = flow_of("10.1.1.9", "10.20.30.1", udp, 123, 123);
    auto answer = flow_of("10.20.30.1", "10.1.1.9", udp, 123, 123);
    FlowCondenser untimed(pumps());
    REQUIRE(untimed.add(asked, Originator::guessed));
    REQUIRE(untimed.add(answer, Originator::guessed));
    REQUIRE(untimed.flows().size() == 1);
    CHECK(untimed.flows()[0].source == address_of("10.20.30.1"));

    asked.first = from_micros(1);
    answer.first = from_micros(2);
    FlowCondenser timed(pumps());
    REQUIRE(timed.add(answer, Originator::guessed));
    REQUIRE(timed.add(asked, Originator::guessed));
    REQUIRE(timed.flows().size() == 1);
    CHECK(timed.flows()[0].source == address_of("10.1.1.9"));

    FlowCondenser alone(pumps());
    REQUIRE(alone.add(asked, Originator::guessed));
    REQUIRE(alone.flows().size() == 1);
}

TEST_CASE("a log that tells who began is taken at its word") {
    FlowCondenser condenser(pumps());
    REQUIRE(condenser.add(flow_of("10.20.30.1", "10.1.1.5", tcp, 50001, 22), Originator::told));
    REQUIRE(condenser.flows().size() == 1);
    CHECK(condenser.flows()[0].destination_port == 50001);
}

TEST_CASE("a log with more different flows than can be judged by a person is refused") {
    FlowCondenser condenser(pumps());
    Result<void> added;
    for (std::size_t at = 0; added && at <= FlowCondenser::flows_max; ++at) {
        auto flow = flow_of("10.0.0.0", "10.20.30.1", tcp, 1);
        flow.source[13] = static_cast<unsigned char>(at >> 16U);
        flow.source[14] = static_cast<unsigned char>(at >> 8U);
        flow.source[15] = static_cast<unsigned char>(at);
        added = condenser.add(flow, Originator::told);
    }
    REQUIRE_FALSE(added.has_value());
    CHECK(added.error().reason == "flow_log.too_many");
}

TEST_CASE("a log without a header is refused") {
    CHECK(condensed("", pumps()).error().reason == "flow_log.malformed");
    CHECK(condensed("# nothing\n", pumps()).error().reason == "flow_log.malformed");
}

TEST_CASE("the rule judges each connection by its two ends, protocol and port") {
    const auto rule = ward_rule();
    const auto of =
        [&](const char* source, const char* destination, Protocol protocol, std::uint16_t port) {
            return judge(rule, flow_of(source, destination, protocol, port));
        };
    CHECK(of("10.20.0.5", "10.20.30.1", tcp, 8080) == Judgement::gateway);
    CHECK(of("10.20.0.5", "10.20.30.3", tcp, 2222) == Judgement::gateway);
    CHECK(of("10.20.0.5", "10.20.30.1", tcp, 2222) == Judgement::denied);
    CHECK(of("10.20.0.5", "10.20.30.1", udp, 8080) == Judgement::denied);
    CHECK(of("10.20.0.6", "10.20.30.1", tcp, 8080) == Judgement::denied);
    CHECK(of("10.1.1.5", "10.20.30.2", tcp, 2575) == Judgement::kept);
    CHECK(of("10.20.30.2", "10.1.1.5", tcp, 2575) == Judgement::denied);  // the other way round
    CHECK(of("10.20.30.2", "10.1.1.9", udp, 123) == Judgement::kept);
    CHECK(of("10.20.30.2", "10.20.30.1", tcp, 8080) == Judgement::denied);  // pump to pump
    CHECK(of("10.1.1.5", "10.1.1.9", tcp, 8080) == Judgement::elsewhere);
    CHECK(is_way_around(rule, flow_of("10.20.30.2", "10.20.30.1", tcp, 8080)));
    CHECK(is_way_around(rule, flow_of("10.9.9.9", "10.20.30.3", tcp, 2222)));
    CHECK_FALSE(is_way_around(rule, flow_of("10.20.0.5", "10.20.30.1", tcp, 8080)));
    CHECK_FALSE(is_way_around(rule, flow_of("10.9.9.9", "10.20.30.1", tcp, 2222)));
}

TEST_CASE("S2-29 (part): a replayed log lists every flow that would die, and no other") {
    const auto rule = ward_rule();
    const std::string log =
        "source,destination,protocol,destination_port,count,first,last\n"
        "10.20.0.5,10.20.30.1,tcp,8080,40,-,-\n"
        "10.1.1.5,10.20.30.1,tcp,2575,7,-,-\n"
        "10.1.1.6,10.20.30.1,tcp,2575,3,2026-11-01T00:00:00Z,2026-11-01T01:00:00Z\n"
        "10.1.1.6,10.20.30.2,tcp,2575,2,2026-10-01T00:00:00Z,2026-10-01T01:00:00Z\n"
        "10.20.30.3,10.1.1.4,tcp,6661,9,-,-\n"
        "10.9.9.9,10.20.30.1,tcp,8080,1,-,-\n";
    const auto flows = condensed(log, pumps());
    REQUIRE(flows.has_value());
    const auto plan = replay(rule, *flows);
    CHECK(plan.by_gateway == 40);
    CHECK(plan.kept == 7);
    REQUIRE(plan.denied.size() == 3);
    const auto& library = plan.denied[0];
    CHECK(library.direction == Direction::to_device);
    CHECK(library.peer == address_of("10.1.1.6"));
    CHECK(library.port == 2575);
    CHECK(library.count == 5);
    CHECK(library.devices == 2);
    CHECK_FALSE(library.is_way_around);
    CHECK(sallyport::to_text(library.first.value()) == "2026-10-01T00:00:00.000Z");
    CHECK(sallyport::to_text(library.last.value()) == "2026-11-01T01:00:00.000Z");
    CHECK(plan.denied[1].is_way_around);
    CHECK(plan.denied[2].direction == Direction::from_device);
    CHECK(plan.denied[2].port == 6661);
}

}  // namespace sallyport::network
