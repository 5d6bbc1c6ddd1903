#pragma once
// A passphrase that is, or may be, in somebody else's hands (S0-85): found in a breach list at
// sign-in, or said to be by an administrator. It opens no session any more; a sign-in with it that
// is right otherwise may do one thing, set another.
//
//   passphrase_change_due()        after a sign-in, before session::open (which refuses it)
//   PassphraseChange::begin()      write transaction; uses the proof up
//   make_passphrase_verifier()     hash pool
//   finish()                       write transaction; then the person signs in with the new one

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/authentication_proof.h"
#include "domain/authn/context.h"
#include "domain/authn/enrolment.h"
#include "domain/policy/policy.h"

#include <chrono>
#include <string>
#include <string_view>

namespace sallyport::authn {

inline constexpr std::chrono::minutes passphrase_change_max{10};  // from sign-in to the new one

// Why another passphrase has to be set. `forgotten` is no compromise: its holder proved themselves
// in another way (mail_recovery.h).
enum class CompromiseSignal : std::uint8_t { breach_list, administrator, forgotten };

[[nodiscard]] std::string_view to_text(CompromiseSignal signal) noexcept;

// Marks the account's passphrase in force. The caller ends the sessions. Returns whether it was not
// marked before. Refuses conflict "passphrase.none". Writes cred.compromise_detected.
[[nodiscard]] Result<bool> note_compromised(
    store::Tx& tx,
    const Moment& moment,
    const AccountId& account,
    CompromiseSignal signal,
    const audit::Actor& actor
);
// Marks it as forgotten, by a holder who has one. No event: the caller's says how they recover.
void note_forgotten(store::Tx& tx, const Moment& moment, const AccountId& account);
// It was typed, and right: it is not forgotten, and a recovery under way ends. So nobody who reads
// somebody's mail makes them set another.
void note_remembered(store::Tx& tx, const AuthenticatorId& passphrase);
// Whether the passphrase in force is marked.
[[nodiscard]] bool passphrase_change_due(store::Tx& tx, const AccountId& account);

// Whether what was typed is on the breach list; no if there is none. For the hash pool, whatever
// was typed, right or wrong: else its time would tell which. A fault if the list is damaged there.
[[nodiscard]] bool is_breached(const Context& context, const crypto::Secret& typed);

class PassphraseChange {
public:
    // `context` must outlive it.
    explicit PassphraseChange(const Context& context) : context_(context) {}

    // Writes cred.change_required. 32 bytes; the edge keeps base64url of it in a flow cookie.
    [[nodiscard]] static crypto::Secret begin(
        store::Tx& tx, const Moment& moment, AuthenticationProof proof, const audit::Where& where
    );

    struct Due {
        Enrolment person;          // as the rules for a new passphrase know them
        std::string old_verifier;  // what it must not be
    };

    // Refuses expired "passphrase.change_over" (too late, unknown, done).
    [[nodiscard]] Result<Due> find(
        store::Tx& tx, const Moment& moment, const policy::Policy& policy, BytesView token
    ) const;
    // Enrolling's rules, and invalid "passphrase.same". Two hashes (about 200 ms).
    [[nodiscard]] Result<std::string> make_passphrase_verifier(
        const Due& due, const crypto::Secret& typed
    ) const;
    // The new one is the account's passphrase from now on, the old one is revoked. Refuses expired
    // "passphrase.change_over", denied "account.not_active". Writes cred.bound, cred.revoked and
    // cred.password_changed; and recovery.completed where the old one was forgotten.
    [[nodiscard]] Result<AccountId> finish(
        store::Tx& tx,
        const Moment& moment,
        BytesView token,
        const std::string& verifier,
        const audit::Where& where
    ) const;

private:
    const Context& context_;
};

// Forgets changes that nobody finished. For a job, every few minutes.
void sweep_passphrase_changes(store::Tx& tx, const Moment& moment);

}  // namespace sallyport::authn
