#include "domain/authn/webauthn/authenticator_data.h"

#include "base/crypto/cbor.h"

#include <algorithm>
#include <variant>

namespace sallyport::authn::webauthn {

namespace {

// §6.1 table "flags". Bits 1 and 5 are reserved, and read by nobody.
constexpr unsigned flag_user_present = 1U << 0U;
constexpr unsigned flag_user_verified = 1U << 2U;
constexpr unsigned flag_backup_eligible = 1U << 3U;
constexpr unsigned flag_backup_state = 1U << 4U;
constexpr unsigned flag_attested_credential = 1U << 6U;
constexpr unsigned flag_extensions = 1U << 7U;

std::unexpected<Refusal> malformed() {
    return refuse(Refusal::invalid, "webauthn.authenticator_data");
}

// The CBOR map in front of what is left, as bytes.
Result<BytesView> take_map(ByteReader& in) {
    const auto rest = *ByteReader(in).take(in.left());
    const auto front = crypto::parse_cbor_front(rest);
    if (!front || !front->value.is_map()) return malformed();
    return in.take(front->size);
}

Result<AttestedCredential> take_credential(ByteReader& in) {
    AttestedCredential credential;
    SP_TRY(const auto aaguid, in.take(credential.aaguid.bytes.size()));
    std::ranges::copy(aaguid, credential.aaguid.bytes.begin());
    SP_TRY(const auto id_size, in.u16());
    if (id_size < credential_id_size_min || id_size > credential_id_size_max) {
        return refuse(Refusal::invalid, "webauthn.credential_id");
    }
    SP_TRY(const auto id, in.take(id_size));
    credential.id.assign(id.begin(), id.end());
    SP_TRY(const auto key, take_map(in));
    credential.public_key.assign(key.begin(), key.end());
    return credential;
}

Result<Bytes> take_extensions(ByteReader& in) {
    SP_TRY(const auto map, take_map(in));
    SP_TRY(const auto value, crypto::parse_cbor(map));
    const bool named = std::ranges::all_of(value.keys(), [](const crypto::CborKey& key) {
        return std::holds_alternative<std::string_view>(key);
    });
    if (!named) return malformed();
    return Bytes(map.begin(), map.end());
}

Result<AuthenticatorData> take_all(ByteReader& in) {
    AuthenticatorData data;
    SP_TRY(const auto hash, in.take(data.rp_id_hash.size()));
    std::ranges::copy(hash, data.rp_id_hash.begin());
    SP_TRY(const auto flags, in.u8());
    data.user_present = (flags & flag_user_present) != 0;
    data.user_verified = (flags & flag_user_verified) != 0;
    data.backup_eligible = (flags & flag_backup_eligible) != 0;
    data.backup_state = (flags & flag_backup_state) != 0;
    SP_TRY(data.sign_count, in.u32());
    if ((flags & flag_attested_credential) != 0) {
        SP_TRY(data.credential, take_credential(in));
    }
    if ((flags & flag_extensions) != 0) {
        SP_TRY(data.extensions, take_extensions(in));
    }
    if (in.left() != 0) return malformed();
    return data;
}

}  // namespace

Result<AuthenticatorData> parse_authenticator_data(BytesView bytes) {
    if (bytes.size() > authenticator_data_size_max) return malformed();
    ByteReader in(bytes);
    auto data = take_all(in);
    if (!data && data.error().reason != "webauthn.credential_id") return malformed();
    return data;
}

}  // namespace sallyport::authn::webauthn
