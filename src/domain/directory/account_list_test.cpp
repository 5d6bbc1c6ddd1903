#include "tests/support/clocks.h"
#include "tests/support/databases.h"

#include "domain/directory/account.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace sallyport::directory {

namespace {

using namespace std::chrono_literals;

TEST_CASE("accounts are read page by page, none missing and none twice, also of one microsecond") {
    test::for_each_engine([](store::Database& database) {
        test::SettableClock clock;
        test::ReplayedRandom random;
        const test::Moments moments{clock, random};
        std::set<std::string> made;
        database.write([&](store::Tx& tx) {
            for (int i = 0; i < 230; ++i) {
                if (i % 40 == 0) clock.advance(1us);
                const NewAccount wanted{
                    .login_name = LoginName::parse("person" + std::to_string(i)).value(),
                    .display_name = "Somebody",
                    .role = i % 10 == 0 ? "approver" : "engineer",
                    .scope = "gateway",
                    .person = {},
                };
                const auto account = create_account(tx, wanted, std::nullopt, moments.now());
                made.insert(account.value().id.text());
                if (i % 20 == 0) set_account_state(tx, account->id, AccountState::tombstoned);
            }
        });

        for (const std::size_t at_once : {7U, 100U, 230U}) {
            CAPTURE(at_once);
            AccountFilter filter{.count_max = at_once};
            std::vector<Account> seen;
            for (;;) {
                const auto page =
                    database.read([&](store::Tx& tx) { return list_accounts(tx, filter); });
                CHECK(page.size() <= at_once);
                seen.insert(seen.end(), page.begin(), page.end());
                if (!page.more) break;
                filter.after = {seen.back().created_at, seen.back().id};
            }
            std::set<std::string> told;
            for (const auto& account : seen) {
                told.insert(account.id.text());
            }
            CHECK(seen.size() == 230);
            CHECK(told == made);
            CHECK(std::ranges::is_sorted(seen, {}, &Account::created_at));
        }
        database.read([&](store::Tx& tx) { CHECK(list_accounts(tx).size() == 100); });
    });
}

}  // namespace

}  // namespace sallyport::directory
