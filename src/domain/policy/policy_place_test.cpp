#include "domain/policy/policy_place.h"

#include "domain/policy/policy.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>

#include <string>

namespace sallyport::policy {

namespace {

// What begins at that place.
std::string text_at(const std::string& text, std::string_view detail, std::size_t size) {
    const auto place = place_of(text, detail);
    if (!place) return "nowhere";
    std::size_t begin = 0;
    for (std::size_t line = 1; line < place->line; ++line) {
        begin = text.find('\n', begin) + 1;
    }
    return text.substr(begin + place->column - 1, size);
}

const std::string small = R"({
  "version": 1, "note": "a \"brace\" } in a text",
  "roles": [
    {"name": "patient", "risk": "low"},
    {"name": "engineer",
     "idle_seconds": 900}
  ],
  "timer_profiles": [{"role": "clinician", "zone": "ward", "idle_seconds": 60}]
})";

TEST_CASE("a refusal's member is found in the text that was proposed, by line and column") {
    CHECK(place_of(small, "version: must be ...") == TextPlace{2, 14});
    CHECK(place_of(small, "roles[0].risk: must be low") == TextPlace{4, 33});
    CHECK(place_of(small, "roles[1].idle_seconds: must be") == TextPlace{6, 22});
    CHECK(text_at(small, "roles.engineer.idle_seconds: is", 3) == "900");
    CHECK(text_at(small, "engineer.idle_seconds: must be 1 to 900 seconds", 3) == "900");
    CHECK(text_at(small, "engineer", 18) == R"({"name": "engineer)");
    CHECK(text_at(small, "timer_profiles.clinician/ward.idle_seconds: must", 2) == "60");
    // What is missing is missing in an object.
    CHECK(text_at(small, "roles.engineer.purpose: is missing", 18) == R"({"name": "engineer)");
    CHECK(text_at(small, "roles: 2 in scope gateway, not 3 to 5", 1) == "[");
    CHECK_FALSE(place_of(small, "10 to 500 bytes").has_value());
    CHECK_FALSE(place_of("[1, 2]", "roles: is missing").has_value());
}

TEST_CASE("a text that has a member twice leads nowhere, and fails nothing") {
    const std::string twice = R"({"roles":{},"roles":{"a member is there twice":1}})";
    CHECK_NOTHROW(static_cast<void>(place_of(twice, "a member is there twice")));
    CHECK_NOTHROW(static_cast<void>(place_of(twice, "roles.a member is there twice: x")));
}

TEST_CASE("a text that is no JSON is said to stop being it where it does") {
    CHECK(
        place_of("{\n  \"version\": 1,\n  roles\n}", "not JSON, near byte 22") == TextPlace{3, 3}
    );
    CHECK(place_of("", "not JSON, near byte 1") == TextPlace{1, 1});
    CHECK_FALSE(place_of(R"({"version": 1e999})", "not JSON").has_value());
}

TEST_CASE("every member of the shipped policy's roles is found, and no text makes it fail") {
    const auto text = to_json(default_policy());
    const auto document = nlohmann::json::parse(text);
    for (std::size_t i = 0; i < document["roles"].size(); ++i) {
        for (const auto& [name, value] : document["roles"][i].items()) {
            const auto member = "roles[" + std::to_string(i) + "]." + name;
            CAPTURE(member);
            if (!value.is_string() && !value.is_number()) continue;
            CHECK(text_at(text, member + ": is", value.dump().size()) == value.dump());
        }
    }
    CHECK(rc::check("whatever the text", [](const std::string& any, const std::string& member) {
        static_cast<void>(place_of(any, member));
    }));
    CHECK(rc::check("whatever is cut off or in its place", [&](const std::string& detail) {
        const auto size = *rc::gen::inRange<std::size_t>(0, text.size());
        const auto place = place_of(std::string_view(text).substr(0, size), detail);
        RC_ASSERT(place.has_value());
    }));
}

}  // namespace

}  // namespace sallyport::policy
