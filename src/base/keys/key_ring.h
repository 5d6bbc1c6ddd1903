#pragma once
// The keys that are not in the database. One 32-byte master key (systemd credential or 0600 file)
// from which every purpose gets its own by HKDF-SHA-256; the log's Ed25519 signing key is a file of
// its own.

#include "base/core/bytes.h"
#include "base/crypto/secret.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::keys {

// What a key is for. A key made for one purpose opens nothing of another.
enum class Purpose : std::uint8_t {
    password_pepper,  // keyed step over argon2id verifiers
    totp_seed,        // AEAD of TOTP seeds
    vault_item,       // AEAD of device credentials
    recovery_code_mac,
    ticket_mac,     // enrolment tickets, bootstrap codes, handoff codes
    recording_key,  // wraps each recording's own key
    backup_key,
    unknown_identifier,  // MAC of login names that name nobody (S0-64)
    webauthn_challenge,  // MAC that makes a challenge ours, for one purpose and one holder
    push_sender,         // who sends push messages (RFC 8292)
    push_subscription,   // AEAD of where and how a phone is reached
    push_enrolment,      // MAC: the challenge that a new phone signs
    badge_uid,           // MAC of the numbers of cards
    mailed_code,         // AEAD of recovery codes on their way to a mail server
};

[[nodiscard]] std::string_view to_text(Purpose purpose) noexcept;

class KeyRing {
public:
    // Takes the master key's 32 bytes.
    explicit KeyRing(crypto::Secret master);

    // The key of a purpose in the current version; lives as long as the ring.
    [[nodiscard]] const crypto::Secret& key(Purpose purpose) const;

    // Stored beside ciphertext, and part of what the AEAD binds.
    [[nodiscard]] std::int64_t version() const noexcept { return 1; }

    // Seals `plain` for one place: purpose label, row id and key version are authenticated, so that
    // the ciphertext moved to another row, table or key does not open.
    [[nodiscard]] Bytes seal(Purpose purpose, std::string_view row, BytesView plain) const;
    // A Secret, since that is what was sealed. Ciphertext that was moved or changed is a fault.
    [[nodiscard]] crypto::Secret unseal(Purpose purpose, std::string_view row, BytesView sealed)
        const;
    // HMAC-SHA-256 under the purpose's key, 32 bytes.
    [[nodiscard]] Bytes mac(Purpose purpose, BytesView message) const;

private:
    struct Keys;
    std::shared_ptr<const Keys> keys_;
};

// Where the master key comes from, in this order: $CREDENTIALS_DIRECTORY/master.key (systemd), or
// the configured path: a regular file of the server's own user with mode 0600 holding 32 bytes as
// hex, outside the data folder's database. A looser mode is a fault naming path and mode. If
// systemd gave a folder, the key must be in it.
[[nodiscard]] KeyRing load_key_ring(const std::string& master_key_path);
// The file that systemd provides, if it does.
[[nodiscard]] std::optional<std::string> master_key_credential();
// Makes a new one, exclusively, 0600. A fault if it exists.
void create_master_key(const std::string& master_key_path);

}  // namespace sallyport::keys
