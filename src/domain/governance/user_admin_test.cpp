#include "domain/governance/user_admin.h"

#include "tests/support/clocks.h"
#include "tests/support/databases.h"
#include "tests/support/hospital.h"
#include "tests/support/policies.h"

#include "domain/audit/log.h"
#include "domain/authn/throttle.h"
#include "domain/session/session.h"

#include <doctest/doctest.h>

namespace sallyport::governance {

namespace {

using namespace std::chrono_literals;
using directory::AccountState;
using policy::Permission;
using test::Hospital;
using test::Somebody;

struct Office {
    explicit Office(store::Database& opened)
        : database(opened),
          hospital(opened),
          adam(hospital.employ("adam", "gateway_administrator")),
          erik(hospital.employ("erik", "engineer")) {}

    template <class Work>
    auto as(const Somebody& who, Work work) {
        const auto permit = hospital.permit(who, Permission::user_manage);
        return database.write([&](store::Tx& tx) {
            return work(tx, hospital.moment(), hospital.policy(), permit, who.actor());
        });
    }

    Result<directory::Account> create(
        const Somebody& by,
        std::string_view name,
        const std::string& role,
        const std::optional<PersonId>& person = std::nullopt
    ) {
        return as(by, [&](auto& tx, auto moment, auto& policy, auto& permit, auto actor) {
            const NewUser wanted{
                directory::LoginName::parse(name).value(),
                "Name of " + std::string(name),
                role,
                person
            };
            return create_user(tx, moment, policy, permit, wanted, actor);
        });
    }

    Result<UserChange> set_role(const Somebody& by, const AccountId& id, const std::string& role) {
        return as(by, [&](auto& tx, auto moment, auto& policy, auto& permit, auto actor) {
            return change_role(tx, moment, policy, permit, id, role, actor);
        });
    }

    Result<UserChange> disable(const Somebody& by, const AccountId& id) {
        return as(by, [&](auto& tx, auto moment, auto& policy, auto& permit, auto actor) {
            return disable_user(tx, moment, policy, permit, id, DisableCause::admin, actor);
        });
    }

    Result<UserChange> enable(const Somebody& by, const AccountId& id) {
        return as(by, [&](auto& tx, auto moment, auto& policy, auto& permit, auto actor) {
            return enable_user(tx, moment, policy, permit, id, actor);
        });
    }

    Result<UserChange> remove(const Somebody& by, const AccountId& id) {
        return as(by, [&](auto& tx, auto moment, auto& policy, auto& permit, auto actor) {
            return delete_user(tx, moment, policy, permit, id, actor);
        });
    }

    Result<UserChange> rename(const Somebody& by, const AccountId& id, const std::string& name) {
        return as(by, [&](auto& tx, auto moment, auto& policy, auto& permit, auto actor) {
            return rename_user(tx, moment, policy, permit, id, name, actor);
        });
    }

    // An open web session in the store, as session::open() leaves it.
    void open_session(const Somebody& who) {
        database.write([&](store::Tx& tx) {
            tx.execute(
                "INSERT INTO session (id, token_digest, channel, host, account_id, person_id, "
                "login_name, role, scope, proven, factor_amr, factor_aal, factor_authenticator, "
                "factor_phishing_resistant, created_at, ends_at, idle_max, last_active_at, "
                "last_proof_at, source, csrf_key, notice_accepted) VALUES (?, ?, 'web', '', ?, ?, "
                "?, "
                "?, ?, 1, 'pwd+otp', 2, 'password+totp', 0, ?, ?, 900000000, ?, ?, '10.1.1.1', "
                "'key', '')",
                {store::value(who.session),
                 Bytes(who.session.bytes().begin(), who.session.bytes().end()),
                 store::value(who.account.id),
                 store::value(who.account.person),
                 who.account.login_name.text(),
                 who.account.role,
                 who.account.scope,
                 store::value(who.last_proof),
                 store::value(who.ends_at),
                 store::value(who.last_proof),
                 store::value(who.last_proof)}
            );
        });
    }

    std::size_t open_sessions(const AccountId& id) {
        return database.read([&](store::Tx& tx) { return session::list_open(tx, id).size(); });
    }

    directory::Account stored(const AccountId& id) {
        return database.read([&](store::Tx& tx) { return directory::find_account(tx, id).value(); }
        );
    }

    std::size_t count(const std::string& type) {
        return database.read([&](store::Tx& tx) {
            return audit::list(tx, {.type_prefix = type}).size();
        });
    }

