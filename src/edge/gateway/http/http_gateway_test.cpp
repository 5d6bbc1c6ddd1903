#include "edge/gateway/http/http_gateway.h"

#include "examples/pump/http_parse.h"
#include "tests/support/sender.h"

#include "edge/gateway/http/gateway_fixture.h"
#include "edge/gateway/http/one_answer_device.h"
#include "edge/http/handoff.h"
#include "edge/http/message.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace sallyport::gateway::test_gate {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view navigation =
    "Accept: text/html\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";

std::string form_fields(const std::string& cookie) {
    return cookie_field(cookie) +
           "Content-Type: application/x-www-form-urlencoded\r\nOrigin: " + std::string(own_origin) +
           "\r\n";
}

// In whatever form a person could find it: the issue's list.
bool holds_credential(std::string_view text, std::string_view password) {
    const auto plain = std::string(password);
    std::vector<std::string> forms{
        plain,
        to_base64(as_bytes("service:" + plain)),
        to_hex(as_bytes(plain)),
        http::percent_encoded(plain),
    };
    // The letters of Base64 that the password alone decides, at each alignment.
    for (std::size_t before = 0; before < 3; ++before) {
        const auto whole = to_base64(as_bytes(std::string(before, 'x') + plain));
        const std::size_t first = (before * 8 + 5) / 6;
        const std::size_t last = (before + plain.size()) * 8 / 6;
        forms.push_back(whole.substr(first, last - first));
    }
    return std::ranges::any_of(forms, [&](const std::string& form) { return text.contains(form); });
}

// What forms, scripts and links make of it: in upper and lower case, with '+' for a space, and with
// every byte escaped.
std::vector<std::string> url_spellings(std::string_view password) {
    const auto percent = http::percent_encoded(password);
    std::string every;
    std::string lower;
    std::string plus;
    for (const auto byte : as_bytes(password)) {
        const auto hex = to_hex(BytesView(&byte, 1));
        const auto letter = static_cast<char>(byte);
        const bool stands = percent.contains(letter) && letter != '%';
        every += "%" + hex;
        lower += stands ? std::string(1, letter) : "%" + hex;
    }
    for (std::size_t at = 0; at < percent.size(); ++at) {
        const bool space = std::string_view(percent).substr(at).starts_with("%20");
        plus += space ? '+' : percent[at];
        if (space) at += 2;
    }
    return {percent, lower, plus, every};
}

// With what was asked, in header and body; whoever asks for /away… is sent to the rest of the
// address.
std::string echoed(const pump::HttpRequest& request) {
    constexpr std::string_view away = "/away";
    const bool sends_away = request.target.starts_with(away);
    const std::string head =
        sends_away
            ? "HTTP/1.1 302 Found\r\nLocation: " + request.target.substr(away.size()) + "\r\n"
            : "HTTP/1.1 200 OK\r\nX-Asked: " + request.target + "\r\n";
    return head + "Connection: close\r\nContent-Length: " + std::to_string(request.body.size()) +
           "\r\n\r\n" + request.body;
}

// Of what a device received, the credentials.
std::string credentials_in(std::string_view received) {
    constexpr std::string_view mark = "Authorization: Basic ";
    std::string found;
    for (std::string_view rest = received; !rest.empty();) {
        const auto line = rest.substr(0, rest.find("\r\n"));
        if (line.starts_with(mark)) found += line;
        rest.remove_prefix(std::min(line.size() + 2, rest.size()));
    }
    return found;
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

std::string frames_of(Gate& gate, const ConnectionId& connection, recording::FrameKind kind) {
    std::string all;
    for (const auto& [sequence, frame] : gate.frames(connection)) {
        if (frame.kind == kind) all += as_text(frame.payload);
    }
    return all;
}

ConnectionId only_visit(Gate& gate) {
    const auto open = gate.gateway->list();
    REQUIRE(open.size() == 1);
    return open[0].connection;
}

}  // namespace

