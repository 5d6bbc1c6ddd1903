#include "domain/network/flow_log.h"

#include "domain/network/network_test_rules.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sallyport::network {

namespace {

std::vector<Flow> flows_of(std::string_view log) {
    FlowLogReader reader;
    std::vector<Flow> flows;
    while (!log.empty()) {
        const auto end = log.find('\n');
        const auto flow = reader.line(log.substr(0, end));
        REQUIRE(flow.has_value());
        if (*flow) flows.push_back(**flow);
        log.remove_prefix(end == std::string_view::npos ? log.size() : end + 1);
    }
    return flows;
}

std::string refusal_of(std::string_view log) {
    FlowLogReader reader;
    while (!log.empty()) {
        const auto end = log.find('\n');
        const auto flow = reader.line(log.substr(0, end));
        if (!flow) {
            CHECK(flow.error().reason == "flow_log.malformed");
            return flow.error().detail;
        }
        log.remove_prefix(end == std::string_view::npos ? log.size() : end + 1);
    }
    return "";
}

}  // namespace

TEST_CASE("a flow log of Amazon's VPC is read") {
    const auto flows = flows_of(
        "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes "
        "start "
        "end action log-status\n"
        "2 123456789010 eni-1 10.1.1.5 10.20.30.1 49761 2575 6 20 4249 1418530010 1418530070 "
        "ACCEPT "
        "OK\n"
        "2 123456789010 eni-1 10.9.9.9 10.20.30.1 49761 8080 6 1 40 1418530010 1418530070 REJECT "
        "OK\n"
        "2 123456789010 eni-1 - - - - - - - 1431280876 1431280934 - NODATA\n"
    );
    REQUIRE(flows.size() == 2);
    CHECK(flows[0].source == address_of("10.1.1.5"));
    CHECK(flows[0].destination == address_of("10.20.30.1"));
    CHECK(flows[0].protocol == tcp);
    CHECK(flows[0].source_port == 49761);
    CHECK(flows[0].destination_port == 2575);
    CHECK(flows[0].passed);
    CHECK(sallyport::to_text(flows[0].first.value()) == "2014-12-14T04:06:50.000Z");
    CHECK(sallyport::to_text(flows[0].last.value()) == "2014-12-14T04:07:50.000Z");
    CHECK_FALSE(flows[1].passed);
}

TEST_CASE("a flow log of nfdump is read, up to its summary") {
    const auto flows = flows_of(
        "ts,te,td,sa,da,sp,dp,pr,flg,ipkt\r\n"
        "2024-05-01 10:11:12,2024-05-01 10:11:13,1.0,10.20.30.1,10.1.1.9,123,123,UDP,......,1\r\n"
        "2024-05-01 10:11:12,2024-05-01 10:11:13,1.0,10.1.1.7,10.20.30.1,0,8.0,ICMP,......,1\r\n"
        "Summary\r\nflows,bytes,packets\r\n2,100,2\r\n"
    );
    REQUIRE(flows.size() == 2);
    CHECK(flows[0].protocol == udp);
    CHECK(sallyport::to_text(flows[0].first.value()) == "2024-05-01T10:11:12.000Z");
    CHECK(flows[1].protocol == icmp);
    CHECK(flows[1].destination_port == 0);
}

TEST_CASE("Zeek's conn.log is read, and tells who began") {
    FlowLogReader reader;
    CHECK(reader.line("#separator \\x09").value() == std::nullopt);
    CHECK(
        reader.line("#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto")
            .value() == std::nullopt
    );
    CHECK(reader.tells_originator());
    const auto flow =
        reader.line("1300475168.853899\tCxT121\t10.20.30.1\t1025\t10.1.1.9\t443\ttcp").value();
    REQUIRE(flow.has_value());
    CHECK(flow->destination_port == 443);
    CHECK(sallyport::to_text(flow->first.value()) == "2011-03-18T19:06:08.853Z");
    CHECK(reader.line("#close\t2011-03-18").value() == std::nullopt);
}

TEST_CASE("a table of one's own is read, whatever its separator and quotes") {
    const auto flows = flows_of(
        "\xEF\xBB\xBF\"Source\";\"Destination\";\"Protocol\";\"Destination_Port\";\"Count\"\n"
        "\n"
        "\"2001:db8::5\";\"2001:db8::1\";\"tcp\";\"8080\";\"17\"\n"
    );
    REQUIRE(flows.size() == 1);
    CHECK(flows[0].source == address_of("2001:db8::5"));
    CHECK(flows[0].count == 17);
}

TEST_CASE("what is no flow log is refused with the line and what is wrong there") {
    CHECK(refusal_of("10.0.0.1 10.0.0.2 tcp 80\n").starts_with("line 1: no column is called source")
    );
    CHECK(refusal_of("src,dst,proto\n").starts_with("line 1: no column is called destination_port")
    );
    CHECK(refusal_of("src,src,dst,proto,dp\n") == "line 1: two columns have one name");
    CHECK(refusal_of("src,dst,proto,dp,action,verdict\n") == "line 1: two columns have one name");
    const std::string head = "src,dst,proto,dp,count,action,start\n";
    CHECK(refusal_of(head + "10.0.0.1,10.0.0.2,tcp,80\n") == "line 2: 4 cells, not 7");
    CHECK(
        refusal_of(head + "10.0.0.1,10.0.0.300,tcp,80,1,ACCEPT,1\n") ==
        "line 2: the destination is no address"
    );
    CHECK(
        refusal_of(head + "10.0.0.1,10.0.0.3,tpc,80,1,ACCEPT,1\n") ==
        "line 2: the protocol is neither a known name nor a number"
    );
    CHECK(
        refusal_of(head + "10.0.0.1,10.0.0.3,tcp,65536,1,ACCEPT,1\n") ==
        "line 2: the destination port is no port"
    );
    CHECK(refusal_of(head + "10.0.0.1,10.0.0.3,tcp,80,0,ACCEPT,1\n").contains("the count"));
    CHECK(refusal_of(head + "10.0.0.1,10.0.0.3,tcp,80,1,maybe,1\n").contains("the action"));
    CHECK(refusal_of(head + "10.0.0.1,10.0.0.3,tcp,80,1,ACCEPT,noon\n").contains("the time"));
    CHECK(refusal_of(head + "10.0.0.1,10.0.0.3,tcp,80,1,ACCEPT,1e300\n").contains("the time"));
    CHECK(refusal_of(std::string(8193, 'x')) == "line 1: longer than 8192 bytes");
}

}  // namespace sallyport::network
