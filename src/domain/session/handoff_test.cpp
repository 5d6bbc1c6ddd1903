#include "domain/session/handoff.h"

#include "tests/support/databases.h"
#include "tests/support/people.h"
#include "tests/support/sender.h"

#include "base/core/fault.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::session {

namespace {

using namespace std::chrono_literals;
using test::People;
using test::TestPerson;

const std::string pump = "pump-07.gate.localhost";
const TokenDigest nonce = digest_of(as_bytes("the nonce in the pump host's cookie"));

std::string reason_of(const auto& result) {
    return result ? "ok" : std::string(result.error().reason);
}

std::string why_of(const auto& result) {
    return result ? "ok" : result.error().detail;
}

struct Door {
    explicit Door(store::Database& database) : people(database) {}

    audit::Repeats repeats;
    People people;
    test::Sender browser;
    TestPerson person = people.first_administrator();

    Opened signed_in(bool with_key = true) {
        auto proof = people.sign_in(person);
        REQUIRE(proof.has_value());
        auto opened = people.database().write([&](store::Tx& tx) {
            auto made = open(
                tx, people.now(), people.policy, *std::move(proof), people.where, Channel::web
            );
            if (made && with_key) browser.bind(tx, people.now(), *made);
            return made;
        });
        REQUIRE(opened.has_value());
        return *std::move(opened);
    }

    audit::Actor acting(const Session& session) {
        auto actor = people.acting(person);
        actor.session = session.id;
        return actor;
    }

    Result<Bytes> offer(const Session& session, const HandoffTarget& target = {pump, nonce}) {
        return people.database().write([&](store::Tx& tx) {
            return offer_handoff(tx, people.now(), people.keys, session, target);
        });
    }

    Result<crypto::Secret> show(const Session& session, const HandoffAsked& asked) {
        const HandoffSite site{.keys = people.keys, .origin = browser.origin()};
        return people.database().write([&](store::Tx& tx) {
            return issue_handoff(tx, people.now(), site, session, asked, acting(session));
        });
    }

    Result<crypto::Secret> issue(const Session& session, const std::string& host = pump) {
        return people.database().write([&](store::Tx& tx) {
            const HandoffTarget target{.host = host, .nonce_digest = nonce};
            return browser.hand_off(
                tx, people.now(), people.keys, session, target, acting(session)
            );
        });
    }

