#pragma once
// People for tests, enrolled through the real flows: they hold a passphrase, an authenticator app
// and recovery codes, and sign in like anybody else. There is no other way to an
// AuthenticationProof.

#include "tests/support/clocks.h"
#include "tests/support/policies.h"

#include "base/core/bytes.h"
#include "base/crypto/crypto.h"
#include "base/keys/key_ring.h"
#include "base/store/database.h"
#include "domain/audit/log.h"
#include "domain/authn/bootstrap.h"
#include "domain/authn/context.h"
#include "domain/authn/enrolment.h"
#include "domain/authn/identity_proofing.h"
#include "domain/authn/one_time_code.h"
#include "domain/authn/recovery_ticket.h"
#include "domain/authn/sign_in.h"
#include "domain/authn/step_up.h"
#include "domain/authn/ticket.h"
#include "domain/authn/totp.h"
#include "domain/directory/account.h"
#include "domain/policy/policy.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::test {

inline crypto::Secret secret(std::string_view text) {
    return crypto::Secret::make(text.size(), [&](std::span<std::byte> out) {
        std::ranges::copy(as_bytes(text), out.begin());
    });
}

inline std::string shown(const crypto::Secret& secret) {
    return std::string(as_text(secret.expose()));
}

// What an authenticator app does with the text below the QR.
inline crypto::Secret seed_typed_in(std::string_view text) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    Bytes bytes;
    std::uint32_t window = 0;
    unsigned bits = 0;
    for (const char c : text) {
        if (c == ' ') continue;
        window = (window << 5U) | static_cast<std::uint32_t>(alphabet.find(c));
        bits += 5;
        if (bits < 8) continue;
        bits -= 8;
        bytes.push_back(static_cast<std::byte>((window >> bits) & 0xFFU));
    }
    return crypto::Secret::take(bytes);
}

inline audit::Where from_web(std::string source = "192.0.2.7") {
    return {
        .source = std::move(source),
        .channel = "web",
        .workstation = "unregistered",
        .zone = "unzoned",
    };
}

struct TestPerson {
    AccountId account;
    PersonId person;
    std::string login_name;
    std::string role;
    std::string passphrase;
    crypto::Secret seed;
    std::vector<std::string> recovery_codes;
    audit::Factor factor;
};

// A server's people on one database, with clock and dice in the test's hand.
class People {
public:
    explicit People(store::Database& database) : database_(&database) {}

    SettableClock clock;
    ReplayedRandom random;
    Moments moments{clock, random};
    policy::Policy policy = policy_with_codes(clock.now());
    keys::KeyRing keys{crypto::Secret::random(32)};
    authn::Context context = authn::make_context(keys, crypto::PasswordCost{});
    audit::Where where = from_web();

    [[nodiscard]] store::Database& database() noexcept { return *database_; }

    // As after a restart of the process: another handle on the same data.
    void reopened(store::Database& database) noexcept { database_ = &database; }

    [[nodiscard]] Moment now() const { return moments.now(); }

    [[nodiscard]] audit::Actor acting(const TestPerson& person) const {
        return {
            .who =
                {.person = person.person,
                 .account = person.account,
                 .account_name = person.login_name,
                 .role = person.role,
                 .system = {}},
            .where = where,
            .factor = person.factor,
            .session = std::nullopt,
        };
    }

    // The code that the person's app shows now.
    [[nodiscard]] std::string code(const TestPerson& person) const {
        return authn::totp_code(person.seed, authn::totp_step(clock.now()));
    }

    [[nodiscard]] TestPerson first_administrator(std::string login_name = "anna.admin") {
        const authn::Enrolling enrolling(context);
        auto started = database_->write([&](store::Tx& tx) {
            const auto made = authn::create_bootstrap_code(tx, now(), keys);
            REQUIRE(made.has_value());
            const authn::FirstAdministrator person{
                .login_name = directory::LoginName::parse(login_name).value(),
                .display_name = "Anna Admin",
            };
            return enrolling.start_with_bootstrap_code(
                tx, now(), policy, as_text(made->code.expose()), person, where
            );
        });
        REQUIRE(started.has_value());
        return finish(*std::move(started));
    }

    // A pending account, as an administrator makes it, of a person whose identity was checked.
    [[nodiscard]] directory::Account pending(
        const TestPerson& administrator, std::string_view login_name, std::string_view role
    ) {
        auto account = database_->write([&](store::Tx& tx) {
            const directory::NewAccount wanted{
                .login_name = directory::LoginName::parse(login_name).value(),
                .display_name = "Test " + std::string(login_name),
                .role = std::string(role),
                .scope = policy.role(role)->scope,
                .person = std::nullopt,
            };
            return directory::create_account(tx, wanted, administrator.account, now());
        });
        REQUIRE(account.has_value());
        const auto proofed = database_->write([&](store::Tx& tx) {
            const authn::IdentityProofing seen{
                .method = authn::ProofingMethod::in_person,
                .evidence = "identity card",
                .verifier = administrator.login_name,
                .proofed_on = clock.now(),
            };
            return authn::record_identity_proofing(
                tx, now(), account->person, seen, acting(administrator)
            );
        });
        REQUIRE(proofed.has_value());
        return *std::move(account);
    }

    [[nodiscard]] std::string ticket(const TestPerson& administrator, const AccountId& account) {
        const auto issued = database_->write([&](store::Tx& tx) {
            return authn::issue_ticket(
                tx, now(), keys, {.account = account}, acting(administrator)
            );
        });
        REQUIRE(issued.has_value());
        return shown(issued->code);
    }

