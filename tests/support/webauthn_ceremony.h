#pragma once
// A browser and an authenticator for tests. Every field of the plan is what an honest pair would
// do; a test changes one, and what is signed afterwards is signed over the change.

#include "tests/support/cbor_writer.h"
#include "tests/support/signing_key.h"

#include "base/crypto/crypto.h"

#include <cstdint>
#include <optional>
#include <string>

namespace sallyport::test {

// The flags of WebAuthn §6.1.
inline constexpr std::uint8_t flag_up = 0x01;
inline constexpr std::uint8_t flag_uv = 0x04;
inline constexpr std::uint8_t flag_be = 0x08;
inline constexpr std::uint8_t flag_bs = 0x10;
inline constexpr std::uint8_t flag_at = 0x40;
inline constexpr std::uint8_t flag_ed = 0x80;

struct CeremonyPlan {
    SigningKey key = SigningKey();  // the credential's

    // What the browser writes.
    std::string type = "webauthn.create";
    Bytes challenge = Bytes(32, std::byte{0x5A});
    std::string origin = "https://sallyport.example.org";
    std::optional<bool> cross_origin = false;
    std::optional<std::string> top_origin = {};
    std::string other_members = {};  // ",\"x\":1"

    // What the authenticator writes.
    std::string rp_id = "sallyport.example.org";
    std::uint8_t flags = flag_up | flag_uv | flag_at;
    std::uint32_t sign_count = 1;
    Bytes aaguid = Bytes(16, std::byte{0x11});
    Bytes credential_id = Bytes(32, std::byte{0x22});
    std::optional<Bytes> cose = {};  // in place of the key's own
    Bytes after = {};                // extensions, or what should not be there
};

// The plan of a sign-in with the credential that `registered` made.
[[nodiscard]] CeremonyPlan assertion_plan(const CeremonyPlan& registered);

[[nodiscard]] Bytes client_data_json(const CeremonyPlan& plan);
[[nodiscard]] crypto::Sha256Digest client_data_hash(const CeremonyPlan& plan);
[[nodiscard]] Bytes authenticator_data(const CeremonyPlan& plan);
// Authenticator data and the client data's hash: what assertions and most statements sign.
[[nodiscard]] Bytes signed_bytes(const CeremonyPlan& plan);

struct Statement {
    std::string format = "none";
    cbor::Members members = {};

    // In place of the member of this name, or beside the others.
    void set(std::string_view name, Bytes value);
    void remove(std::string_view name);
};

[[nodiscard]] Bytes attestation_object(const CeremonyPlan& plan, const Statement& statement);

}  // namespace sallyport::test
