#include "edge/api/input.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::api {

namespace {

Result<Input> from_json(std::string body) {
    http::Request request;
    request.method = "POST";
    request.headers.add("content-type", "application/json");
    request.body = std::move(body);
    return Input::take_from(request);
}

Result<Input> from_form(std::string body) {
    http::Request request;
    request.method = "POST";
    request.headers.add("content-type", "application/x-www-form-urlencoded");
    request.body = std::move(body);
    return Input::take_from(request);
}

std::string nested(int levels) {
    // The outermost object is one level, the arrays in it the others.
    const auto arrays = static_cast<std::size_t>(levels - 1);
    return R"({"a":{"b":)" + std::string(arrays - 1, '[') + std::string(arrays - 1, ']') + "}}";
}

TEST_CASE("a member that is an object comes whole, however its own members are nested") {
    const std::string profile = R"({"allow":[{"method":"GET","path":"/"}],"more":{"x":[1,[2]]}})";
    const auto input = from_json(R"({"name":"pump-07","profile":)" + profile + "}");
    REQUIRE(input.has_value());
    CHECK(input->text("profile") == profile);
    CHECK(input->text("name") == "pump-07");
}

TEST_CASE("what is nested more than eight levels deep is refused, and nothing is left out unsaid") {
    CHECK(from_json(nested(Input::depth_max)).has_value());
    const auto deeper = from_json(nested(Input::depth_max + 1));
    REQUIRE_FALSE(deeper.has_value());
    CHECK(deeper.error().reason == "input.malformed");
    CHECK(deeper.error().detail == "nested too deeply");
    const auto hostile = from_json(R"({"a":)" + std::string(200'000, '['));
    REQUIRE_FALSE(hostile.has_value());
    CHECK(hostile.error().reason == "input.malformed");
}

TEST_CASE("a new passphrase is typed twice in a form and given once by a program") {
    const auto why = [](const Result<Input>& input) {
        REQUIRE(input.has_value());
        const auto read = input->new_passphrase();
        return read ? std::string("ok") : std::string(read.error().reason);
    };
    CHECK(why(from_form("passphrase=nine+boats&repeated=nine+boats")) == "ok");
    CHECK(why(from_form("passphrase=nine+boats&repeated=nine+boat")) == "passphrase.not_the_same");
    CHECK(why(from_form("passphrase=nine+boats")) == "input.missing");
    CHECK(why(from_form("repeated=nine+boats")) == "input.missing");
    CHECK(why(from_json(R"({"passphrase":"nine boats"})")) == "ok");
    CHECK(why(from_json(R"({"repeated":"nine boats"})")) == "input.missing");
}

TEST_CASE("lists come as texts, numbers and truth values as they are written, null as nothing") {
    const auto input = from_json(R"({"list":["a","b"],"n":-12,"yes":true,"gone":null})");
    REQUIRE(input.has_value());
    CHECK(input->list("list") == std::vector<std::string>{"a", "b"});
    CHECK(input->integer("n").value() == -12);
    CHECK(input->text("yes") == "true");
    CHECK_FALSE(input->has("gone"));
    CHECK(input->text("list").empty());  // given more than once
    CHECK_FALSE(from_json("[1]").has_value());
    CHECK_FALSE(from_json(R"({"list":[1]})").has_value());
    CHECK_FALSE(from_json("{").has_value());
}

}  // namespace

}  // namespace sallyport::api
