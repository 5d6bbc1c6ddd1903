#include "tests/support/clocks.h"

#include "edge/gateway/http/host_map.h"
#include "edge/gateway/http/request_rewrite.h"
#include "edge/gateway/http/request_wire.h"
#include "edge/gateway/http/response_rewrite.h"
#include "edge/http/http1_codec.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::gateway {

namespace {

directory::Device pump_07() {
    test::ReplayedRandom random;
    const Time now = test::SettableClock().now();
    return {
        DeviceId::fresh(now, random),
        directory::DeviceName::parse("pump-07").value(),
        "SN-7",
        "10.0.0.7",
        8080,
        "A2",
        directory::DeviceProfile{},
        directory::DeviceState::registered,
        std::nullopt,
        now,
    };
}

HostMap hosts() {
    return {"pump-07.gate.example", 8443, pump_07()};
}

http::RequestHead head_with(std::vector<std::pair<std::string, std::string>> fields) {
    http::RequestHead head;
    head.method = "GET";
    head.target = "/panel?x=1";
    head.headers.add("Host", "pump-07.gate.example:8443");
    for (auto& [name, value] : fields) {
        head.headers.add(std::move(name), std::move(value));
    }
    return head;
}

http::Request request_of(const http::RequestHead& head) {
    http::Request request;
    request.method = head.method;
    request.target = head.target;
    request.path = "/panel";
    request.host = "pump-07.gate.example";
    request.headers = head.headers;
    return request;
}

http::RequestHead toward_device(
    std::vector<std::pair<std::string, std::string>> fields, Upgrade upgrade = Upgrade::no
) {
    const auto head = head_with(std::move(fields));
    return rewrite_request(head, request_of(head), hosts(), {}, upgrade);
}

http::ResponseHead toward_person(
    std::vector<std::pair<std::string, std::string>> fields,
    const directory::DeviceProfile& profile = {}
) {
    http::ResponseHead head;
    for (auto& [name, value] : fields) {
        head.headers.add(std::move(name), std::move(value));
    }
    return rewrite_response(head, hosts(), profile);
}

crypto::Secret secret(std::string text) {
    return crypto::Secret::take(std::as_writable_bytes(std::span(text)));
}

}  // namespace

