#include "domain/session/cli_code.h"

#include "tests/support/databases.h"
#include "tests/support/people.h"

#include "base/crypto/crypto.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::session {

namespace {

using namespace std::chrono_literals;
using test::People;
using test::TestPerson;

const std::string verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

std::string reason_of(const auto& result) {
    return result ? "ok" : std::string(result.error().reason);
}

std::string why_of(const auto& result) {
    return result ? "ok" : result.error().detail;
}

// Somebody signed in with a browser, and a program that wants to share it.
struct Desk {
    explicit Desk(store::Database& database) : people(database) {}

    audit::Repeats repeats;
    People people;
    TestPerson person = people.first_administrator();

    Session signed_in(Channel channel = Channel::web) {
        auto proof = people.sign_in(person);
        REQUIRE(proof.has_value());
        auto opened = people.database().write([&](store::Tx& tx) {
            return open(tx, people.now(), people.policy, *std::move(proof), people.where, channel);
        });
        REQUIRE(opened.has_value());
        return opened->session;
    }

    Result<crypto::Secret> issue(const Session& session) {
        auto actor = people.acting(person);
        actor.session = session.id;
        return people.database().write([&](store::Tx& tx) {
            return issue_cli_code(
                tx, people.now(), session, challenge_of(as_bytes(verifier)), actor
            );
        });
    }

    CliCodeRedeemed redeem(const crypto::Secret& code, const std::string& with = verifier) {
        return people.database().write([&](store::Tx& tx) {
            const CliCodeShown shown{code.expose(), as_bytes(with)};
            return redeem_cli_code(tx, people.now(), shown, people.where, repeats);
        });
    }

    // A child of `parent`, by the whole way.
    Opened lent(const Session& parent) {
        auto code = issue(parent);
        REQUIRE(code.has_value());
        auto redeemed = redeem(*code);
        REQUIRE(redeemed.opened.has_value());
        return *std::move(redeemed.opened);
    }

    std::optional<Session> read(const SessionId& id) {
        return people.database().read([&](store::Tx& tx) { return find(tx, id); });
    }