    // Both codes of a recovery: the approver's and the agent's.
    struct RecoveryCodePair {
        std::string code;
        std::string agent_code;
    };

    [[nodiscard]] RecoveryCodePair recovery(const TestPerson& approver, const AccountId& account) {
        const auto agent = authn::fresh_agent_code(keys, account);
        const auto issued = database_->write([&](store::Tx& tx) {
            return authn::issue_recovery_ticket(
                tx, now(), keys, account, agent.mac, acting(approver)
            );
        });
        REQUIRE(issued.has_value());
        return {.code = shown(issued->code), .agent_code = shown(agent.code)};
    }

    [[nodiscard]] TestPerson enrol_with(std::string_view code, std::string_view agent_code = {}) {
        const authn::Enrolling enrolling(context);
        auto started = database_->write([&](store::Tx& tx) {
            return enrolling.start_with_ticket(tx, now(), policy, code, where, agent_code);
        });
        REQUIRE(started.has_value());
        return finish(*std::move(started));
    }

    [[nodiscard]] TestPerson enrolled(
        const TestPerson& administrator, std::string_view login_name, std::string_view role
    ) {
        const auto account = pending(administrator, login_name, role);
        return enrol_with(ticket(administrator, account.id));
    }

    // Both forms of the sign-in. Time goes on by one TOTP step first, so that the code is fresh.
    [[nodiscard]] Result<authn::AuthenticationProof> sign_in(const TestPerson& person) {
        clock.advance(std::chrono::seconds(30));
        auto token = first_form(person.login_name, person.passphrase);
        if (!token) return std::unexpected(token.error());
        if (token->proof) return *std::move(token->proof);
        return second_form(token->token, code(person));
    }

    struct FirstForm {
        crypto::Secret token;
        std::optional<authn::AuthenticationProof> proof;
        std::optional<AuthenticatorId> upgrade;
        std::string verifier;  // what was hashed against
    };

    [[nodiscard]] Result<FirstForm> first_form(
        std::string_view identifier, std::string_view passphrase
    ) {
        const authn::SignIn sign_in(context);
        auto begun = database_->write([&](store::Tx& tx) {
            return sign_in.begin(tx, now(), policy, {.identifier = identifier}, where);
        });
        if (!begun) return std::unexpected(begun.error());
        const auto answer = authn::answer(context, begun->question, secret(passphrase));
        auto next = database_->write([&](store::Tx& tx) {
            return sign_in.record(tx, now(), policy, begun->token.expose(), answer, where);
        });
        if (!next) return std::unexpected(next.error());
        return FirstForm{
            .token = std::move(begun->token),
            .proof = std::move(next->proof),
            .upgrade = next->upgrade,
            .verifier = begun->question.verifier,
        };
    }

    [[nodiscard]] Result<authn::AuthenticationProof> second_form(
        const crypto::Secret& token, std::string_view code
    ) {
        const authn::SignIn sign_in(context);
        auto admitted = database_->write([&](store::Tx& tx) {
            return sign_in.submit_code(tx, now(), policy, token.expose(), code, where);
        });
        if (!admitted) return std::unexpected(admitted.error());
        REQUIRE(admitted->proof.has_value());
        return *std::move(admitted->proof);
    }

    // Everything of this type in the log, newest first or as the log lists it.
    [[nodiscard]] std::vector<audit::Entry> events(const std::string& type) {
        return database_->read([&](store::Tx& tx) {
            audit::Filter filter;
            filter.type_prefix = type;
            filter.count_max = 1000;
            return audit::list(tx, filter);
        });
    }

private:
    [[nodiscard]] TestPerson finish(authn::Enrolling::Started started) {
        const authn::Enrolling enrolling(context);
        const std::string passphrase = "seven grey herons " + started.enrolment.login_name;
        const auto verifier =
            enrolling.make_passphrase_verifier(started.enrolment, secret(passphrase));
        REQUIRE(verifier.has_value());
        const auto token = started.token.expose();
        const bool two = started.enrolment.strength != policy::Strength::one_factor;
        auto seed = database_->write([&](store::Tx& tx) -> Result<crypto::Secret> {
            SP_CHECK(enrolling.set_passphrase(tx, now(), token, *verifier));
            if (!two) return crypto::Secret::random(authn::totp_seed_size);
            SP_TRY(const auto made, enrolling.show_seed(tx, now(), token));
            return seed_typed_in(as_text(made.text.expose()));
        });
        REQUIRE(seed.has_value());
        const auto first_code =
            two ? authn::totp_code(*seed, authn::totp_step(clock.now())) : std::string();
        auto finished = database_->write([&](store::Tx& tx) {
            return enrolling.finish(tx, now(), policy, token, first_code, where);
        });
        REQUIRE(finished.has_value());
        const auto account = database_->read([&](store::Tx& tx) {
            return directory::find_account(tx, finished->account);
        });
        TestPerson person{
            .account = account->id,
            .person = account->person,
            .login_name = account->login_name.text(),
            .role = account->role,
            .passphrase = passphrase,
            .seed = *std::move(seed),
            .recovery_codes = {},
            .factor = finished->proof.factor(),
        };
        for (const auto& each : finished->recovery_codes) {
            person.recovery_codes.push_back(shown(each));
        }
        return person;
    }

    store::Database* database_;
};

}  // namespace sallyport::test
