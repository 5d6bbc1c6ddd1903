#include "domain/governance/grants.h"

#include "tests/support/databases.h"
#include "tests/support/hospital.h"

#include "base/core/fault.h"
#include "domain/audit/log.h"
#include "domain/governance/factor_custody.h"
#include "domain/vault/vault.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace sallyport::governance {

namespace {

using namespace std::chrono_literals;
using policy::Permission;
using test::Hospital;
using test::Somebody;

// An engineer who asks, a pump, and whoever a test needs besides.
struct Ward {
    explicit Ward(store::Database& opened)
        : database(opened),
          hospital(opened),
          keeper(hospital.employ("karin", "gateway_administrator")),
          engineer(hospital.employ("erik", "engineer")),
          approver(hospital.employ("anna", "approver")),
          pump(hospital.device("pump-07", keeper.account.id).id) {}

    [[nodiscard]] GrantRequest wanted() {
        const auto now = hospital.clock().now();
        return {
            .device = pump,
            .purpose = "replace the flow sensor",
            .change_ticket = "CHG-1234",
            .from = now,
            .until = now + 1h,
            .capabilities = {},
        };
    }

    Result<Grant> request(const GrantRequest& asked, const Somebody& who) {
        const auto permit = hospital.permit(who, Permission::grant_request);
        return database.write([&](store::Tx& tx) {
            return request_grant(
                tx, hospital.moment(), hospital.policy(), permit, asked, who.actor()
            );
        });
    }

    Grant request() { return request(wanted(), engineer).value(); }

    Result<Grant> decide(
        const Grant& grant,
        const Somebody& who,
        Verdict verdict = Verdict::approve,
        const std::string& reason = "as planned"
    ) {
        const auto permit = hospital.permit(who, Permission::grant_approve);
        return database.write([&](store::Tx& tx) {
            return decide_grant(
                tx,
                hospital.moment(),
                hospital.policy(),
                permit,
                grant.id,
                verdict,
                reason,
                who.actor()
            );
        });
    }

    Result<Grant> revoke(const Grant& grant, const Somebody& who, Permission with) {
        const auto permit = hospital.permit(who, with);
        return database.write([&](store::Tx& tx) {
            return revoke_grant(
                tx, hospital.moment(), permit, grant.id, "no longer needed", who.actor()
            );
        });
    }

    std::vector<GrantId> sweep() {
        return database.write([&](store::Tx& tx) {
            return sweep_ended_grants(tx, hospital.moment());
        });
    }

    std::optional<Grant> open() {
        return database.read([&](store::Tx& tx) {
            return open_grant(tx, engineer.account.id, pump, hospital.clock().now());
        });
    }

    void note_custody(const Somebody& account, const Somebody& by, FactorCustody kind) {
        database.write([&](store::Tx& tx) {
            note_factor_custody(tx, account.account.id, by.account.id, kind, hospital.moment());
        });
    }

    void store_secret(const Somebody& by) {
        std::array<std::byte, 8> bytes{};
        std::memcpy(bytes.data(), "biomed77", bytes.size());
        const auto password = crypto::Secret::take(bytes);
        const auto permit = hospital.permit(by, Permission::vault_manage, pump);
        database.write([&](store::Tx& tx) {
            REQUIRE(vault.put(tx, hospital.moment(), permit, pump, "svc", password, by.actor())
                        .has_value());
        });
    }

    std::vector<audit::Entry> events(const std::string& type) {
        return database.read([&](store::Tx& tx) { return audit::list(tx, {.type_prefix = type}); });
    }

    static keys::KeyRing ring() {
        std::array<std::byte, 32> master{};
        return keys::KeyRing(crypto::Secret::take(master));
    }

