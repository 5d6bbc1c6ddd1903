#include "base/keys/key_ring.h"

#include "base/core/fault.h"
#include "base/crypto/crypto.h"

#include <fmt/format.h>

#include <array>
#include <vector>

namespace sallyport::keys {
namespace {

constexpr std::size_t key_size = 32;
constexpr std::array purposes = {
    Purpose::password_pepper,
    Purpose::totp_seed,
    Purpose::vault_item,
    Purpose::recovery_code_mac,
    Purpose::ticket_mac,
    Purpose::recording_key,
    Purpose::backup_key,
    Purpose::unknown_identifier,
    Purpose::webauthn_challenge,
    Purpose::push_sender,
    Purpose::push_subscription,
    Purpose::push_enrolment,
    Purpose::badge_uid,
    Purpose::mailed_code,
};

// What the AEAD authenticates beside the plain text: each part with its size in front, so that no
// two places are spelt alike.
Bytes place(Purpose purpose, std::string_view row, std::int64_t version) {
    const std::string_view label = to_text(purpose);
    ByteWriter out;
    out.u8(1);  // the form of this encoding
    out.u32(static_cast<std::uint32_t>(label.size()));
    out.put(as_bytes(label));
    out.u32(static_cast<std::uint32_t>(row.size()));
    out.put(as_bytes(row));
    out.u64(static_cast<std::uint64_t>(version));
    return std::move(out).take();
}

}  // namespace

std::string_view to_text(Purpose purpose) noexcept {
    switch (purpose) {
        case Purpose::password_pepper:
            return "password_pepper";
        case Purpose::totp_seed:
            return "totp_seed";
        case Purpose::vault_item:
            return "vault_item";
        case Purpose::recovery_code_mac:
            return "recovery_code_mac";
        case Purpose::ticket_mac:
            return "ticket_mac";
        case Purpose::recording_key:
            return "recording_key";
        case Purpose::backup_key:
            return "backup_key";
        case Purpose::unknown_identifier:
            return "unknown_identifier";
        case Purpose::webauthn_challenge:
            return "webauthn_challenge";
        case Purpose::push_sender:
            return "push_sender";
        case Purpose::push_subscription:
            return "push_subscription";
        case Purpose::push_enrolment:
            return "push_enrolment";
        case Purpose::badge_uid:
            return "badge_uid";
        case Purpose::mailed_code:
            return "mailed_code";
    }
    return "unknown";
}

struct KeyRing::Keys {
    std::vector<crypto::Secret> by_purpose;
};

KeyRing::KeyRing(crypto::Secret master) {
    if (master.size() != key_size) throw Fault("a master key has 32 bytes");
    auto keys = std::make_shared<Keys>();
    keys->by_purpose.reserve(purposes.size());
    for (const Purpose purpose : purposes) {
        const auto info = fmt::format("sallyport v1 {}", to_text(purpose));
        keys->by_purpose.push_back(crypto::hkdf_sha256(master, {}, info, key_size));
    }
    keys_ = std::move(keys);
}

const crypto::Secret& KeyRing::key(Purpose purpose) const {
    return keys_->by_purpose.at(static_cast<std::size_t>(purpose));
}

Bytes KeyRing::seal(Purpose purpose, std::string_view row, BytesView plain) const {
    return crypto::aead_seal(key(purpose), place(purpose, row, version()), plain);
}

crypto::Secret KeyRing::unseal(Purpose purpose, std::string_view row, BytesView sealed) const {
    auto plain = crypto::aead_open(key(purpose), place(purpose, row, version()), sealed);
    if (!plain) {
        throw Fault(fmt::format(
            "the {} of row {} does not open: it was changed, moved from another row, or sealed "
            "under another master key",
            to_text(purpose),
            row
        ));
    }
    return *std::move(plain);
}

Bytes KeyRing::mac(Purpose purpose, BytesView message) const {
    const auto digest = crypto::hmac_sha256(key(purpose), message);
    return {digest.begin(), digest.end()};
}

}  // namespace sallyport::keys
