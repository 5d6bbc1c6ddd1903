#include "domain/directory/path_rules.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

namespace sallyport::directory {

namespace {

const std::vector<std::string> nothing;
const std::vector<std::string> firmware{"firmware"};

std::string_view answer_to(
    const DeviceProfile& profile,
    std::string_view method,
    std::string_view path,
    const std::vector<std::string>& capabilities = nothing
) {
    const auto allowed = check_path(profile, method, path, capabilities);
    return allowed ? "allowed" : allowed.error().reason;
}

std::string_view reading_of(std::string_view target) {
    const auto path = normal_path(target);
    return path ? "clear" : path.error().reason;
}

TEST_CASE("S2-10: a pump's default profile reads all, sets infusions, and guards the firmware") {
    const auto pump = default_profile("A2");
    CHECK(answer_to(pump, "GET", "/") == "allowed");
    CHECK(answer_to(pump, "GET", "/status") == "allowed");
    CHECK(answer_to(pump, "HEAD", "/anything/at/all") == "allowed");
    CHECK(answer_to(pump, "POST", "/infusion") == "allowed");
    CHECK(answer_to(pump, "POST", "/infusion/rate") == "allowed");
    CHECK(answer_to(pump, "POST", "/service-mode/enter") == "allowed");

    CHECK(answer_to(pump, "POST", "/firmware") == "device.capability_missing");
    CHECK(answer_to(pump, "POST", "/firmware", firmware) == "allowed");
    CHECK(check_path(pump, "POST", "/firmware", nothing).error().detail == "firmware");

    CHECK(answer_to(pump, "POST", "/") == "device.path_not_allowed");
    CHECK(answer_to(pump, "POST", "/reboot") == "device.path_not_allowed");
    CHECK(answer_to(pump, "PUT", "/infusion") == "device.path_not_allowed");
    CHECK(answer_to(pump, "DELETE", "/infusion") == "device.path_not_allowed");
    CHECK(answer_to(pump, "post", "/infusion") == "device.path_not_allowed");
    CHECK(answer_to(pump, "CONNECT", "/status") == "device.path_not_allowed");
    CHECK(answer_to(pump, "TRACE", "/status") == "device.path_not_allowed");
}

TEST_CASE("what no rule allows is refused; a profile without rules allows nothing") {
    const DeviceProfile empty;
    CHECK(answer_to(empty, "GET", "/") == "device.path_not_allowed");
    CHECK(answer_to(default_profile("A5"), "POST", "/infusion") == "device.path_not_allowed");
}

TEST_CASE("a rule is exact, or a prefix when it ends in a star; a starred method is a listed verb"
) {
    DeviceProfile profile;
    profile.allow = {{"GET", "/a", ""}, {"*", "/b/*", ""}};
    CHECK(answer_to(profile, "GET", "/a") == "allowed");
    CHECK(answer_to(profile, "GET", "/a/") == "device.path_not_allowed");
    CHECK(answer_to(profile, "GET", "/ab") == "device.path_not_allowed");
    CHECK(answer_to(profile, "GET", "/A") == "device.path_not_allowed");
    CHECK(answer_to(profile, "PATCH", "/b/x") == "allowed");
    CHECK(answer_to(profile, "GET", "/b/") == "allowed");
    CHECK(answer_to(profile, "GET", "/b") == "device.path_not_allowed");
    CHECK(answer_to(profile, "CONNECT", "/b/x") == "device.path_not_allowed");
    CHECK(answer_to(profile, "GETX", "/b/x") == "device.path_not_allowed");
}

TEST_CASE("what a rule reserves needs its capability, even where a wider rule would let it pass") {
    DeviceProfile profile;
    profile.allow = {{"*", "/*", ""}, {"POST", "/firmware", "firmware"}, {"*", "/keys/*", "keys"}};
    CHECK(answer_to(profile, "POST", "/firmware") == "device.capability_missing");
    CHECK(answer_to(profile, "POST", "/firmware", firmware) == "allowed");
    CHECK(answer_to(profile, "POST", "/keys/1", firmware) == "device.capability_missing");
    // The device may not care about letter case or a final slash, so neither does what is reserved.
    CHECK(answer_to(profile, "POST", "/Firmware") == "device.capability_missing");
    CHECK(answer_to(profile, "POST", "/FIRMWARE/") == "device.capability_missing");
    CHECK(answer_to(profile, "POST", "/Keys/1") == "device.capability_missing");
    CHECK(answer_to(profile, "POST", "/keys") == "device.capability_missing");
    CHECK(answer_to(profile, "POST", "/firmwares") == "allowed");
    CHECK(answer_to(profile, "GET", "/firmware") == "allowed");

    // Nor may it care whether it is asked by HEAD for what GET does.
    profile.allow = {{"GET", "/*", ""}, {"HEAD", "/*", ""}, {"GET", "/reboot", "reboot"}};
    CHECK(answer_to(profile, "GET", "/reboot") == "device.capability_missing");
    CHECK(answer_to(profile, "HEAD", "/reboot") == "device.capability_missing");
    CHECK(answer_to(profile, "HEAD", "/status") == "allowed");
}

TEST_CASE("a path is decoded once, and the query is not part of it") {
    CHECK(normal_path("/").value() == "/");
    CHECK(normal_path("/a/b").value() == "/a/b");
    CHECK(normal_path("/a/").value() == "/a/");
    CHECK(normal_path("/a%20b?x=/../y%2f").value() == "/a b");
    CHECK(normal_path("/%66irmware").value() == "/firmware");
    CHECK(normal_path("/r%C3%A9sum%c3%a9").value() == "/résumé");
    CHECK(normal_path("/a..b/...").value() == "/a..b/...");
    CHECK(normal_path("/a?").value() == "/a");
}

TEST_CASE("S2-10: a path that two parsers could read differently is refused") {
    for (const std::string_view target : {"/a%2fb",
                                          "/a%2Fb",
                                          "/a%5cb",
                                          "/a\\b",
                                          "/..",
                                          "/.",
                                          "/a/../firmware",
                                          "/a/./b",
                                          "/a/..",
                                          "/%2e%2e/firmware",
                                          "/%2e./x",
                                          "/.%2E/x",
                                          "/a%2ehtml",
                                          "//firmware",
                                          "/a//b",
                                          "/a///",
                                          "/%252e%252e/",
                                          "/a%25",
                                          "/a%252f",
                                          "/a;b",
                                          "/firmware;x=1",
                                          "/a%3bb",
                                          "/a%00",
                                          "/a%0d%0a",
                                          "/a%1f",
                                          "/a%7f",
                                          "/a%3fb",
                                          "/a%23b",
                                          "/%c0%af",
                                          "/%ff",
                                          "/%e0%80%af",
                                          "/%c0%ae%c0%ae/"}) {
        CAPTURE(target);
        CHECK(reading_of(target) == "device.path_ambiguous");
    }
}

TEST_CASE("what is no path of its own is refused") {
    for (const std::string_view target :
         {"",
          "a",
          "*",
          "http://pump/a",
          "?x",
          "/a b",
          "/a\tb",
          "/a\nb",
          "/a\x7f",
          "/a#b",
          "/%",
          "/%4",
          "/%zz",
          "/%4g",
          "/%u0041",
          "/r\xc3\xa9sum\xc3\xa9"}) {
        CAPTURE(target);
        CHECK(reading_of(target) == "device.path_malformed");
    }
    CHECK(reading_of("/" + std::string(request_target_size_max - 1, 'a')) == "clear");
    CHECK(reading_of("/" + std::string(request_target_size_max, 'a')) == "device.path_malformed");
}

TEST_CASE("a rule has a known method and a path in its own normal form") {
    CHECK(is_well_formed({"GET", "/", ""}));
    CHECK(is_well_formed({"*", "/*", "firmware"}));
    CHECK(is_well_formed({"POST", "/a/b.c*", ""}));
    CHECK(is_well_formed({"GET", "/.well-known/*", ""}));
    CHECK_FALSE(is_well_formed({"get", "/", ""}));
    CHECK_FALSE(is_well_formed({"", "/", ""}));
    CHECK_FALSE(is_well_formed({"GET", "", ""}));
    CHECK_FALSE(is_well_formed({"GET", "*", ""}));
    CHECK_FALSE(is_well_formed({"GET", "a", ""}));
    CHECK_FALSE(is_well_formed({"GET", "/a*b", ""}));
    CHECK_FALSE(is_well_formed({"GET", "/a**", ""}));
    CHECK_FALSE(is_well_formed({"GET", "/a//b", ""}));
    CHECK_FALSE(is_well_formed({"GET", "/../b*", ""}));
    CHECK_FALSE(is_well_formed({"GET", "/a?x", ""}));
    CHECK_FALSE(is_well_formed({"GET", "/a%20b", ""}));
    CHECK_FALSE(is_well_formed({"GET", "/a", "Firm Ware"}));
}

// Targets as an attacker would build them.
rc::Gen<std::string> tricky_target() {
    static const std::vector<std::string> pieces{
        "/",   "..",    ".",        "%2e",  "%2f",    "%5c", "\\",  ";",
        "%25", "%252e", "firmware", "Firm", "ware",   "a",   "%66", "%46",
        "?",   "#",     "//",       "%00",  "%c0%af", "%",   "*",
    };
    return rc::gen::map(
        rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces)),
        [](const std::vector<std::string>& parts) {
            std::string target = "/";
            for (const auto& part : parts) {
                target += part;
            }
            return target;
        }
    );
}

