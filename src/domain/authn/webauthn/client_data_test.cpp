#include "domain/authn/webauthn/client_data.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::authn::webauthn {

namespace {

std::string_view reason(const std::string& json) {
    const auto data = parse_client_data(as_bytes(json));
    return data ? "accepted" : data.error().reason;
}

TEST_CASE("client data come out, whatever else stands in them") {
    const std::string json =
        R"({"type":"webauthn.get","challenge":"AQID","origin":"https://a.example",)"
        R"("crossOrigin":true,"topOrigin":"https://b.example","tokenBinding":{"status":"x"},)"
        R"("other_keys_can_be_added_here":"do not compare"})";
    const auto data = parse_client_data(as_bytes(json)).value();
    CHECK(data.type == "webauthn.get");
    CHECK(data.challenge == "AQID");
    CHECK(data.origin == "https://a.example");
    CHECK(data.cross_origin);
    CHECK(data.top_origin == "https://b.example");
}

TEST_CASE("crossOrigin and topOrigin may be absent") {
    const auto data =
        parse_client_data(as_bytes(R"({"origin":"o","challenge":"c","type":"t"})")).value();
    CHECK_FALSE(data.cross_origin);
    CHECK_FALSE(data.top_origin.has_value());
}

TEST_CASE("a byte order mark in front is skipped (UTF-8 decode)") {
    CHECK(
        reason("\xEF\xBB\xBF"
               R"({"type":"t","challenge":"c","origin":"o"})") == "accepted"
    );
}

TEST_CASE("what is not client data is refused") {
    for (const std::string json :
         {"",
          "null",
          "[]",
          "{}",
          R"({"challenge":"c","origin":"o"})",
          R"({"type":"t","origin":"o"})",
          R"({"type":"t","challenge":"c"})",
          R"({"type":1,"challenge":"c","origin":"o"})",
          R"({"type":"t","challenge":["c"],"origin":"o"})",
          R"({"type":"t","challenge":"c","origin":null})",
          R"({"type":"t","challenge":"","origin":"o"})",
          R"({"type":"t","challenge":"c","origin":"o","crossOrigin":"false"})",
          R"({"type":"t","challenge":"c","origin":"o","crossOrigin":null})",
          R"({"type":"t","challenge":"c","origin":"o","topOrigin":true})",
          R"({"type":"t","type":"t","challenge":"c","origin":"o"})",
          R"({"type":"t","challenge":"c","origin":"o"}{})",
          R"({"type":"t","challenge":"c","origin":"o",})",
          R"({"type":"t","challenge":"c","origin":"a\u0000b"})",
          "{\"type\":\"t\",\"challenge\":\"c\",\"origin\":\"\xFF\"}"}) {
        CAPTURE(json);
        CHECK(reason(json) == "webauthn.client_data");
    }
}

TEST_CASE("client data have bounds: the whole, the members, the depth") {
    const auto with = [](const std::string& extra) {
        return R"({"type":"t","challenge":"c","origin":"o","x":)" + extra + "}";
    };
    const auto padding = client_data_size_max - with("\"\"").size();
    CHECK(reason(with('"' + std::string(padding, 'x') + '"')) == "accepted");
    CHECK(reason(with('"' + std::string(padding + 1, 'x') + '"')) == "webauthn.client_data");
    CHECK(reason(with(std::string(20, '[') + std::string(20, ']'))) == "webauthn.client_data");
    CHECK(
        reason(R"({"type":"t","challenge":")" + std::string(1025, 'c') + R"(","origin":"o"})") ==
        "webauthn.client_data"
    );
}

}  // namespace

}  // namespace sallyport::authn::webauthn