    store::Database& database;
    keys::KeyRing keys = ring();
    vault::Vault vault{keys};
    Hospital hospital;
    Somebody keeper;
    Somebody engineer;
    Somebody approver;
    DeviceId pump;
};

std::string_view answer(const Result<Grant>& result) {
    return result ? "yes" : result.error().reason;
}

TEST_CASE("a grant is asked for by one, approved by another, and opens the visit it names") {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        const auto asked = ward.request();
        CHECK(asked.state == GrantState::requested);
        CHECK_FALSE(asked.facts().approved);
        CHECK_FALSE(ward.open().has_value());

        const auto approved = ward.decide(asked, ward.approver);

        REQUIRE(approved.has_value());
        CHECK(approved->state == GrantState::approved);
        CHECK(approved->decided_by == ward.approver.account.id);
        const auto open = ward.open();
        REQUIRE(open.has_value());
        CHECK(open->id == asked.id);
        CHECK(open->purpose == "replace the flow sensor");
        CHECK(open->change_ticket == "CHG-1234");
        CHECK(open->decision_reason == "as planned");
        CHECK(ward.hospital.ask(ward.engineer, Permission::device_visit, ward.pump, open->facts())
                  .has_value());

        for (const auto* type : {"grant.requested", "grant.approved"}) {
            const auto told = ward.events(type);
            REQUIRE(told.size() == 1);
            CHECK(told[0].leaf_json.find(asked.id.text()) != std::string::npos);
            CHECK(told[0].leaf_json.find("CHG-1234") != std::string::npos);
        }
    });
}

TEST_CASE("S0-37: approving needs a proof of the last 5 minutes") {
    test::SqliteFixture fixture;
    Ward ward(fixture.database());
    ward.hospital.clock().advance(301s);
    CHECK(
        ward.hospital.ask(ward.approver, Permission::grant_approve).error().reason ==
        "policy.step_up"
    );
}

TEST_CASE(
    "L-02: a grant is asked for with a change ticket, a purpose and a time, each of them sound"
) {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        const auto now = ward.hospital.clock().now();
        const auto reason_of = [&](auto change) {
            auto asked = ward.wanted();
            change(asked);
            return answer(ward.request(asked, ward.engineer));
        };
        CHECK(reason_of([](auto& g) { g.purpose = "123456789"; }) == "grant.purpose_short");
        CHECK(reason_of([](auto& g) { g.purpose = "1234567890"; }) == "yes");
        CHECK(reason_of([](auto& g) {
                  g.purpose = std::string(501, 'x');
              }) == "grant.purpose_malformed");
        CHECK(reason_of([](auto& g) {
                  g.purpose = "line one\nline two";
              }) == "grant.purpose_malformed");
        CHECK(reason_of([](auto& g) {
                  g.purpose = std::string(12, ' ');
              }) == "grant.purpose_malformed");
        for (const auto* ticket : {"", "CHG 1", "CHG;1", "ÄND-1", "a\nb"}) {
            CAPTURE(ticket);
            CHECK(reason_of([&](auto& g) {
                      g.change_ticket = ticket;
                  }) == "grant.ticket_malformed");
        }
        CHECK(reason_of([](auto& g) {
                  g.change_ticket = std::string(65, '1');
              }) == "grant.ticket_malformed");
        CHECK(reason_of([](auto& g) { g.change_ticket = "CHG#12/a.b_c-d"; }) == "yes");

        CHECK(reason_of([&](auto& g) { g.until = g.from; }) == "grant.window");
        CHECK(reason_of([&](auto& g) { g.until = g.from - 1s; }) == "grant.window");
        CHECK(reason_of([&](auto& g) {
                  g.from = now - 2h;
                  g.until = now;
              }) == "grant.window");
        CHECK(reason_of([&](auto& g) { g.until = g.from + 8h + 1s; }) == "grant.window");
        CHECK(reason_of([&](auto& g) { g.until = g.from + 8h; }) == "yes");
        CHECK(reason_of([&](auto& g) {
                  g.from = now + 24h * 90 + 1s;
                  g.until = g.from + 1h;
              }) == "grant.window");

        CHECK(reason_of([](auto& g) { g.capabilities = {"firmware"}; }) == "yes");
        CHECK(reason_of([](auto& g) { g.capabilities = {"root"}; }) == "grant.capability_unknown");
        CHECK(reason_of([](auto& g) {
                  g.capabilities = {"firmware", "firmware"};
              }) == "grant.capability_unknown");
        CHECK(reason_of([](auto& g) {
                  g.device = DeviceId::from_bytes(IdBytes{std::byte{1}});
              }) == "device.unknown");
        database.write([&](store::Tx& tx) {
            directory::set_device_state(tx, ward.pump, directory::DeviceState::retired);
        });
        CHECK(reason_of([](auto&) {}) == "device.retired");
    });
}

