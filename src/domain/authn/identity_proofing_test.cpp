#include "domain/authn/identity_proofing.h"

#include "tests/support/checkout.h"
#include "tests/support/databases.h"
#include "tests/support/people.h"

#include "domain/authn/own_authenticators.h"
#include "domain/authn/own_security_keys.h"
#include "domain/authn/push/own_phones.h"

#include <doctest/doctest.h>

#include <fstream>
#include <set>
#include <string>

namespace sallyport::authn {

namespace {

using namespace std::chrono_literals;
using test::People;
using test::TestPerson;

std::string reason_of(const auto& result) {
    return result ? "ok" : std::string(result.error().reason);
}

directory::Account unproofed(People& people, const TestPerson& anna, const std::string& role) {
    const directory::NewAccount wanted{
        .login_name = directory::LoginName::parse("nina").value(),
        .display_name = "Nina New",
        .role = role,
        .scope = people.policy.role(role)->scope,
        .person = std::nullopt,
    };
    return people.database()
        .write([&](store::Tx& tx) {
            return directory::create_account(tx, wanted, anna.account, people.now());
        })
        .value();
}

Result<IssuedTicket> ticket_for(People& people, const TestPerson& anna, const AccountId& account) {
    return people.database().write([&](store::Tx& tx) {
        return issue_ticket(
            tx, people.now(), people.keys, {.account = account}, people.acting(anna)
        );
    });
}

Result<void> record(
    People& people, const TestPerson& by, const PersonId& person, const IdentityProofing& proofing
) {
    return people.database().write([&](store::Tx& tx) {
        return record_identity_proofing(tx, people.now(), person, proofing, people.acting(by));
    });
}

IdentityProofing in_person(const People& people) {
    return {
        .method = ProofingMethod::in_person,
        .evidence = "passport",
        .verifier = "Personnel office",
        .proofed_on = people.clock.now(),
    };
}

TEST_CASE("S1-26: no authenticator is bound to a workforce account whose identity nobody checked") {
    test::for_each_engine([](store::Database& database) {
        People people(database);
        const auto anna = people.first_administrator();
        const auto account = unproofed(people, anna, "engineer");
        CHECK(reason_of(ticket_for(people, anna, account.id)) == "identity.not_proofed");

        // Nor by a ticket that was issued before such a record was asked for.
        REQUIRE(reason_of(record(people, anna, account.person, in_person(people))) == "ok");
        const auto ticket = people.ticket(anna, account.id);
        people.database().write([&](store::Tx& tx) {
            tx.execute(
                "DELETE FROM identity_proofing WHERE person_id = ?", {store::value(account.person)}
            );
            return 0;
        });
        const Enrolling enrolling(people.context);
        const auto started = people.database().write([&](store::Tx& tx) {
            return enrolling.start_with_ticket(
                tx, people.now(), people.policy, ticket, people.where
            );
        });
        REQUIRE(started.has_value());
        const auto token = started->token.expose();
        const auto verifier = enrolling.make_passphrase_verifier(
            started->enrolment, test::secret("seven grey herons")
        );
        const auto finished =
            people.database().write([&](store::Tx& tx) -> Result<Enrolling::Finished> {
                SP_CHECK(enrolling.set_passphrase(tx, people.now(), token, verifier.value()));
                SP_TRY(const auto seed, enrolling.show_seed(tx, people.now(), token));
                const auto code = totp_code(
                    test::seed_typed_in(as_text(seed.text.expose())), totp_step(people.clock.now())
                );
                return enrolling.finish(tx, people.now(), people.policy, token, code, people.where);
            });
        CHECK(reason_of(finished) == "identity.not_proofed");
        CHECK(database.read([&](store::Tx& tx) { return list_authenticators(tx, account.id); }
        ).empty());

        REQUIRE(reason_of(record(people, anna, account.person, in_person(people))) == "ok");
        CHECK(people.enrol_with(people.ticket(anna, account.id)).login_name == "nina");
    });
}

TEST_CASE("S1-26: the record says method, evidence, verifier and date, and so does the log") {
    test::for_each_engine([](store::Database& database) {
        People people(database);
        const auto anna = people.first_administrator();
        const auto account = unproofed(people, anna, "engineer");
        auto proofing = in_person(people);
        proofing.proofed_on = people.clock.now() - 48h;
        REQUIRE(reason_of(record(people, anna, account.person, proofing)) == "ok");
        const auto found = database.read([&](store::Tx& tx) {
            return find_identity_proofing(tx, account.person);
        });
        REQUIRE(found.has_value());
        CHECK(found->method == ProofingMethod::in_person);
        CHECK(found->evidence == "passport");
        CHECK(found->verifier == "Personnel office");
        CHECK(found->proofed_on == proofing.proofed_on);
        const auto event = people.events("identity.proofed").front();
        for (const auto* const part : {"in_person", "passport", "verifier", "proofed_on"}) {
            CHECK(event.leaf_json.find(part) != std::string::npos);
        }
    });
}

TEST_CASE("S1-26: whoever has no record adds no app, no key and no phone to what they have") {
    test::for_each_engine([](store::Database& database) {
        People people(database);
        const auto anna = people.first_administrator();
        const auto erik = people.enrolled(anna, "erik", "engineer");
        const auto by = people.acting(erik);
        const auto session = SessionId::fresh(people.clock.now(), people.random);
        const auto adding = [&](auto add) {
            return reason_of(people.database().write([&](store::Tx& tx) { return add(tx); }));
        };
        const auto app = [&](store::Tx& tx) {
            return OwnAuthenticators(people.context)
                .add_totp(tx, people.now(), erik.account, "Tablet", by);
        };
        const auto key = [&](store::Tx& tx) {
            return OwnSecurityKeys(people.context)
                .begin(tx, people.now(), people.policy, {erik.account, session.bytes()}, by);
        };
        const auto phone = [&](store::Tx& tx) {
            return OwnPhones(people.context).begin(tx, people.now(), erik.account, "My phone", by);
        };
        CHECK(adding(app) == "ok");
        CHECK(adding(key) == "ok");
        CHECK(adding(phone) == "ok");
        people.database().write([](store::Tx& tx) { tx.execute("DELETE FROM identity_proofing"); });
        CHECK(adding(app) == "identity.not_proofed");
        CHECK(adding(key) == "identity.not_proofed");
        CHECK(adding(phone) == "identity.not_proofed");
    });
}

// The first column of the methods' table.
std::set<std::string> documented_methods() {
    std::ifstream document(test::in_checkout("docs/identity-proofing.md"));
    std::set<std::string> methods;
    bool within = false;
    for (std::string line; std::getline(document, line);) {
        if (line.starts_with("| method |")) within = true;
        if (line.empty()) within = false;
        if (!within || !line.starts_with("| `")) continue;
        methods.insert(line.substr(3, line.find('`', 3) - 3));
    }
    return methods;
}

TEST_CASE("S1-26: the process is in the policy pack, with the methods that the product knows") {
    std::set<std::string> known;
    for (const auto method : all_proofing_methods) {
        known.emplace(to_text(method));
        CHECK(proofing_method(to_text(method)) == method);
    }
    CHECK(documented_methods() == known);
}

TEST_CASE("a patient registers without anybody's word") {
    test::for_each_engine([](store::Database& database) {
        People people(database);
        const auto anna = people.first_administrator();
        const auto account = unproofed(people, anna, "patient");
        CHECK(reason_of(ticket_for(people, anna, account.id)) == "ok");
    });
}

TEST_CASE("the first administrator's proof is the code on the console") {
    test::for_each_engine([](store::Database& database) {
        People people(database);
        const auto anna = people.first_administrator();
        const auto found =
            database.read([&](store::Tx& tx) { return find_identity_proofing(tx, anna.person); });
        REQUIRE(found.has_value());
        CHECK(found->method == ProofingMethod::console);
        // Which nobody can claim afterwards.
        auto claimed = in_person(people);
        claimed.method = ProofingMethod::console;
        const auto account = unproofed(people, anna, "engineer");
        CHECK(
            reason_of(record(people, anna, account.person, claimed)) == "identity.method_console"
        );
    });
}

TEST_CASE("nobody vouches for themselves, for the future, or without saying what they saw") {
    test::for_each_engine([](store::Database& database) {
        People people(database);
        const auto anna = people.first_administrator();
        const auto account = unproofed(people, anna, "engineer");
        const auto tried = [&](auto change) {
            auto proofing = in_person(people);
            change(proofing);
            return reason_of(record(people, anna, account.person, proofing));
        };
        CHECK(tried([](auto& p) { p.evidence.clear(); }) == "identity.evidence_malformed");
        CHECK(tried([](auto& p) { p.evidence.assign(201, 'x'); }) == "identity.evidence_malformed");
        CHECK(tried([](auto& p) { p.verifier = "\n"; }) == "identity.verifier_malformed");
        CHECK(tried([](auto& p) { p.proofed_on += 1s; }) == "identity.date_ahead");
        CHECK(
            reason_of(record(people, anna, anna.person, in_person(people))) == "identity.own_person"
        );
        CHECK(tried([](auto&) {}) == "ok");
    });
}

}  // namespace

}  // namespace sallyport::authn
