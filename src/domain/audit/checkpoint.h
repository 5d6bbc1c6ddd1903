#pragma once
// A checkpoint (C2SP tlog-checkpoint): what the log says about itself at one size. The text is
// "<origin>\n<size>\n<base64 of the root>\n", signed as a note; lines that follow are kept, and
// mean nothing here.

#include "domain/audit/merkle.h"
#include "domain/audit/note.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sallyport::audit {

struct Checkpoint {
    std::string origin;
    std::uint64_t size = 0;
    Hash root{};

    friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// Refuses "checkpoint.malformed".
[[nodiscard]] Result<Checkpoint> parse_checkpoint(std::string_view text);
[[nodiscard]] std::string to_text(const Checkpoint& checkpoint);

// A signed checkpoint, if one of `keys` signed it and its origin is that key's name. Refuses what
// open_note and parse_checkpoint refuse, and "checkpoint.other_origin".
[[nodiscard]] Result<Checkpoint> open_checkpoint(
    std::string_view note, std::span<const VerifierKey> keys
);
[[nodiscard]] std::string sign_checkpoint(
    const Checkpoint& checkpoint, const VerifierKey& key, const crypto::SigningKey& signer
);

}  // namespace sallyport::audit