TEST_CASE("capabilities are kept with the grant") {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        auto asked = ward.wanted();
        asked.capabilities = {"firmware"};
        const auto grant = ward.request(asked, ward.engineer).value();
        REQUIRE(ward.decide(grant, ward.approver).has_value());
        CHECK((ward.open()->capabilities == std::vector<std::string>{"firmware"}));
    });
}

TEST_CASE("only an account whose role may visit gets a grant, when asked and when decided") {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        const auto grant = ward.request();
        database.write([&](store::Tx& tx) {
            directory::set_account_role(
                tx, ward.engineer.account.id, "auditor", "both", ward.hospital.moment()
            );
        });
        CHECK(answer(ward.decide(grant, ward.approver)) == "grant.role_cannot_visit");
        // Signed in before the change, but the row is what counts.
        CHECK(answer(ward.request(ward.wanted(), ward.engineer)) == "grant.role_cannot_visit");

        database.write([&](store::Tx& tx) {
            directory::set_account_role(
                tx, ward.engineer.account.id, "engineer", "gateway", ward.hospital.moment()
            );
            directory::set_account_state(
                tx, ward.engineer.account.id, directory::AccountState::disabled
            );
        });
        CHECK(answer(ward.decide(grant, ward.approver)) == "grant.requester_not_active");
        CHECK(answer(ward.decide(grant, ward.approver, Verdict::deny)) == "yes");
    });
}

TEST_CASE("a Permit for something else, or in other hands, asks for and decides nothing") {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        const auto grant = ward.request();
        const auto requesting = ward.hospital.permit(ward.engineer, Permission::grant_request);
        const auto approving = ward.hospital.permit(ward.approver, Permission::grant_approve);
        const auto reading = ward.hospital.permit(ward.approver, Permission::grant_read);
        database.write([&](store::Tx& tx) {
            const auto moment = ward.hospital.moment();
            const auto& policy = ward.hospital.policy();
            CHECK(
                answer(request_grant(
                    tx, moment, policy, approving, ward.wanted(), ward.approver.actor()
                )) == "grant.wrong_permit"
            );
            CHECK(
                answer(request_grant(
                    tx, moment, policy, requesting, ward.wanted(), ward.approver.actor()
                )) == "grant.wrong_permit"
            );
            for (const auto* permit : {&requesting, &reading}) {
                CHECK(
                    answer(decide_grant(
                        tx,
                        moment,
                        policy,
                        *permit,
                        grant.id,
                        Verdict::approve,
                        "",
                        ward.approver.actor()
                    )) == "grant.wrong_permit"
                );
            }
            CHECK(
                answer(decide_grant(
                    tx,
                    moment,
                    policy,
                    approving,
                    grant.id,
                    Verdict::approve,
                    "",
                    ward.engineer.actor()
                )) == "grant.wrong_permit"
            );
            CHECK(
                answer(revoke_grant(tx, moment, reading, grant.id, "", ward.approver.actor())) ==
                "grant.wrong_permit"
            );
        });
        CHECK_FALSE(ward.open().has_value());
    });
}

