#include "domain/directory/account.h"

#include "base/core/ascii.h"
#include "base/core/fault.h"
#include "domain/directory/shared_name.h"
#include "domain/directory/text_rules.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace sallyport::directory {

namespace {

constexpr std::size_t display_name_size_max = 200;

bool is_letter_or_digit(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_login_name_char(char c) noexcept {
    return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-' || c == '@';
}

constexpr std::array<std::pair<AccountState, std::string_view>, 6> state_texts{{
    {AccountState::pending, "pending"},
    {AccountState::active, "active"},
    {AccountState::locked, "locked"},
    {AccountState::suspended, "suspended"},
    {AccountState::disabled, "disabled"},
    {AccountState::tombstoned, "tombstoned"},
}};

constexpr std::string_view account_columns =
    "SELECT account.id, account.person_id, account.login_name, person.display_name, account.role, "
    "account.scope, account.state, account.created_by, account.created_at, "
    "account.role_changed_at, "
    "account.was_active "
    "FROM account JOIN person ON person.id = account.person_id ";

LoginName stored_login_name(const std::string& text) {
    auto name = LoginName::parse(text);
    if (!name) throw Fault("the stored login name of an account is malformed");
    return *std::move(name);
}

Account account_in(const store::Row& row) {
    return {
        .id = row.id<AccountId>(0),
        .person = row.id<PersonId>(1),
        .login_name = stored_login_name(row.text(2)),
        .display_name = row.text(3),
        .role = row.text(4),
        .scope = row.text(5),
        .state = account_state(row.text(6)),
        .created_by = row.maybe_id<AccountId>(7),
        .created_at = row.time(8),
        .role_changed_at = row.time(9),
        .was_active = row.integer(10) != 0,
    };
}

std::optional<Account> first_of(const std::vector<store::Row>& rows) {
    if (rows.empty()) return std::nullopt;
    return account_in(rows.front());
}

std::vector<Account> accounts_in(const std::vector<store::Row>& rows) {
    std::vector<Account> accounts;
    accounts.reserve(rows.size());
    for (const auto& row : rows) {
        accounts.push_back(account_in(row));
    }
    return accounts;
}

bool login_name_taken(store::Tx& tx, const LoginName& name) {
    return !tx.query("SELECT 1 FROM account WHERE login_name = ?", {name.text()}).empty();
}

std::optional<Person> person_with(store::Tx& tx, const PersonId& id) {
    const auto rows = tx.query(
        "SELECT id, display_name, created_at FROM person WHERE id = ?", {store::value(id)}
    );
    if (rows.empty()) return std::nullopt;
    const auto& row = rows.front();
    return Person{row.id<PersonId>(0), row.text(1), row.time(2)};
}

// The person that the account shall belong to: found, or made now.
Result<Person> person_for(store::Tx& tx, const NewAccount& wanted, const Moment& moment) {
    if (wanted.person) {
        auto person = person_with(tx, *wanted.person);
        if (!person) return refuse(Refusal::not_found, "person.unknown");
        return *std::move(person);
    }
    if (!is_clean_text(wanted.display_name, 1, display_name_size_max)) {
        return refuse(Refusal::invalid, "person.display_name_malformed");
    }
    const auto id = PersonId::fresh(moment.now, moment.random);
    tx.execute(
        "INSERT INTO person (id, display_name, created_at) VALUES (?, ?, ?)",
        {store::value(id), wanted.display_name, store::value(moment.now)}
    );
    return Person{id, wanted.display_name, moment.now};
}

void require_one_row(std::int64_t changed, const AccountId& id) {
    if (changed != 1) throw Fault("there is no account " + id.text());
}

}  // namespace

Result<LoginName> LoginName::parse(std::string_view text) {
    if (text.empty() || text.size() > size_max) {
        return refuse(Refusal::invalid, "login_name.malformed", "1 to 64 characters");
    }
    std::string name(text);
    std::ranges::transform(name, name.begin(), to_lower);
    if (!is_letter_or_digit(name.front()) || !std::ranges::all_of(name, is_login_name_char)) {
        return refuse(
            Refusal::invalid, "login_name.malformed", "a-z 0-9 . _ - @, first a letter or digit"
        );
    }
    return LoginName(std::move(name));
}

std::string_view to_text(AccountState state) noexcept {
    const auto* const found =
        std::ranges::find(state_texts, state, &decltype(state_texts)::value_type::first);
    return found->second;
}

AccountState account_state(std::string_view text) {
    const auto* const found =
        std::ranges::find(state_texts, text, &decltype(state_texts)::value_type::second);
    if (found == state_texts.end()) throw Fault("unknown account state " + std::string(text));
    return found->first;
}

Result<Account> create_account(
    store::Tx& tx,
    const NewAccount& wanted,
    const std::optional<AccountId>& created_by,
    const Moment& moment
) {
    if (is_shared_name(wanted.login_name.text())) {
        return refuse(Refusal::invalid, "account.shared_name");
    }
    return tx.attempt([&]() -> Result<Account> {
        if (login_name_taken(tx, wanted.login_name)) {
            return refuse(Refusal::conflict, "account.login_name_taken");
        }
        SP_TRY(auto person, person_for(tx, wanted, moment));
        Account account{
            .id = AccountId::fresh(moment.now, moment.random),
            .person = person.id,
            .login_name = wanted.login_name,
            .display_name = std::move(person.display_name),
            .role = wanted.role,
            .scope = wanted.scope,
            .state = AccountState::pending,
            .created_by = created_by,
            .created_at = moment.now,
            .role_changed_at = moment.now,
        };
        // Whoever came in between took the name: nothing is inserted, and that is an answer.
        const auto inserted = tx.execute(
            "INSERT INTO account (id, person_id, login_name, role, scope, state, created_by, "
            "created_at, role_changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (login_name) DO NOTHING",
            {store::value(account.id),
             store::value(account.person),
             account.login_name.text(),
             account.role,
             account.scope,
             std::string(to_text(account.state)),
             store::value(created_by),
             store::value(account.created_at),
             store::value(account.role_changed_at)}
        );
        if (inserted == 0) return refuse(Refusal::conflict, "account.login_name_taken");
        return account;
    });
}

std::optional<Account> find_account(store::Tx& tx, const AccountId& id) {
    return first_of(
        tx.query(std::string(account_columns) + "WHERE account.id = ?", {store::value(id)})
    );
}

std::optional<Account> find_account(store::Tx& tx, const LoginName& name) {
    return first_of(
        tx.query(std::string(account_columns) + "WHERE account.login_name = ?", {name.text()})
    );
}

store::Page<Account> list_accounts(store::Tx& tx, const AccountFilter& filter) {
    std::string sql(account_columns);
    std::vector<store::Value> values;
    if (filter.after) {
        sql += "WHERE (account.created_at, account.id) > (?, ?) ";
        values = {store::value(filter.after->at), store::value(filter.after->id)};
    }
    sql += "ORDER BY account.created_at, account.id LIMIT ?";
    values.emplace_back(store::page_limit(filter.count_max));
    return store::page_of(accounts_in(tx.query(sql, values)), filter.count_max);
}

std::vector<std::string> active_roles(
    store::Tx& tx, const std::string& scope, const std::optional<AccountId>& besides
) {
    std::vector<std::string> roles;
    const auto rows = tx.query(
        "SELECT DISTINCT role FROM account WHERE scope = ? AND state = 'active' AND id <> ? "
        "ORDER BY role",
        {scope, besides ? besides->text() : std::string()}
    );
    roles.reserve(rows.size());
    for (const auto& row : rows) {
        roles.push_back(row.text(0));
    }
    return roles;
}

std::vector<Account> active_accounts(
    store::Tx& tx, const std::string& role, std::size_t count_max
) {
    const auto rows = tx.query(
        std::string(account_columns) +
            "WHERE account.role = ? AND account.state = 'active' "
            "ORDER BY account.created_at, account.id LIMIT ?",
        {role, static_cast<std::int64_t>(count_max)}
    );
    std::vector<Account> found;
    found.reserve(rows.size());
    for (const auto& row : rows) {
        found.push_back(account_in(row));
    }
    return found;
}

void set_display_name(store::Tx& tx, const PersonId& person, const std::string& display_name) {
    const auto changed = tx.execute(
        "UPDATE person SET display_name = ? WHERE id = ?", {display_name, store::value(person)}
    );
    if (changed != 1) throw Fault("there is no person " + person.text());
}

void set_account_state(store::Tx& tx, const AccountId& id, AccountState state) {
    require_one_row(
        tx.execute(
            "UPDATE account SET state = ?, was_active = CASE WHEN ? = 1 THEN 1 ELSE was_active END "
            "WHERE id = ?",
            {std::string(to_text(state)),
             std::int64_t{state == AccountState::active ? 1 : 0},
             store::value(id)}
        ),
        id
    );
}

void set_account_role(
    store::Tx& tx,
    const AccountId& id,
    const std::string& role,
    const std::string& scope,
    const Moment& moment
) {
    require_one_row(
        tx.execute(
            "UPDATE account SET role = ?, scope = ?, role_changed_at = ? WHERE id = ?",
            {role, scope, store::value(moment.now), store::value(id)}
        ),
        id
    );
}

}  // namespace sallyport::directory
