#include "domain/directory/device_details.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace sallyport::directory {

namespace {

std::string detail_of(std::string_view json) {
    const auto parsed = parse_interfaces(json);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().reason == "device.interfaces_malformed");
    return parsed.error().detail;
}

TEST_CASE("S1-03 (part): what a device does with ePHI is said in four letters, or none") {
    for (const std::string_view text : {"C", "R", "M", "T", "CR", "RT", "CRMT", "none"}) {
        CAPTURE(text);
        CHECK(to_text(parse_ephi_use(text).value()) == text);
    }
    CHECK(to_text(parse_ephi_use("tmrc").value()) == "CRMT");
    CHECK(parse_ephi_use("none").value().any() == false);
    CHECK(parse_ephi_use("M").value().any());
    for (const std::string_view text : {"", "X", "CC", "C,R", "no", " C"}) {
        CAPTURE(text);
        CHECK(parse_ephi_use(text).error().reason == "device.ephi_malformed");
    }
}

TEST_CASE("S0-81 (part): every way into a device is listed with what it asks for and what covers it"
) {
    const std::string json =
        R"([{"name":"service web page","kind":"network","port":8080,"authentication":"fixed_password",)"
        R"("control":"gateway","last_hop":"isolated","attestation":"Ida Isler, 2026-11-20, CHG-77"},)"
        R"({"name":"HL7","kind":"network","port":2575,"authentication":"none","control":"network_rule",)"
        R"("reference":"fw-112","last_hop":"clear"},)"
        R"({"name":"serial port","kind":"serial","authentication":"none","control":"physical",)"
        R"("reference":"seal 4711"},)"
        R"({"name":"USB","kind":"usb","authentication":"none","control":"disabled"},)"
        R"({"name":"WLAN","kind":"wireless","authentication":"certificate","control":"network_rule",)"
        R"("last_hop":"encrypted"},)"
        R"({"name":"front panel","kind":"console","authentication":"shared_password",)"
        R"("control":"accepted_risk","reference":"RISK-12"},)"
        R"({"name":"service mode","kind":"maintenance_mode","authentication":"personal","control":"none"}])";
    const auto parsed = parse_interfaces(json);
    REQUIRE(parsed.has_value());
    REQUIRE(parsed->size() == 7);
    CHECK(to_json(*parsed) == json);
    CHECK(parsed->at(0).port == 8080);
    CHECK(parsed->at(0).last_hop == LastHop::isolated);
    CHECK(parsed->at(6).control == InterfaceControl::none);
    CHECK(parse_interfaces("[]").value().empty());
}

TEST_CASE("an interface that says less than it must is refused, and the detail names the member") {
    const auto with = [](std::string_view members) {
        return detail_of(R"([{"name":"x","authentication":"none",)" + std::string(members) + "}]");
    };
    CHECK(with(R"("kind":"network")") == "interfaces[0].control: is missing");
    CHECK(
        with(R"("kind":"infrared","control":"none")") ==
        "interfaces[0].kind: must be one of network, serial, usb, wireless, console, "
        "maintenance_mode"
    );
    CHECK(
        with(R"("kind":"usb","control":"accepted_risk")") ==
        "interfaces[0].reference: must name the accepted risk"
    );
    CHECK(
        with(R"("kind":"network","control":"gateway","last_hop":"isolated")") ==
        "interfaces[0].attestation: must say who attests it, when, under which ticket"
    );
    CHECK(
        with(R"("kind":"usb","control":"none","port":80)") ==
        "interfaces[0].port: is a network interface's"
    );
    CHECK(
        with(R"("kind":"usb","control":"none","last_hop":"clear")") ==
        "interfaces[0].last_hop: is a network interface's"
    );
    CHECK(
        with(R"("kind":"usb","control":"none","colour":"red")") ==
        "interfaces[0].colour: is not known here"
    );
    CHECK(
        detail_of(R"([{"name":"x","kind":"usb","authentication":"none","control":"none"},)"
                  R"({"name":"x","kind":"usb","authentication":"none","control":"none"}])"
        ) == "interfaces[1].name: another interface has it"
    );
    CHECK(detail_of(R"({"a":1})") == "interfaces: must be an array of at most 50");
    CHECK(detail_of(R"([],"more":[])") == "more: is not known here");
}

TEST_CASE("MAC addresses are kept in one form") {
    CHECK(parse_mac("00:1b:63:84:45:e6").value() == "00:1b:63:84:45:e6");
    CHECK(parse_mac("00-1B-63-84-45-E6").value() == "00:1b:63:84:45:e6");
    for (const std::string_view text :
         {"",
          "00:1b:63:84:45",
          "00:1b:63:84:45:e6:",
          "00:1b:63:84:45:g6",
          "00:1b-63:84:45:e6",
          "001b.6384.45e6",
          "00:1b:63:84:45:e67"}) {
        CAPTURE(text);
        CHECK(parse_mac(text).error().reason == "device.mac_malformed");
    }
}

}  // namespace

}  // namespace sallyport::directory
