#pragma once
// Device credentials: sealed under a key outside the database, bound to their row, lent to one
// connection against a Permit, never shown to a person.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "base/keys/key_ring.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/policy/permit.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::vault {

enum class CredentialKind : std::uint8_t { http_basic };

// What is known about an item without opening it.
struct Item {
    VaultItemId id;
    DeviceId device;
    CredentialKind kind;
    std::string user_name;
    std::int64_t version = 1;  // of the secret, counted from 1
    bool unmaskable = false;   // under 6 bytes: answers that hold it are refused, not masked
    AccountId stored_by;
    Time stored_at;
};

// A credential on loan to one connection. Wiped when it goes.
struct LentCredential {
    CredentialKind kind;
    std::string user_name;
    crypto::Secret password;
    bool unmaskable = false;
};

// Everybody who ever stored this device's secret: they may not approve grants for it.
[[nodiscard]] std::vector<AccountId> secret_keepers(store::Tx& tx, const DeviceId& device);

// Nothing here gives a secret to a person: put() takes one in, and lend() hands it to the code that
// talks to the device.
class Vault {
public:
    // `keys` must outlive the vault.
    explicit Vault(const keys::KeyRing& keys) : keys_(keys) {}

    // Stores or replaces the device's credential (vault.secret_stored). Takes a Permit for
    // vault_manage on that device. Refuses denied "vault.wrong_permit"; invalid
    // "vault.secret_empty", "vault.secret_too_long" (over 1 KiB), "vault.user_name_malformed" (over
    // 255 bytes, a colon, a control character: RFC 7617 §2); not_found "device.unknown"; conflict
    // "device.retired". The password is only read: a transaction may run again.
    [[nodiscard]] Result<Item> put(
        store::Tx& tx,
        const Moment& moment,
        const policy::Permit& permit,
        const DeviceId& device,
        const std::string& user_name,
        const crypto::Secret& password,
        const audit::Actor& actor
    ) const;

    // Opens the credential for one connection and writes vault.secret_used with person, grant,
    // device and session. Takes a Permit for device_visit, held by the actor in this session;
    // refuses denied "vault.wrong_permit", expired "vault.permit_over", not_found
    // "vault.no_secret", and writes vault.checkout_denied. A secret that does not open (its row was
    // moved or changed) is a fault.
    [[nodiscard]] Result<LentCredential> lend(
        store::Tx& tx,
        const Moment& moment,
        const policy::Permit& permit,
        const ConnectionId& connection,
        const audit::Actor& actor
    ) const;

    [[nodiscard]] std::optional<Item> find(store::Tx& tx, const DeviceId& device) const;
    [[nodiscard]] std::vector<Item> list(store::Tx& tx) const;

    [[nodiscard]] std::vector<AccountId> stored_by(store::Tx& tx, const DeviceId& device) const {
        return secret_keepers(tx, device);
    }

private:
    const keys::KeyRing& keys_;
};

}  // namespace sallyport::vault
