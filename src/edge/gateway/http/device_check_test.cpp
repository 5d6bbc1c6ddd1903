
#include "edge/gateway/http/gateway_fixture.h"
#include "edge/gateway/http/one_answer_device.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::gateway::test_gate {

namespace {

using namespace std::chrono_literals;

void names_itself(directory::DeviceProfile& profile) {
    profile.identity = directory::DeviceReading{"/status", "/serial"};
}

void says_whether_it_runs(directory::DeviceProfile& profile) {
    profile.therapy = directory::TherapyRule{{"/status", "/running"}, {"false"}};
}

std::string form_fields(const std::string& cookie) {
    return cookie_field(cookie) +
           "Content-Type: application/x-www-form-urlencoded\r\nOrigin: " + std::string(own_origin) +
           "\r\n";
}

using Lines = std::vector<std::string>;

// "GET /status", in order, of what a device received.
Lines request_lines(const std::string& received) {
    Lines lines;
    std::istringstream text(received);
    for (std::string line; std::getline(text, line);) {
        const auto end = line.find(" HTTP/1.1");
        if (end == std::string::npos) continue;
        // A body without a line end may stand before it.
        const auto begin =
            std::max(line.rfind("GET /") + 1, std::max(line.rfind("POST /") + 1, std::size_t{1}));
        lines.push_back(line.substr(begin - 1, end - begin + 1));
    }
    return lines;
}

// What the pump wrote down of its web server's connections, byte for byte.
class PumpLog {
public:
    PumpLog()
        : file_(
              std::filesystem::temp_directory_path() /
              ("device_check_log." + std::to_string(::getpid()))
          ) {
        std::filesystem::remove(file_);
    }

    ~PumpLog() { std::filesystem::remove(file_); }

    PumpLog(const PumpLog&) = delete;
    PumpLog& operator=(const PumpLog&) = delete;
    PumpLog(PumpLog&&) = delete;
    PumpLog& operator=(PumpLog&&) = delete;

    [[nodiscard]] std::string file() const { return file_; }

    [[nodiscard]] std::string bytes() const {
        std::ifstream file(file_, std::ios::binary);
        std::string all;
        std::string micros;
        std::string listener;
        std::string number;
        std::size_t size = 0;
        while (file >> micros >> listener >> number >> size) {
            file.get();
            std::string piece(size, '\0');
            file.read(piece.data(), static_cast<std::streamsize>(size));
            all += piece;
        }
        return all;
    }

    [[nodiscard]] Lines requests() const { return request_lines(bytes()); }

private:
    std::filesystem::path file_;
};

}  // namespace

