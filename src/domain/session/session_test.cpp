#include "domain/session/session.h"

#include "tests/support/databases.h"
#include "tests/support/people.h"
#include "tests/support/sender.h"

#include "domain/policy/lease.h"
#include "domain/session/handoff.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace sallyport::session {

namespace {

using namespace std::chrono_literals;
using test::People;
using test::TestPerson;

std::string reason_of(const auto& result) {
    return result ? "ok" : std::string(result.error().reason);
}

// One server with an administrator; sessions are opened through the real sign-in.
class Ward {
public:
    explicit Ward(store::Database& database) : people(database) {}

    People people;
    TestPerson administrator = people.first_administrator();

    [[nodiscard]] Result<Opened> open_for(
        const TestPerson& person, Channel channel = Channel::web
    ) {
        auto proof = people.sign_in(person);
        REQUIRE(proof.has_value());
        return open_with(*std::move(proof), channel);
    }

    [[nodiscard]] Result<Opened> open_with(
        authn::AuthenticationProof proof, Channel channel = Channel::web
    ) {
        // The work may run again, so it may not give away what it holds; here it runs once.
        std::optional<authn::AuthenticationProof> held(std::move(proof));
        return people.database().write([&](store::Tx& tx) {
            return open(tx, people.now(), people.policy, *std::move(held), people.where, channel);
        });
    }

    [[nodiscard]] TestPerson engineer() {
        return people.enrolled(administrator, "erik.engineer", "engineer");
    }

    // What the next request of this token's holder gets.
    [[nodiscard]] Result<Session> request(const crypto::Secret& token) {
        return people.database().write([&](store::Tx& tx) {
            auto session = resume(tx, people.now(), digest_of(token.expose()));
            if (session) touch(tx, session->id, people.clock.now());
            return session;
        });
    }

    [[nodiscard]] Result<Opened> step_up(const Session& session, const TestPerson& person) {
        const authn::StepUp flow(people.context);
        auto actor = people.acting(person);
        actor.session = session.id;
        return people.database().write([&](store::Tx& tx) -> Result<Opened> {
            SP_TRY(
                auto proof,
                flow.finish(
                    tx,
                    people.now(),
                    people.policy,
                    person.account,
                    {.passphrase = std::nullopt, .code = people.code(person)},
                    actor,
                    "pwd+otp"
                )
            );
            return renew_proof(tx, people.now(), session, std::move(proof), people.where);
        });
    }

    std::size_t count(const std::string& type) { return people.events(type).size(); }