TEST_CASE("L-02: each pair of persons is tried, and only the uninvolved approver may approve") {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        auto& hospital = ward.hospital;
        // Everybody who had a hand in it, each with an account of their own and a second one that
        // is an approver.
        const auto creator = hospital.employ("carl", "gateway_administrator");
        const auto issuer = hospital.employ("ida", "gateway_administrator");
        const auto resetter = hospital.employ("rolf", "gateway_administrator");
        const auto bystander = hospital.employ("bo", "gateway_administrator");
        const auto& keeper = ward.keeper;
        const auto requester = hospital.employ("rita", "engineer", creator.account.id);
        const auto colleague = hospital.employ("colin", "engineer");
        ward.note_custody(requester, issuer, FactorCustody::ticket_issued);
        ward.note_custody(requester, resetter, FactorCustody::factor_reset);
        ward.store_secret(keeper);

        const auto second = [&](const Somebody& who) {
            return hospital.employ(
                who.account.login_name.text() + "-2", "approver", std::nullopt, who.account.person
            );
        };
        // And approvers whom the requester's person holds in their hands.
        const auto requester_admin = hospital.employ(
            "rita-admin", "gateway_administrator", std::nullopt, requester.account.person
        );
        const auto made_by_requester =
            hospital.employ("mia", "approver", requester_admin.account.id);
        const auto enrolled_by_requester = hospital.employ("emil", "approver");
        ward.note_custody(enrolled_by_requester, requester_admin, FactorCustody::ticket_issued);

        struct Try {
            Somebody who;
            std::string_view expected;
        };
        const std::vector<Try> tries{
            {second(requester), "grant.same_person"},
            {second(creator), "grant.account_creator"},
            {second(issuer), "grant.factor_issuer"},
            {second(resetter), "grant.factor_issuer"},
            {second(keeper), "grant.secret_keeper"},
            {made_by_requester, "grant.account_creator"},
            {enrolled_by_requester, "grant.factor_issuer"},
            {second(bystander), "yes"},
            {second(colleague), "yes"},
            {ward.approver, "yes"},
        };

        // Accounts that are no approvers get no Permit at all.
        for (const auto& who :
             {requester, creator, issuer, resetter, keeper, bystander, colleague, requester_admin
             }) {
            CAPTURE(who.account.login_name.text());
            CHECK(
                hospital.ask(who, Permission::grant_approve).error().reason == "policy.not_in_role"
            );
        }

        std::size_t refused = 0;
        for (const auto& [who, expected] : tries) {
            CAPTURE(who.account.login_name.text());
            const auto grant = ward.request(ward.wanted(), requester).value();
            const auto decided = ward.decide(grant, who);
            CHECK(answer(decided) == expected);
            const auto stored =
                database.read([&](store::Tx& tx) { return find_grant(tx, grant.id).value(); });
            CHECK((stored.state == GrantState::approved) == (expected == "yes"));
            refused += expected == "yes" ? 0 : 1;
        }
        CHECK(ward.events("authz.denied").size() == refused);
        CHECK(ward.events("grant.approved").size() == tries.size() - refused);
    });
}

TEST_CASE("L-02: an approver whose role changed since may not approve what they asked for") {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        const auto grant = ward.request();
        auto promoted = ward.engineer;
        promoted.account.role = "approver";
        CHECK(answer(ward.decide(grant, promoted)) == "grant.own_request");
    });
}

TEST_CASE("L-02: an approver who was disabled or got another role meanwhile decides nothing") {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        const auto grant = ward.request();
        const auto id = ward.approver.account.id;
        database.write([&](store::Tx& tx) {
            directory::set_account_state(tx, id, directory::AccountState::disabled);
        });
        CHECK(answer(ward.decide(grant, ward.approver)) == "grant.decider_not_active");
        database.write([&](store::Tx& tx) {
            directory::set_account_state(tx, id, directory::AccountState::active);
            directory::set_account_role(tx, id, "auditor", "both", ward.hospital.moment());
        });
        CHECK(answer(ward.decide(grant, ward.approver)) == "grant.decider_not_active");
        CHECK_FALSE(ward.open().has_value());
    });
}

