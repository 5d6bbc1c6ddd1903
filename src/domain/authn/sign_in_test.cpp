#include "domain/authn/sign_in.h"

#include "tests/support/databases.h"
#include "tests/support/people.h"

#include "domain/authn/authenticator.h"
#include "domain/authn/throttle.h"

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>

namespace sallyport::authn {

namespace {

using namespace std::chrono_literals;
using test::People;
using test::secret;
using test::TestPerson;

// Runs `body` with an administrator and an engineer, on every engine.
template <class Body>
void with_people(Body body) {
    test::for_each_engine([&](store::Database& database) {
        People people(database);
        const auto administrator = people.first_administrator();
        const auto engineer = people.enrolled(administrator, "erik.engineer", "engineer");
        people.clock.advance(1min);
        body(people, administrator, engineer);
    });
}

std::string reason_of(const auto& result) {
    return result ? "ok" : std::string(result.error().reason);
}

std::string why_of(const auto& result) {
    return result ? "ok" : result.error().detail;
}

TEST_CASE("both factors, and the proof names them") {
    with_people([](People& people, const TestPerson&, const TestPerson& engineer) {
        const auto proof = people.sign_in(engineer);
        REQUIRE(proof.has_value());
        CHECK(proof->account() == engineer.account);
        CHECK(proof->strength() == policy::Strength::two_factors);
        CHECK(proof->factor().amr == "pwd+otp");
        CHECK(proof->factor().aal == 2);
        CHECK(proof->at() == people.clock.now());

        const auto bound = people.database().read([&](store::Tx& tx) {
            return list_authenticators(tx, engineer.account);
        });
        std::string ids;
        for (const auto& each : bound) {
            if (each.kind == AuthenticatorKind::recovery_codes) continue;
            ids += (ids.empty() ? "" : "+") + each.id.text();
            CHECK(each.last_used_at == people.clock.now());
        }
        CHECK(proof->factor().authenticator_id.size() == ids.size());

        const auto prompts = people.events("authn.mfa_prompt");
        REQUIRE(prompts.size() == 1);
        CHECK(prompts.front().account_name == "erik.engineer");
        CHECK(people.events("authn.success").empty());  // session::open() writes it
        CHECK(people.events("authn.failure").empty());
    });
}

TEST_CASE("the login name may be typed in capitals, the code in groups") {
    with_people([](People& people, const TestPerson&, const TestPerson& engineer) {
        auto form = people.first_form("Erik.ENGINEER", engineer.passphrase);
        REQUIRE(form.has_value());
        auto code = people.code(engineer);
        code.insert(3, " ");
        CHECK(people.second_form(form->token, code).has_value());
    });
}

TEST_CASE(
    "S0-16 (part): for unknown names, wrong passphrases and closed accounts the forms are the same"
) {
    with_people([](People& people, const TestPerson& admin, const TestPerson& engineer) {
        const auto closed = people.enrolled(admin, "carl.closed", "engineer");
        const auto pending = people.pending(admin, "paula.pending", "engineer");
        people.database().write([&](store::Tx& tx) {
            directory::set_account_state(tx, closed.account, directory::AccountState::suspended);
        });
        people.clock.advance(1min);

        struct Case {
            std::string identifier;
            std::string passphrase;
            std::string code;
            std::string why;  // in the log only
        };

        const std::vector<Case> cases = {
            {"nobody.here", "whatever it is", "123456", "identifier.unknown"},
            {"", "whatever it is", "123456", "identifier.unknown"},
            {"my passphrase by mistake!", "erik.engineer", "123456", "identifier.unknown"},
            {std::string(5000, 'x'), "whatever", "123456", "identifier.unknown"},
            {engineer.login_name, "wrong", people.code(engineer), "passphrase.wrong"},
            {engineer.login_name, "", people.code(engineer), "passphrase.wrong"},
            {closed.login_name, closed.passphrase, people.code(closed), "account.not_active"},
            {pending.login_name.text(), "anything", "123456", "passphrase.none"},
        };
        for (const auto& each : cases) {
            CAPTURE(each.identifier);
            const auto before = people.events("authn.failure").size();
            const auto form = people.first_form(each.identifier, each.passphrase);
            REQUIRE(form.has_value());
            CHECK_FALSE(form->proof.has_value());

            const auto end = people.second_form(form->token, each.code);
            REQUIRE_FALSE(end.has_value());
            CHECK(end.error().kind == Refusal::unauthenticated);
            CHECK(end.error().reason == "authn.refused");

            const auto failures = people.events("authn.failure");
            REQUIRE(failures.size() == before + 1);
            const bool logged = std::ranges::any_of(failures, [&](const auto& entry) {
                return entry.reason == each.why;
            });
            CHECK(logged);
        }
        // And the right passphrase with the wrong code ends the same way.
        const auto form = people.first_form(engineer.login_name, engineer.passphrase);
        REQUIRE(form.has_value());
        CHECK(reason_of(people.second_form(form->token, "000000")) == "authn.refused");
    });
}

TEST_CASE("S0-16 (part): the same work is done for a name that nobody has") {
    with_people([](People& people, const TestPerson&, const TestPerson& engineer) {
        const auto known = people.first_form(engineer.login_name, "wrong");
        const auto unknown = people.first_form("nobody.here", "wrong");
        REQUIRE(known.has_value());
        REQUIRE(unknown.has_value());
        // Both are argon2id at one cost: only salt and digest differ.
        const auto cost = [](const std::string& verifier) {
            return verifier.substr(0, verifier.find("p=1") + 3);
        };
        CHECK(known->verifier.size() == unknown->verifier.size());
        CHECK(cost(known->verifier) == cost(unknown->verifier));
        CHECK(cost(known->verifier).find("argon2id") != std::string::npos);
    });
}

TEST_CASE(
    "S0-64 (part): each failure leaves one record, with the reason that the caller is not told"
) {
    with_people([](People& people, const TestPerson&, const TestPerson& engineer) {
        // Wrong passphrase, although the second form is sent too.
        auto form = people.first_form(engineer.login_name, "wrong");
        REQUIRE(form.has_value());
        (void)people.second_form(form->token, people.code(engineer));
        CHECK(people.events("authn.failure").size() == 1);
        // Wrong code.
        people.clock.advance(30s);
        form = people.first_form(engineer.login_name, engineer.passphrase);
        REQUIRE(form.has_value());
        CHECK(why_of(people.second_form(form->token, "000000")) == "totp.wrong");
        CHECK(people.events("authn.failure").size() == 2);
        // Malformed code.
        form = people.first_form(engineer.login_name, engineer.passphrase);
        REQUIRE(form.has_value());
        CHECK(why_of(people.second_form(form->token, "let me in")) == "code.malformed");
        CHECK(people.events("authn.failure").size() == 3);
        // Too late.
        form = people.first_form(engineer.login_name, engineer.passphrase);
        REQUIRE(form.has_value());
        people.clock.advance(10min);
        CHECK(
            reason_of(people.second_form(form->token, people.code(engineer))) == "authn.flow_over"
        );
        CHECK(people.events("authn.failure").size() == 4);
        for (const auto& entry : people.events("authn.failure")) {
            CHECK(entry.account_name == "erik.engineer");
            CHECK(entry.outcome == "refused");
        }
    });
}

TEST_CASE("S0-64 (part): what was typed as an unknown name is kept as a keyed hash only") {
    with_people([](People& people, const TestPerson&, const TestPerson&) {
        const std::string typed = "my-secret-passphrase-typed-in-the-wrong-field";
        REQUIRE(people.first_form(typed, "x").has_value());
        REQUIRE(people.first_form(typed, "x").has_value());
        const auto failures = people.events("authn.failure");
        REQUIRE(failures.size() == 2);
        for (const auto& entry : people.events("")) {
            CHECK(entry.leaf_json.find("my-secret") == std::string::npos);
            CHECK(entry.personal_json.find("my-secret") == std::string::npos);
        }
        CHECK(failures.front().object.starts_with("name:"));
        CHECK(failures.front().object == failures.back().object);
        const People elsewhere(people.database());
        CHECK(name_of(elsewhere.keys, typed) != failures.front().object);
    });
}

TEST_CASE("a flow ends with its second form, whatever came of it") {
    with_people([](People& people, const TestPerson&, const TestPerson& engineer) {
        auto form = people.first_form(engineer.login_name, engineer.passphrase);
        REQUIRE(form.has_value());
        CHECK(reason_of(people.second_form(form->token, "000000")) == "authn.refused");
        CHECK(
            reason_of(people.second_form(form->token, people.code(engineer))) == "authn.flow_over"
        );

        form = people.first_form(engineer.login_name, engineer.passphrase);
        REQUIRE(form.has_value());
        CHECK(people.second_form(form->token, people.code(engineer)).has_value());
        people.clock.advance(30s);
        CHECK(
            reason_of(people.second_form(form->token, people.code(engineer))) == "authn.flow_over"
        );
        const auto invented = crypto::Secret::random(32);
        CHECK(reason_of(people.second_form(invented, people.code(engineer))) == "authn.flow_over");
    });
}

TEST_CASE("a first form can't be answered twice") {
    with_people([](People& people, const TestPerson&, const TestPerson& engineer) {
        const SignIn sign_in(people.context);
        const auto begun = people.database().write([&](store::Tx& tx) {
            return sign_in.begin(
                tx, people.now(), people.policy, {engineer.login_name}, people.where
            );
        });
        REQUIRE(begun.has_value());
        const auto record = [&](bool correct) {
            return people.database().write([&](store::Tx& tx) {
                return sign_in.record(
                    tx,
                    people.now(),
                    people.policy,
                    begun->token.expose(),
                    {.correct = correct},
                    people.where
                );
            });
        };
        CHECK(record(false).has_value());
        CHECK(reason_of(record(true)) == "authn.flow_over");
        CHECK(
            reason_of(people.second_form(begun->token, people.code(engineer))) == "authn.refused"
        );
    });
}

TEST_CASE("a passphrase that was revoked while it was being hashed opens nothing") {
    with_people([](People& people, const TestPerson& admin, const TestPerson& engineer) {
        const SignIn sign_in(people.context);
        auto begun = people.database().write([&](store::Tx& tx) {
            return sign_in.begin(
                tx, people.now(), people.policy, {engineer.login_name}, people.where
            );
        });
        REQUIRE(begun.has_value());
        people.database().write([&](store::Tx& tx) {
            return revoke_all_authenticators(
                tx, people.now(), engineer.account, RevokeCause::lost, people.acting(admin)
            );
        });
        const auto next = people.database().write([&](store::Tx& tx) {
            return sign_in.record(
                tx,
                people.now(),
                people.policy,
                begun->token.expose(),
                {.correct = true},
                people.where
            );
        });
        REQUIRE(next.has_value());
        CHECK_FALSE(next->proof.has_value());
        CHECK(why_of(people.second_form(begun->token, people.code(engineer))) != "ok");
    });
}

TEST_CASE(
    "where the role has one factor, the right passphrase is enough and a wrong one looks as ever"
) {
    with_people([](People& people, const TestPerson& admin, const TestPerson&) {
        const auto patient = people.enrolled(admin, "petra.patient", "patient");
        CHECK(patient.recovery_codes.empty());
        const auto right = people.first_form(patient.login_name, patient.passphrase);
        REQUIRE(right.has_value());
        REQUIRE(right->proof.has_value());
        CHECK(right->proof->strength() == policy::Strength::one_factor);
        CHECK(right->proof->factor().amr == "pwd");

        const auto wrong = people.first_form(patient.login_name, "wrong");
        REQUIRE(wrong.has_value());
        CHECK_FALSE(wrong->proof.has_value());
        CHECK(reason_of(people.second_form(wrong->token, "123456")) == "authn.refused");
    });
}

TEST_CASE("S0-42: equal passphrases have different verifiers, and old ones are upgraded at sign-in"
) {
    with_people([](People& people, const TestPerson& admin, const TestPerson& engineer) {
        const auto verifier_of = [&](const AccountId& account) {
            return people.database().read([&](store::Tx& tx) {
                return tx
                    .query(
                        "SELECT verifier FROM passphrase_verifier v JOIN authenticator a "
                        "ON a.id = v.authenticator_id WHERE a.account_id = ?",
                        {account.text()}
                    )
                    .front()
                    .text(0);
            });
        };
        const auto one = make_verifier(people.context, secret("seven grey herons"));
        const auto two = make_verifier(people.context, secret("seven grey herons"));
        REQUIRE(one.has_value());
        REQUIRE(two.has_value());
        CHECK(*one != *two);

        const auto old_verifier = verifier_of(engineer.account);
        people.context.cost.passes += 1;
        people.clock.advance(30s);
        const auto form = people.first_form(engineer.login_name, engineer.passphrase);
        REQUIRE(form.has_value());
        REQUIRE(form->upgrade.has_value());
        const auto fresh = make_verifier(people.context, secret(engineer.passphrase));
        REQUIRE(fresh.has_value());
        const SignIn sign_in(people.context);
        people.database().write([&](store::Tx& tx) {
            sign_in.upgrade_verifier(tx, *form->upgrade, form->verifier, *fresh);
        });

        const auto upgraded = verifier_of(engineer.account);
        CHECK(upgraded != old_verifier);
        CHECK_FALSE(crypto::needs_rehash(upgraded, people.context.cost));
        const auto next = people.sign_in(engineer);
        CHECK(next.has_value());
        const auto again = people.first_form(engineer.login_name, engineer.passphrase);
        REQUIRE(again.has_value());
        CHECK_FALSE(again->upgrade.has_value());
        // A wrong passphrase upgrades nothing.
        people.context.cost.passes += 1;
        const auto wrong = people.first_form(admin.login_name, "wrong");
        REQUIRE(wrong.has_value());
        CHECK_FALSE(wrong->upgrade.has_value());
    });
}

TEST_CASE("S1-13 (part): a code opens one sign-in, not two that run side by side") {
    with_people([](People& people, const TestPerson&, const TestPerson& engineer) {
        const auto one = people.first_form(engineer.login_name, engineer.passphrase);
        const auto two = people.first_form(engineer.login_name, engineer.passphrase);
        REQUIRE(one.has_value());
        REQUIRE(two.has_value());
        const auto code = people.code(engineer);
        CHECK(people.second_form(one->token, code).has_value());
        const auto replay = people.second_form(two->token, code);
        CHECK(reason_of(replay) == "authn.refused");
        CHECK(why_of(replay) == "totp.replayed");
        CHECK(people.events("authn.replay_detected").size() == 1);
        CHECK(people.events("authn.failure").empty());
    });
}

TEST_CASE("S1-19: of five sign-ins that show one code at the same time, one succeeds") {
    with_people([](People& people, const TestPerson&, const TestPerson& engineer) {
        std::vector<crypto::Secret> flows;
        for (int i = 0; i < 5; ++i) {
            auto form = people.first_form(engineer.login_name, engineer.passphrase);
            REQUIRE(form.has_value());
            flows.push_back(std::move(form->token));
        }
        const auto code = people.code(engineer);
        crypto::SystemRandom dice;  // the replayed ones are for one thread
        const test::Moments moments(people.clock, dice);
        const SignIn sign_in(people.context);
        std::atomic<int> signed_in = 0;
        std::atomic<int> replays = 0;
        std::atomic<int> throttled = 0;
        std::vector<std::jthread> threads;
        for (const auto& flow : flows) {
            threads.emplace_back([&] {
                const auto proof = people.database().write([&](store::Tx& tx) {
                    return sign_in.submit_code(
                        tx, moments.now(), people.policy, flow.expose(), code, people.where
                    );
                });
                if (proof) {
                    ++signed_in;
                } else if (proof.error().kind == Refusal::throttled) {
                    ++throttled;
                } else if (proof.error().detail == "totp.replayed") {
                    ++replays;
                }
            });
        }
        threads.clear();
        CHECK(signed_in == 1);
        CHECK(replays + throttled == 4);
        CHECK(people.events("authn.replay_detected").size() == static_cast<std::size_t>(replays));
    });
}

// A fixture is SqliteFixture or PostgresFixture.
template <class Fixture>
void check_replay_across_restart() {
    Fixture fixture;
    People people(fixture.database());
    const auto admin = people.first_administrator();
    people.clock.advance(1min);
    const auto code = people.code(admin);
    auto form = people.first_form(admin.login_name, admin.passphrase);
    REQUIRE(form.has_value());
    REQUIRE(people.second_form(form->token, code).has_value());

    fixture.close();
    fixture.reopen();
    people.reopened(fixture.database());

    form = people.first_form(admin.login_name, admin.passphrase);
    REQUIRE(form.has_value());
    const auto replay = people.second_form(form->token, code);
    REQUIRE_FALSE(replay.has_value());
    CHECK(replay.error().detail == "totp.replayed");
    CHECK(people.events("authn.replay_detected").size() == 1);

    // The step before is spent as well; the next one is good.
    form = people.first_form(admin.login_name, admin.passphrase);
    REQUIRE(form.has_value());
    const auto before = totp_code(admin.seed, totp_step(people.clock.now() - 30s));
    CHECK(why_of(people.second_form(form->token, before)) == "totp.replayed");
    people.clock.advance(30s);
    form = people.first_form(admin.login_name, admin.passphrase);
    REQUIRE(form.has_value());
    CHECK(people.second_form(form->token, people.code(admin)).has_value());
}

TEST_CASE("L-09, S1-19: a code that was accepted is refused after a restart (SQLite)") {
    check_replay_across_restart<test::SqliteFixture>();
}

TEST_CASE("L-09, S1-19: a code that was accepted is refused after a restart (PostgreSQL)") {
    if (test::postgres_socket_folder().empty()) return;
    check_replay_across_restart<test::PostgresFixture>();
}

TEST_CASE("S1-19: a code that one node accepted is refused at another") {
    if (test::postgres_socket_folder().empty()) return;
    test::PostgresFixture fixture;
    const auto other = store::open_postgres(fixture.settings());
    People people(fixture.database());
    const auto admin = people.first_administrator();
    people.clock.advance(1min);
    // Both first forms were right before either code came.
    const auto here = people.first_form(admin.login_name, admin.passphrase);
    REQUIRE(here.has_value());
    people.reopened(*other);
    const auto there = people.first_form(admin.login_name, admin.passphrase);
    REQUIRE(there.has_value());
    const auto code = people.code(admin);
    CHECK(people.second_form(there->token, code).has_value());
    people.reopened(fixture.database());
    CHECK(why_of(people.second_form(here->token, code)) == "totp.replayed");
}

TEST_CASE(
    "S0-64 (part): five wrong passphrases slow the account down, right ones included, nobody exempt"
) {
    with_people([](People& people, const TestPerson& admin, const TestPerson& engineer) {
        for (const auto* person : {&admin, &engineer}) {
            for (int i = 0; i < 5; ++i) {
                CHECK(people.first_form(person->login_name, "wrong").has_value());
            }
            const auto sixth = people.first_form(person->login_name, person->passphrase);
            REQUIRE_FALSE(sixth.has_value());
            CHECK(sixth.error().kind == Refusal::throttled);
            CHECK(sixth.error().reason == "authn.throttled");
            people.clock.advance(1s);
            CHECK(people.first_form(person->login_name, person->passphrase).has_value());
        }
        CHECK(people.events("authn.throttled").size() == 2);
    });
}

TEST_CASE("S0-16 (part): a name that nobody has is slowed down just the same") {
    with_people([](People& people, const TestPerson&, const TestPerson& engineer) {
        const auto waits_of = [&](const std::string& name) {
            std::vector<std::string> seen;
            for (int i = 0; i < 9; ++i) {
                const auto form = people.first_form(name, "wrong");
                seen.push_back(form ? "form" : form.error().detail);
                if (!form) people.clock.advance(1s);
            }
            return seen;
        };
        const auto known = waits_of(engineer.login_name);
        people.where.source = "198.51.100.3";
        people.clock.advance(24h);
        CHECK(waits_of("nobody.here") == known);
        CHECK(known[5] == "retry after 1 s");
    });
}

TEST_CASE("S0-64 (part): being slowed down does not tell whether the passphrase was right") {
    with_people([](People& people, const TestPerson& admin, const TestPerson& engineer) {
        const auto course = [&](const TestPerson& person, const std::string& passphrase) {
            std::vector<std::string> seen;
            for (int i = 0; i < 8; ++i) {
                const auto form = people.first_form(person.login_name, passphrase);
                seen.push_back(reason_of(form));
                if (form) seen.push_back(reason_of(people.second_form(form->token, "000000")));
                if (!form) people.clock.advance(1s);
            }
            return seen;
        };
        const auto right = course(engineer, engineer.passphrase);
        people.where.source = "198.51.100.3";
        CHECK(course(admin, "wrong") == right);
        CHECK(std::ranges::count(right, "authn.throttled") > 0);
    });
}

// Five first forms, so that their codes can be given when it suits.
std::vector<crypto::Secret> five_flows(
    People& people, const std::string& login_name, const std::string& passphrase
) {
    std::vector<crypto::Secret> flows;
    for (int i = 0; i < 5; ++i) {
        auto form = people.first_form(login_name, passphrase);
        REQUIRE(form.has_value());
        flows.push_back(std::move(form->token));
    }
    return flows;
}

TEST_CASE("S0-64 (part): codes that were held back do not make the wait tell a right passphrase") {
    with_people([](People& people, const TestPerson& admin, const TestPerson& engineer) {
        // The codes' wait outlasts the passphrases', so the next code meets it.
        const auto told = [&](const TestPerson& person, const std::string& passphrase) {
            const auto flows = five_flows(people, person.login_name, "wrong");
            people.clock.advance(1s);
            for (const auto& flow : flows) {
                CHECK(reason_of(people.second_form(flow, "000000")) == "authn.refused");
            }
            const auto form = people.first_form(person.login_name, passphrase);
            REQUIRE(form.has_value());
            return reason_of(people.second_form(form->token, "000000"));
        };
        CHECK(told(engineer, engineer.passphrase) == "authn.throttled");
        CHECK(told(admin, "wrong") == "authn.throttled");
    });
}

TEST_CASE("S0-64 (part): codes behind a wrong passphrase do not slow down the holder's step-up") {
    with_people([](People& people, const TestPerson&, const TestPerson& engineer) {
        const auto failures = [&](const std::string& subject) {
            return people.database().read([&](store::Tx& tx) {
                return tx
                    .query(
                        "SELECT COALESCE(SUM(failures), 0) FROM throttle "
                        "WHERE kind = 'totp' AND subject = ?",
                        {subject}
                    )
                    .front()
                    .integer(0);
            });
        };
        const auto name = "account:" + engineer.account.text() + "@192.0.2.7";
        const auto form_name = "sign_in:" + name;
        auto form = people.first_form(engineer.login_name, "wrong");
        REQUIRE(form.has_value());
        (void)people.second_form(form->token, "000000");
        CHECK(failures(name) == 0);
        CHECK(failures(form_name) == 1);
        form = people.first_form(engineer.login_name, engineer.passphrase);
        REQUIRE(form.has_value());
        (void)people.second_form(form->token, "000000");
        CHECK(failures(name) == 1);
        CHECK(failures(form_name) == 2);
        CHECK(people.sign_in(engineer).has_value());
        CHECK(failures(name) == 0);
        CHECK(failures(form_name) == 0);
    });
}

TEST_CASE("being told to wait with a code does not end the flow") {
    with_people([](People& people, const TestPerson&, const TestPerson& engineer) {
        const auto flows = five_flows(people, engineer.login_name, engineer.passphrase);
        for (std::size_t i = 1; i < flows.size(); ++i) {
            CHECK(reason_of(people.second_form(flows[i], "000000")) == "authn.refused");
        }
        people.clock.advance(1s);
        const auto fifth = people.first_form(engineer.login_name, "wrong");
        REQUIRE(fifth.has_value());
        CHECK(reason_of(people.second_form(fifth->token, "000000")) == "authn.refused");

        people.clock.advance(30s);
        const auto sixth = people.first_form(engineer.login_name, "wrong");
        REQUIRE(sixth.has_value());
        CHECK(reason_of(people.second_form(sixth->token, "000000")) == "authn.refused");
        CHECK(reason_of(people.second_form(flows[0], people.code(engineer))) == "authn.throttled");
        people.clock.advance(2s);
        CHECK(people.second_form(flows[0], people.code(engineer)).has_value());
    });
}

TEST_CASE(
    "S0-64 (part): ninety-nine wrong codes shut the authenticator, and that looks like a wrong code"
) {
    with_people([](People& people, const TestPerson&, const TestPerson& engineer) {
        const authn::StepUp step_up(people.context);
        auto actor = people.acting(engineer);
        actor.session = SessionId::fresh(people.clock.now(), people.random);
        for (int i = 0; i < 98; ++i) {
            people.clock.advance(15min);
            const auto refused = people.database().write([&](store::Tx& tx) {
                return step_up.finish(
                    tx,
                    people.now(),
                    people.policy,
                    engineer.account,
                    {.passphrase = std::nullopt, .code = "000000"},
                    actor,
                    "pwd+otp"
                );
            });
            CHECK(reason_of(refused) == "step_up.refused");
        }
        const auto one = people.first_form(engineer.login_name, engineer.passphrase);
        const auto two = people.first_form(engineer.login_name, engineer.passphrase);
        REQUIRE(one.has_value());
        REQUIRE(two.has_value());
        CHECK(why_of(people.second_form(one->token, "000000")) == "totp.wrong");
        CHECK(people.events("authn.lockout").size() == 1);
        const auto last = people.second_form(two->token, people.code(engineer));
        CHECK(reason_of(last) == "authn.refused");
        CHECK(why_of(last) == "authn.locked");
    });
}

TEST_CASE("S0-64 (part): parallel guesses can't all pass before the first has failed") {
    with_people([](People& people, const TestPerson&, const TestPerson& engineer) {
        const SignIn sign_in(people.context);
        int admitted = 0;
        for (int i = 0; i < 50; ++i) {
            const auto begun = people.database().write([&](store::Tx& tx) {
                return sign_in.begin(
                    tx, people.now(), people.policy, {engineer.login_name}, people.where
                );
            });
            if (begun) ++admitted;
        }
        CHECK(admitted == 5);
    });
}

TEST_CASE("S0-64 (part): 99 failures in a row stop the passphrase until an administrator unlocks it"
) {
    with_people([](People& people, const TestPerson& admin, const TestPerson& engineer) {
        const SignIn sign_in(people.context);
        for (int i = 0; i < 99; ++i) {
            people.clock.advance(15min);
            people.database().write([&](store::Tx& tx) {
                const auto begun = sign_in.begin(
                    tx, people.now(), people.policy, {engineer.login_name}, people.where
                );
                REQUIRE(begun.has_value());
                CHECK(sign_in
                          .record(
                              tx,
                              people.now(),
                              people.policy,
                              begun->token.expose(),
                              {.correct = false},
                              people.where
                          )
                          .has_value());
            });
        }
        CHECK(people.events("authn.failure").size() == 99);
        CHECK(people.events("authn.lockout").size() == 1);
        people.clock.advance(24h * 30);
        const auto locked = people.first_form(engineer.login_name, engineer.passphrase);
        CHECK(reason_of(locked) == "authn.throttled");

        people.database().write([&](store::Tx& tx) {
            unlock(tx, people.now(), engineer.account, people.acting(admin));
        });
        CHECK(people.sign_in(engineer).has_value());
        CHECK(people.events("authn.unlock").size() == 1);
    });
}

void guess_ninety_nine_times(People& people, const TestPerson& person) {
    for (int i = 0; i < 99; ++i) {
        people.clock.advance(15min);
        REQUIRE(people.first_form(person.login_name, "wrong").has_value());
    }
}

TEST_CASE("S0-64 (part): who guesses from elsewhere shuts out others there, not the holder") {
    with_people([](People& people, const TestPerson& admin, const TestPerson& engineer) {
        const auto at_work = people.where;
        people.where.source = "198.51.100.3";
        guess_ninety_nine_times(people, engineer);
        CHECK(people.events("authn.lockout").size() == 1);
        CHECK(reason_of(people.first_form(engineer.login_name, "wrong")) == "authn.throttled");
        CHECK(people.events("authn.lockout").size() == 1);

        people.where = at_work;
        CHECK(people.sign_in(engineer).has_value());
        // That was no word on what happens elsewhere.
        people.where.source = "203.0.113.9";
        CHECK(reason_of(people.sign_in(engineer)) == "authn.throttled");

        CHECK(people.database().write([&](store::Tx& tx) {
            return unlock(tx, people.now(), engineer.account, people.acting(admin));
        }));
        CHECK(people.sign_in(engineer).has_value());
        // Now this is a place of theirs too.
        people.where.source = "198.51.100.3";
        guess_ninety_nine_times(people, engineer);
        people.where.source = "203.0.113.9";
        CHECK(people.sign_in(engineer).has_value());
    });
}

TEST_CASE("S0-64 (part): a place is forgotten when its holder has not been there for thirty days") {
    with_people([](People& people, const TestPerson&, const TestPerson& engineer) {
        people.clock.advance(31 * 24h);
        people.database().write([&](store::Tx& tx) { sweep(tx, people.now()); });
        for (int i = 0; i < 5; ++i) {
            people.where.source = "198.51.100." + std::to_string(i);
            CHECK(people.first_form(engineer.login_name, "wrong").has_value());
        }
        people.where.source = "192.0.2.7";
        CHECK(reason_of(people.first_form(engineer.login_name, "wrong")) == "authn.throttled");
    });
}

TEST_CASE("S0-16 (part): a name that nobody has seems to have places too") {
    with_people([](People& people, const TestPerson&, const TestPerson&) {
        // Where people sign in, some such names are slowed down by what was tried elsewhere and
        // others not; each as it was before.
        const auto at_work = people.where;
        const auto blocked = [&](const std::string& name) {
            return people.database().write([&](store::Tx& tx) {
                const auto subject = subject_of_name(
                    people.keys, name_of(people.keys, name), std::nullopt, people.where
                );
                return charge(tx, people.now(), ThrottleKind::passphrase, subject).has_value();
            });
        };
        std::string before;
        std::string again;
        for (int i = 0; i < 16; ++i) {
            const auto name = "nobody." + std::to_string(i);
            for (int k = 0; k < 5; ++k) {
                people.where.source = "198.51." + std::to_string(i) + "." + std::to_string(k);
                CHECK_FALSE(blocked(name));
            }
            people.where = at_work;
            before += blocked(name) ? 'b' : '-';
            again += blocked(name) ? 'b' : '-';
            people.clock.advance(24h);  // so that two that share a counter do not meet there
        }
        CHECK(before.contains('b'));
        CHECK(before.contains('-'));
        CHECK(again == before);
    });
}

TEST_CASE("S0-16 (part): from where nobody ever signed in, every name has one counter, known or not"
) {
    with_people([](People& people, const TestPerson&, const TestPerson& engineer) {
        const auto course = [&](const std::string& name) {
            std::string seen;
            for (int i = 1; i <= 30; ++i) {
                people.where.source = "198.51.100." + std::to_string(i);
                seen += people.first_form(name, "wrong") ? '-' : 'b';
            }
            people.clock.advance(24h);
            return seen;
        };
        const auto known = course(engineer.login_name);
        CHECK(known == "-----" + std::string(25, 'b'));
        for (const auto* const name : {"nobody.here", "nobody.there", "nor.here", "nor.there"}) {
            CHECK(course(name) == known);
        }
    });
}

TEST_CASE("a clock that can't be believed refuses new sign-ins") {
    with_people([](People& people, const TestPerson&, const TestPerson& engineer) {
        const SignIn sign_in(people.context);
        const auto begun = people.database().write([&](store::Tx& tx) {
            const auto now = people.now();
            const Moment behind{now.now, now.monotonic, ClockState::behind, now.random, now.node};
            return sign_in.begin(tx, behind, people.policy, {engineer.login_name}, people.where);
        });
        CHECK(reason_of(begun) == "clock.behind");
    });
}

TEST_CASE("flows that are over are swept away") {
    with_people([](People& people, const TestPerson&, const TestPerson& engineer) {
        REQUIRE(people.first_form(engineer.login_name, "x").has_value());
        const auto left = [&] {
            return people.database().write([&](store::Tx& tx) {
                sweep(tx, people.now());
                return tx.query("SELECT COUNT(*) FROM sign_in").front().integer(0);
            });
        };
        CHECK(left() == 1);
        people.clock.advance(10min);
        CHECK(left() == 0);
    });
}

TEST_CASE("what a clock that was ahead left is brought back to the present") {
    with_people([](People& people, const TestPerson& administrator, const TestPerson& engineer) {
        constexpr auto ahead = 10 * 365 * 24h;
        people.clock.step_wall(ahead);
        REQUIRE(people.sign_in(engineer).has_value());  // uses up a code of the far future
        const auto pending = people.pending(administrator, "nina.new", "engineer");
        const auto ticket = people.ticket(administrator, pending.id);
        people.where.source = "203.0.113.9";  // not one of the engineer's places
        for (int i = 0; i < 6; ++i) {
            static_cast<void>(people.first_form(engineer.login_name, "wrong"));
        }
        CHECK(reason_of(people.first_form(engineer.login_name, "wrong")) == "authn.throttled");
        people.clock.step_wall(-ahead);

        people.database().write([&](store::Tx& tx) { bring_back_times(tx, people.now()); });

        // The block keeps its length.
        CHECK(reason_of(people.first_form(engineer.login_name, "wrong")) == "authn.throttled");
        people.clock.advance(1h);
        CHECK(people.first_form(engineer.login_name, "wrong").has_value());
        people.where.source = "192.0.2.7";
        // Codes count from now, and the future's ticket is worth nothing.
        CHECK(people.sign_in(engineer).has_value());
        const authn::Enrolling enrolling(people.context);
        const auto started = people.database().write([&](store::Tx& tx) {
            return enrolling.start_with_ticket(
                tx, people.now(), people.policy, ticket, people.where
            );
        });
        CHECK_FALSE(started.has_value());
        const auto waiting = people.database().write([](store::Tx& tx) {
            return tx.query("SELECT COUNT(*) FROM enrolment").front().integer(0);
        });
        CHECK(waiting == 0);
    });
}

TEST_CASE(
    "S1-88: every event of a sign-in under way says who, with what factor, when and from where"
) {
    with_people([](People& people, const TestPerson&, const TestPerson& engineer) {
        REQUIRE(people.sign_in(engineer).has_value());
        const auto prompts = people.events("authn.mfa_prompt");
        REQUIRE_FALSE(prompts.empty());
        for (const auto& entry : prompts) {
            CHECK_FALSE(entry.account_name.empty());
            CHECK(entry.amr == "pwd");
            CHECK(entry.at <= people.clock.now());
            CHECK(entry.source == "192.0.2.7");
            CHECK(entry.leaf_json.find("unregistered") != std::string::npos);
            CHECK(entry.leaf_json.find("unzoned") != std::string::npos);
        }
    });
}

// Everything that lies in the database's folder.
std::string bytes_of_folder(const std::filesystem::path& folder) {
    std::string all;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        std::ifstream in(file.path(), std::ios::binary);
        all.append(std::istreambuf_iterator<char>(in), {});
    }
    return all;
}

TEST_CASE("S0-10, S0-47: a dump of the database holds no usable passphrase, seed, code or token") {
    test::SqliteFixture fixture;
    People people(fixture.database());
    const auto admin = people.first_administrator();
    const auto account = people.pending(admin, "erik.engineer", "engineer");
    const auto ticket = people.ticket(admin, account.id);
    const auto form = people.first_form(admin.login_name, admin.passphrase);
    REQUIRE(form.has_value());
    const auto folder = std::filesystem::path(fixture.settings().path).parent_path();
    fixture.close();
    const auto dump = bytes_of_folder(folder);

    // The search finds what is there …
    CHECK(dump.find("anna.admin") != std::string::npos);
    // … and none of these, in any spelling.
    const auto absent = [&](BytesView secret_bytes) {
        const auto text = std::string(as_text(secret_bytes));
        CHECK(dump.find(text) == std::string::npos);
        CHECK(dump.find(to_hex(secret_bytes)) == std::string::npos);
        CHECK(dump.find(to_base64(secret_bytes)) == std::string::npos);
        CHECK(dump.find(to_base64url(secret_bytes)) == std::string::npos);
    };
    absent(as_bytes(admin.passphrase));
    absent(admin.seed.expose());
    absent(as_bytes(test::shown(seed_text(admin.seed))));
    CHECK(dump.find(to_base32(admin.seed.expose())) == std::string::npos);
    absent(form->token.expose());
    for (const auto& code : admin.recovery_codes) {
        absent(as_bytes(code));
        const auto canonical = read_one_time_code(code);
        absent(canonical->expose());
    }
    absent(as_bytes(ticket));
    const auto canonical_ticket = read_one_time_code(ticket);
    absent(canonical_ticket->expose());

    // Nor can a guess be confirmed without the key outside: not the passphrase, not a code.
    const auto start = dump.find("$argon2id");
    REQUIRE(start != std::string::npos);
    const keys::KeyRing other(crypto::Secret::random(32));
    CHECK_FALSE(crypto::verify_password(
        secret(admin.passphrase), other.key(keys::Purpose::password_pepper), form->verifier
    ));
    const auto mac = [&](const keys::KeyRing& keys) {
        return mac_of_code(
            keys,
            keys::Purpose::recovery_code_mac,
            "recovery:" + admin.account.text(),
            read_one_time_code(admin.recovery_codes[0]).value()
        );
    };
    CHECK(dump.find(as_text(mac(people.keys))) != std::string::npos);
    CHECK(dump.find(as_text(mac(other))) == std::string::npos);
}

TEST_CASE("S0-45: no secret of enrolling and signing in is in the audit log") {
    with_people([](People& people, const TestPerson&, const TestPerson& engineer) {
        const auto code = people.code(engineer);
        const auto form = people.first_form(engineer.login_name, engineer.passphrase);
        REQUIRE(form.has_value());
        REQUIRE(people.second_form(form->token, code).has_value());
        REQUIRE(people.first_form(engineer.login_name, "canary-7d1f-wrong").has_value());
        std::set<std::string> canaries(
            engineer.recovery_codes.begin(), engineer.recovery_codes.end()
        );
        canaries.insert({
            engineer.passphrase,
            "canary-7d1f",
            "\"" + code + "\"",
            to_base32(engineer.seed.expose()),
            to_hex(engineer.seed.expose()),
            to_base64url(form->token.expose()),
        });
        const auto entries = people.events("");
        CHECK(entries.size() > 15);
        for (const auto& entry : entries) {
            for (const auto& canary : canaries) {
                CHECK(entry.leaf_json.find(canary) == std::string::npos);
                CHECK(entry.personal_json.find(canary) == std::string::npos);
            }
        }
    });
}

}  // namespace

}  // namespace sallyport::authn