    template <class F>
    auto write(F work) {
        return people.database().write(std::move(work));
    }
};

template <class Body>
void on_each_ward(Body body) {
    test::for_each_engine([&](store::Database& database) {
        Ward ward(database);
        body(ward);
    });
}

TEST_CASE("a session is what the role says, and its token opens it") {
    on_each_ward([](Ward& ward) {
        const auto opened = ward.open_for(ward.administrator);
        REQUIRE(opened.has_value());
        const auto& session = opened->session;
        CHECK(opened->token.size() == 32);
        CHECK(session.account == ward.administrator.account);
        CHECK(session.role == "gateway_administrator");
        CHECK(session.idle_max == 15min);
        CHECK(session.ends_at - session.created_at == 8h);
        CHECK(session.last_proof_at == session.created_at);
        CHECK(session.proven == policy::Strength::two_factors);
        CHECK(session.csrf_key.size() == 43);

        const auto found = ward.request(opened->token);
        REQUIRE(found.has_value());
        CHECK(found->id == session.id);
        CHECK(found->ends_at == session.ends_at);
        CHECK(found->csrf_key == session.csrf_key);
        CHECK(found->factor.amr == "pwd+otp");
        CHECK(reason_of(ward.request(crypto::Secret::random(32))) == "session.unknown");

        const auto events = ward.people.events("session.created");
        REQUIRE(events.size() == 1);
        CHECK(events.front().account_name == "anna.admin");
        CHECK(events.front().leaf_json.find("28800") != std::string::npos);
        CHECK(events.front().leaf_json.find("900") != std::string::npos);
    });
}

TEST_CASE("S0-28: a patient's session ends 4 h 00 m 00 s after the sign-in, whatever they do") {
    on_each_ward([](Ward& ward) {
        const auto patient = ward.people.enrolled(ward.administrator, "petra.patient", "patient");
        const auto opened = ward.open_for(patient);
        REQUIRE(opened.has_value());
        const auto start = opened->session.created_at;
        // Something every ten minutes, up to 3:59:59.
        for (int i = 1; i < 24; ++i) {
            ward.people.clock.advance(10min);
            REQUIRE(ward.request(opened->token).has_value());
        }
        ward.people.clock.advance(9min + 59s);
        REQUIRE(ward.people.clock.now() == start + 4h - 1s);
        CHECK(ward.request(opened->token).has_value());
        ward.people.clock.advance(1s);

        const auto refused = ward.request(opened->token);
        CHECK(reason_of(refused) == "session.expired_absolute");
        CHECK(refused.error().kind == Refusal::unauthenticated);
        CHECK(ward.count("session.expired_absolute") == 1);
        // Once.
        CHECK(reason_of(ward.request(opened->token)) == "session.unknown");
        CHECK(ward.count("session.expired_absolute") == 1);
    });
}

TEST_CASE("S0-31: a clinician session locks after 60 minutes idle") {
    on_each_ward([](Ward& ward) {
        const auto clinician =
            ward.people.enrolled(ward.administrator, "clara.clinician", "clinician");
        const auto opened = ward.open_for(clinician);
        REQUIRE(opened.has_value());
        ward.people.clock.advance(59min + 59s);
        REQUIRE(ward.request(opened->token).has_value());
        // Looking without being a person's request does not reset the timer.
        ward.people.clock.advance(59min + 59s);
        const auto polled = ward.write([&](store::Tx& tx) {
            return resume(tx, ward.people.now(), digest_of(opened->token.expose()));
        });
        CHECK(polled.has_value());
        ward.people.clock.advance(1s);
        CHECK(reason_of(ward.request(opened->token)) == "session.expired_idle");
        CHECK(ward.count("session.expired_idle") == 1);
        CHECK(ward.count("session.expired_absolute") == 0);
        CHECK(reason_of(ward.request(opened->token)) == "session.unknown");
        CHECK(ward.count("session.expired_idle") == 1);
    });
}

TEST_CASE("S0-31: it ends 8 h after the sign-in even with activity, and step-up does not move that"
) {
    on_each_ward([](Ward& ward) {
        const auto clinician =
            ward.people.enrolled(ward.administrator, "clara.clinician", "clinician");
        auto opened = ward.open_for(clinician);
        REQUIRE(opened.has_value());
        const auto end = opened->session.created_at + 8h;
        auto token = std::move(opened->token);
        auto session = opened->session;
        for (int hour = 1; hour < 8; ++hour) {
            ward.people.clock.advance(59min);
            auto renewed = ward.step_up(session, clinician);
            REQUIRE(renewed.has_value());
            CHECK(renewed->session.ends_at == end);
            CHECK(renewed->session.last_proof_at == ward.people.clock.now());
            token = std::move(renewed->token);
            session = renewed->session;
            ward.people.clock.advance(1min);
            REQUIRE(ward.request(token).has_value());
        }
        ward.people.clock.advance(59min + 59s);
        REQUIRE(ward.people.clock.now() == end - 1s);
        CHECK(ward.request(token).has_value());
        ward.people.clock.advance(1s);
        CHECK(reason_of(ward.request(token)) == "session.expired_absolute");
        CHECK(ward.count("session.expired_absolute") == 1);
    });
}

TEST_CASE("S0-36: an administrator's session ends after 15 min 0 s without a request, and after 8 h"
) {
    on_each_ward([](Ward& ward) {
        const auto opened = ward.open_for(ward.administrator);
        REQUIRE(opened.has_value());
        ward.people.clock.advance(14min + 59s);
        CHECK(ward.request(opened->token).has_value());
        ward.people.clock.advance(15min);
        const auto refused = ward.request(opened->token);
        CHECK(reason_of(refused) == "session.expired_idle");
        CHECK(refused.error().kind == Refusal::unauthenticated);
        CHECK(ward.count("session.expired_idle") == 1);
        CHECK(opened->session.ends_at - opened->session.created_at <= 8h);
    });
}

TEST_CASE("S0-57: a token of the command line obeys the same limits") {
    on_each_ward([](Ward& ward) {
        const auto cli = ward.open_for(ward.administrator, Channel::cli);
        REQUIRE(cli.has_value());
        CHECK(cli->session.idle_max == 15min);
        CHECK(cli->session.ends_at - cli->session.created_at == 8h);
        ward.people.clock.advance(15min);
        CHECK(reason_of(ward.request(cli->token)) == "session.expired_idle");

        const auto busy = ward.open_for(ward.administrator, Channel::cli);
        REQUIRE(busy.has_value());
        for (int i = 0; i < 8 * 60 / 10 - 1; ++i) {
            ward.people.clock.advance(10min);
            REQUIRE(ward.request(busy->token).has_value());
        }
        ward.people.clock.advance(10min);
        CHECK(reason_of(ward.request(busy->token)) == "session.expired_absolute");
    });
}

TEST_CASE(
    "S0-08: idle timer, absolute timer, step-up age and termination each end or hold a session"
) {
    on_each_ward([](Ward& ward) {
        const auto idle = ward.open_for(ward.administrator);
        REQUIRE(idle.has_value());
        CHECK(
            reason_of(check_alive(idle->session, idle->session.created_at + 15min)) ==
            "session.expired_idle"
        );
        CHECK(check_alive(idle->session, idle->session.created_at + 15min - 1us).has_value());
        auto busy = idle->session;
        busy.last_active_at = busy.ends_at - 1min;
        CHECK(check_alive(busy, busy.ends_at - 1us).has_value());
        CHECK(reason_of(check_alive(busy, busy.ends_at)) == "session.expired_absolute");

        const auto subject = idle->session.subject();
        const policy::Question question{
            .subject = subject,
            .action = policy::Permission::user_manage,
            .needs_step_up = true,
            .device = std::nullopt,
            .about = std::nullopt,
            .grant = std::nullopt,
        };
        const auto proof_at = idle->session.last_proof_at;
        CHECK(policy::decide(ward.people.policy, question, proof_at + 5min - 1us).has_value());
        CHECK(
            reason_of(policy::decide(ward.people.policy, question, proof_at + 5min + 1us)) ==
            "policy.step_up"
        );

        ward.write([&](store::Tx& tx) {
            CHECK(
                end(tx,
                    ward.people.now(),
                    idle->session,
                    EndCause::logout,
                    ward.people.acting(ward.administrator))
            );
            CHECK_FALSE(
                end(tx,
                    ward.people.now(),
                    idle->session,
                    EndCause::logout,
                    ward.people.acting(ward.administrator))
            );
        });
        CHECK(reason_of(ward.request(idle->token)) == "session.unknown");
        CHECK(ward.count("session.terminated") == 1);
    });
}

TEST_CASE("S1-08 (part): an idle session is ended by the server although nobody asks") {
    on_each_ward([](Ward& ward) {
        const auto engineer = ward.engineer();
        const auto one = ward.open_for(ward.administrator);
        const auto two = ward.open_for(engineer);
        REQUIRE(one.has_value());
        REQUIRE(two.has_value());
        const auto expire = [&] {
            return ward.write([&](store::Tx& tx) { return end_expired(tx, ward.people.now()); });
        };
        ward.people.clock.advance(14min);
        REQUIRE(ward.request(two->token).has_value());
        ward.people.clock.advance(29s);
        CHECK(expire().empty());
        ward.people.clock.advance(1s);
        CHECK(expire() == std::vector<SessionId>{one->session.id});
        CHECK(expire().empty());
        const auto events = ward.people.events("session.expired_idle");
        REQUIRE(events.size() == 1);
        CHECK(events.front().system == "session-timer");
        CHECK(events.front().account_name == "anna.admin");
        CHECK(ward.request(two->token).has_value());
    });
}

TEST_CASE("a limit that the store says is not reached ends nothing") {
    on_each_ward([](Ward& ward) {
        const auto opened = ward.open_for(ward.administrator);
        REQUIRE(opened.has_value());
        ward.people.clock.advance(10min);
        REQUIRE(ward.request(opened->token).has_value());
        ward.people.clock.advance(10min);
        // A copy from before that request looks idle.
        REQUIRE_FALSE(check_alive(opened->session, ward.people.clock.now()).has_value());
        ward.write([&](store::Tx& tx) {
            CHECK_FALSE(
                end(tx,
                    ward.people.now(),
                    opened->session,
                    EndCause::idle,
                    audit::system_actor("session-timer"))
            );
        });
        CHECK(ward.request(opened->token).has_value());
        CHECK(ward.count("session.expired_idle") == 0);
    });
}

TEST_CASE("activity is never written backwards") {
    on_each_ward([](Ward& ward) {
        const auto opened = ward.open_for(ward.administrator);
        REQUIRE(opened.has_value());
        const auto start = ward.people.clock.now();
        const auto last = ward.write([&](store::Tx& tx) {
            touch(tx, opened->session.id, start + 5min);
            touch(tx, opened->session.id, start + 1min);
            return find(tx, opened->session.id).value().last_active_at;
        });
        CHECK(last == start + 5min);
    });
}

TEST_CASE("the end of a session can't be moved, not even by a statement") {
    on_each_ward([](Ward& ward) {
        const auto opened = ward.open_for(ward.administrator);
        REQUIRE(opened.has_value());
        for (const auto* sql :
             {"UPDATE session SET ends_at = ends_at + 1",
              "UPDATE session SET idle_max = idle_max + 1",
              "UPDATE session SET created_at = created_at + 1",
              "UPDATE session SET created_at = created_at - 1",
              "UPDATE session SET created_at = created_at + 1, ends_at = ends_at + 1"}) {
            CAPTURE(sql);
            CHECK_THROWS(ward.write([&](store::Tx& tx) { tx.execute(sql); }));
        }
        ward.write([&](store::Tx& tx) {
            end(tx,
                ward.people.now(),
                opened->session,
                EndCause::admin,
                ward.people.acting(ward.administrator));
        });
        CHECK_THROWS(ward.write([&](store::Tx& tx) {
            tx.execute("UPDATE session SET ended_at = NULL, end_cause = NULL");
        }));
    });
}

TEST_CASE("a clock that is set back lengthens no session") {
    on_each_ward([](Ward& ward) {
        auto& clock = ward.people.clock;
        const auto opened = ward.open_for(ward.administrator);
        REQUIRE(opened.has_value());
        clock.advance(10min);
        clock.step_wall(-1h);
        ward.write([](store::Tx& tx) { set_back(tx, 1h); });

        const auto moved = ward.write([&](store::Tx& tx) { return find(tx, opened->session.id); });
        REQUIRE(moved.has_value());
        CHECK(moved->ends_at == opened->session.ends_at - 1h);
        CHECK(moved->last_proof_at == opened->session.last_proof_at - 1h);
        // 15 minutes idle are over 5 minutes later, and 8 hours 7 h 50 min later.
        const auto now = clock.now();
        CHECK(check_alive(*moved, now + 5min - 1us).has_value());
        CHECK(reason_of(check_alive(*moved, now + 5min)) == "session.expired_idle");
        CHECK(reason_of(check_alive(*moved, now + 7h + 50min)) == "session.expired_absolute");
    });
}

TEST_CASE("everybody is signed out at once, on every host, and no code hands a session on") {
    on_each_ward([](Ward& ward) {
        const auto engineer = ward.engineer();
        const auto one = ward.open_for(ward.administrator);
        const auto other = ward.open_for(engineer);
        REQUIRE(one.has_value());
        REQUIRE(other.has_value());
        const auto by = audit::system_actor("operator");

        const auto ended = ward.write([&](store::Tx& tx) {
            return end_everybody(tx, ward.people.now(), EndCause::admin, by);
        });

        CHECK(ended == 2);
        CHECK(reason_of(ward.request(one->token)) == "session.unknown");
        CHECK(reason_of(ward.request(other->token)) == "session.unknown");
        CHECK(ward.count("session.terminated") == 2);
        CHECK(ward.write([](store::Tx& tx) {
            return tx.query("SELECT COUNT(*) FROM handoff_code").front().integer(0);
        }) == 0);
    });
}

TEST_CASE("S0-37: step-up renews the proof and the token; the old token is dead at once") {
    on_each_ward([](Ward& ward) {
        const auto opened = ward.open_for(ward.administrator);
        REQUIRE(opened.has_value());
        ward.people.clock.advance(6min);
        const auto renewed = ward.step_up(opened->session, ward.administrator);
        REQUIRE(renewed.has_value());
        CHECK(renewed->session.id == opened->session.id);
        CHECK(renewed->session.last_proof_at == ward.people.clock.now());
        CHECK(renewed->session.factor.amr == "otp");
        CHECK(renewed->session.proven == policy::Strength::two_factors);
        CHECK(renewed->session.csrf_key == opened->session.csrf_key);
        CHECK(reason_of(ward.request(opened->token)) == "session.unknown");
        CHECK(ward.request(renewed->token).has_value());
        CHECK(ward.count("session.rotated") == 1);
    });
}

TEST_CASE("a proof renews its own account's session only, and only one that is open") {
    on_each_ward([](Ward& ward) {
        const auto engineer = ward.engineer();
        const auto mine = ward.open_for(ward.administrator);
        REQUIRE(mine.has_value());
        auto foreign = ward.people.sign_in(engineer);
        REQUIRE(foreign.has_value());
        CHECK(reason_of(ward.write([&](store::Tx& tx) {
                  return renew_proof(
                      tx, ward.people.now(), mine->session, *std::move(foreign), ward.people.where
                  );
              })) == "session.other_account");

        ward.write([&](store::Tx& tx) {
            end(tx,
                ward.people.now(),
                mine->session,
                EndCause::logout,
                ward.people.acting(ward.administrator));
        });
        ward.people.clock.advance(30s);
        CHECK(reason_of(ward.step_up(mine->session, ward.administrator)) == "session.ended");
    });
}

TEST_CASE("a proof of one factor opens no session where the role asks for two") {
    on_each_ward([](Ward& ward) {
        const auto opened = ward.open_for(ward.administrator);
        REQUIRE(opened.has_value());
        ward.people.clock.advance(30s);
        const authn::StepUp flow(ward.people.context);
        auto actor = ward.people.acting(ward.administrator);
        actor.session = opened->session.id;
        auto weak = ward.write([&](store::Tx& tx) {
            return flow.finish(
                tx,
                ward.people.now(),
                ward.people.policy,
                ward.administrator.account,
                {.passphrase = std::nullopt, .code = ward.people.code(ward.administrator)},
                actor,
                "pwd+otp"
            );
        });
        REQUIRE(weak.has_value());
        CHECK(reason_of(ward.open_with(*std::move(weak))) == "session.too_weak");
    });
}

TEST_CASE("a closed account opens no session, nor does a clock that can't be believed") {
    on_each_ward([](Ward& ward) {
        auto proof = ward.people.sign_in(ward.administrator);
        REQUIRE(proof.has_value());
        CHECK(reason_of(ward.write([&](store::Tx& tx) {
                  const auto now = ward.people.now();
                  const Moment behind{
                      now.now, now.monotonic, ClockState::behind, now.random, now.node
                  };
                  auto taken = *std::move(proof);
                  return open(
                      tx,
                      behind,
                      ward.people.policy,
                      std::move(taken),
                      ward.people.where,
                      Channel::web
                  );
              })) == "clock.behind");

        proof = ward.people.sign_in(ward.administrator);
        REQUIRE(proof.has_value());
        ward.write([&](store::Tx& tx) {
            directory::set_account_state(
                tx, ward.administrator.account, directory::AccountState::suspended
            );
        });
        CHECK(reason_of(ward.open_with(*std::move(proof))) == "account.not_active");
    });
}

TEST_CASE("S0-73: a session whose token was seen in a URL is ended, and says so") {
    on_each_ward([](Ward& ward) {
        const auto opened = ward.open_for(ward.administrator);
        REQUIRE(opened.has_value());
        ward.write([&](store::Tx& tx) {
            CHECK(
                end(tx,
                    ward.people.now(),
                    opened->session,
                    EndCause::token_in_url,
                    audit::system_actor("http"))
            );
        });
        CHECK(reason_of(ward.request(opened->token)) == "session.unknown");
        const auto events = ward.people.events("session.terminated");
        REQUIRE(events.size() == 1);
        CHECK(events.front().leaf_json.find("token_in_url") != std::string::npos);
    });
}

// A session on a device's host, made as the handoff makes it.
Opened on_host(Ward& ward, const Session& parent, const std::string& host) {
    auto child = ward.write([&](store::Tx& tx) {
        return open_on_host(tx, ward.people.now(), parent, host);
    });
    REQUIRE(child.has_value());
    return *std::move(child);
}

TEST_CASE("a device host's session shares ends and proof with its sign-in, and dies with it") {
    on_each_ward([](Ward& ward) {
        const auto engineer = ward.engineer();
        const auto parent = ward.open_for(engineer);
        REQUIRE(parent.has_value());
        ward.people.clock.advance(1min);
        const auto child = on_host(ward, parent->session, "pump-07.gate.localhost");
        CHECK(child.session.channel == Channel::host);
        CHECK(child.session.parent == parent->session.id);
        CHECK(child.session.root() == parent->session.id);
        CHECK(child.session.host == "pump-07.gate.localhost");
        CHECK(child.session.ends_at == parent->session.ends_at);
        CHECK(child.session.last_proof_at == parent->session.last_proof_at);
        CHECK(child.session.csrf_key != parent->session.csrf_key);
        CHECK(ward.request(child.token).has_value());

        ward.people.clock.advance(1min);
        REQUIRE(ward.step_up(parent->session, engineer).has_value());
        const auto after = ward.request(child.token);
        REQUIRE(after.has_value());
        CHECK(after->last_proof_at == ward.people.clock.now());

        ward.write([&](store::Tx& tx) {
            CHECK(list_open(tx, engineer.account).size() == 2);
            CHECK(
                end(tx,
                    ward.people.now(),
                    parent->session,
                    EndCause::logout,
                    ward.people.acting(engineer))
            );
            CHECK(list_open(tx, engineer.account).empty());
        });
        CHECK(reason_of(ward.request(child.token)) == "session.unknown");
        CHECK(ward.count("session.terminated") == 1);
    });
}

TEST_CASE("working on a device keeps the sign-in alive, and the other way round") {
    on_each_ward([](Ward& ward) {
        const auto engineer = ward.engineer();
        const auto parent = ward.open_for(engineer);
        REQUIRE(parent.has_value());
        const auto child = on_host(ward, parent->session, "pump-07.gate.localhost");
        ward.people.clock.advance(14min);
        REQUIRE(ward.request(child.token).has_value());
        ward.people.clock.advance(14min);
        REQUIRE(ward.request(parent->token).has_value());
        ward.people.clock.advance(14min);
        REQUIRE(ward.request(child.token).has_value());
        ward.people.clock.advance(15min);
        CHECK(reason_of(ward.request(child.token)) == "session.expired_idle");
        CHECK(reason_of(ward.request(parent->token)) == "session.unknown");
        CHECK(ward.count("session.expired_idle") == 1);
    });
}

TEST_CASE("leaving one device leaves the sign-in") {
    on_each_ward([](Ward& ward) {
        const auto engineer = ward.engineer();
        const auto parent = ward.open_for(engineer);
        REQUIRE(parent.has_value());
        const auto child = on_host(ward, parent->session, "pump-07.gate.localhost");
        ward.write([&](store::Tx& tx) {
            CHECK(end(
                tx, ward.people.now(), child.session, EndCause::logout, ward.people.acting(engineer)
            ));
        });
        CHECK(reason_of(ward.request(child.token)) == "session.unknown");
        CHECK(ward.request(parent->token).has_value());
    });
}

TEST_CASE("what a device host's session opens is cut with its sign-in, and alone with itself") {
    on_each_ward([](Ward& ward) {
        const auto engineer = ward.engineer();
        const auto parent = ward.open_for(engineer);
        REQUIRE(parent.has_value());
        const auto pump = on_host(ward, parent->session, "pump-07.gate.localhost").session;
        const auto other = on_host(ward, parent->session, "pump-08.gate.localhost").session;
        // As the store gives them back, too.
        const auto stored = ward.write([&](store::Tx& tx) { return find(tx, other.id); });
        REQUIRE(stored.has_value());

        policy::Leases leases;
        std::vector<SessionId> cut;
        const auto hold = [&](const Session& session) {
            const auto subject = session.subject();
            const policy::Question question{
                .subject = subject,
                .action = policy::Permission::self_read,
                .device = std::nullopt,
                .about = std::nullopt,
                .grant = std::nullopt,
            };
            const auto permit =
                policy::decide(ward.people.policy, question, ward.people.clock.now());
            REQUIRE(permit.has_value());
            const auto connection =
                ConnectionId::fresh(ward.people.clock.now(), ward.people.random);
            return leases.hold(*permit, connection, [&cut, id = session.id](policy::CutCause) {
                cut.push_back(id);
            });
        };
        const auto first = hold(pump);
        const auto second = hold(*stored);

        CHECK(leases.cut_session(pump.id, policy::CutCause::session_ended) == 1);
        CHECK(cut == std::vector{pump.id});
        CHECK(leases.cut_session(parent->session.id, policy::CutCause::logout) == 1);
        CHECK(cut == std::vector{pump.id, other.id});
    });
}

TEST_CASE("all sessions of an account end together, and nobody else's") {
    on_each_ward([](Ward& ward) {
        const auto engineer = ward.engineer();
        const auto web = ward.open_for(engineer);
        const auto cli = ward.open_for(engineer, Channel::cli);
        const auto other = ward.open_for(ward.administrator);
        REQUIRE(web.has_value());
        REQUIRE(cli.has_value());
        REQUIRE(other.has_value());
        const auto child = on_host(ward, web->session, "pump-07.gate.localhost");
        const auto ended = ward.write([&](store::Tx& tx) {
            return end_all(
                tx,
                ward.people.now(),
                engineer.account,
                EndCause::role_change,
                ward.people.acting(ward.administrator)
            );
        });
        CHECK(ended == std::vector<SessionId>{web->session.id, cli->session.id, child.session.id});
        CHECK_FALSE(ward.request(web->token).has_value());
        CHECK_FALSE(ward.request(cli->token).has_value());
        CHECK_FALSE(ward.request(child.token).has_value());
        CHECK(ward.request(other->token).has_value());
        CHECK(ward.count("session.terminated") == 2);
    });
}

std::string bytes_of_folder(const std::filesystem::path& folder) {
    std::string all;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        std::ifstream in(file.path(), std::ios::binary);
        all.append(std::istreambuf_iterator<char>(in), {});
    }
    return all;
}

