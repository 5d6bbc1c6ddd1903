#pragma once
// Signed notes: text with signature lines below it, as C2SP signed-note (v1) and Go's sumdb/note
// have them. Ed25519 only. Both the verifier's key text ("vkey") and notes are public.

#include "base/core/bytes.h"
#include "base/core/result.h"
#include "base/crypto/crypto.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::audit {

constexpr std::size_t note_size_max = 64 << 10;
constexpr std::size_t note_signatures_max = 16;

// Whose signature is believed. Text: "<name>+<id, 8 hex digits>+<base64 of 0x01 and the key>".
class VerifierKey {
public:
    // Refuses "note.key_name": not empty, no spaces, controls or '+'.
    [[nodiscard]] static Result<VerifierKey> make(
        std::string name, const std::array<std::byte, 32>& public_key
    );
    // Refuses "note.key_malformed", also if the id is not the key's.
    [[nodiscard]] static Result<VerifierKey> parse(std::string_view text);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    [[nodiscard]] std::uint32_t id() const noexcept { return id_; }

    [[nodiscard]] std::string text() const;
    [[nodiscard]] bool verifies(BytesView message, BytesView signature) const;

    friend bool operator==(const VerifierKey&, const VerifierKey&) = default;

private:
    VerifierKey() = default;

    std::string name_;
    std::uint32_t id_ = 0;
    std::array<std::byte, 32> public_key_{};
};

struct NoteSignature {
    std::string name;
    std::uint32_t key_id;
    Bytes signature;
};

struct Note {
    std::string text;  // ends with a newline
    std::vector<NoteSignature> signatures;
};

// The form only. Refuses "note.malformed".
[[nodiscard]] Result<Note> parse_note(std::string_view bytes);
// The text, if one of `keys` signed it. Refuses "note.malformed", "note.unsigned" (none of the keys
// signed) and "note.bad_signature" (a line names one of the keys and is not its signature).
[[nodiscard]] Result<std::string> open_note(
    std::string_view bytes, std::span<const VerifierKey> keys
);

// One signature line for `text`, which ends with a newline.
[[nodiscard]] std::string signature_line(
    std::string_view text, const VerifierKey& key, const crypto::SigningKey& signer
);

}  // namespace sallyport::audit