TEST_CASE("however a target is spelled, a normal path has one reading") {
    const bool held = rc::check([] {
        const auto path = normal_path(*tricky_target());
        if (!path) return;
        RC_ASSERT(path->starts_with('/'));
        RC_ASSERT(path->find('\\') == std::string::npos);
        RC_ASSERT(path->find('%') == std::string::npos);
        RC_ASSERT(path->find("//") == std::string::npos);
        RC_ASSERT(path->find("/../") == std::string::npos);
        RC_ASSERT(path->find("/./") == std::string::npos);
        RC_ASSERT(!path->ends_with("/..") && !path->ends_with("/."));
        RC_ASSERT(normal_path(*path).value() == *path);
    });
    CHECK(held);
}

TEST_CASE("however a target is spelled, no firmware passes without its capability") {
    const auto pump = default_profile("A2");
    const bool held = rc::check([&] {
        const auto path = normal_path(*tricky_target());
        if (!path) return;
        std::string lowered = *path;
        std::ranges::transform(lowered, lowered.begin(), [](unsigned char c) {
            return static_cast<char>(std::tolower(c));
        });
        if (lowered == "/firmware" || lowered == "/firmware/") {
            RC_ASSERT(!check_path(pump, "POST", *path, nothing).has_value());
        }
    });
    CHECK(held);
}

TEST_CASE("a request may change the device as its method says, unless a rule says otherwise") {
    DeviceProfile profile;
    profile.allow = {
        {"GET", "/*", ""},
        {"POST", "/infusion*", ""},
        {"POST", "/search", "", false},
        {"GET", "/start", "", true},
        {"*", "/raw", "", false},
        {"POST", "/raw", "firmware"},
    };
    CHECK_FALSE(may_change_state(profile, "GET", "/infusion"));
    CHECK_FALSE(may_change_state(profile, "HEAD", "/infusion"));
    CHECK(may_change_state(profile, "POST", "/infusion"));
    CHECK_FALSE(may_change_state(profile, "POST", "/search"));
    CHECK(may_change_state(profile, "GET", "/start"));
    CHECK(may_change_state(profile, "HEAD", "/start"));  // many answer it by doing what GET does
    CHECK(may_change_state(profile, "GET", "/Start/"));  // as the device might read it
    CHECK(may_change_state(profile, "POST", "/raw"));    // one rule says nothing: its method does
    CHECK_FALSE(may_change_state(profile, "PUT", "/raw"));
    CHECK(may_change_state(profile, "DELETE", "/nowhere"));
}

}  // namespace

}  // namespace sallyport::directory