    template <class F>
    auto write(F work) {
        return people.database().write(std::move(work));
    }
};

template <class Body>
void on_each_desk(Body body) {
    test::for_each_engine([&](store::Database& database) {
        Desk desk(database);
        body(desk);
    });
}

TEST_CASE("a challenge is the digest of the verifier's characters (RFC 7636, appendix B)") {
    CHECK(
        to_base64url(challenge_of(as_bytes(verifier))) ==
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    );
}

TEST_CASE("a code opens a session of the command line, child of the browser's") {
    on_each_desk([](Desk& desk) {
        const auto parent = desk.signed_in();
        desk.people.clock.advance(1min);
        const auto opened = desk.lent(parent);
        const auto& child = opened.session;
        CHECK(child.channel == Channel::cli);
        CHECK(child.parent == parent.id);
        CHECK(child.host.empty());
        CHECK(child.account == parent.account);
        CHECK(child.role == parent.role);
        CHECK(child.proven == parent.proven);
        CHECK(child.last_proof_at == parent.last_proof_at);
        CHECK(child.ends_at == parent.ends_at);
        CHECK(child.idle_max == parent.idle_max);
        CHECK(child.csrf_key != parent.csrf_key);
        const auto found = desk.people.database().read([&](store::Tx& tx) {
            return find(tx, digest_of(opened.token.expose()));
        });
        REQUIRE(found.has_value());
        CHECK(found->id == child.id);
        CHECK(found->parent == parent.id);
        CHECK(desk.people.events("cli_code.issued").size() == 1);
        CHECK(desk.people.events("cli_code.redeemed").size() == 1);
        CHECK(desk.people.events("session.created").size() == 2);
    });
}

TEST_CASE("a code that comes a second time opens nothing, and ends what it had opened") {
    on_each_desk([](Desk& desk) {
        const auto parent = desk.signed_in();
        const auto code = desk.issue(parent);
        REQUIRE(code.has_value());
        const auto first = desk.redeem(*code);
        REQUIRE(first.opened.has_value());
        CHECK_FALSE(first.ended.has_value());

        // Whoever it is: even one without the verifier shows that the code is known to two.
        const auto again = desk.redeem(*code, "another verifier");
        CHECK(reason_of(again.opened) == "cli_code.refused");
        CHECK(why_of(again.opened) == "cli_code.used");
        CHECK(again.ended == first.opened->session.id);
        CHECK_FALSE(desk.read(first.opened->session.id).has_value());
        CHECK(desk.read(parent.id).has_value());
        const auto third = desk.redeem(*code);
        CHECK(why_of(third.opened) == "cli_code.used");
        CHECK_FALSE(third.ended.has_value());
        CHECK(desk.people.events("session.terminated").size() == 1);
    });
}

TEST_CASE("a code is good for 60 seconds") {
    on_each_desk([](Desk& desk) {
        const auto parent = desk.signed_in();
        const auto in_time = desk.issue(parent);
        const auto late = desk.issue(parent);
        REQUIRE(in_time.has_value());
        REQUIRE(late.has_value());
        desk.people.clock.advance(60s - 1us);
        CHECK(desk.redeem(*in_time).opened.has_value());
        desk.people.clock.advance(1us);
        CHECK(why_of(desk.redeem(*late).opened) == "cli_code.expired");
    });
}

TEST_CASE("without the verifier a code is worth nothing, and is used up") {
    on_each_desk([](Desk& desk) {
        const auto code = desk.issue(desk.signed_in());
        REQUIRE(code.has_value());
        const auto stolen = desk.redeem(*code, std::string(43, 'A'));
        CHECK(reason_of(stolen.opened) == "cli_code.refused");
        CHECK(why_of(stolen.opened) == "cli_code.wrong_verifier");
        CHECK(why_of(desk.redeem(*code).opened) == "cli_code.used");
        CHECK(why_of(desk.redeem(crypto::Secret::random(32)).opened) == "cli_code.unknown");
        const auto told = desk.people.events("cli_code.refused");
        CHECK(told.size() == 3);
        for (const auto& entry : told) {
            CHECK(entry.outcome == "refused");
        }
    });
}

TEST_CASE("who invents codes is slowed down by source") {
    on_each_desk([](Desk& desk) {
        std::string last;
        for (int i = 0; i < 25; ++i) {
            last = reason_of(desk.redeem(crypto::Secret::random(32)).opened);
        }
        CHECK(last == "authn.throttled");
        CHECK(desk.people.events("cli_code.refused").size() == 1);
    });
}

TEST_CASE("a code does not outlive its sign-in") {
    on_each_desk([](Desk& desk) {
        const auto parent = desk.signed_in();
        const auto code = desk.issue(parent);
        REQUIRE(code.has_value());
        desk.write([&](store::Tx& tx) {
            end(tx, desk.people.now(), parent, EndCause::logout, desk.people.acting(desk.person));
        });
        CHECK(why_of(desk.redeem(*code).opened) == "session.ended");
        CHECK(reason_of(desk.issue(parent)) == "session.ended");

        const auto idle = desk.signed_in();
        desk.people.clock.advance(15min - 10s);
        const auto at_the_edge = desk.issue(idle);
        REQUIRE(at_the_edge.has_value());
        desk.people.clock.advance(10s);
        CHECK(why_of(desk.redeem(*at_the_edge).opened) == "session.expired_idle");
        CHECK(reason_of(desk.issue(idle)) == "session.expired_idle");
    });
}

TEST_CASE("only a browser's sign-in can be lent, and what is lent can't be lent on") {
    on_each_desk([](Desk& desk) {
        const auto at_terminal = desk.signed_in(Channel::cli);
        CHECK(reason_of(desk.issue(at_terminal)) == "cli_code.not_web");
        const auto child = desk.lent(desk.signed_in());
        CHECK(reason_of(desk.issue(child.session)) == "cli_code.not_web");
        const auto grandchild = desk.write([&](store::Tx& tx) {
            return open_on_command_line(tx, desk.people.now(), child.session, desk.people.where);
        });
        CHECK(reason_of(grandchild) == "cli_code.not_web");
    });
}

TEST_CASE("the command line's session dies with its sign-in, and alone leaves it") {
    on_each_desk([](Desk& desk) {
        const auto parent = desk.signed_in();
        const auto one = desk.lent(parent);
        const auto two = desk.lent(parent);
        const auto by = desk.people.acting(desk.person);
        desk.write([&](store::Tx& tx) {
            end(tx, desk.people.now(), one.session, EndCause::logout, by);
        });
        CHECK_FALSE(desk.read(one.session.id).has_value());
        CHECK(desk.read(two.session.id).has_value());
        desk.write([&](store::Tx& tx) { end(tx, desk.people.now(), parent, EndCause::logout, by); }
        );
        CHECK_FALSE(desk.read(two.session.id).has_value());
    });
}

TEST_CASE("working at the command line keeps the sign-in alive, up to its absolute end") {
    on_each_desk([](Desk& desk) {
        const auto parent = desk.signed_in();
        const auto child = desk.lent(parent).session;
        while (desk.people.clock.now() + 10min < parent.ends_at) {
            desk.people.clock.advance(10min);
            desk.write([&](store::Tx& tx) { touch(tx, child.id, desk.people.clock.now()); });
        }
        REQUIRE(desk.read(parent.id).has_value());
        CHECK(check_alive(*desk.read(parent.id), desk.people.clock.now()).has_value());
        CHECK(desk.read(child.id)->last_active_at == desk.people.clock.now());
        desk.people.clock.advance(10min);
        CHECK(
            reason_of(check_alive(*desk.read(child.id), desk.people.clock.now())) ==
            "session.expired_absolute"
        );
        const auto ended =
            desk.write([&](store::Tx& tx) { return end_expired(tx, desk.people.now()); });
        CHECK(ended == std::vector{parent.id, child.id});
        CHECK_FALSE(desk.read(child.id).has_value());
    });
}

TEST_CASE("a proof in the browser counts at the command line, which renews none itself") {
    on_each_desk([](Desk& desk) {
        const auto parent = desk.signed_in();
        const auto child = desk.lent(parent).session;
        desk.people.clock.advance(6min);
        const auto renew = [&](const Session& session) {
            auto proof = desk.people.sign_in(desk.person);
            REQUIRE(proof.has_value());
            return desk.write([&](store::Tx& tx) {
                return renew_proof(
                    tx, desk.people.now(), session, *std::move(proof), desk.people.where
                );
            });
        };
        CHECK(reason_of(renew(child)) == "session.through_browser");
        CHECK(desk.read(child.id)->last_proof_at == parent.last_proof_at);
        REQUIRE(renew(parent).has_value());
        CHECK(desk.read(child.id)->last_proof_at == desk.read(parent.id)->last_proof_at);
        CHECK(desk.read(child.id)->last_proof_at > parent.last_proof_at);
        CHECK(desk.read(child.id)->ends_at == parent.ends_at);
    });
}

TEST_CASE("when everybody is signed out, no code opens anything") {
    on_each_desk([](Desk& desk) {
        const auto parent = desk.signed_in();
        const auto child = desk.lent(parent).session;
        const auto code = desk.issue(parent);
        REQUIRE(code.has_value());
        const auto sign_ins = desk.write([&](store::Tx& tx) {
            return end_everybody(
                tx, desk.people.now(), EndCause::revocation, audit::system_actor("test")
            );
        });
        CHECK(sign_ins == 1);
        CHECK_FALSE(desk.read(child.id).has_value());
        CHECK(why_of(desk.redeem(*code).opened) == "cli_code.unknown");
    });
}

TEST_CASE("codes are swept away an hour after their end") {
    on_each_desk([](Desk& desk) {
        REQUIRE(desk.issue(desk.signed_in()).has_value());
        const auto left = [&] {
            return desk.write([&](store::Tx& tx) {
                sweep_cli_codes(tx, desk.people.now());
                return tx.query("SELECT COUNT(*) FROM cli_code").front().integer(0);
            });
        };
        CHECK(left() == 1);
        desk.people.clock.advance(1h + 60s);
        CHECK(left() == 0);
    });
}

}  // namespace

}  // namespace sallyport::session
