#pragma once
// A small hospital for tests of the rooms above directory and policy: people with roles who ask for
// Permits as the edge would, with the shipped policy in force. Test binaries that include this link
// domain/policy.

#include "tests/support/clocks.h"
#include "tests/support/policies.h"

#include "base/store/database.h"
#include "domain/audit/event.h"
#include "domain/directory/account.h"
#include "domain/directory/device.h"
#include "domain/policy/permit.h"
#include "domain/policy/policy.h"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sallyport::test {

// Somebody signed in just now, with both factors.
struct Somebody {
    directory::Account account;
    SessionId session;
    Time last_proof;
    Time ends_at;

    [[nodiscard]] policy::Subject subject() const {
        return {
            .session = session,
            .account = account.id,
            .person = account.person,
            .role = account.role,
            .scope = account.scope,
            .proven = policy::Strength::two_factors,
            .last_proof = last_proof,
            .ends_at = ends_at,
        };
    }

    [[nodiscard]] audit::Actor actor() const {
        audit::Actor actor;
        actor.who.person = account.person;
        actor.who.account = account.id;
        actor.who.account_name = account.login_name.text();
        actor.who.role = account.role;
        actor.where.source = "10.20.30.40";
        actor.where.channel = "web";
        actor.factor = audit::Factor{
            .amr = "pwd+otp", .aal = 2, .authenticator_id = "password+totp", .age = Duration{0}
        };
        actor.session = session;
        actor.policy_version = 1;
        return actor;
    }
};

class Hospital {
public:
    explicit Hospital(store::Database& database)
        : database_(database),
          policy_(std::make_shared<const policy::Policy>(policy_with_codes(SettableClock().now()))
          ) {
        database_.write([&](store::Tx& tx) { policy::install_first_policy(tx, *policy_, moment()); }
        );
    }

    [[nodiscard]] store::Database& database() noexcept { return database_; }

    [[nodiscard]] SettableClock& clock() noexcept { return clock_; }

    [[nodiscard]] Moment moment() { return moments_.now(); }

    [[nodiscard]] const policy::Policy& policy() const noexcept { return *policy_; }

    void set_policy(const policy::Policy& policy) {
        policy_ = std::make_shared<const policy::Policy>(policy);
    }

    // An active account; made by `created_by`, and of `person` where that is named.
    Somebody employ(
        std::string_view login_name,
        std::string_view role,
        const std::optional<AccountId>& created_by = std::nullopt,
        const std::optional<PersonId>& person = std::nullopt
    ) {
        return sign_in(database_.write([&](store::Tx& tx) {
            const auto* const rules = policy_->role(role);
            if (rules == nullptr) throw std::logic_error("no such role");
            auto account = directory::create_account(
                tx,
                {
                    .login_name = directory::LoginName::parse(login_name).value(),
                    .display_name = "Name of " + std::string(login_name),
                    .role = rules->name,
                    .scope = rules->scope,
                    .person = person,
                },
                created_by,
                moment()
            );
            directory::set_account_state(tx, account.value().id, directory::AccountState::active);
            return directory::find_account(tx, account->id).value();
        }));
    }

    Somebody sign_in(directory::Account account) {
        const auto now = clock_.now();
        return {
            .account = std::move(account),
            .session = SessionId::fresh(now, random_),
            .last_proof = now,
            .ends_at = now + std::chrono::hours(8),
        };
    }

    directory::Device device(std::string_view name, const AccountId& by) {
        return database_.write([&](store::Tx& tx) {
            return directory::create_device(
                       tx,
                       {
                           .name = directory::DeviceName::parse(name).value(),
                           .serial = "SN-" + std::string(name),
                           .address = "10.9.8.7",
                           .port = 8080,
                           .archetype = "A2",
                           .profile = std::nullopt,
                       },
                       by,
                       moment()
            )
                .value();
        });
    }

    // What the edge does before each domain call. Throws if policy says no.
    [[nodiscard]] policy::Permit permit(
        const Somebody& who,
        policy::Permission action,
        const std::optional<DeviceId>& on = std::nullopt,
        const std::optional<policy::GrantFacts>& grant = std::nullopt
    ) {
        auto answer = ask(who, action, on, grant);
        if (!answer) throw std::logic_error("no permit: " + std::string(answer.error().reason));
        return *std::move(answer);
    }

    [[nodiscard]] Result<policy::Permit> ask(
        const Somebody& who,
        policy::Permission action,
        const std::optional<DeviceId>& on = std::nullopt,
        const std::optional<policy::GrantFacts>& grant = std::nullopt
    ) {
        const auto subject = who.subject();
        const policy::Question question{
            .subject = subject,
            .action = action,
            .device = on,
            .about = std::nullopt,
            .grant = grant,
        };
        return policy::decide(*policy_, question, clock_.now());
    }

private:
    store::Database& database_;
    SettableClock clock_;
    ReplayedRandom random_{7};
    Moments moments_{clock_, random_};
    std::shared_ptr<const policy::Policy> policy_;
};

}  // namespace sallyport::test
