#include "domain/directory/account.h"

#include "tests/support/clocks.h"
#include "tests/support/databases.h"

#include "base/core/fault.h"
#include "base/core/utf8.h"
#include "domain/directory/text_rules.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cstdint>
#include <set>
#include <string>
#include <utility>

namespace sallyport::directory {

namespace {

using namespace std::chrono_literals;

struct Registry {
    test::SettableClock clock;
    test::ReplayedRandom random;
    test::Moments moments{clock, random};

    [[nodiscard]] Moment moment() const { return moments.now(); }
};

NewAccount wanted(std::string_view name, std::optional<PersonId> person = std::nullopt) {
    return {
        .login_name = LoginName::parse(name).value(),
        .display_name = "Anna Berg",
        .role = "engineer",
        .scope = "gateway",
        .person = person,
    };
}

TEST_CASE("a login name is folded to lower case, so that Anna and anna are one") {
    CHECK(LoginName::parse("Anna.Berg-2_x@ward").value().text() == "anna.berg-2_x@ward");
    CHECK(LoginName::parse("7").value().text() == "7");
    CHECK(LoginName::parse(std::string(64, 'a')).has_value());
}

TEST_CASE("what is not a login name is refused") {
    for (const std::string_view text :
         {"", ".anna", "-anna", "_anna", "@anna", "an na", "änna", "anna\n", "anna/..", "anna:x"}) {
        CAPTURE(text);
        const auto name = LoginName::parse(text);
        REQUIRE_FALSE(name.has_value());
        CHECK(name.error().reason == "login_name.malformed");
    }
    CHECK_FALSE(LoginName::parse(std::string_view("a\0b", 3)).has_value());
    CHECK_FALSE(LoginName::parse(std::string(65, 'a')).has_value());
}

TEST_CASE("whatever parses as a login name parses again as itself") {
    const bool held = rc::check([](const std::string& text) {
        const auto name = LoginName::parse(text);
        if (!name) return;
        RC_ASSERT(LoginName::parse(name->text()).value() == *name);
        RC_ASSERT(name->text().size() == text.size());
    });
    CHECK(held);
}

TEST_CASE("an account that was made is found by id and by name, as pending") {
    test::for_each_engine([](store::Database& database) {
        const Registry registry;
        const auto made = database.write([&](store::Tx& tx) {
            return create_account(tx, wanted("anna"), std::nullopt, registry.moment()).value();
        });
        const auto second = database.write([&](store::Tx& tx) {
            return create_account(tx, wanted("bert"), made.id, registry.moment()).value();
        });

        database.read([&](store::Tx& tx) {
            const auto found = find_account(tx, made.id);
            REQUIRE(found.has_value());
            CHECK(found->login_name.text() == "anna");
            CHECK(found->display_name == "Anna Berg");
            CHECK(found->role == "engineer");
            CHECK(found->scope == "gateway");
            CHECK(found->state == AccountState::pending);
            CHECK_FALSE(found->created_by.has_value());
            CHECK(found->created_at == registry.clock.now());
            CHECK_FALSE(found->was_active);
            CHECK(find_account(tx, LoginName::parse("ANNA").value())->id == made.id);
            CHECK(find_account(tx, second.id)->created_by == made.id);
            CHECK(find_account(tx, LoginName::parse("nobody").value()) == std::nullopt);
            CHECK(list_accounts(tx).size() == 2);
        });
    });
}

TEST_CASE("S1-04: ids and login names are never used again, also not those of a tombstone") {
    test::for_each_engine([](store::Database& database) {
        const Registry registry;
        const auto first = database.write([&](store::Tx& tx) {
            auto account =
                create_account(tx, wanted("anna"), std::nullopt, registry.moment()).value();
            set_account_state(tx, account.id, AccountState::tombstoned);
            return account;
        });

        const auto again = database.write([&](store::Tx& tx) {
            return create_account(tx, wanted("anna"), std::nullopt, registry.moment());
        });
        REQUIRE_FALSE(again.has_value());
        CHECK(again.error().kind == Refusal::conflict);
        CHECK(again.error().reason == "account.login_name_taken");

        // Re-hired: a new account, the same person, and the tombstone stays.
        const auto rehired = database.write([&](store::Tx& tx) {
            return create_account(
                       tx, wanted("anna.2", first.person), std::nullopt, registry.moment()
            )
                .value();
        });
        CHECK(rehired.id != first.id);
        CHECK(rehired.person == first.person);
        database.read([&](store::Tx& tx) {
            CHECK(find_account(tx, first.id)->state == AccountState::tombstoned);
        });

        CHECK_THROWS_AS(
            database.write([&](store::Tx& tx) {
                tx.execute("DELETE FROM account WHERE id = ?", {store::value(first.id)});
            }),
            Fault
        );
        const auto other_id = AccountId::fresh(registry.clock.now(), registry.moment().random);
        const auto other_person = database.write([&](store::Tx& tx) {
            return create_account(tx, wanted("bert"), std::nullopt, registry.moment())
                .value()
                .person;
        });
        for (const auto& [column, other] :
             {std::pair<std::string, store::Value>{"id", other_id.text()},
              {"person_id", store::value(other_person)},
              {"login_name", "free"},
              {"created_by", store::value(rehired.id)},
              {"created_at", std::int64_t{1}}}) {
            CAPTURE(column);
            for (const auto& account : {first.id, rehired.id}) {
                CHECK_THROWS_AS(
                    database.write([&](store::Tx& tx) {
                        tx.execute(
                            "UPDATE account SET " + column + " = ? WHERE id = ?",
                            {other, store::value(account)}
                        );
                    }),
                    Fault
                );
            }
        }
        database.read([&](store::Tx& tx) {
            CHECK(find_account(tx, first.id)->login_name.text() == "anna");
            CHECK(find_account(tx, first.id)->person == first.person);
            CHECK_FALSE(find_account(tx, first.id)->created_by.has_value());
            CHECK(list_accounts(tx).size() == 3);
        });
    });
}

TEST_CASE("S1-04: thousands of accounts made in one microsecond have ids of their own") {
    const Registry registry;
    std::set<std::string> ids;
    for (int i = 0; i < 5000; ++i) {
        const auto moment = registry.moment();
        CHECK(ids.insert(AccountId::fresh(moment.now, moment.random).text()).second);
    }
}

TEST_CASE("a refused account leaves no person behind") {
    test::for_each_engine([](store::Database& database) {
        const Registry registry;
        database.write([&](store::Tx& tx) {
            REQUIRE(create_account(tx, wanted("anna"), std::nullopt, registry.moment()).has_value()
            );
            CHECK_FALSE(
                create_account(tx, wanted("anna"), std::nullopt, registry.moment()).has_value()
            );
            const auto nobody = PersonId::fresh(registry.clock.now(), registry.moment().random);
            CHECK(
                create_account(tx, wanted("bert", nobody), std::nullopt, registry.moment())
                    .error()
                    .reason == "person.unknown"
            );
            auto nameless = wanted("carl");
            nameless.display_name = " ";
            CHECK(
                create_account(tx, nameless, std::nullopt, registry.moment()).error().reason ==
                "person.display_name_malformed"
            );
            CHECK(tx.query("SELECT COUNT(*) FROM person").front().integer(0) == 1);
        });
    });
}

TEST_CASE("state and role change, and it is remembered who was ever active") {
    test::for_each_engine([](store::Database& database) {
        Registry registry;
        const auto id = database.write([&](store::Tx& tx) {
            return create_account(tx, wanted("anna"), std::nullopt, registry.moment()).value().id;
        });
        registry.clock.advance(1h);
        database.write([&](store::Tx& tx) {
            for (const auto state :
                 {AccountState::locked,
                  AccountState::active,
                  AccountState::suspended,
                  AccountState::disabled}) {
                set_account_state(tx, id, state);
                const auto account = find_account(tx, id).value();
                CHECK(account.state == state);
                CHECK(account.was_active == (state != AccountState::locked));
            }
            set_account_role(tx, id, "auditor", "both", registry.moment());
            const auto account = find_account(tx, id).value();
            CHECK(account.role == "auditor");
            CHECK(account.scope == "both");
            CHECK(account.role_changed_at == registry.clock.now());
            set_display_name(tx, account.person, "Anna Bergström");
            CHECK(find_account(tx, id)->display_name == "Anna Bergström");
        });
        CHECK_THROWS_AS(
            database.write([&](store::Tx& tx) {
                const auto nobody =
                    AccountId::fresh(registry.clock.now(), registry.moment().random);
                set_account_state(tx, nobody, AccountState::active);
            }),
            Fault
        );
    });
}

TEST_CASE("every account state has a text, and the text gives it back") {
    for (const auto state :
         {AccountState::pending,
          AccountState::active,
          AccountState::locked,
          AccountState::suspended,
          AccountState::disabled,
          AccountState::tombstoned}) {
        CHECK(account_state(to_text(state)) == state);
    }
    CHECK_THROWS_AS(std::ignore = account_state("gone"), Fault);
}

TEST_CASE("clean text is UTF-8 with something to see and nothing that hides") {
    CHECK(is_clean_text("Årsa 杏 🏥", 1, 200));
    CHECK(is_clean_text("", 0, 10));
    CHECK_FALSE(is_clean_text("", 1, 10));
    CHECK_FALSE(is_clean_text("   ", 1, 10));
    CHECK_FALSE(is_clean_text("12345678901", 1, 10));
    for (const std::string_view text :
         {"line\nbreak",
          "tab\there",
          "bell\a",
          "del\x7f",
          "c1\xc2\x85",
          "turned\xe2\x80\xae",
          "mark\xe2\x80\x8e",
          "iso\xe2\x81\xa6",
          "bom\xef\xbb\xbf",
          "sep\xe2\x80\xa8"}) {
        CAPTURE(text);
        CHECK(is_utf8(text));
        CHECK_FALSE(is_clean_text(text, 1, 100));
    }
    for (const std::string_view text :
         {"\x80",
          "\xc0\xaf",
          "\xe0\x80\xaf",
          "\xed\xa0\x80",
          "\xf5\x80\x80\x80",
          "\xf4\x90\x80\x80",
          "\xc3",
          "\xe2\x82",
          "a\xff"}) {
        CAPTURE(text);
        CHECK_FALSE(is_utf8(text));
        CHECK_FALSE(is_clean_text(text, 1, 100));
    }
    CHECK_FALSE(is_clean_text(std::string_view("a\0b", 3), 1, 10));
}

}  // namespace

}  // namespace sallyport::directory