TEST_SUITE("the right device, and nobody treated with it") {
    TEST_CASE("the device tells its serial number before anything of the person's reaches it") {
        const PumpLog log;
        Gate gate({.serial = "SN-0007", .profile = names_itself, .byte_log = log.file()});
        (void)gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        CHECK(gate.ask("GET", "/infusion", cookie_field(cookie)).status() == 200);
        CHECK(log.requests() == Lines{"GET /status", "GET /infusion"});
        gate.end_visits();
        const auto recorded = gate.all_recorded();
        CHECK(recorded.contains(R"("peer":"sallyport")"));
        CHECK(recorded.contains(
            R"({"event":"device.identity","read":"SN-0007","verdict":"as registered"})"
        ));
        CHECK(recorded.find("GET /status") < recorded.find("GET /infusion"));
        CHECK_FALSE(recorded.substr(0, recorded.find("GET /infusion")).contains("Authorization"));
    }

    TEST_CASE("it is asked again with each connection, and at most every ten seconds") {
        const PumpLog log;
        Gate gate({.serial = "SN-0007", .profile = names_itself, .byte_log = log.file()});
        (void)gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        for (int i = 0; i < 3; ++i) {
            CHECK(gate.ask("GET", "/infusion", cookie_field(cookie)).status() == 200);
        }
        CHECK(std::ranges::count(log.requests(), "GET /status") == 1);
        gate.people.clock.advance(9s);
        CHECK(gate.ask("GET", "/infusion", cookie_field(cookie)).status() == 200);
        CHECK(std::ranges::count(log.requests(), "GET /status") == 1);
        gate.people.clock.advance(1s);
        CHECK(gate.ask("GET", "/infusion", cookie_field(cookie)).status() == 200);
        CHECK(std::ranges::count(log.requests(), "GET /status") == 2);
    }

    TEST_CASE("another device at its address: the visit is refused and ends, and is told of") {
        const PumpLog log;
        Gate gate({.serial = "SN-0008", .profile = names_itself, .byte_log = log.file()});
        (void)gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        const auto answer = gate.ask("GET", "/panel", cookie_field(cookie));
        CHECK(answer.status() == 403);
        CHECK(answer.body.contains("Another device answers at this device"));
        CHECK(log.requests() == Lines{"GET /status"});
        gate.end_visits();
        const auto found = gate.events("device.identity_mismatch");
        REQUIRE(found.size() == 1);
        CHECK(found[0].outcome == "refused");
        CHECK(found[0].leaf_json.contains(R"("expected":"SN-0008")"));
        CHECK(found[0].leaf_json.contains(R"("read":"SN-0007")"));
        const auto ended = gate.events("pam.disconnect");
        REQUIRE(ended.size() == 1);
        CHECK(ended[0].leaf_json.contains("wrong_device"));
        CHECK(gate.all_recorded().contains(R"("verdict":"another device")"));
        CHECK_FALSE(gate.all_recorded().contains("Authorization"));
    }

    TEST_CASE("a device that does not say which one it is is not visited") {
        for (const std::string_view pointer : {"/other", "/running/deeper", "/model/0"}) {
            CAPTURE(pointer);
            const PumpLog log;
            const auto asks = [&](directory::DeviceProfile& profile) {
                profile.identity = directory::DeviceReading{"/status", std::string(pointer)};
            };
            Gate gate({.serial = "SN-0007", .profile = asks, .byte_log = log.file()});
            (void)gate.grant();
            const auto cookie = gate.cookie_of(*gate.erin);
            const auto answer = gate.ask("GET", "/panel", cookie_field(cookie));
            CHECK(answer.status() == 403);
            CHECK(answer.body.contains("does not say which one it is"));
            CHECK(log.requests() == Lines{"GET /status"});
        }
        // Behind its password, when it is to be asked without.
        const PumpLog log;
        const auto asks = [](directory::DeviceProfile& profile) {
            profile.identity = directory::DeviceReading{"/infusion", "/serial"};
        };
        Gate gate({.serial = "SN-0007", .profile = asks, .byte_log = log.file()});
        (void)gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        CHECK(gate.ask("GET", "/panel", cookie_field(cookie)).status() == 403);
        CHECK(log.requests() == Lines{"GET /infusion"});
        gate.end_visits();
        CHECK_FALSE(gate.all_recorded().contains("Authorization"));
        const auto refused = gate.events("pam.request_refused");
        REQUIRE(refused.size() == 1);
        CHECK(refused[0].reason == "device.identity_unreadable");
    }

    TEST_CASE(
        "S2-44: while the pump infuses, what would change it is refused, and nothing reaches it"
    ) {
        const PumpLog log;
        Gate gate({.profile = says_whether_it_runs, .byte_log = log.file()});
        (void)gate.grant(60min, {"firmware"});
        const auto cookie = gate.cookie_of(*gate.erin);
        CHECK(gate.ask("POST", "/infusion", form_fields(cookie), "action=start").status() == 200);
        REQUIRE(gate.pump->infusion().running());
        const auto rate = gate.pump->infusion().to_json();

        const auto before = log.requests().size();
        for (const auto& [path, body] : std::vector<std::pair<std::string_view, std::string>>{
                 {"/infusion", "rate_ml_h=999"},
                 {"/infusion", "action=stop"},
                 {"/service-mode", "action=enter"},
                 {"/firmware", "EMP-3200 v9.9.9\n"},
             }) {
            CAPTURE(path);
            const auto answer = gate.ask("POST", path, form_fields(cookie), body);
            CHECK(answer.status() == 409);
            CHECK(answer.body.contains("A patient is being treated with this device"));
        }
        const auto asked = log.requests();
        CHECK(std::ranges::count(asked, "GET /status") == 5);
        CHECK(asked.size() == before + 4);
        CHECK(gate.pump->infusion().running());
        CHECK_FALSE(gate.pump->infusion().service_mode());
        CHECK(gate.pump->infusion().firmware().starts_with("EMP-3200 v3.2.0"));
        // Looking is always allowed.
        CHECK(gate.ask("GET", "/infusion", cookie_field(cookie)).status() == 200);

        gate.end_visits();
        const auto text = gate.all_recorded();
        CHECK(text.contains(R"({"event":"device.therapy","read":"false","verdict":"stopped"})"));
        CHECK(text.contains(R"({"event":"device.therapy","read":"true","verdict":"running"})"));
        const auto recorded = gate.all_recorded();
        CHECK(recorded.contains(R"("outcome":"refused","reason":"device.in_therapy")"));
        CHECK_FALSE(recorded.contains("rate_ml_h=999"));
        const auto refused = gate.events("pam.request_refused");
        REQUIRE(refused.size() == 3);  // the same path twice within ten seconds is one
        CHECK(refused[0].reason == "device.in_therapy");
    }

    TEST_CASE("S2-44: stopped, it passes") {
        const PumpLog log;
        Gate gate({.profile = says_whether_it_runs, .byte_log = log.file()});
        (void)gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        CHECK(gate.ask("POST", "/infusion", form_fields(cookie), "rate_ml_h=42").status() == 200);
        CHECK(log.requests() == Lines{"GET /status", "POST /infusion"});
        CHECK(gate.pump->infusion().to_json().contains("\"rate_ml_h\":42.00"));
    }

    TEST_CASE("S2-44: a pump that does not answer is taken to be treating somebody") {
        const PumpLog log;
        const auto soon = [](directory::DeviceProfile& profile) {
            says_whether_it_runs(profile);
            profile.answer_timeout = 1s;
        };
        Gate gate({.profile = soon, .byte_log = log.file()});
        (void)gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        for (const auto trouble :
             {pump::Trouble::hang, pump::Trouble::garbage, pump::Trouble::half, pump::Trouble::drop
             }) {
            CAPTURE(static_cast<int>(trouble));
            gate.pump->set_trouble(trouble);
            const auto answer = gate.ask("POST", "/infusion", form_fields(cookie), "rate_ml_h=77");
            CHECK(answer.status() == 409);
            CHECK(answer.body.contains("does not say whether a patient is being treated"));
        }
        gate.pump->set_trouble(pump::Trouble::none);
        CHECK(std::ranges::count(log.requests(), "POST /infusion") == 0);
        gate.end_visits();
        CHECK(gate.all_recorded().contains(
            R"("event":"device.therapy","read":"","verdict":"device.timeout")"
        ));
        CHECK_FALSE(gate.all_recorded().contains("rate_ml_h=77"));
    }

    TEST_CASE("what a rule says of a request counts for more than its method") {
        Gate gate({.profile = [](directory::DeviceProfile& profile) {
            says_whether_it_runs(profile);
            profile.allow.push_back({"GET", "/debug", "", true});
            profile.allow.push_back({"POST", "/search", "", false});
            profile.upgrade_allowed = true;
        }});
        (void)gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        CHECK(gate.ask("POST", "/infusion", form_fields(cookie), "action=start").status() == 200);
        CHECK(gate.ask("GET", "/debug", cookie_field(cookie)).status() == 409);
        CHECK(gate.ask("POST", "/search", form_fields(cookie), "x=1").status() == 404);
        // Nobody can look into another protocol.
        const auto upgrade =
            cookie_field(cookie) + "Connection: Upgrade\r\nUpgrade: emp-console\r\n";
        CHECK(gate.ask("GET", "/console", upgrade).status() == 409);
        CHECK(gate.pump->infusion().running());
    }

    TEST_CASE("a device that closes after each answer is asked, and then asked what the person asks"
    ) {
        // HTTP/1.0; each answer is given once.
        const std::array<std::string, 3> answers{
            R"({"me":{"id":"SN-7"}})", R"({"me":{"mode":"idle"}})", "done"
        };
        std::atomic<std::size_t> asked = 0;
        const OneAnswerDevice device([&](const pump::HttpRequest&) {
            return "HTTP/1.0 200 OK\r\n\r\n" + answers.at(asked++);
        });
        Gate gate({.device_port = device.port(), .profile = [](directory::DeviceProfile& profile) {
                       profile.identity = directory::DeviceReading{"/who", "/me/id"};
                       profile.therapy = directory::TherapyRule{{"/who", "/me/mode"}, {"idle"}};
                   }});
        (void)gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        const auto answer = gate.ask("POST", "/infusion", form_fields(cookie), "x=1");
        CHECK(answer.status() == 200);
        CHECK(answer.body == "done");
        CHECK(request_lines(device.received()) == Lines{"GET /who", "GET /who", "POST /infusion"});
    }
}

}  // namespace sallyport::gateway::test_gate