TEST_CASE("S0-47: a dump of the database holds no session token and no handoff code") {
    test::SqliteFixture fixture;
    Ward ward(fixture.database());
    const auto opened = ward.open_for(ward.administrator);
    REQUIRE(opened.has_value());
    const auto child = on_host(ward, opened->session, "pump-07.gate.localhost");
    const test::Sender browser;
    const HandoffTarget pump{"pump-07.gate.localhost", digest_of(as_bytes("nonce"))};
    const auto code = ward.write([&](store::Tx& tx) {
        browser.bind(tx, ward.people.now(), *opened);
        return browser.hand_off(
            tx,
            ward.people.now(),
            ward.people.keys,
            opened->session,
            pump,
            ward.people.acting(ward.administrator)
        );
    });
    REQUIRE(code.has_value());
    fixture.close();
    const auto dump = bytes_of_folder(std::filesystem::path(fixture.settings().path).parent_path());

    const auto digest = digest_of(opened->token.expose());
    CHECK(dump.find(as_text(digest)) != std::string::npos);
    for (const auto* token : {&opened->token, &child.token, &*code}) {
        CHECK(dump.find(as_text(token->expose())) == std::string::npos);
        CHECK(dump.find(to_hex(token->expose())) == std::string::npos);
        CHECK(dump.find(to_base64url(token->expose())) == std::string::npos);
    }
}

}  // namespace

}  // namespace sallyport::session