TEST_SUITE("without a session") {
    TEST_CASE("S1-59: zero bytes reach the device before sign-in succeeded") {
        Gate gate;
        (void)gate.grant();
        const auto page = gate.ask("GET", "/panel", navigation);
        CHECK(page.status() == 303);
        CHECK(page.field("Location")
                  .starts_with("https://sign-in.example/handoff?host=pump-07.gate.example&nonce="));

        const std::string forged = "__Host-sallyport-device=sp_" + std::string(43, 'A');
        for (const auto& cookie :
             {std::string("a=b"), std::string("__Host-sallyport-device=x"), forged}) {
            for (const std::string_view method :
                 {"GET", "POST", "PUT", "DELETE", "OPTIONS", "TRACE"}) {
                CAPTURE(cookie);
                CAPTURE(method);
                const auto answer = gate.ask(
                    method,
                    "/infusion",
                    cookie_field(cookie),
                    method == "POST" ? "action=start" : ""
                );
                CHECK((answer.status() == 401 || answer.status() == 303));
            }
        }
        CHECK(
            gate.ask("GET", "/console", "Connection: Upgrade\r\nUpgrade: emp-console\r\n")
                .status() == 303
        );
        CHECK(
            gate.ask("GET", "/panel", "Authorization: Basic c2VydmljZTppbmZ1c2UtMjAwOQ==\r\n")
                .status() == 303
        );

        CHECK(gate.pump->http_connections() == 0);
        CHECK(gate.pump->bytes_received() == 0);
        CHECK(gate.gateway->list().empty());
    }

    TEST_CASE("S1-59: nor with a session whose time is up, or of another host") {
        Gate gate;
        (void)gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        gate.people.clock.advance(15min + 1s);
        const auto late = gate.ask("GET", "/panel", cookie_field(cookie) + std::string(navigation));
        CHECK(late.status() == 303);
        CHECK(late.field("Clear-Site-Data") == "\"cache\", \"cookies\", \"storage\"");

        const auto web = gate.signed_in(*gate.erin);
        const std::string web_cookie =
            std::string(http::host_session_cookie) + "=" + "sp_" + to_base64url(web.token.expose());
        CHECK(gate.ask("GET", "/panel", cookie_field(web_cookie)).status() == 303);
        CHECK(gate.pump->http_connections() == 0);
    }

    TEST_CASE("S0-73: a session token in a device's address never reaches it, and is dead") {
        Gate gate;
        (void)gate.grant();
        const auto dead = [&](const std::string& cookie) {
            return gate.ask("GET", "/status", cookie_field(cookie)).status() != 200;
        };
        const auto token_of = [](const std::string& cookie) {
            return cookie.substr(cookie.find('=') + 1);
        };
        for (const std::string_view before : {"/status?x=", "/status?x=1&y=a", "/status/", "/"}) {
            CAPTURE(before);
            const auto cookie = gate.cookie_of(*gate.erin);
            REQUIRE_FALSE(dead(cookie));
            const auto received = gate.pump->bytes_received();
            const auto target = std::string(before) + token_of(cookie);
            const auto answer = gate.ask("GET", target, cookie_field(cookie));
            CHECK(answer.status() == 400);
            CHECK_FALSE(answer.body.contains(token_of(cookie)));
            CHECK(gate.pump->bytes_received() == received);
            CHECK(dead(cookie));
        }
        // The sign-in's own token too, from whoever has it, without any cookie.
        const auto web = gate.signed_in(*gate.erin);
        const auto token = "sp_" + to_base64url(web.token.expose());
        CHECK(gate.ask("GET", "/status?next=" + token).status() == 400);
        const auto left = gate.store.database().read([&](store::Tx& tx) {
            return session::find(tx, session::digest_of(web.token.expose()));
        });
        CHECK_FALSE(left.has_value());
        CHECK(gate.events("detect.alert").size() == 5);
        // A parameter of that name is the device's own.
        const auto cookie = gate.cookie_of(*gate.erin);
        CHECK(gate.ask("GET", "/status?token=abc", cookie_field(cookie)).status() == 200);
    }

    TEST_CASE("a handoff gives this host a session of its own, once") {
        Gate gate;
        (void)gate.grant();
        const auto signed_in = gate.signed_in(*gate.erin);
        const auto& web = signed_in.session;
        const auto asked = gate.ask("GET", "/status?x=1", navigation);
        REQUIRE(asked.status() == 303);
        http::Request at_sign_in;
        at_sign_in.query = asked.field("Location").substr(asked.field("Location").find('?') + 1);
        const auto ask = http::parse_handoff_ask(at_sign_in);
        REQUIRE(ask.has_value());
        const test::Sender browser;
        const auto code = gate.store.database().write([&](store::Tx& tx) {
            browser.bind(tx, gate.people.now(), signed_in);
            return browser.hand_off(
                tx,
                gate.people.now(),
                gate.people.keys,
                web,
                {ask->host, ask->nonce_digest},
                gate.people.acting(*gate.erin)
            );
        });
        REQUIRE(code.has_value());
        const auto target =
            std::string(http::handoff_return_path) + "?code=" + to_base64url(code->expose());
        const auto set = asked.field("Set-Cookie");
        const auto nonce = cookie_field(set.substr(0, set.find(';')));

        // Without the cookie of the browser that asked, the code is worth nothing.
        CHECK(gate.ask("GET", target, navigation).status() == 400);
        const auto let_in =
            gate.ask("GET", target, nonce + "Cookie: left=over\r\n" + std::string(navigation));
        REQUIRE(let_in.status() == 303);
        CHECK(let_in.field("Location") == "https://pump-07.gate.example/status?x=1");
        CHECK(let_in.field("Clear-Site-Data") == "\"cache\", \"storage\"");
        std::string cookie;
        for (const auto value : let_in.head.headers.all("Set-Cookie")) {
            const bool session = value.starts_with(http::host_session_cookie);
            if (session) cookie = value.substr(0, value.find(';'));
            if (session) CHECK(value.contains("Secure"));
            if (session) CHECK_FALSE(value.contains("Domain"));
        }
        CHECK(gate.ask("GET", "/status", cookie_field(cookie)).status() == 200);
        CHECK(gate.ask("GET", target, nonce + std::string(navigation)).status() == 403);
    }

    TEST_CASE(
        "S2-23 (part): a device host's cookie opens one visit, and only right after its handoff"
    ) {
        Gate gate;
        (void)gate.grant();
        const auto cut = [&] {
            gate.leases.cut_connection(only_visit(gate), policy::CutCause::ended_by_watcher);
        };
        const auto fields = cookie_field(gate.cookie_of(*gate.erin));
        CHECK(gate.ask("GET", "/status", fields).status() == 200);
        CHECK(gate.ask("GET", "/status", fields).status() == 200);  // the same visit
        cut();
        const auto received = gate.pump->bytes_received();
        const auto sent_on = gate.ask("GET", "/status", fields + std::string(navigation));
        CHECK(sent_on.status() == 303);
        CHECK(sent_on.field("Location").starts_with("https://sign-in.example/handoff?"));
        CHECK(gate.ask("GET", "/status", fields + "Sec-Fetch-Mode: cors\r\n").status() == 401);

        const auto in_time = cookie_field(gate.cookie_of(*gate.erin));
        gate.people.clock.advance(session::host_session_opens_for - 1us);
        CHECK(gate.ask("GET", "/status", in_time).status() == 200);
        cut();
        const auto late = cookie_field(gate.cookie_of(*gate.erin));
        const auto before = gate.pump->bytes_received();
        CHECK(before > received);
        gate.people.clock.advance(session::host_session_opens_for);
        CHECK(gate.ask("GET", "/status", late + std::string(navigation)).status() == 303);
        CHECK(gate.pump->bytes_received() == before);
        CHECK(gate.events("pam.connect_denied").empty());
    }

    TEST_CASE("who has not accepted the recording notice is sent to it first") {
        Gate gate({.accept_notice = false});
        (void)gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        const auto answer =
            gate.ask("GET", "/panel", cookie_field(cookie) + std::string(navigation));
        CHECK(answer.status() == 303);
        CHECK(answer.field("Location").starts_with("https://sign-in.example/handoff?"));
        CHECK(gate.pump->http_connections() == 0);
    }
}

TEST_SUITE("without a grant") {
    TEST_CASE("L-02: no grant, no byte; the person is told what to do next") {
        Gate gate;
        const auto cookie = cookie_field(gate.cookie_of(*gate.erin));
        const auto answer = gate.ask("GET", "/panel", cookie + std::string(navigation));
        CHECK(answer.status() == 403);
        CHECK(answer.body.contains("You have no open grant for this device"));
        CHECK(answer.body.contains("Ask for access"));
        CHECK(gate.pump->http_connections() == 0);
        const auto denied = gate.events("pam.connect_denied");
        REQUIRE(denied.size() == 1);
        CHECK(denied[0].reason == "grant.missing");
        CHECK(denied[0].account_name == "erin.engineer");
        CHECK(denied[0].object == "device:pump-07");

        // A page that polls does not fill the log with it.
        CHECK(gate.ask("GET", "/infusion", cookie).status() == 403);
        CHECK(gate.events("pam.connect_denied").size() == 1);
    }

    TEST_CASE("S2-23 (part): another person's grant and another role's session open nothing") {
        Gate gate;
        (void)gate.grant();
        gate.store.database().write([&](store::Tx& tx) {
            for (const auto* const person : {&*gate.paul, &*gate.admin}) {
                const auto accepted = governance::accept_notice(
                    tx,
                    gate.people.now(),
                    person->account,
                    gate.people.policy.notice_version,
                    gate.people.acting(*person)
                );
                REQUIRE(accepted.has_value());
            }
        });
        CHECK(gate.ask("GET", "/panel", cookie_field(gate.cookie_of(*gate.paul))).status() == 403);
        CHECK(gate.ask("GET", "/panel", cookie_field(gate.cookie_of(*gate.admin))).status() == 403);
        CHECK(gate.pump->http_connections() == 0);
    }

    TEST_CASE("a grant that has not begun or is over opens nothing") {
        Gate gate;
        (void)gate.grant(10min);
        const auto cookie = cookie_field(gate.cookie_of(*gate.erin));
        CHECK(gate.ask("GET", "/status", cookie).status() == 200);
        gate.people.clock.advance(10min);
        const auto over = gate.ask("GET", "/status", cookie + std::string(navigation));
        CHECK(over.status() == 403);
        CHECK(over.body.contains("grant is over"));
        CHECK(over.field("Clear-Site-Data") == "\"cache\", \"storage\"");
    }

    TEST_CASE("an unknown device is told of only to who is signed in") {
        Gate gate;
        auto client = gate.client();
        client.send("GET / HTTP/1.1\r\nHost: no-such.gate.example\r\nConnection: close\r\n\r\n");
        CHECK(client.receive().status() == 303);
        CHECK(gate.gateway->is_device_host("pump-07.gate.example"));
        CHECK_FALSE(gate.gateway->is_device_host("gate.example"));
        CHECK_FALSE(gate.gateway->is_device_host("a.b.gate.example"));
        CHECK_FALSE(gate.gateway->is_device_host("pump-07.gate.example.evil"));
        CHECK_FALSE(gate.gateway->is_device_host("xgate.example"));
    }
}