TEST_SUITE("toward the device") {
    TEST_CASE("the device reads its own address in Host, Origin and Referer") {
        const auto out = toward_device({
            {"Origin", "https://pump-07.gate.example:8443"},
            {"Referer", "https://pump-07.gate.example:8443/panel?a=b"},
        });
        CHECK(out.headers.only("Host") == "10.0.0.7:8080");
        CHECK(out.headers.only("Origin") == "http://10.0.0.7:8080");
        CHECK(out.headers.only("Referer") == "http://10.0.0.7:8080/panel?a=b");
    }

    TEST_CASE("an address of another site is none of its business") {
        for (const std::string_view url :
             {"https://console.example/devices",
              "https://pump-07.gate.example/",
              "null",
              "http://pump-07.gate.example:8443/",
              "https://pump-07.gate.example:8443@evil/"}) {
            CAPTURE(url);
            const auto out =
                toward_device({{"Referer", std::string(url)}, {"Origin", std::string(url)}});
            CHECK_FALSE(out.headers.has("Referer"));
            CHECK_FALSE(out.headers.has("Origin"));
        }
    }

    TEST_CASE("S2-25: the person's Authorization and our cookies never reach the device") {
        const auto out = toward_device({
            {"Authorization", "Basic cGVyc29uOnNlY3JldA=="},
            {"Proxy-Authorization", "Basic cGVyc29uOnNlY3JldA=="},
            {"Cookie", "EMPSESSION=4711; __Host-sallyport-device=sp_abc; a=b"},
            {"Cookie", "__host-SALLYPORT-nonce=x; c=d"},
        });
        CHECK_FALSE(out.headers.has("Authorization"));
        CHECK_FALSE(out.headers.has("Proxy-Authorization"));
        CHECK(out.headers.only("Cookie") == "EMPSESSION=4711; a=b; c=d");
    }

    TEST_CASE("forwarding and hop-by-hop fields end here, also those that Connection names") {
        const auto out = toward_device({
            {"X-Forwarded-For", "192.0.2.1"},
            {"Forwarded", "for=192.0.2.1"},
            {"Via", "1.1 x"},
            {"X-Real-IP", "192.0.2.1"},
            {"Connection", "keep-alive, X-Secret-Hop"},
            {"Keep-Alive", "timeout=5"},
            {"X-Secret-Hop", "1"},
            {"TE", "trailers"},
            {"Trailer", "X"},
            {"Transfer-Encoding", "chunked"},
            {"Content-Length", "5"},
            {"Upgrade", "websocket"},
            {"Expect", "100-continue"},
            {"Sec-Fetch-Site", "none"},
            {"X-Kept", "yes"},
        });
        REQUIRE(out.headers.fields().size() == 3);
        CHECK(out.headers.only("X-Kept") == "yes");
        CHECK(out.headers.only("Accept-Encoding") == "identity");
    }

    TEST_CASE("S2-10: the device reads no other method or path than was decided about") {
        const auto out = toward_device({
            {"X-HTTP-Method-Override", "POST"},
            {"x-http-method", "POST"},
            {"X-Method-Override", "POST"},
            {"X-Original-Method", "POST"},
            {"X-Original-URL", "/firmware"},
            {"X-ORIGINAL-URI", "/firmware"},
            {"X-Rewrite-URL", "/firmware"},
            {"X-Pump", "kept"},
        });
        for (const auto& [name, value] : out.headers.fields()) {
            CAPTURE(name);
            CHECK_FALSE(value.contains("POST"));
            CHECK_FALSE(value.contains("firmware"));
        }
        CHECK(out.headers.only("X-Pump") == "kept");

        for (const std::string_view protocol : {"h2c", "H2C", "chat, h2c", "HTTP/2.0", "TLS/1.2"}) {
            CAPTURE(protocol);
            const auto head = head_with({{"Upgrade", std::string(protocol)}});
            const auto guarded =
                guard_request(request_of(head), "https://pump-07.gate.example:8443");
            REQUIRE_FALSE(guarded.has_value());
            CHECK(guarded.error().reason == "gateway.upgrade_not_allowed");
        }
        const auto socket = head_with({{"Upgrade", "websocket"}});
        CHECK(guard_request(request_of(socket), "https://pump-07.gate.example:8443").has_value());
    }

    TEST_CASE("S2-25: nothing is asked for that would hide a credential from the mask") {
        const auto out = toward_device({
            {"Accept-Encoding", "gzip, br"},
            {"Range", "bytes=0-5"},
            {"If-Range", "x"},
        });
        CHECK(out.headers.only("Accept-Encoding") == "identity");
        CHECK_FALSE(out.headers.has("Range"));
        CHECK_FALSE(out.headers.has("If-Range"));
    }

    TEST_CASE("an allowed upgrade is asked for, and only then") {
        const std::vector<std::pair<std::string, std::string>> asked{
            {"Connection", "Upgrade"}, {"Upgrade", "emp-console"}
        };
        CHECK(toward_device(asked, Upgrade::yes).headers.only("Upgrade") == "emp-console");
        CHECK(toward_device(asked, Upgrade::yes).headers.only("Connection") == "Upgrade");
        CHECK_FALSE(toward_device(asked).headers.has("Upgrade"));
    }

    TEST_CASE("what another site makes a browser send does not pass") {
        const auto guarded = [](std::string method,
                                std::vector<std::pair<std::string, std::string>> fields) {
            auto request = request_of(head_with(std::move(fields)));
            request.method = std::move(method);
            const auto out = guard_request(request, "https://pump-07.gate.example:8443");
            return out ? std::string("ok") : std::string(out.error().reason);
        };
        CHECK(guarded("GET", {}) == "ok");
        CHECK(
            guarded(
                "GET",
                {{"Sec-Fetch-Site", "cross-site"},
                 {"Sec-Fetch-Mode", "navigate"},
                 {"Sec-Fetch-Dest", "document"}}
            ) == "ok"
        );
        CHECK(
            guarded(
                "GET",
                {{"Sec-Fetch-Site", "same-site"},
                 {"Sec-Fetch-Mode", "no-cors"},
                 {"Sec-Fetch-Dest", "image"}}
            ) == "gateway.cross_site"
        );
        CHECK(
            guarded(
                "GET",
                {{"Sec-Fetch-Site", "cross-site"},
                 {"Sec-Fetch-Mode", "navigate"},
                 {"Sec-Fetch-Dest", "iframe"}}
            ) == "gateway.cross_site"
        );
        CHECK(
            guarded("POST", {{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "navigate"}}) ==
            "gateway.cross_site"
        );
        CHECK(
            guarded("POST", {{"Origin", "https://pump-08.gate.example:8443"}}) ==
            "gateway.cross_site"
        );
        CHECK(guarded("POST", {{"Origin", "null"}}) == "gateway.cross_site");
        CHECK(guarded("POST", {{"Origin", "https://pump-07.gate.example:8443"}}) == "ok");
        CHECK(
            guarded("GET", {{"Upgrade", "websocket"}, {"Origin", "https://evil.example"}}) ==
            "gateway.cross_site"
        );
        CHECK(guarded("GET", {{"Service-Worker", "script"}}) == "gateway.service_worker");
        CHECK(guarded("TRACE", {}) == "gateway.method");
        CHECK(guarded("CONNECT", {}) == "gateway.method");
    }

    TEST_CASE("S0-31 (part): only a window that goes to a page keeps a session from going idle") {
        using Fields = std::vector<std::pair<std::string, std::string>>;
        const auto counts = [](std::string method, Fields fields) {
            auto request = request_of(head_with(std::move(fields)));
            request.method = std::move(method);
            return is_person_activity(request);
        };
        const Fields by_hand{{"Sec-Fetch-Mode", "navigate"}, {"Sec-Fetch-User", "?1"}};
        const auto with = [](Fields fields, std::string name, std::string value) {
            fields.emplace_back(std::move(name), std::move(value));
            return fields;
        };
        // Whatever the method: a form that is sent navigates, a poll by POST does not.
        for (const std::string method : {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"}) {
            CAPTURE(method);
            CHECK(counts(method, {}));
            CHECK(counts(method, with(by_hand, "Sec-Fetch-Dest", "document")));
            CHECK(counts(method, by_hand));
            // A page that loads itself anew, by <meta http-equiv="refresh"> or a script's timer.
            CHECK_FALSE(counts(method, {{"Sec-Fetch-Mode", "navigate"}}));
            CHECK_FALSE(
                counts(method, {{"Sec-Fetch-Mode", "navigate"}, {"Sec-Fetch-Dest", "document"}})
            );
            CHECK_FALSE(counts(method, {{"Sec-Fetch-Mode", "navigate"}, {"Sec-Fetch-User", "?0"}}));
            for (const std::string mode : {"cors", "no-cors", "same-origin", "websocket", ""}) {
                CAPTURE(mode);
                CHECK_FALSE(counts(method, {{"Sec-Fetch-Mode", mode}, {"Sec-Fetch-Dest", "empty"}})
                );
            }
            for (const std::string frame : {"iframe", "frame"}) {
                CAPTURE(frame);
                CHECK_FALSE(counts(method, with(by_hand, "Sec-Fetch-Dest", frame)));
            }
            // Twice is a contradiction, and no absence.
            CHECK_FALSE(counts(method, with(by_hand, "Sec-Fetch-Mode", "navigate")));
        }
        CHECK_FALSE(counts("GET", {{"Sec-Fetch-Mode", "no-cors"}, {"Sec-Fetch-Dest", "image"}}));
    }

    TEST_CASE("what is recorded of a request differs from what is sent in the credential only") {
        const auto password = secret("infuse-2009");
        const auto token = basic_token("service", password);
        const auto patterns = std::make_shared<const CredentialPatterns>("service", password);
        CHECK(as_text(token.expose()) == "c2VydmljZTppbmZ1c2UtMjAwOQ==");
        const RequestWire wire(toward_device({}), token, patterns);
        std::string sent;
        for (const auto piece : wire.pieces()) {
            sent.append(piece.data(), piece.size());
        }
        CHECK(sent.ends_with("\r\nAuthorization: Basic c2VydmljZTppbmZ1c2UtMjAwOQ==\r\n\r\n"));
        CHECK(wire.recorded().ends_with(
            "\r\nAuthorization: Basic ****************************\r\n\r\n"
        ));
        CHECK(wire.recorded().size() == sent.size());
        CHECK(sent.starts_with("GET /panel?x=1 HTTP/1.1\r\nHost: 10.0.0.7:8080\r\n"));
    }

    TEST_CASE("the Basic token is what everybody else computes") {
        const bool holds = rc::check([](const std::string& user, const std::string& password) {
            RC_PRE(!password.empty());
            const auto token = basic_token(user, secret(password));
            RC_ASSERT(as_text(token.expose()) == to_base64(as_bytes(user + ":" + password)));
        });
        CHECK(holds);
    }

    TEST_CASE("a body with the credential in it goes out as it came and is recorded masked") {
        const auto patterns =
            std::make_shared<const CredentialPatterns>("service", secret("infuse-2009"));
        RequestBody body(patterns);
        const auto first = body.push("pw=infuse");
        CHECK(first.send == "pw=");
        const auto second = body.push("-2009&x=i");
        const auto rest = body.finish();
        CHECK(second.send + rest.send == "infuse-2009&x=i");
        CHECK(second.record + rest.record == "***********&x=i");
    }
}

TEST_SUITE("toward the person") {
    TEST_CASE("a redirect to the device's own address leads back to its host") {
        for (const std::string_view own :
             {"http://10.0.0.7:8080/panel",
              "HTTP://10.0.0.7:8080/panel",
              "//10.0.0.7:8080/panel",
              "http://service:infuse-2009@10.0.0.7:8080/panel",
              "http://pump-07.gate.example:8443/panel",
              "https://pump-07.gate.example/panel"}) {
            CAPTURE(own);
            const auto out = toward_person({{"Location", std::string(own)}});
            CHECK(out.headers.only("Location") == "https://pump-07.gate.example:8443/panel");
        }
        CHECK(hosts().to_person("http://10.0.0.7:8080") == "https://pump-07.gate.example:8443");
        CHECK(
            hosts().to_person("http://10.0.0.7:8080?a") == "https://pump-07.gate.example:8443/?a"
        );
    }

    TEST_CASE("a relative redirect and one to another site stay as they are") {
        for (const std::string_view other :
             {"/panel",
              "panel?x=http://10.0.0.7:8080/",
              "http://10.0.0.7/",
              "http://10.0.0.70:8080/",
              "https://example.org/",
              "javascript:alert(1)",
              ""}) {
            CAPTURE(other);
            const auto out = toward_person({{"Location", std::string(other)}});
            CHECK(out.headers.only("Location") == other);
        }
    }

    TEST_CASE("Refresh and Content-Location are mapped too") {
        const auto out = toward_person({
            {"Refresh", "5; URL='http://10.0.0.7:8080/x'"},
            {"Content-Location", "http://10.0.0.7:8080/y"},
        });
        CHECK(out.headers.only("Refresh") == "5; URL='https://pump-07.gate.example:8443/x'");
        CHECK(out.headers.only("Content-Location") == "https://pump-07.gate.example:8443/y");
    }

    TEST_CASE("mapping there and back again is the same address") {
        const bool holds = rc::check([] {
            const auto path = *rc::gen::container<std::string>(rc::gen::inRange<char>('!', '~'));
            const auto device_url = "http://10.0.0.7:8080/" + path;
            const auto map = hosts();
            const auto person_url = map.to_person(device_url);
            RC_ASSERT(person_url == "https://pump-07.gate.example:8443/" + path);
            RC_ASSERT(map.to_device(person_url) == device_url);
        });
        CHECK(holds);
    }

    TEST_CASE("a device's cookie is bound to its host, and ours can't be set by it") {
        const directory::DeviceProfile profile;
        CHECK(
            rewrite_cookie("EMPSESSION=4711; Path=/", profile) ==
            "EMPSESSION=4711; Path=/; Secure; HttpOnly"
        );
        CHECK(
            rewrite_cookie(
                "a=b; Domain=.example; Max-Age=5;SameSite=Strict; httponly; Partitioned", profile
            ) == "a=b; Max-Age=5; SameSite=Strict; Secure; HttpOnly"
        );
        auto readable = profile;
        readable.cookies_readable = true;
        CHECK(rewrite_cookie("a=b; HttpOnly", readable) == "a=b; Secure");
        for (const std::string_view bad :
             {"__Host-sallyport-device=x; Path=/; Secure",
              "__HOST-Sallyport-nonce=x",
              "=__Host-sallyport-device=x",
              "novalue",
              "",
              " =x",
              "a b=c"}) {
            CAPTURE(bad);
            CHECK_FALSE(rewrite_cookie(bad, profile).has_value());
        }
    }

    TEST_CASE("what would bind the browser beyond this visit is dropped") {
        const auto out = toward_person({
            {"Strict-Transport-Security", "max-age=1"},
            {"Alt-Svc", "h3=\":1\""},
            {"Clear-Site-Data", "\"*\""},
            {"WWW-Authenticate", "Basic realm=x"},
            {"Report-To", "{}"},
            {"NEL", "{}"},
            {"Service-Worker-Allowed", "/"},
            {"Connection", "close, X-Hop"},
            {"X-Hop", "1"},
            {"Keep-Alive", "1"},
            {"Server", "EmbHTTPd/1.03"},
        });
        REQUIRE(out.headers.fields().size() == 2);
        CHECK(out.headers.only("Server") == "EmbHTTPd/1.03");
        CHECK(out.headers.only("Cache-Control") == "no-store");
    }

    TEST_CASE("answers are not stored unless the profile lets them") {
        const std::vector<std::pair<std::string, std::string>> cached{
            {"Cache-Control", "public, max-age=60"}, {"Expires", "0"}, {"Pragma", "x"}
        };
        CHECK(toward_person(cached).headers.fields().size() == 1);
        directory::DeviceProfile profile;
        profile.answers_cacheable = true;
        CHECK(toward_person(cached, profile).headers.only("Cache-Control") == "public, max-age=60");
    }

    TEST_CASE("a device's 401 and an encoded answer do not pass") {
        const auto checked = [](int status, std::string encoding) {
            http::ResponseHead head;
            head.status = status;
            if (!encoding.empty()) head.headers.add("Content-Encoding", std::move(encoding));
            const auto out = check_response(head);
            return out ? std::string("ok") : std::string(out.error().reason);
        };
        CHECK(checked(200, "") == "ok");
        CHECK(checked(200, "identity") == "ok");
        CHECK(checked(200, "gzip") == "device.answer_encoded");
        CHECK(checked(401, "") == "device.credential_refused");
        CHECK(checked(407, "") == "device.credential_refused");
    }

    TEST_CASE("S2-25: the credential is masked in every field of an answer's head") {
        const auto password = secret("infuse-2009");
        const auto patterns = std::make_shared<const CredentialPatterns>("service", password);
        http::ResponseHead head;
        head.reason = "OK infuse-2009";
        head.headers.add("X-Debug", "c2VydmljZTppbmZ1c2UtMjAwOQ==");
        head.headers.add("infuse-2009", "x");
        head.headers.add("Location", "/x?p=%69nfuse-2009");
        CHECK(mask_head(head, patterns));
        CHECK(head.reason == "OK ***********");
        CHECK(head.headers.only("X-Debug")->starts_with("c2VydmljZT***"));
        CHECK(head.headers.only("***********") == "x");
        CHECK(head.headers.only("Location") == "/x?p=*************");
    }
}

}  // namespace sallyport::gateway