    Result<Session> redeem(
        const crypto::Secret& code,
        const std::string& host = pump,
        const TokenDigest& nonce_digest = nonce
    ) {
        return people.database().write([&](store::Tx& tx) {
            const HandoffShown shown{code.expose(), host, nonce_digest};
            return redeem_handoff(tx, people.now(), shown, people.where, repeats);
        });
    }
};

template <class Body>
void on_each_door(Body body) {
    test::for_each_engine([&](store::Database& database) {
        Door door(database);
        body(door);
    });
}

TEST_CASE("a code hands its session to its host, once") {
    on_each_door([](Door& door) {
        const auto opened = door.signed_in();
        const auto code = door.issue(opened.session);
        REQUIRE(code.has_value());
        CHECK(code->size() == 32);
        const auto session = door.redeem(*code);
        REQUIRE(session.has_value());
        CHECK(session->id == opened.session.id);
        const auto child = door.people.database().write([&](store::Tx& tx) {
            return open_on_host(tx, door.people.now(), *session, pump);
        });
        REQUIRE(child.has_value());

        const auto again = door.redeem(*code);
        CHECK(reason_of(again) == "handoff.refused");
        CHECK(why_of(again) == "handoff.used");
        CHECK(door.people.events("handoff.issued").size() == 1);
        CHECK(door.people.events("handoff.redeemed").size() == 1);
        CHECK(door.people.events("handoff.refused").size() == 1);
    });
}

TEST_CASE("a code is good for 30 seconds") {
    on_each_door([](Door& door) {
        const auto opened = door.signed_in();
        const auto in_time = door.issue(opened.session);
        const auto late = door.issue(opened.session);
        REQUIRE(in_time.has_value());
        REQUIRE(late.has_value());
        door.people.clock.advance(30s - 1us);
        CHECK(door.redeem(*in_time).has_value());
        door.people.clock.advance(1us);
        CHECK(why_of(door.redeem(*late)) == "handoff.expired");
    });
}

TEST_CASE("shown at another host or in another browser it is refused, and used up") {
    on_each_door([](Door& door) {
        const auto opened = door.signed_in();
        const auto one = door.issue(opened.session);
        const auto two = door.issue(opened.session);
        REQUIRE(one.has_value());
        REQUIRE(two.has_value());
        CHECK(why_of(door.redeem(*one, "pump-08.gate.localhost")) == "handoff.other_host");
        CHECK(why_of(door.redeem(*one)) == "handoff.used");
        CHECK(
            why_of(door.redeem(*two, pump, digest_of(as_bytes("another")))) ==
            "handoff.other_browser"
        );
        CHECK(why_of(door.redeem(*two)) == "handoff.used");
        CHECK(why_of(door.redeem(crypto::Secret::random(32))) == "handoff.unknown");
        for (const auto& entry : door.people.events("handoff.refused")) {
            CHECK(entry.outcome == "refused");
        }
    });
}

TEST_CASE("codes that a stranger invents are told once a minute") {
    on_each_door([](Door& door) {
        for (int i = 0; i < 50; ++i) {
            CHECK(why_of(door.redeem(crypto::Secret::random(32))) == "handoff.unknown");
        }
        CHECK(door.people.events("handoff.refused").size() == 1);
        const auto moment = door.people.now();
        CHECK(door.repeats.take(moment.monotonic, audit::Repeats::Which::all).size() == 1);
    });
}

TEST_CASE("a code does not outlive its session") {
    on_each_door([](Door& door) {
        const auto opened = door.signed_in();
        const auto code = door.issue(opened.session);
        REQUIRE(code.has_value());
        door.people.database().write([&](store::Tx& tx) {
            end(tx,
                door.people.now(),
                opened.session,
                EndCause::logout,
                door.people.acting(door.person));
        });
        CHECK(why_of(door.redeem(*code)) == "session.ended");
        CHECK(reason_of(door.issue(opened.session)) == "session.ended");

        const auto idle = door.signed_in();
        door.people.clock.advance(15min - 10s);
        const auto at_the_edge = door.issue(idle.session);
        REQUIRE(at_the_edge.has_value());
        door.people.clock.advance(10s);
        CHECK(why_of(door.redeem(*at_the_edge)) == "session.expired_idle");
        CHECK(reason_of(door.issue(idle.session)) == "session.expired_idle");
    });
}

TEST_CASE("only the sign-in on the sign-in host can be handed on") {
    on_each_door([](Door& door) {
        const auto opened = door.signed_in();
        const auto child = door.people.database().write([&](store::Tx& tx) {
            return open_on_host(tx, door.people.now(), opened.session, pump);
        });
        REQUIRE(child.has_value());
        CHECK(reason_of(door.issue(child->session)) == "handoff.not_web");
        CHECK(reason_of(door.issue(opened.session, "")) == "handoff.not_web");
        const auto grandchild = door.people.database().write([&](store::Tx& tx) {
            return open_on_host(tx, door.people.now(), child->session, "other");
        });
        CHECK(reason_of(grandchild) == "handoff.not_web");
    });
}

TEST_CASE("S2-23 (part): without the key that the sign-in's browser made there is no code") {
    on_each_door([](Door& door) {
        const auto opened = door.signed_in();
        const HandoffTarget target{.host = pump, .nonce_digest = nonce};
        const auto refused = [&](const HandoffAsked& asked) {
            const auto shown = door.show(opened.session, asked);
            return reason_of(shown) + " " + why_of(shown);
        };
        const auto challenge = door.offer(opened.session).value();

        // Another browser's key, over a challenge that is right.
        CHECK(refused(test::Sender().prove(challenge, target)) == "handoff.signature ");
        // Used up by that: the right key is too late.
        const auto used = "handoff.challenge webauthn.challenge_spent";
        CHECK(refused(door.browser.prove(challenge, target)) == used);

        // A proof that was good, shown again.
        const auto good = door.browser.prove(door.offer(opened.session).value(), target);
        CHECK(door.show(opened.session, good).has_value());
        CHECK(refused(good) == used);

        // Of another session of the same browser, for another host, for another nonce, made up.
        const auto not_ours = "handoff.challenge webauthn.challenge";
        const auto other = door.signed_in();
        const auto foreign = door.browser.prove(door.offer(other.session).value(), target);
        CHECK(refused(foreign) == not_ours);
        const HandoffTarget elsewhere{.host = "pump-08.gate.localhost", .nonce_digest = nonce};
        const auto for_elsewhere = door.offer(opened.session, elsewhere).value();
        CHECK(refused(door.browser.prove(for_elsewhere, target)) == not_ours);
        const HandoffTarget other_nonce{pump, digest_of(as_bytes("another"))};
        const auto for_other_nonce = door.offer(opened.session, other_nonce).value();
        CHECK(refused(door.browser.prove(for_other_nonce, target)) == not_ours);
        CHECK(refused(door.browser.prove(Bytes(48), target)) == not_ours);
        CHECK(refused(door.browser.prove(Bytes(1), target)) == not_ours);

        // Signed for another target or on another page than the challenge says.
        auto moved = door.browser.prove(door.offer(opened.session).value(), elsewhere);
        moved.target = target;
        CHECK(refused(moved) == "handoff.signature ");

        const auto events = door.people.events("handoff.refused");
        CHECK(events.size() == 9);
        for (const auto& entry : events) {
            CHECK(entry.outcome == "refused");
        }
        CHECK(door.people.events("handoff.issued").size() == 1);
    });
}

TEST_CASE("a key holds for its own page: the same key on another origin signs for nothing here") {
    on_each_door([](Door& door) {
        const auto opened = door.signed_in();
        const auto challenge = door.offer(opened.session).value();
        const HandoffTarget target{.host = pump, .nonce_digest = nonce};
        const HandoffSite elsewhere{.keys = door.people.keys, .origin = "https://another.example"};
        const auto shown = door.people.database().write([&](store::Tx& tx) {
            return issue_handoff(
                tx,
                door.people.now(),
                elsewhere,
                opened.session,
                door.browser.prove(challenge, target),
                door.acting(opened.session)
            );
        });
        CHECK(reason_of(shown) == "handoff.signature");
    });
}

TEST_CASE("a challenge is good for five minutes, and not before it was made") {
    on_each_door([](Door& door) {
        const auto opened = door.signed_in();
        const HandoffTarget target{.host = pump, .nonce_digest = nonce};
        const auto in_time = door.browser.prove(door.offer(opened.session).value(), target);
        const auto late = door.browser.prove(door.offer(opened.session).value(), target);
        door.people.clock.advance(5min - 1us);
        CHECK(door.show(opened.session, in_time).has_value());
        door.people.clock.advance(1us);
        CHECK(why_of(door.show(opened.session, late)) == "webauthn.challenge_over");
        const auto early = door.browser.prove(door.offer(opened.session).value(), target);
        door.people.clock.step_wall(-1s);
        CHECK(why_of(door.show(opened.session, early)) == "webauthn.challenge_over");
    });
}

TEST_CASE("S2-23 (part): a sign-in without a key opens no device, and never gets one") {
    on_each_door([](Door& door) {
        const auto opened = door.signed_in(false);
        CHECK(reason_of(door.offer(opened.session)) == "handoff.no_sender_key");
        CHECK(reason_of(door.issue(opened.session)) == "handoff.no_sender_key");
        door.people.clock.advance(1us);
        const auto later = [&](const Opened& session) {
            door.people.database().write([&](store::Tx& tx) {
                test::Sender().bind(tx, door.people.now(), session);
            });
        };
        CHECK_THROWS_AS(later(opened), Fault);
        CHECK(reason_of(door.issue(opened.session)) == "handoff.no_sender_key");
    });
}

TEST_CASE("codes are swept away an hour after their end") {
    on_each_door([](Door& door) {
        const auto opened = door.signed_in();
        REQUIRE(door.issue(opened.session).has_value());
        const auto left = [&] {
            return door.people.database().write([&](store::Tx& tx) {
                sweep_handoffs(tx, door.people.now());
                return tx.query("SELECT COUNT(*) FROM handoff_code").front().integer(0);
            });
        };
        CHECK(left() == 1);
        door.people.clock.advance(1h + 30s);
        CHECK(left() == 0);
    });
}

}  // namespace

}  // namespace sallyport::session