TEST_SUITE("a visit") {
    TEST_CASE("S2-12: a device that knows one Basic password and nothing else works unchanged") {
        Gate gate({.profile = [](directory::DeviceProfile& profile) {
            profile.upgrade_allowed = true;
        }});
        (void)gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        const auto fields = cookie_field(cookie);

        const auto panel = gate.ask("GET", "/panel", fields + std::string(navigation));
        CHECK(panel.status() == 200);
        CHECK(panel.body.contains("EMP-3200 service panel"));
        CHECK(panel.field("Cache-Control") == "no-store");
        CHECK(panel.field("Set-Cookie") == "EMPSESSION=4711; Path=/; Secure; HttpOnly");

        const auto home = gate.ask("GET", "/", fields);
        CHECK(home.status() == 302);
        CHECK(home.field("Location") == "https://pump-07.gate.example/panel");

        const auto changed = gate.ask(
            "POST", "/infusion", form_fields(cookie), "rate_ml_h=120&vtbi_ml=50&action=start"
        );
        CHECK(changed.status() == 200);
        CHECK(changed.body.contains("\"rate_ml_h\":120.00"));
        CHECK(gate.pump->infusion().running());

        const auto log = gate.ask("GET", "/log", fields);  // chunked
        CHECK(log.complete);
        CHECK(log.body.contains("motor started"));
        const auto manual = gate.ask("GET", "/manual", fields);  // HTTP/1.0 without a length
        CHECK(manual.complete);
        CHECK(manual.body.ends_with("It pumps nothing.\n"));
        CHECK(gate.ask("HEAD", "/panel", fields).complete);
        CHECK(gate.ask("GET", "/nowhere-at-all", fields).status() >= 400);

        CHECK(gate.gateway->list().size() == 1);
        // One person's own factors, one grant, one recording; the device knows of none of it.
        const auto connected = gate.events("pam.connect");
        REQUIRE(connected.size() == 1);
        CHECK(connected[0].account_name == "erin.engineer");
        CHECK(connected[0].amr == "pwd+otp");
        CHECK(gate.events("pam.connect_denied").empty());
        gate.end_visits();
        CHECK(gate.events("rec.sealed").size() == 1);
        const auto recorded = gate.all_recorded();
        CHECK(recorded.contains("rate_ml_h=120"));
        CHECK(recorded.contains("EMP-3200 service panel"));
    }

    TEST_CASE("S2-12: two people behind one device password are two people, each let in alone") {
        Gate gate;
        const auto nora = gate.people.enrolled(*gate.admin, "nora.engineer", "engineer");
        gate.store.database().write([&](store::Tx& tx) {
            const auto accepted = governance::accept_notice(
                tx,
                gate.people.now(),
                nora.account,
                gate.people.policy.notice_version,
                gate.people.acting(nora)
            );
            REQUIRE(accepted.has_value());
        });
        (void)gate.grant();
        const auto erins = form_fields(gate.cookie_of(*gate.erin));
        auto noras = form_fields(gate.cookie_of(nora));
        CHECK(gate.ask("POST", "/infusion", erins, "rate_ml_h=31").status() == 200);
        // The colleague's grant and open visit are not hers.
        const auto before = gate.pump->bytes_received();
        CHECK(gate.ask("POST", "/infusion", noras, "rate_ml_h=32").status() == 403);
        CHECK(gate.pump->bytes_received() == before);
        const auto denied = gate.events("pam.connect_denied");
        REQUIRE(denied.size() == 1);
        CHECK(denied[0].account_name == "nora.engineer");
        CHECK(denied[0].reason == "grant.missing");

        (void)gate.grant_for(nora);
        noras = form_fields(gate.cookie_of(nora));
        CHECK(gate.ask("POST", "/infusion", noras, "rate_ml_h=33").status() == 200);
        CHECK(gate.pump->infusion().rate_ml_h() == doctest::Approx(33));
        const auto visits = gate.gateway->list();
        REQUIRE(visits.size() == 2);
        const auto visit_of = [&](std::string_view name) {
            const auto found = std::ranges::find(visits, name, &OpenVisit::login_name);
            REQUIRE(found != visits.end());
            return found->connection;
        };
        const auto by_erin = visit_of("erin.engineer");
        const auto by_nora = visit_of("nora.engineer");
        auto connected = gate.events("pam.connect");
        std::erase_if(connected, [](const auto& event) { return event.type != "pam.connect"; });
        REQUIRE(connected.size() == 2);
        for (const auto& event : connected) {
            CHECK(event.amr == "pwd+otp");
        }
        CHECK(
            std::set{connected[0].account_name, connected[1].account_name} ==
            std::set<std::string>{"erin.engineer", "nora.engineer"}
        );
        gate.end_visits();
        CHECK(gate.events("rec.sealed").size() == 2);
        for (const auto& [name, connection, hers, not_hers] :
             {std::tuple{"erin.engineer", by_erin, "rate_ml_h=31", "rate_ml_h=33"},
              {"nora.engineer", by_nora, "rate_ml_h=33", "rate_ml_h=31"}}) {
            CAPTURE(name);
            const auto reader = recording::RecordingReader::open(
                gate.recorder.disk, gate.recorder.settings.folder, connection, gate.recorder.keys
            );
            REQUIRE(reader.has_value());
            CHECK(reader->info().login_name == name);
            const auto sent = frames_of(gate, connection, recording::FrameKind::to_device);
            CHECK(sent.contains(hers));
            CHECK_FALSE(sent.contains(not_hers));
        }
    }

    TEST_CASE("S2-12: one factor alone reaches no device, whatever the grant says") {
        Gate gate;
        (void)gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        gate.store.database().write([](store::Tx& tx) {
            // As if the sign-in had stopped after the passphrase.
            CHECK(tx.execute("UPDATE session SET proven = 0, factor_amr = 'pwd'") > 0);
        });
        const auto answer = gate.ask("GET", "/infusion", cookie_field(cookie));
        CHECK(answer.status() == 403);
        CHECK(gate.pump->http_connections() == 0);
        CHECK(gate.gateway->list().empty());
        const auto denied = gate.events("pam.connect_denied");
        REQUIRE(denied.size() == 1);
        CHECK(denied[0].reason == "policy.too_weak");
    }

    TEST_CASE("S2-10: an old client of HTTP/1.0 and one that keeps its connection are both served"
    ) {
        Gate gate;
        (void)gate.grant();
        const auto fields =
            "Host: " + std::string(device_host) + "\r\n" + cookie_field(gate.cookie_of(*gate.erin));
        auto old = gate.client();
        old.send("GET /log HTTP/1.0\r\n" + fields + "\r\n");
        const auto answer = old.receive();
        CHECK(answer.status() == 200);
        CHECK_FALSE(answer.head.headers.has("Transfer-Encoding"));

        auto kept = gate.client();
        for (int i = 0; i < 5; ++i) {
            kept.send("GET /infusion HTTP/1.1\r\n" + fields + "\r\n");
            CHECK(kept.receive().body.starts_with("{\"rate_ml_h\""));
        }
        // One socket to the device for the old client, one for the five requests.
        CHECK(gate.pump->http_connections() == 2);
    }

    TEST_CASE("a request waits for the disk twice: before the device and before the person") {
        Gate gate({.recorder_lazy_delay = 1h});
        gate.recorder.wait_for_spare();
        (void)gate.grant();
        auto client = gate.client();
        const auto ask = "GET /status HTTP/1.1\r\nHost: " + std::string(device_host) + "\r\n" +
                         cookie_field(gate.cookie_of(*gate.erin)) + "\r\n";
        client.send(ask);
        CHECK(client.receive().status() == 200);
        for (int i = 0; i < 3; ++i) {
            const auto syncs = gate.recorder.disk.syncs();
            client.send(ask);
            CHECK(client.receive().status() == 200);
            CHECK(gate.recorder.disk.syncs() == syncs + 2);
        }
    }

    TEST_CASE("many requests at once make one visit") {
        Gate gate;
        (void)gate.grant();
        const auto fields =
            "Host: " + std::string(device_host) + "\r\n" + cookie_field(gate.cookie_of(*gate.erin));
        std::vector<std::unique_ptr<Client>> clients;
        for (int i = 0; i < 6; ++i) {
            clients.push_back(std::make_unique<Client>(gate.listener->port()));
            clients.back()->send("GET /infusion HTTP/1.1\r\n" + fields + "\r\n");
        }
        for (const auto& client : clients) {
            CHECK(client->receive().status() == 200);
        }
        CHECK(gate.gateway->list().size() == 1);
        CHECK(gate.events("pam.connect").size() == 1);
        CHECK(gate.events("vault.secret_used").size() == 1);
        CHECK(gate.gateway->list()[0].sockets == 6);
    }

    TEST_CASE("S2-10: what the device's profile does not allow never reaches the device") {
        Gate gate;
        (void)gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        CHECK(gate.ask("GET", "/status", cookie_field(cookie)).status() == 200);
        const auto before = gate.pump->bytes_received();

        const auto firmware = gate.ask("POST", "/firmware", form_fields(cookie), "evil v6.6.6\n");
        CHECK(firmware.status() == 403);
        CHECK(firmware.body.contains("firmware"));
        for (const std::string_view spelled :
             {"/%66irmware",
              "/Firmware",
              "/firmware/",
              "/x/../firmware",
              "//firmware",
              "/firmware;x",
              "/firmware%2f",
              "/./firmware"}) {
            CAPTURE(spelled);
            CHECK(gate.ask("POST", spelled, form_fields(cookie), "evil").status() >= 400);
        }
        CHECK(gate.ask("TRACE", "/debug", cookie_field(cookie)).status() == 405);
        CHECK(gate.ask("DELETE", "/infusion", cookie_field(cookie)).status() == 403);
        CHECK(gate.ask("GET", "/.sallyport/else", cookie_field(cookie)).status() == 404);
        CHECK(gate.pump->bytes_received() == before);
        CHECK(gate.pump->infusion().firmware().starts_with("EMP-3200"));
        const auto refused = gate.events("pam.request_refused");
        REQUIRE_FALSE(refused.empty());
        CHECK(std::ranges::any_of(refused, [](const auto& event) {
            return event.reason == "device.capability_missing";
        }));
    }

    TEST_CASE("S2-10: firmware passes under a grant that names it") {
        Gate gate;
        (void)gate.grant(60min, {"firmware"});
        const auto cookie = gate.cookie_of(*gate.erin);
        const std::string image = "EMP-3200 v3.2.1\n" + std::string(200'000, '\x01');
        CHECK(gate.ask("POST", "/firmware", form_fields(cookie), image).status() == 200);
        CHECK(gate.pump->infusion().firmware() == "EMP-3200 v3.2.1");
        CHECK(gate.pump->infusion().firmware_bytes() == image.size());
    }

    TEST_CASE("S2-10: sizes are limited both ways, and a chunked request gets a length") {
        Gate gate({.profile = [](directory::DeviceProfile& profile) {
            profile.request_body_max = 1000;
            profile.response_body_max = 3000;
        }});
        (void)gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        CHECK(
            gate.ask("POST", "/infusion", form_fields(cookie), std::string(1001, 'x')).status() ==
            413
        );
        const auto large = gate.ask("GET", "/panel", cookie_field(cookie));
        CHECK((large.status() == 502 || !large.complete));
        CHECK(large.body.size() <= 3000);

        const auto chunked = form_fields(cookie) + "Transfer-Encoding: chunked\r\n";
        auto client = gate.client();
        client.send(
            "POST /infusion HTTP/1.1\r\nHost: " + std::string(device_host) + "\r\n" + chunked +
            "\r\nb\r\nrate_ml_h=7\r\n1\r\n7\r\n0\r\n\r\n"
        );
        CHECK(client.receive("POST").body.contains("\"rate_ml_h\":77.00"));
        auto endless = gate.client();
        endless.send(
            "POST /infusion HTTP/1.1\r\nHost: " + std::string(device_host) + "\r\n" + chunked +
            "\r\n3e9\r\n" + std::string(1001, 'x') + "\r\n0\r\n\r\n"
        );
        CHECK(endless.receive("POST").status() == 413);
    }

    TEST_CASE(
        "S2-24: the secret is fetched once a visit, and who, for which grant, device and session "
        "is told"
    ) {
        Gate gate;
        const auto grant = gate.grant();
        const auto fields = cookie_field(gate.cookie_of(*gate.erin));
        for (int i = 0; i < 3; ++i) {
            CHECK(gate.ask("GET", "/infusion", fields).status() == 200);
        }
        const auto used = gate.events("vault.secret_used");
        REQUIRE(used.size() == 1);
        CHECK(used[0].account_name == "erin.engineer");
        CHECK(used[0].leaf_json.contains(grant.id.text()));
        CHECK(used[0].leaf_json.contains(gate.device->id.text()));
        CHECK(used[0].leaf_json.contains(gate.gateway->list()[0].session.text()));
        CHECK_FALSE(holds_credential(used[0].leaf_json, pump::service_password));

        // Another visit asks the vault anew.
        gate.leases.cut_connection(only_visit(gate), policy::CutCause::ended_by_watcher);
        const auto again = cookie_field(gate.cookie_of(*gate.erin));
        CHECK(gate.ask("GET", "/infusion", again).status() == 200);
        CHECK(gate.events("vault.secret_used").size() == 2);
    }

    TEST_CASE(
        "S2-25: the credential reaches the person in no form, and theirs does not reach the device"
    ) {
        Gate gate({.profile = [](directory::DeviceProfile& profile) {
            profile.upgrade_allowed = true;
            profile.allow.push_back({"POST", "/debug", ""});
        }});
        (void)gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        const std::string theirs = "Authorization: Basic cGVyc29uOnRoZWlyLW93bi1zZWNyZXQ=\r\n";
        std::string seen;
        const auto echo = gate.ask(
            "GET", "/debug?pw=" + std::string(pump::service_password), cookie_field(cookie) + theirs
        );
        CHECK(echo.status() == 200);
        CHECK(echo.body.contains("Authorization: Basic c2VydmljZT"));  // the device got its own
        CHECK(echo.body.contains("pw=***********"));
        CHECK_FALSE(echo.body.contains("cGVyc29u"));
        seen += echo.wire;
        const auto posted = gate.ask(
            "POST",
            "/debug",
            form_fields(cookie),
            "a=" + std::string(pump::service_password) +
                "&b=" + to_base64(as_bytes("service:infuse-2009"))
        );
        CHECK(posted.body.contains("a=***********"));
        seen += posted.wire;
        for (const std::string_view path :
             {"/", "/panel", "/log", "/manual", "/status", "/nowhere", "/firmware", "/infuse-2009"
             }) {
            seen += gate.ask("GET", path, cookie_field(cookie)).wire;
        }
        auto console = gate.client();
        console.send(
            "GET /console HTTP/1.1\r\nHost: " + std::string(device_host) +
            "\r\nConnection: Upgrade\r\nUpgrade: emp-console\r\nOrigin: " +
            std::string(own_origin) + "\r\n" + cookie_field(cookie) + "\r\n"
        );
        CHECK(console.receive().status() == 101);
        console.send("infuse-2009\nquit\n");
        seen += console.read_to_end();
        gate.pump->set_trouble(pump::Trouble::garbage);
        seen += gate.ask("GET", "/debug", cookie_field(cookie)).wire;

        CHECK_FALSE(holds_credential(seen, pump::service_password));
        gate.end_visits();
        const auto recorded = gate.all_recorded();
        CHECK(recorded.contains("GET /debug?pw=***********"));
        CHECK_FALSE(holds_credential(recorded, pump::service_password));
    }

    TEST_CASE("S2-25: a password that URLs spell otherwise comes back in no spelling") {
        const std::string password = "p\xc3\xa4/s w+rd&<1>";
        const OneAnswerDevice device(echoed);
        Gate gate({
            .password = password,
            .device_port = device.port(),
            .profile = [](directory::DeviceProfile& profile
                       ) { profile.allow.push_back({"POST", "/echo", ""}); },
        });
        (void)gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        const auto spellings = url_spellings(password);
        std::string seen;
        for (const auto& spelled : spellings) {
            CAPTURE(spelled);
            REQUIRE(spelled != password);
            const auto stars = "pw=" + std::string(spelled.size(), '*') + "&end=1";
            const auto body =
                gate.ask("POST", "/echo", form_fields(cookie), "pw=" + spelled + "&end=1");
            CHECK(body.status() == 200);
            CHECK(body.body.contains(stars));
            const auto target = "/echo?pw=" + spelled + "&end=1";
            const auto header = gate.ask("GET", target, cookie_field(cookie));
            CHECK(header.status() == 200);
            CHECK(header.field("X-Asked").contains(stars));
            const auto redirect = gate.ask("GET", "/away" + target, cookie_field(cookie));
            CHECK(redirect.status() == 302);
            CHECK(redirect.field("Location").contains(stars));
            seen += body.wire + header.wire + redirect.wire;
        }
        CHECK(credentials_in(device.received()).contains(to_base64(as_bytes("service:" + password)))
        );
        CHECK_FALSE(holds_credential(seen, password));
        gate.end_visits();
        const auto recorded = gate.all_recorded();
        CHECK(recorded.contains("POST /echo"));
        CHECK_FALSE(holds_credential(recorded, password));
        for (const auto& spelled : spellings) {
            CHECK_FALSE(seen.contains(spelled));
            CHECK_FALSE(recorded.contains(spelled));
        }
    }

    TEST_CASE("S2-25: a credential too short to be masked stops the answer that holds it") {
        // The pump's own password stays; the vault's is another, which the pump then echoes.
        Gate gate({.password = "pw12"});
        (void)gate.grant();
        const auto answer =
            gate.ask("GET", "/status?pw12", cookie_field(gate.cookie_of(*gate.erin)));
        CHECK(answer.status() == 200);  // does not echo
        const auto refused = gate.ask("GET", "/debug", cookie_field(gate.cookie_of(*gate.erin)));
        CHECK(refused.status() == 502);
        CHECK_FALSE(refused.wire.contains("pw12"));
    }

    TEST_CASE("S2-25: a device that refuses the stored credential raises no prompt in the browser"
    ) {
        Gate gate({.password = "another-password"});
        (void)gate.grant();
        const auto answer = gate.ask(
            "GET", "/panel", cookie_field(gate.cookie_of(*gate.erin)) + std::string(navigation)
        );
        CHECK(answer.status() == 502);
        CHECK_FALSE(answer.head.headers.has("WWW-Authenticate"));
        CHECK(answer.body.contains("The device refused the stored credential"));
    }

    TEST_CASE("S2-21: the recording alone tells who did what, when and with which outcome") {
        Gate gate;
        const auto grant = gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        const auto begun = gate.people.clock.now();
        (void)gate.ask("GET", "/infusion", cookie_field(cookie));
        gate.people.clock.advance(1min);
        (void)gate.ask("POST", "/infusion", form_fields(cookie), "rate_ml_h=33");
        (void)gate.ask("POST", "/firmware", form_fields(cookie), "x");
        (void)gate.ask("GET", "/nowhere", cookie_field(cookie));
        const auto id = only_visit(gate);
        gate.end_visits();

        auto reader = recording::RecordingReader::open(
            gate.recorder.disk, gate.recorder.settings.folder, id, gate.recorder.keys
        );
        REQUIRE(reader.has_value());
        CHECK(reader->info().login_name == "erin.engineer");
        CHECK(reader->info().device == "pump-07");
        CHECK(reader->info().grant == grant.id.text());

        struct Told {
            std::string begin;
            std::string end;
            Time at;
            bool sent = false;
        };

        std::vector<Told> told;
        std::map<std::uint64_t, std::size_t> requests;
        while (const auto read = reader->next()) {
            const auto& frame = read->frame;
            const std::string text(as_text(frame.payload));
            if (frame.kind == recording::FrameKind::exchange_begin)
                told.push_back({text, "", frame.at});
            if (frame.kind == recording::FrameKind::exchange_end)
                told.at(frame.exchange - 1).end = text;
            if (frame.kind == recording::FrameKind::to_device)
                requests[read->sequence] = frame.exchange - 1;
            if (frame.kind == recording::FrameKind::sent && requests.contains(frame.reference)) {
                told.at(requests[frame.reference]).sent = true;
            }
        }
        CHECK(reader->report().whole());
        REQUIRE(told.size() == 4);
        CHECK(told[0].begin.contains(R"("method":"GET","target":"/infusion","peer":"127.0.0.1")"));
        CHECK(told[0].end.contains(R"("status":200,"outcome":"answered","reason":"ok")"));
        CHECK(told[0].at == begun);
        CHECK(told[0].sent);
        CHECK(told[1].begin.contains(R"("method":"POST")"));
        CHECK(told[1].at == begun + 1min);
        CHECK(told[2].begin.contains(R"("target":"/firmware")"));
        CHECK(told[2].end.contains(R"("outcome":"refused","reason":"device.capability_missing")"));
        CHECK_FALSE(told[2].sent);
        CHECK(told[3].begin.contains(R"("target":"/nowhere")"));
        CHECK(told[3].end.contains(R"("status":404,"outcome":"answered")"));
        CHECK(frames_of(gate, id, recording::FrameKind::to_device).contains("rate_ml_h=33"));
        CHECK(frames_of(gate, id, recording::FrameKind::from_device).contains("\"rate_ml_h\":33.00")
        );

        const auto connected = gate.events("pam.connect");
        REQUIRE_FALSE(connected.empty());
        CHECK(connected[0].account_name == "erin.engineer");
        const auto sealed = gate.events("rec.sealed");
        REQUIRE(sealed.size() == 1);
        CHECK(sealed[0].leaf_json.contains(to_hex(reader->report().root_hash)));
        CHECK(gate.events("pam.disconnect").size() == 1);
    }

    TEST_CASE("S2-21: what changed the device is found in the audit log, reading is not") {
        Gate gate;
        const auto grant = gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        (void)gate.ask("GET", "/infusion", cookie_field(cookie));
        (void)gate.ask("POST", "/infusion?pw=infuse-2009", form_fields(cookie), "rate_ml_h=33");
        gate.gateway->tick();
        gate.end_visits();
        const auto commands = gate.events("pam.command");
        REQUIRE(commands.size() == 1);
        CHECK(commands[0].account_name == "erin.engineer");
        CHECK(commands[0].object == "device:pump-07");
        CHECK(commands[0].outcome == "success");
        CHECK(commands[0].leaf_json.contains("POST /infusion\""));
        CHECK(commands[0].leaf_json.contains(grant.id.text()));
    }

    TEST_CASE("every byte that the device received is in the recording, its credential masked") {
        const auto log_file = std::filesystem::temp_directory_path() /
                              ("gateway_byte_log." + std::to_string(::getpid()));
        std::string received;
        std::string recorded;
        {
            Gate gate(
                {.profile = [](directory::DeviceProfile& profile
                            ) { profile.upgrade_allowed = true; },
                 .byte_log = log_file}
            );
            (void)gate.grant(60min, {"firmware"});
            const auto cookie = gate.cookie_of(*gate.erin);
            auto client = gate.client();
            const auto fields = "Host: " + std::string(device_host) + "\r\n" + form_fields(cookie);
            client.send("GET /panel HTTP/1.1\r\n" + fields + "\r\n");
            CHECK(client.receive().complete);
            client.send(
                "POST /infusion HTTP/1.1\r\n" + fields + "Content-Length: 12\r\n\r\nrate_ml_h=44"
            );
            CHECK(client.receive("POST").complete);
            const std::string image(100'000, 'f');
            client.send(
                "POST /firmware HTTP/1.1\r\n" + fields + "Content-Length: 100000\r\n\r\n" + image
            );
            CHECK(client.receive("POST").complete);
            client.send(
                "GET /console HTTP/1.1\r\n" + fields +
                "Connection: Upgrade\r\nUpgrade: emp-console\r\n\r\n"
            );
            CHECK(client.receive().status() == 101);
            client.send("rate 12\n");
            CHECK(client.read_until("ok\r\n> ").contains("ok"));
            client.send("quit\n");
            CHECK(client.read_to_end().contains("bye"));
            const auto id = only_visit(gate);
            gate.end_visits();
            recorded = frames_of(gate, id, recording::FrameKind::to_device);
            CHECK(frames_of(gate, id, recording::FrameKind::from_device).contains("bye\r\n"));
        }
        std::ifstream file(log_file, std::ios::binary);
        while (true) {
            std::string micros;
            std::string listener;
            std::string number;
            std::size_t size = 0;
            if (!(file >> micros >> listener >> number >> size)) break;
            file.get();
            std::string piece(size, '\0');
            file.read(piece.data(), static_cast<std::streamsize>(size));
            received += piece;
        }
        std::filesystem::remove(log_file);
        const auto token = to_base64(as_bytes("service:" + std::string(pump::service_password)));
        CHECK(received.contains("POST /firmware"));
        CHECK(replace_all(received, token, std::string(token.size(), '*')) == recorded);
    }
}

TEST_SUITE("the end of a visit") {
    TEST_CASE("S0-09 (part): signing out cuts an open stream and the cookie is dead") {
        Gate gate({.profile = [](directory::DeviceProfile& profile) {
            profile.upgrade_allowed = true;
        }});
        (void)gate.grant();
        const auto web = gate.signed_in(*gate.erin).session;
        const auto cookie = gate.cookie_for(web);
        auto console = gate.client();
        console.send(
            "GET /console HTTP/1.1\r\nHost: " + std::string(device_host) +
            "\r\nConnection: Upgrade\r\nUpgrade: emp-console\r\n" + cookie_field(cookie) + "\r\n"
        );
        CHECK(console.receive().status() == 101);
        CHECK(console.read_until("> ").contains("EMP-3200 console"));
        auto kept = gate.client();
        kept.send(
            "GET /infusion HTTP/1.1\r\nHost: " + std::string(device_host) + "\r\n" +
            cookie_field(cookie) + "\r\n"
        );
        CHECK(kept.receive().status() == 200);
        const auto id = only_visit(gate);

        gate.store.database().write([&](store::Tx& tx) {
            session::end(
                tx,
                gate.people.now(),
                web,
                session::EndCause::logout,
                gate.people.acting(*gate.erin)
            );
        });
        gate.sessions.drop(web.id);
        gate.gateway->tick();

        CHECK(console.read_to_end().empty());
        CHECK(kept.read_to_end().empty());
        CHECK(
            gate.ask("GET", "/infusion", cookie_field(cookie) + std::string(navigation)).status() ==
            303
        );
        gate.end_visits();
        const auto ended = gate.events("pam.disconnect");
        REQUIRE(ended.size() == 1);
        CHECK(ended[0].leaf_json.contains("session_ended"));
        CHECK(gate.events("rec.sealed").size() == 1);
        CHECK(frames_of(gate, id, recording::FrameKind::exchange_end).contains("upgraded"));
    }

    TEST_CASE("the end of a visit waits for a store that is full, and is on record once") {
        GateOptions options;
        options.limits.end_pause = std::chrono::milliseconds(1);
        Gate gate(options);
        gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        CHECK(gate.ask("GET", "/infusion", cookie_field(cookie)).status() == 200);
        const auto visit = only_visit(gate);
        gate.database.refuse_writes(3);
        gate.leases.cut_connection(visit, policy::CutCause::ended_by_watcher);
        gate.end_visits();
        CHECK(gate.database.refusals_left() == 0);
        const auto ended = gate.events("pam.disconnect");
        REQUIRE(ended.size() == 1);
        CHECK(ended[0].leaf_json.contains("ended_by_watcher"));
        CHECK(gate.events("rec.sealed").size() == 1);
        CHECK(gate.gateway->list().empty());
    }

    TEST_CASE("every way to end a grant, a session, an account or a device cuts the visit") {
        struct Way {
            std::string_view cause;
            std::function<void(Gate&, const OpenVisit&)> cut;
        };

        const std::vector<Way> ways{
            {"grant_revoked",
             [](Gate& gate, const OpenVisit& visit) {
                 gate.leases.cut_grant(visit.grant, policy::CutCause::grant_revoked);
             }},
            {"logout",
             [](Gate& gate, const OpenVisit& visit) {
                 gate.leases.cut_session(visit.session, policy::CutCause::logout);
             }},
            {"role_changed",
             [](Gate& gate, const OpenVisit& visit) {
                 gate.leases.cut_account(visit.account, policy::CutCause::role_changed);
             }},
            {"device_retired",
             [](Gate& gate, const OpenVisit& visit) {
                 gate.leases.cut_device(visit.device, policy::CutCause::device_retired);
             }},
            {"ended_by_watcher",
             [](Gate& gate, const OpenVisit& visit) {
                 gate.leases.cut_connection(visit.connection, policy::CutCause::ended_by_watcher);
             }},
            {"shutdown",
             [](Gate& gate, const OpenVisit&) { gate.leases.cut_all(policy::CutCause::shutdown); }},
            {"grant_over",
             [](Gate& gate, const OpenVisit&) {
                 gate.people.clock.advance(61min);
                 gate.gateway->tick();
             }},
        };
        Gate gate;
        for (const auto& way : ways) {
            CAPTURE(way.cause);
            (void)gate.grant();
            const auto cookie = gate.cookie_of(*gate.erin);
            auto kept = gate.client();
            kept.send(
                "GET /infusion HTTP/1.1\r\nHost: " + std::string(device_host) + "\r\n" +
                cookie_field(cookie) + "\r\n"
            );
            REQUIRE(kept.receive().status() == 200);
            const auto open = gate.gateway->list();
            REQUIRE(open.size() == 1);
            way.cut(gate, open[0]);
            CHECK(kept.read_to_end().empty());
            CHECK(gate.gateway->list().empty());
        }
        gate.end_visits();
        std::string causes;
        for (const auto& event : gate.events("pam.disconnect")) {
            causes += event.leaf_json;
        }
        for (const auto& way : ways) {
            CHECK(causes.contains('"' + std::string(way.cause) + '"'));
        }
        CHECK(gate.events("rec.sealed").size() == ways.size());
    }

    TEST_CASE("a visit without traffic ends after 15 minutes, and no visit outlives 4 hours") {
        Gate gate;
        (void)gate.grant(8h - 1min);
        auto cookie = gate.cookie_of(*gate.erin);
        CHECK(gate.ask("GET", "/infusion", cookie_field(cookie)).status() == 200);
        gate.people.clock.advance(14min + 59s);
        gate.gateway->tick();
        CHECK(gate.gateway->list().size() == 1);
        gate.people.clock.advance(1s);
        gate.gateway->tick();
        CHECK(gate.gateway->list().empty());

        cookie = gate.cookie_of(*gate.erin);
        const auto opened = gate.people.clock.now();
        CHECK(gate.ask("GET", "/infusion", cookie_field(cookie)).status() == 200);
        const auto id = only_visit(gate);
        gate.gateway->tick();
        while (gate.people.clock.now() + 10min < opened + 4h) {
            gate.people.clock.advance(10min);
            CHECK(gate.ask("GET", "/infusion", cookie_field(cookie)).status() == 200);
            gate.gateway->tick();
        }
        CHECK(only_visit(gate) == id);
        gate.people.clock.advance(opened + 4h - gate.people.clock.now());
        gate.gateway->tick();
        CHECK(gate.gateway->list().empty());
    }

    TEST_CASE("a page that polls keeps its visit and not its session") {
        Gate gate;
        (void)gate.grant();
        const auto fields =
            cookie_field(gate.cookie_of(*gate.erin)) +
            "Sec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\nSec-Fetch-Site: same-origin\r\n";
        CHECK(gate.ask("GET", "/infusion", fields).status() == 200);
        gate.people.clock.advance(10min);
        CHECK(gate.ask("GET", "/infusion", fields).status() == 200);
        gate.people.clock.advance(5min);
        CHECK(gate.ask("GET", "/infusion", fields).status() == 401);
    }

    TEST_CASE("a clock that steps back ends no visit and prolongs none") {
        Gate gate;
        (void)gate.grant(30min);
        const auto fields = cookie_field(gate.cookie_of(*gate.erin));
        CHECK(gate.ask("GET", "/infusion", fields).status() == 200);
        gate.gateway->tick();
        gate.people.clock.step_wall(-1min);
        gate.moments.assess(ClockState::behind);
        CHECK(gate.ask("GET", "/infusion", fields).status() == 200);
        gate.people.clock.advance(30min);
        gate.gateway->tick();
        CHECK(gate.gateway->list().empty());
        const auto late = gate.ask("GET", "/infusion", fields + std::string(navigation));
        CHECK(late.status() != 200);
    }

    TEST_CASE("with an untrustworthy clock nothing begins") {
        Gate gate;
        (void)gate.grant();
        const auto fields = cookie_field(gate.cookie_of(*gate.erin));
        gate.moments.assess(ClockState::behind);
        const auto answer = gate.ask("GET", "/panel", fields + std::string(navigation));
        CHECK(answer.status() == 503);
        CHECK(gate.pump->http_connections() == 0);
    }
}

TEST_SUITE("faults") {
    TEST_CASE("a disk without room lets no visit begin, and says so") {
        Gate gate;
        (void)gate.grant();
        const auto fields = cookie_field(gate.cookie_of(*gate.erin));
        gate.recorder.disk.set_capacity(0);
        const auto answer = gate.ask("GET", "/panel", fields + std::string(navigation));
        CHECK(answer.status() == 503);
        CHECK(answer.body.contains("recording lacks room"));
        CHECK(gate.pump->http_connections() == 0);
    }

    TEST_CASE(
        "S2-26 (part): a recorder that fails in the middle of a visit ends it, and nothing more "
        "passes"
    ) {
        Gate gate;
        (void)gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        CHECK(gate.ask("GET", "/infusion", cookie_field(cookie)).status() == 200);
        const auto before = gate.pump->bytes_received();
        gate.recorder.disk.fail_sync_after(0);
        const auto answer = gate.ask("POST", "/infusion", form_fields(cookie), "rate_ml_h=99");
        CHECK(answer.status() != 200);
        CHECK(gate.pump->bytes_received() == before);
        CHECK(gate.pump->infusion().rate_ml_h() != doctest::Approx(99));
        CHECK(gate.gateway->list().empty());
        CHECK(gate.ask("GET", "/infusion", cookie_field(cookie)).status() == 503);
    }

    TEST_CASE(
        "S2-10: a device that is down, hangs, talks garbage or breaks off gets a page that says so"
    ) {
        Gate gate({.profile = [](directory::DeviceProfile& profile) {
            profile.answer_timeout = 1s;
            profile.connect_timeout = 1s;
        }});
        (void)gate.grant();
        const auto fields = cookie_field(gate.cookie_of(*gate.erin)) + std::string(navigation);
        const auto with = [&](pump::Trouble trouble) {
            gate.pump->set_trouble(trouble);
            return gate.ask("GET", "/infusion", fields);
        };
        CHECK(with(pump::Trouble::hang).status() == 504);
        CHECK(with(pump::Trouble::garbage).status() == 502);
        CHECK(with(pump::Trouble::drop).status() == 502);
        CHECK(with(pump::Trouble::endless).status() == 502);
        CHECK(with(pump::Trouble::smuggle).status() == 502);
        CHECK(with(pump::Trouble::slow).status() == 504);
        const auto half = with(pump::Trouble::half);
        CHECK((half.status() == 502 || !half.complete));
        CHECK(with(pump::Trouble::leftover).status() == 200);
        CHECK(with(pump::Trouble::none).status() == 200);
        const auto id = only_visit(gate);
        gate.pump.reset();
        const auto down = gate.ask("GET", "/infusion", fields);
        CHECK(down.status() == 502);
        CHECK(down.body.contains("The device can"));
        gate.end_visits();
        const auto ends = frames_of(gate, id, recording::FrameKind::exchange_end);
        for (const std::string_view reason :
             {"device.timeout", "device.garbage", "device.closed"}) {
            CHECK(ends.contains(reason));
        }
    }

    TEST_CASE("answers of two requests never change places, whatever a device leaves behind") {
        Gate gate;
        (void)gate.grant();
        const auto fields =
            "Host: " + std::string(device_host) + "\r\n" + cookie_field(gate.cookie_of(*gate.erin));
        gate.pump->set_trouble(pump::Trouble::leftover);
        auto client = gate.client();
        for (int i = 0; i < 4; ++i) {
            client.send("GET /infusion HTTP/1.1\r\n" + fields + "\r\n");
            const auto answer = client.receive();
            CHECK(answer.status() == 200);
            CHECK(answer.body.starts_with("{\"rate_ml_h\""));
        }
    }

    TEST_CASE(
        "a kept connection that the device closed meanwhile is made anew for what may be asked "
        "twice"
    ) {
        Gate gate;
        (void)gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        const auto fields = "Host: " + std::string(device_host) + "\r\n" + form_fields(cookie);
        auto client = gate.client();
        client.send("GET /infusion HTTP/1.1\r\n" + fields + "\r\n");
        CHECK(client.receive().status() == 200);
        gate.pump->set_trouble(pump::Trouble::drop);
        client.send(
            "POST /infusion HTTP/1.1\r\n" + fields + "Content-Length: 12\r\n\r\nrate_ml_h=88"
        );
        CHECK(client.receive("POST").status() == 502);
        gate.pump->set_trouble(pump::Trouble::none);
        client.send("GET /infusion HTTP/1.1\r\n" + fields + "\r\n");
        CHECK(client.receive().status() == 200);
    }

    TEST_CASE("what another site makes a browser send ends at the gateway") {
        Gate gate;
        (void)gate.grant();
        const auto cookie = cookie_field(gate.cookie_of(*gate.erin));
        CHECK(
            gate.ask(
                    "POST", "/infusion", cookie + "Origin: https://evil.example\r\n", "action=start"
            )
                .status() == 403
        );
        CHECK(
            gate.ask(
                    "GET",
                    "/infusion",
                    cookie + "Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: no-cors\r\n"
            )
                .status() == 403
        );
        CHECK(gate.ask("GET", "/sw.js", cookie + "Service-Worker: script\r\n").status() == 403);

        // A link from elsewhere opens the front page, not what it asks for.
        for (const std::string site : {"cross-site", "same-site"}) {
            const auto fields =
                cookie + "Sec-Fetch-Site: " + site + "\r\n" + std::string(navigation);
            const auto led = gate.ask("GET", "/infusion?action=stop", fields);
            CHECK(led.status() == 200);
            CHECK(led.body.contains("<meta http-equiv=\"refresh\" content=\"0;url=/\">"));
        }
        CHECK(gate.pump->http_connections() == 0);
        const auto typed = cookie + "Sec-Fetch-Site: none\r\n" + std::string(navigation);
        CHECK(gate.ask("GET", "/infusion", typed).status() == 200);
        CHECK(gate.pump->http_connections() > 0);
    }
}

}  // namespace sallyport::gateway::test_gate