TEST_CASE("L-02: whoever issued or reset a factor is kept out for 7 days, to the microsecond") {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        const auto administrator = ward.hospital.employ("ida", "gateway_administrator");
        ward.note_custody(ward.engineer, administrator, FactorCustody::ticket_issued);
        ward.hospital.clock().advance(168h - 1us);
        const auto issuer =
            ward.hospital.employ("ida-2", "approver", std::nullopt, administrator.account.person);
        auto engineer = ward.hospital.sign_in(ward.engineer.account);
        const auto grant = ward.request(ward.wanted(), engineer).value();

        CHECK(answer(ward.decide(grant, issuer)) == "grant.factor_issuer");
        ward.hospital.clock().advance(1us);
        CHECK(answer(ward.decide(grant, issuer)) == "yes");
    });
}

TEST_CASE("L-02: whatever ties requester and approver have, one tie is enough to refuse") {
    test::SqliteFixture fixture;
    Ward ward(fixture.database());
    auto& hospital = ward.hospital;
    int number = 0;
    const bool held = rc::check([&] {
        const auto tie = [] { return *rc::gen::weightedElement<bool>({{4, false}, {1, true}}); };
        const bool same_person = tie();
        const bool creator = tie();
        const bool made = tie();
        const bool issuer = tie();
        const bool issuer_long_ago = tie();
        const bool resetter = tie();
        const bool enrolled = tie();
        const bool keeper = tie();
        const auto suffix = std::to_string(++number);

        const auto admin_of_approver = hospital.employ("aa" + suffix, "gateway_administrator");
        const auto admin_of_requester = hospital.employ(
            "ar" + suffix,
            "gateway_administrator",
            std::nullopt,
            same_person ? std::optional(admin_of_approver.account.person) : std::nullopt
        );
        const auto requester = hospital.employ(
            "rr" + suffix,
            "engineer",
            creator ? std::optional(admin_of_approver.account.id) : std::nullopt,
            admin_of_requester.account.person
        );
        const auto approver = hospital.employ(
            "ap" + suffix,
            "approver",
            made ? std::optional(admin_of_requester.account.id) : std::nullopt,
            admin_of_approver.account.person
        );
        const auto pump = hospital.device("pump-" + suffix, ward.keeper.account.id).id;
        if (issuer_long_ago) {
            ward.note_custody(requester, admin_of_approver, FactorCustody::ticket_issued);
        }
        hospital.clock().advance(168h);
        if (issuer) ward.note_custody(requester, admin_of_approver, FactorCustody::ticket_issued);
        if (resetter) ward.note_custody(requester, admin_of_approver, FactorCustody::factor_reset);
        if (enrolled) ward.note_custody(approver, admin_of_requester, FactorCustody::ticket_issued);
        ward.pump = pump;
        if (keeper) ward.store_secret(hospital.sign_in(admin_of_approver.account));

        const auto grant = ward.request(ward.wanted(), hospital.sign_in(requester.account)).value();
        const auto decided = ward.decide(grant, hospital.sign_in(approver.account));

        const bool tied =
            same_person || creator || made || issuer || resetter || enrolled || keeper;
        RC_ASSERT(decided.has_value() == !tied);
    });
    CHECK(held);
}