    store::Database& database;
    Hospital hospital;
    Somebody adam;
    Somebody erik;
};

template <class T>
std::string_view answer(const Result<T>& result) {
    return result ? "yes" : result.error().reason;
}

TEST_CASE("a created user is pending, has the role's scope, and is on record with its maker") {
    test::for_each_engine([](store::Database& database) {
        Office office(database);
        const auto account = office.create(office.adam, "vera", "approver");
        REQUIRE(account.has_value());
        CHECK(account->state == AccountState::pending);
        CHECK(account->scope == "gateway");
        CHECK(account->created_by == office.adam.account.id);
        CHECK(office.count("user.created") == 1);
        CHECK(office.count("role.assigned") == 1);
        CHECK(answer(office.create(office.adam, "vera", "engineer")) == "account.login_name_taken");
        CHECK(answer(office.create(office.adam, "gustav", "janitor")) == "user.role_unknown");
        CHECK(office.count("user.created") == 1);
    });
}

TEST_CASE("S0-37: creating, changing and deleting users need a proof of the last 5 minutes") {
    test::SqliteFixture fixture;
    Office office(fixture.database());
    office.hospital.clock().advance(300s);
    CHECK(office.hospital.ask(office.adam, Permission::user_manage).has_value());
    office.hospital.clock().advance(1s);
    const auto stale = office.hospital.ask(office.adam, Permission::user_manage);
    CHECK(stale.error().kind == Refusal::step_up);
    office.adam.last_proof = office.hospital.clock().now();
    CHECK(answer(office.create(office.adam, "vera", "engineer")) == "yes");

    // The event carries the factor.
    fixture.database().read([](store::Tx& tx) {
        const auto created = audit::list(tx, {.type_prefix = "user.created"});
        REQUIRE(created.size() == 1);
        CHECK(created[0].amr == "pwd+otp");
    });
}

TEST_CASE("S1-04: a re-hired person gets a new account, and the old one stays as a tombstone") {
    test::for_each_engine([](store::Database& database) {
        Office office(database);
        const auto left = office.erik.account;
        REQUIRE(office.remove(office.adam, left.id).has_value());

        const auto back = office.create(office.adam, "erik.2", "engineer", left.person);

        REQUIRE(back.has_value());
        CHECK(back->id != left.id);
        CHECK(back->person == left.person);
        CHECK(office.stored(left.id).state == AccountState::tombstoned);
        CHECK(answer(office.create(office.adam, "erik", "engineer")) == "account.login_name_taken");
        CHECK(office.count("user.deleted") == 1);
    });
}

TEST_CASE(
    "S0-64 (part): enabling an account that failed sign-ins locked forgets them, or it stays locked"
) {
    test::for_each_engine([](store::Database& database) {
        Office office(database);
        const auto id = office.erik.account.id;
        const auto subject = authn::subject_of(id, office.erik.actor().where);
        const auto moment = office.hospital.moment();
        const auto fail_often = [&] {
            database.write([&](store::Tx& tx) {
                for (int i = 0; i < 99; ++i) {
                    authn::count_failure(tx, moment, authn::ThrottleKind::passphrase, subject);
                }
            });
        };
        const auto stop = [&] {
            return database.read([&](store::Tx& tx) {
                return authn::is_stopped(tx, authn::ThrottleKind::passphrase, subject);
            });
        };
        fail_often();
        database.write([&](store::Tx& tx) {
            directory::set_account_state(tx, id, AccountState::locked);
        });
        CHECK(stop());
        CHECK(office.enable(office.adam, id).value().account.state == AccountState::active);
        CHECK_FALSE(stop());
        CHECK(office.count("authn.unlock") == 1);
        CHECK(office.count("user.enabled") == 1);

        // And where only those who are elsewhere were stopped, so that its state never changed.
        fail_often();
        CHECK(answer(office.enable(office.adam, id)) == "yes");
        CHECK_FALSE(stop());
        CHECK(answer(office.enable(office.adam, id)) == "user.not_disabled");
        CHECK(office.count("authn.unlock") == 2);
        CHECK(office.count("user.enabled") == 1);
    });
}

TEST_CASE("a role change ends sessions, names what to cut, and records both roles") {
    test::for_each_engine([](store::Database& database) {
        Office office(database);
        office.open_session(office.erik);
        office.hospital.clock().advance(1min);

        const auto change = office.set_role(office.adam, office.erik.account.id, "auditor");

        REQUIRE(change.has_value());
        CHECK(change->account.role == "auditor");
        CHECK(change->account.scope == "both");
        CHECK((change->sessions_ended == std::vector{office.erik.session}));
        CHECK(change->cut == policy::CutCause::role_changed);
        CHECK(office.open_sessions(office.erik.account.id) == 0);
        CHECK(office.stored(office.erik.account.id).role == "auditor");
        CHECK(
            office.stored(office.erik.account.id).role_changed_at == office.hospital.clock().now()
        );
        CHECK(office.count("role.revoked") == 1);
        CHECK(office.count("role.assigned") == 1);
        CHECK(office.count("session.terminated") == 1);
        CHECK(
            answer(office.set_role(office.adam, office.erik.account.id, "auditor")) ==
            "user.same_role"
        );
        CHECK(
            answer(office.set_role(office.adam, office.erik.account.id, "king")) ==
            "user.role_unknown"
        );
    });
}

TEST_CASE("disabling ends sessions; enabling brings back what the account was") {
    test::for_each_engine([](store::Database& database) {
        Office office(database);
        office.open_session(office.erik);
        const auto id = office.erik.account.id;

        const auto disabled = office.disable(office.adam, id);
        REQUIRE(disabled.has_value());
        CHECK(disabled->account.state == AccountState::disabled);
        CHECK(disabled->cut == policy::CutCause::account_disabled);
        CHECK(disabled->sessions_ended.size() == 1);
        CHECK(office.open_sessions(id) == 0);
        CHECK(answer(office.disable(office.adam, id)) == "user.already_disabled");

        const auto enabled = office.enable(office.adam, id);
        REQUIRE(enabled.has_value());
        CHECK(enabled->account.state == AccountState::active);
        CHECK_FALSE(enabled->cut.has_value());
        CHECK(answer(office.enable(office.adam, id)) == "user.not_disabled");

        // Who never enrolled does not become active by being disabled and enabled.
        const auto pending = office.create(office.adam, "vera", "engineer").value().id;
        REQUIRE(office.disable(office.adam, pending).has_value());
        CHECK(office.enable(office.adam, pending).value().account.state == AccountState::pending);
        CHECK(office.count("user.disabled") == 2);
        CHECK(office.count("user.enabled") == 2);
    });
}

TEST_CASE("nobody administers their own person, neither this account nor another of theirs") {
    test::for_each_engine([](store::Database& database) {
        Office office(database);
        const auto second =
            office.hospital.employ("adam-2", "engineer", std::nullopt, office.adam.account.person);
        for (const auto& id : {office.adam.account.id, second.account.id}) {
            CHECK(answer(office.set_role(office.adam, id, "approver")) == "user.own_account");
            CHECK(answer(office.disable(office.adam, id)) == "user.own_account");
            CHECK(answer(office.enable(office.adam, id)) == "user.own_account");
            CHECK(answer(office.remove(office.adam, id)) == "user.own_account");
            CHECK(answer(office.rename(office.adam, id, "Somebody Else")) == "user.own_account");
        }
        CHECK(
            answer(office.create(office.adam, "adam-3", "approver", office.adam.account.person)) ==
            "user.own_account"
        );
        CHECK(office.stored(office.adam.account.id).role == "gateway_administrator");
    });
}

TEST_CASE("an administrator reaches their own scope and what belongs to both") {
    test::for_each_engine([](store::Database& database) {
        Office office(database);
        const auto clara = office.hospital.employ("clara", "clinical_administrator");
        const auto nurse = office.hospital.employ("nora", "clinician");
        const auto audrey = office.hospital.employ("audrey", "auditor");

        CHECK(answer(office.create(office.adam, "doctor", "clinician")) == "user.other_scope");
        CHECK(answer(office.create(clara, "tech", "engineer")) == "user.other_scope");
        CHECK(answer(office.disable(office.adam, nurse.account.id)) == "user.other_scope");
        CHECK(
            answer(office.set_role(office.adam, office.erik.account.id, "clinician")) ==
            "user.other_scope"
        );
        CHECK(answer(office.disable(clara, nurse.account.id)) == "yes");
        CHECK(answer(office.disable(clara, audrey.account.id)) == "yes");
        CHECK(answer(office.enable(office.adam, audrey.account.id)) == "yes");
    });
}

TEST_CASE("only the first administrator of a scope may be made from the other") {
    test::for_each_engine([](store::Database& database) {
        Office office(database);
        const auto first = office.create(office.adam, "clara", "clinical_administrator");
        REQUIRE(first.has_value());
        database.write([&](store::Tx& tx) {
            directory::set_account_state(tx, first->id, AccountState::active);
        });
        CHECK(
            answer(office.create(office.adam, "carl", "clinical_administrator")) ==
            "user.other_scope"
        );
        const auto clara = office.hospital.sign_in(office.stored(first->id));
        CHECK(answer(office.create(clara, "carl", "clinical_administrator")) == "yes");
        CHECK(answer(office.create(clara, "gert", "gateway_administrator")) == "user.other_scope");
    });
}

TEST_CASE(
    "the last active administrator of a scope can't be disabled, deleted or given another role"
) {
    test::for_each_engine([](store::Database& database) {
        Office office(database);
        // A hospital whose security officers may manage users: who else could try it?
        auto policy = test::policy_with_codes(test::SettableClock().now());
        for (auto& role : policy.roles) {
            if (role.name == "security_officer") {
                role.permissions.set(static_cast<std::size_t>(Permission::user_manage));
            }
        }
        office.hospital.set_policy(policy);
        const auto olga = office.hospital.employ("olga", "security_officer");
        const auto adam = office.adam.account.id;

        CHECK(answer(office.disable(olga, adam)) == "user.last_administrator");
        CHECK(answer(office.remove(olga, adam)) == "user.last_administrator");
        CHECK(answer(office.set_role(olga, adam, "engineer")) == "user.last_administrator");
        CHECK(office.stored(adam).state == AccountState::active);

        // A second one who has not enrolled yet is no help; one who has, is.
        const auto second = office.create(office.adam, "berta", "gateway_administrator").value().id;
        CHECK(answer(office.disable(olga, adam)) == "user.last_administrator");
        database.write([&](store::Tx& tx) {
            directory::set_account_state(tx, second, AccountState::active);
        });
        CHECK(answer(office.disable(olga, adam)) == "yes");
        CHECK(answer(office.remove(olga, second)) == "user.last_administrator");
    });
}

TEST_CASE("an administrator who was disabled meanwhile does nothing with an old Permit") {
    test::for_each_engine([](store::Database& database) {
        Office office(database);
        const auto berta = office.hospital.employ("berta", "gateway_administrator");
        REQUIRE(office.disable(berta, office.adam.account.id).has_value());
        CHECK(answer(office.create(office.adam, "vera", "engineer")) == "user.actor_not_active");
        CHECK(answer(office.disable(office.adam, berta.account.id)) == "user.actor_not_active");
    });
}

TEST_CASE("a Permit for something else, or in other hands, changes no user") {
    test::for_each_engine([](store::Database& database) {
        Office office(database);
        const auto reading = office.hospital.permit(office.adam, Permission::user_read);
        const auto managing = office.hospital.permit(office.adam, Permission::user_manage);
        const auto& policy = office.hospital.policy();
        database.write([&](store::Tx& tx) {
            const auto moment = office.hospital.moment();
            const auto id = office.erik.account.id;
            CHECK(
                answer(delete_user(tx, moment, policy, reading, id, office.adam.actor())) ==
                "user.wrong_permit"
            );
            CHECK(
                answer(delete_user(tx, moment, policy, managing, id, office.erik.actor())) ==
                "user.wrong_permit"
            );
            const auto nobody = AccountId::from_bytes(IdBytes{std::byte{1}});
            CHECK(
                answer(delete_user(tx, moment, policy, managing, nobody, office.adam.actor())) ==
                "user.unknown"
            );
        });
        for (const auto* role :
             {"engineer", "approver", "auditor", "security_officer", "clinician"}) {
            const auto who = office.hospital.employ(std::string("x-") + role, role);
            CHECK(
                office.hospital.ask(who, Permission::user_manage).error().reason ==
                "policy.not_in_role"
            );
        }
    });
}

TEST_CASE("what was deleted is changed no more") {
    test::for_each_engine([](store::Database& database) {
        Office office(database);
        const auto id = office.erik.account.id;
        office.open_session(office.erik);
        const auto removed = office.remove(office.adam, id);
        REQUIRE(removed.has_value());
        CHECK(removed->sessions_ended.size() == 1);
        CHECK(answer(office.remove(office.adam, id)) == "user.deleted");
        CHECK(answer(office.disable(office.adam, id)) == "user.deleted");
        CHECK(answer(office.enable(office.adam, id)) == "user.deleted");
        CHECK(answer(office.set_role(office.adam, id, "approver")) == "user.deleted");
        CHECK(answer(office.rename(office.adam, id, "Erik")) == "user.deleted");
    });
}

TEST_CASE("a person's name is changed, and what it was stands beside the leaf") {
    test::for_each_engine([](store::Database& database) {
        Office office(database);
        const auto id = office.erik.account.id;
        CHECK(answer(office.rename(office.adam, id, "")) == "person.display_name_malformed");
        CHECK(office.rename(office.adam, id, "Erik Ek").value().account.display_name == "Erik Ek");
        CHECK(office.stored(id).display_name == "Erik Ek");
        database.read([](store::Tx& tx) {
            const auto told = audit::list(tx, {.type_prefix = "user.modified"});
            REQUIRE(told.size() == 1);
            CHECK(told[0].leaf_json.find("Erik Ek") == std::string::npos);
            CHECK(told[0].personal_json.find("Erik Ek") != std::string::npos);
        });
    });
}

}  // namespace

}  // namespace sallyport::governance
