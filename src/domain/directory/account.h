#pragma once
// Persons and their accounts. A person has accounts; an account has one login name, one role in
// one scope, and belongs to one person for ever. Ids and login names are never reused (S1-04).

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/page.h"
#include "base/store/tx.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::directory {

// A login name: 1 to 64 of a-z 0-9 . _ - @, starting with a letter or digit, always lower case.
class LoginName {
public:
    static constexpr std::size_t size_max = 64;

    // Lower-cases ASCII; refuses "login_name.malformed".
    [[nodiscard]] static Result<LoginName> parse(std::string_view text);

    [[nodiscard]] const std::string& text() const noexcept { return text_; }

    friend auto operator<=>(const LoginName&, const LoginName&) = default;

private:
    explicit LoginName(std::string text) : text_(std::move(text)) {}

    std::string text_;
};

// requirements.md §7.1: pending → active ⇄ locked ⇄ suspended → disabled → tombstoned.
enum class AccountState : std::uint8_t { pending, active, locked, suspended, disabled, tombstoned };

[[nodiscard]] std::string_view to_text(AccountState state) noexcept;
[[nodiscard]] AccountState account_state(std::string_view text);  // a fault if unknown

struct Person {
    PersonId id;
    std::string display_name;
    Time created_at;
};

struct Account {
    AccountId id;
    PersonId person;
    LoginName login_name;
    std::string display_name;  // the person's
    std::string role;          // a role of the policy in force, e.g. "engineer"
    std::string scope;         // that role's: "clinical", "gateway" or "both"
    AccountState state;
    std::optional<AccountId> created_by;  // none: made by bootstrap
    Time created_at;
    Time role_changed_at;
    bool was_active = false;  // whether it ever finished enrolment
};

struct NewAccount {
    LoginName login_name;
    std::string display_name;  // 1 to 200 bytes of UTF-8
    std::string role;
    std::string scope;
    std::optional<PersonId>
        person;  // an existing person (re-hired, second account), else a new one
};

// The rows only; permission, step-up and the audit event are the caller's (governance/user_admin).
// Refuses conflict "account.login_name_taken", also for names of tombstoned accounts; invalid
// "account.shared_name" (shared_name.h: an account is one person's, S1-68); not_found
// "person.unknown"; invalid "person.display_name_malformed". The account starts as pending.
[[nodiscard]] Result<Account> create_account(
    store::Tx& tx,
    const NewAccount& wanted,
    const std::optional<AccountId>& created_by,
    const Moment& moment
);
[[nodiscard]] std::optional<Account> find_account(store::Tx& tx, const AccountId& id);
[[nodiscard]] std::optional<Account> find_account(store::Tx& tx, const LoginName& name);

struct AccountFilter {
    // Written out, so that a caller may name only what it asks for.
    std::optional<store::Place<AccountId>> after = {};  // made later than this one; for paging
    std::size_t count_max = store::page_rows_default;   // of a page
};

// In the order in which they were made, tombstones too.
[[nodiscard]] store::Page<Account> list_accounts(store::Tx& tx, const AccountFilter& filter = {});
// The roles that active accounts of exactly this scope hold, each once, `besides` left out.
[[nodiscard]] std::vector<std::string> active_roles(
    store::Tx& tx, const std::string& scope, const std::optional<AccountId>& besides
);
// Active accounts that hold this role, oldest first.
[[nodiscard]] std::vector<Account> active_accounts(
    store::Tx& tx, const std::string& role, std::size_t count_max
);
void set_display_name(store::Tx& tx, const PersonId& person, const std::string& display_name);
void set_account_state(store::Tx& tx, const AccountId& id, AccountState state);
void set_account_role(
    store::Tx& tx,
    const AccountId& id,
    const std::string& role,
    const std::string& scope,
    const Moment& moment
);

}  // namespace sallyport::directory