TEST_CASE("L-02: the tables themselves refuse an approved grant that nobody else decided on") {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        const auto grant = ward.request();
        const auto id = store::value(grant.id);
        const auto refused = [&](const std::string& sql, const std::vector<store::Value>& values) {
            CHECK_THROWS_AS(database.write([&](store::Tx& tx) { tx.execute(sql, values); }), Fault);
        };
        refused("UPDATE access_grant SET state = 'approved' WHERE id = ?", {id});
        refused(
            "UPDATE access_grant SET state = 'approved', decided_by = requester, decided_at = 1 "
            "WHERE id = ?",
            {id}
        );
        refused("UPDATE access_grant SET valid_until = valid_until + 1 WHERE id = ?", {id});
        refused(
            "UPDATE access_grant SET requester = ? WHERE id = ?",
            {store::value(ward.approver.account.id), id}
        );
        refused("DELETE FROM access_grant WHERE id = ?", {id});
        refused(
            "INSERT INTO access_grant (id, requester, device_id, purpose, change_ticket, "
            "valid_from, "
            "valid_until, capabilities, state, requested_at, decided_by, decided_at, "
            "decision_reason, end_reason, expiry_noted) SELECT 'x', requester, device_id, purpose, "
            "change_ticket, valid_from, valid_until, capabilities, 'approved', requested_at, ?, 1, "
            "'', '', 0 FROM access_grant WHERE id = ?",
            {store::value(ward.approver.account.id), id}
        );
        CHECK_FALSE(ward.open().has_value());
    });
}

TEST_CASE("a decision is made once, in time, with a reason for a no") {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        const auto denied = ward.request();
        CHECK(
            answer(ward.decide(denied, ward.approver, Verdict::deny, "")) ==
            "grant.reason_malformed"
        );
        CHECK(
            answer(ward.decide(denied, ward.approver, Verdict::deny, std::string(501, 'x'))) ==
            "grant.reason_malformed"
        );
        const auto no = ward.decide(denied, ward.approver, Verdict::deny, "ask biomed first");
        REQUIRE(no.has_value());
        CHECK(no->state == GrantState::denied);
        CHECK(answer(ward.decide(denied, ward.approver)) == "grant.already_decided");
        CHECK_FALSE(ward.open().has_value());
        CHECK(ward.events("grant.denied").size() == 1);

        const auto late = ward.request();
        ward.hospital.clock().advance(1h);
        const auto approver = ward.hospital.sign_in(ward.approver.account);
        CHECK(answer(ward.decide(late, approver)) == "grant.over");
        CHECK(
            answer(ward.decide(
                {.id = GrantId::from_bytes(IdBytes{std::byte{1}}),
                 .requester = late.requester,
                 .device = late.device,
                 .purpose = {},
                 .change_ticket = {},
                 .from = {},
                 .until = {},
                 .capabilities = {},
                 .state = GrantState::requested,
                 .requested_at = {},
                 .decided_by = {},
                 .decided_at = {},
                 .decision_reason = {},
                 .ended_by = {},
                 .ended_at = {},
                 .end_reason = {}},
                approver
            )) == "grant.unknown"
        );
    });
}

TEST_CASE("an approved grant is ended early by its requester or by a holder of grant_revoke") {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        const auto first = ward.request();
        CHECK(
            answer(ward.revoke(first, ward.approver, Permission::grant_revoke)) ==
            "grant.not_approved"
        );
        REQUIRE(ward.decide(first, ward.approver).has_value());
        const auto other = ward.hospital.employ("eva", "engineer");
        CHECK(answer(ward.revoke(first, other, Permission::grant_request)) == "grant.wrong_permit");
        CHECK(answer(ward.revoke(first, other, Permission::self_manage)) == "grant.wrong_permit");

        const auto ended = ward.revoke(first, ward.engineer, Permission::grant_request);
        REQUIRE(ended.has_value());
        CHECK(ended->state == GrantState::revoked);
        CHECK(ended->ended_by == ward.engineer.account.id);
        CHECK(ended->decided_by == ward.approver.account.id);
        CHECK_FALSE(ward.open().has_value());
        CHECK(
            answer(ward.revoke(first, ward.engineer, Permission::grant_request)) ==
            "grant.not_approved"
        );

        const auto second = ward.request();
        REQUIRE(ward.decide(second, ward.approver).has_value());
        CHECK(answer(ward.revoke(second, ward.approver, Permission::grant_revoke)) == "yes");
        CHECK(ward.events("grant.revoked").size() == 2);

        const auto third = ward.request();
        REQUIRE(ward.decide(third, ward.approver).has_value());
        ward.hospital.clock().advance(1h);
        CHECK(
            answer(ward.revoke(
                third, ward.hospital.sign_in(ward.engineer.account), Permission::self_manage
            )) == "grant.over"
        );
    });
}

