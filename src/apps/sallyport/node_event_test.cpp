#include "apps/sallyport/node_event.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <variant>

namespace sallyport::cli {

namespace {

std::int64_t number_in(const audit::Event& event, std::string_view name) {
    const auto found = std::ranges::find(event.fields, name, &audit::Field::name);
    REQUIRE(found != event.fields.end());
    return std::get<std::int64_t>(found->value);
}

TEST_CASE("S1-19: each start records which codes are accepted: 30 s, 6 digits, and the window") {
    config::Settings settings;
    settings.server.node = "node-1";
    for (const int window : {0, 1}) {
        settings.totp.window = window;
        const auto start = node_event("sys.start", "start", settings, "0.1.0");
        CHECK(number_in(start, "totp_period_s") == 30);
        CHECK(number_in(start, "totp_digits") == 6);
        CHECK(number_in(start, "totp_window_steps") == window);
    }
}

TEST_CASE("a node says who it is and why it starts or stops") {
    config::Settings settings;
    settings.server.node = "node-1";
    const auto stop = node_event("sys.stop", "signal", settings, "0.1.0");
    CHECK(stop.object == "node:node-1");
    CHECK(stop.who.system == "server");
    CHECK(stop.fields.size() == 3);
}

}  // namespace

}  // namespace sallyport::cli
