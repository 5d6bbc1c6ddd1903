#include "edge/gateway/http/http_dialogue.h"

#include "tests/support/clocks.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <memory>
#include <string>
#include <string_view>

namespace sallyport::gateway {

namespace {

crypto::Secret secret(std::string text) {
    return crypto::Secret::take(std::as_writable_bytes(std::span(text)));
}

// A device's answer, through codec and dialogue, in pieces of `cut` bytes.
struct Passed {
    std::string to_person;
    std::string recorded;  // from the device, without the head
    std::string refused;
    AnswerDialogue::State state = AnswerDialogue::State::head;
    bool person_may_go_on = false;
    bool device_may_go_on = false;
};

struct Wanted {
    std::string method = "GET";
    int person_version = 11;
    Upgrade upgrade = Upgrade::no;
    bool unmaskable = false;
    std::string password = "infuse-2009";
    std::size_t cut = 1000;
};

Passed pass(std::string_view wire, const Wanted& wanted = {}) {
    test::ReplayedRandom random;
    const Time now = test::SettableClock().now();
    const directory::Device device{
        DeviceId::fresh(now, random),
        directory::DeviceName::parse("pump-07").value(),
        "SN-7",
        "10.0.0.7",
        8080,
        "A2",
        {},
        directory::DeviceState::registered,
        std::nullopt,
        now,
    };
    const HostMap hosts("pump-07.gate.example", 443, device);
    AnswerDialogue dialogue({
        hosts,
        device.profile,
        std::make_shared<const CredentialPatterns>("service", secret(wanted.password)),
        wanted.unmaskable,
        wanted.method,
        wanted.person_version,
        true,
        wanted.upgrade,
    });
    http::ResponseParser parser;
    parser.expect_answer_to(wanted.method);
    Passed out;
    const auto take = [&](Result<http::ResponseEvent> event) {
        if (!event) {
            out.refused = event.error().reason;
            return false;
        }
        if (std::holds_alternative<http::NeedMore>(*event)) return false;
        auto actions = dialogue.on(*event);
        out.to_person += actions.send;
        if (actions.refused) {
            out.refused = actions.refused->reason;
            return false;
        }
        for (const auto& [kind, bytes] : actions.record) {
            const bool head = bytes.starts_with("HTTP/1.");
            if (kind == recording::FrameKind::from_device && !head) out.recorded += bytes;
        }
        return dialogue.state() == AnswerDialogue::State::head ||
               dialogue.state() == AnswerDialogue::State::body;
    };
    for (std::size_t at = 0; at < wire.size() && out.refused.empty(); at += wanted.cut) {
        parser.feed(wire.substr(at, wanted.cut));
        while (take(parser.next())) {
        }
        if (dialogue.state() == AnswerDialogue::State::done) break;
    }
    const bool open = dialogue.state() == AnswerDialogue::State::body && out.refused.empty();
    if (open) take(parser.finish());
    out.state = dialogue.state();
    out.person_may_go_on = dialogue.person_may_go_on();
    out.device_may_go_on = dialogue.device_may_go_on();
    return out;
}

}  // namespace

TEST_SUITE("a device's answer") {
    using State = AnswerDialogue::State;

    TEST_CASE("with a length keeps it, masked or not") {
        const auto out = pass("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<b>infuse-2009<");
        CHECK(out.to_person.contains("Content-Length: 15\r\n"));
        CHECK(out.to_person.ends_with("\r\n\r\n<b>***********<"));
        CHECK(out.recorded == "<b>***********<");
        CHECK(out.state == State::done);
        CHECK(out.person_may_go_on);
        CHECK(out.device_may_go_on);
    }

    TEST_CASE("S2-25: in chunks is searched across their borders") {
        const auto out = pass(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            "7\r\npw infu\r\n7\r\nse-2009\r\n1\r\n.\r\n0\r\n\r\n"
        );
        CHECK(out.recorded == "pw ***********.");
        CHECK_FALSE(out.to_person.contains("infu"));
        CHECK(out.to_person.contains("Transfer-Encoding: chunked"));
        CHECK(out.to_person.ends_with("0\r\n\r\n"));
    }

    TEST_CASE("of HTTP/1.0 without a length is chunked for a person, and ended for an old one") {
        const std::string wire = "HTTP/1.0 200 OK\r\n\r\nhello";
        const auto modern = pass(wire);
        CHECK(modern.to_person.ends_with("\r\n\r\n5\r\nhello\r\n0\r\n\r\n"));
        CHECK(modern.person_may_go_on);
        CHECK_FALSE(modern.device_may_go_on);
        const auto old = pass(wire, {.person_version = 10});
        CHECK(old.to_person.ends_with("\r\n\r\nhello"));
        CHECK_FALSE(old.to_person.contains("chunked"));
        CHECK_FALSE(old.person_may_go_on);
    }

    TEST_CASE("to HEAD has a head only") {
        const auto out = pass("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", {.method = "HEAD"});
        CHECK(out.to_person.contains("Content-Length: 5"));
        CHECK(out.state == State::done);
    }

    TEST_CASE("that asks for a password is ours to explain") {
        const auto out =
            pass("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 2\r\n\r\nno");
        CHECK(out.refused == "device.credential_refused");
        CHECK(out.to_person.empty());
    }

    TEST_CASE("that begins with 100 Continue is the one behind it") {
        const auto out =
            pass("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        CHECK(out.to_person.starts_with("HTTP/1.1 200"));
        CHECK(out.state == State::done);
    }

    TEST_CASE("that switches protocols does so only if it was asked to") {
        const std::string wire =
            "HTTP/1.1 101 Switching\r\nUpgrade: emp-console\r\nConnection: Upgrade\r\n\r\n> ";
        const auto out = pass(wire, {.upgrade = Upgrade::yes});
        CHECK(out.state == State::switched);
        CHECK(out.to_person.contains("Upgrade: emp-console\r\n"));
        CHECK(pass(wire).refused == "device.garbage");
    }

    TEST_CASE("that is not HTTP, contradicts itself or is cut off is refused") {
        CHECK_FALSE(pass("\x7f"
                         "ELF not http\r\n\r\n")
                        .refused.empty());
        CHECK(
            pass("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n")
                .refused == "http.length_and_chunked"
        );
        CHECK(pass("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").refused == "http.truncated");
    }

    TEST_CASE("S2-25: with a credential too short to be masked is refused") {
        const Wanted wanted{.unmaskable = true, .password = "pw12"};
        CHECK(
            pass("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<pw12>", wanted).refused ==
            "device.answer_unmaskable"
        );
        CHECK(
            pass("HTTP/1.1 200 OK\r\nX-Debug: pw12\r\nContent-Length: 0\r\n\r\n", wanted).refused ==
            "device.answer_unmaskable"
        );
        CHECK(pass("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", wanted).refused.empty());
    }

    TEST_CASE("arrives the same however the network cuts it") {
        const bool holds = rc::check([] {
            const auto body =
                *rc::gen::container<std::string>(rc::gen::elementOf(std::string("infuse-209 <>")));
            const auto cut = *rc::gen::inRange<std::size_t>(1, 40);
            const auto whole = body + "infuse-2009" + body;
            const std::string wire =
                "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(whole.size()) + "\r\n\r\n" +
                whole;
            const auto at_once = pass(wire);
            const auto in_pieces = pass(wire, {.cut = cut});
            RC_ASSERT(in_pieces.to_person == at_once.to_person);
            RC_ASSERT(in_pieces.recorded == at_once.recorded);
            RC_ASSERT(!at_once.to_person.contains("infuse-2009"));
            RC_ASSERT(at_once.recorded.size() == whole.size());
        });
        CHECK(holds);
    }
}

}  // namespace sallyport::gateway
