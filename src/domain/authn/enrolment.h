#pragma once
// Enrolment: a person alone, with a code in hand, binds a passphrase and an authenticator app.
//
//   start_with_ticket / start_with_bootstrap_code    write transaction; the code is used up
//   make_passphrase_verifier()                       hash pool
//   set_passphrase()                                 write transaction
//   show_seed()                                      write transaction; a new seed each time
//   finish()                                         write transaction, together with session::open
//
// Nothing of the account changes before finish(): it makes (bootstrap) or activates the account,
// revokes what was bound before, binds the new factors, issues ten recovery codes and returns the
// proof that opens the session.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/authentication_proof.h"
#include "domain/authn/context.h"
#include "domain/authn/new_security_key.h"
#include "domain/authn/ticket.h"
#include "domain/directory/account.h"
#include "domain/policy/policy.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::authn {

inline constexpr std::chrono::minutes enrolment_max{30};

enum class EnrolmentKind : std::uint8_t { bootstrap, first, reset };
enum class EnrolmentStage : std::uint8_t { passphrase, authenticator, done };

// One enrolment in progress, as its pages need it.
struct Enrolment {
    EnrolmentKind kind;
    EnrolmentStage stage;
    std::optional<AccountId> account;  // none during bootstrap: it does not exist yet
    std::string login_name;
    std::string display_name;
    std::string role;
    // What the role asks for; phishing_resistant: a security key or passkey and nothing less.
    policy::Strength strength;
    // False: one may be brought, or left for later.
    bool demands_second_factor = true;
    Time ends_at;
};

struct FirstAdministrator {
    directory::LoginName login_name;
    std::string display_name;  // 1 to 200 bytes
    std::string role = "gateway_administrator";
};

class Enrolling {
public:
    // `context` must outlive it.
    explicit Enrolling(const Context& context) : context_(context) {}

    struct Started {
        crypto::Secret token;  // 32 bytes; the edge keeps base64url of it in a flow cookie
        Enrolment enrolment;
    };

    // Both refuse denied "ticket.refused" (unknown, used, revoked, expired; the log knows which),
    // throttled "authn.throttled", denied "clock.behind". `agent_code`: the second code, which
    // tickets of a recovery ask for.
    [[nodiscard]] Result<Started> start_with_ticket(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        std::string_view code,
        const audit::Where& where,
        std::string_view agent_code = {}
    ) const;
    [[nodiscard]] Result<Started> start_with_bootstrap_code(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        std::string_view code,
        const FirstAdministrator& person,
        const audit::Where& where
    ) const;

    // Refuses expired "enrolment.over" (too late, unknown, finished).
    [[nodiscard]] Result<Enrolment> find(
        store::Tx& tx, const Moment& moment, const policy::Policy& policy, BytesView token
    ) const;

    // The rules of passphrase.h, the breach list (refuses invalid "passphrase.breached"), then the
    // hash (about 100 ms; for the hash pool). Touches nothing.
    [[nodiscard]] Result<std::string> make_passphrase_verifier(
        const Enrolment& enrolment, const crypto::Secret& typed
    ) const;
    // May be repeated until finish().
    [[nodiscard]] Result<void> set_passphrase(
        store::Tx& tx, const Moment& moment, BytesView token, const std::string& verifier
    ) const;

    struct Seed {
        crypto::Secret uri;   // otpauth://…
        crypto::Secret text;  // base32 in groups of four
        crypto::Secret svg;   // the QR of uri
    };

    // Makes a seed and shows it: this once. Asking again makes another and forgets this one.
    // Refuses conflict "enrolment.no_passphrase", expired "enrolment.over".
    [[nodiscard]] Result<Seed> show_seed(store::Tx& tx, const Moment& moment, BytesView token)
        const;

    // What the browser is to make a key with. Refuses conflict "enrolment.no_passphrase", expired
    // "enrolment.over". Writes cred.enrolment_started.
    [[nodiscard]] Result<KeyCreation> offer_key(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        BytesView token,
        const audit::Where& where
    ) const;

    struct Finished {
        AuthenticationProof proof;
        std::vector<crypto::Secret> recovery_codes;  // texts, shown once; none for one factor
        EnrolmentKind kind;
        AccountId account;
        std::optional<AccountId> issued_by;  // of the ticket
        std::optional<TicketId> ticket;
    };

    // `code` is the app's first code; empty: without a second factor, where none is demanded.
    // Refuses unauthenticated "totp.wrong", "totp.malformed" (try again), throttled
    // "authn.throttled", conflict "enrolment.no_passphrase", "enrolment.no_seed",
    // "enrolment.needs_key" (the role asks for more than a code), "bootstrap.not_first",
    // "account.login_name_taken", "identity.not_proofed", denied "account.not_active", expired
    // "enrolment.over".
    [[nodiscard]] Result<Finished> finish(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        BytesView token,
        std::string_view code,
        const audit::Where& where
    ) const;
    // The same with a security key or passkey in the authenticator app's place. Refuses what
    // finish() and accept_new_key() refuse.
    [[nodiscard]] Result<Finished> finish_with_key(
        store::Tx& tx,
        const Moment& moment,
        const policy::Policy& policy,
        BytesView token,
        const NewKey& key,
        const audit::Where& where
    ) const;

private:
    const Context& context_;
};

}  // namespace sallyport::authn