TEST_CASE("a grant is open from its first to its last microsecond, and the longest one wins") {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        auto asked = ward.wanted();
        asked.from += 10min;
        const auto later = ward.request(asked, ward.engineer).value();
        REQUIRE(ward.decide(later, ward.approver).has_value());
        const auto at = [&](Time time) {
            return database.read([&](store::Tx& tx) {
                auto open = open_grant(tx, ward.engineer.account.id, ward.pump, time);
                // The list that is asked for once tells the same.
                const auto all = open_grants(tx, ward.engineer.account.id, time);
                CHECK(all.size() == (open ? 1 : 0));
                if (open && !all.empty()) CHECK(all.front().id == open->id);
                CHECK(open_grants(tx, ward.approver.account.id, time).empty());
                return open;
            });
        };
        CHECK_FALSE(at(asked.from - 1us).has_value());
        CHECK(at(asked.from).has_value());
        CHECK(at(asked.until - 1us).has_value());
        CHECK_FALSE(at(asked.until).has_value());

        asked.until += 1h;
        const auto longer = ward.request(asked, ward.engineer).value();
        REQUIRE(ward.decide(longer, ward.approver).has_value());
        CHECK(at(asked.from)->id == longer.id);

        database.write([&](store::Tx& tx) {
            directory::set_device_state(tx, ward.pump, directory::DeviceState::retired);
        });
        CHECK_FALSE(at(asked.from).has_value());
    });
}

TEST_CASE("a grant that is over is told of once; denied, revoked and open ones are not") {
    test::for_each_engine([](store::Database& database) {
        Ward ward(database);
        const auto ends = ward.request();
        REQUIRE(ward.decide(ends, ward.approver).has_value());
        const auto revoked = ward.request();
        REQUIRE(ward.decide(revoked, ward.approver).has_value());
        REQUIRE(ward.revoke(revoked, ward.approver, Permission::grant_revoke).has_value());
        REQUIRE(ward.decide(ward.request(), ward.approver, Verdict::deny, "no need").has_value());
        std::ignore = ward.request();
        auto longer = ward.wanted();
        longer.until += 1h;
        REQUIRE(ward.decide(ward.request(longer, ward.engineer).value(), ward.approver).has_value()
        );

        CHECK(ward.sweep().empty());
        ward.hospital.clock().advance(1h - 1us);
        CHECK(ward.sweep().empty());
        ward.hospital.clock().advance(1us);
        CHECK((ward.sweep() == std::vector{ends.id}));
        CHECK(ward.sweep().empty());

        const auto told = ward.events("grant.expired");
        REQUIRE(told.size() == 1);
        CHECK(told[0].leaf_json.find(ends.id.text()) != std::string::npos);
        CHECK(told[0].leaf_json.find("grant-timer") != std::string::npos);
    });
}

TEST_CASE("one requester can't bury the approvers: 50 undecided requests are the most") {
    test::SqliteFixture fixture;
    Ward ward(fixture.database());
    for (int i = 0; i < 50; ++i) {
        REQUIRE(ward.request(ward.wanted(), ward.engineer).has_value());
    }
    CHECK(answer(ward.request(ward.wanted(), ward.engineer)) == "grant.too_many_open");
    CHECK(answer(ward.request(ward.wanted(), ward.hospital.employ("eva", "engineer"))) == "yes");
    CHECK(fixture.database().read([&](store::Tx& tx) {
        return list_grants(tx, {.requester = ward.engineer.account.id}).size();
    }) == 50);
    CHECK(fixture.database().read([&](store::Tx& tx) { return list_grants(tx, {}).size(); }) == 51);
}

}  // namespace

}  // namespace sallyport::governance
