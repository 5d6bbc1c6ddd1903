#pragma once
// What becomes of an event: its leaf, the bytes that the Merkle tree is built over. The format is
// docs/protocols/audit-log.md: canonical JSON, version 1, written once and never re-encoded.
//
// Personal values (the account's name, the source address, fields marked personal) are in the leaf
// as salted commitments only; text and salt stand beside it and can be erased without the tree
// noticing.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/crypto/crypto.h"
#include "domain/audit/event.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::audit {

constexpr std::size_t leaf_size_max = 65'534;      // tlog-tiles counts an entry's bytes in 16 bits
constexpr std::size_t leaf_value_size_max = 4096;  // bytes; what is longer is cut and flagged
constexpr std::size_t leaf_fields_max = 64;

using Salt = std::array<std::byte, 16>;

// Stands beside the leaf and can be erased.
struct PersonalText {
    std::string name;  // where it belongs in the leaf: "who.account_name", "fields.identifier"
    Salt salt;
    std::string text;
};

// The columns of the event's row. Text that the leaf does not have is empty.
struct LeafColumns {
    std::string event_id;
    std::int64_t at_us = 0;
    std::string type;
    std::string person;
    std::string account;
    std::string role;
    std::string system;
    std::string session;
    std::string grant;
    std::string action;
    std::string object;
    std::string outcome;
    std::string reason;
    std::string amr;

    friend bool operator==(const LeafColumns&, const LeafColumns&) = default;
};

struct Leaf {
    std::string bytes;
    std::vector<PersonalText> personal;
};

// Takes any event: too long is cut, not UTF-8 is replaced, and both are flagged in the leaf. More
// than leaf_fields_max fields, or a field name that is not 1 to 64 of a-z 0-9 _ or comes twice, is
// a fault (our code, never a caller's input).
[[nodiscard]] Leaf encode_leaf(const EventId& id, const Moment& moment, const Event& event);

struct Commitment {
    std::string name;
    crypto::Sha256Digest digest;
};

struct LeafContent {
    LeafColumns columns;
    std::vector<Commitment> commitments;  // in the order of the leaf
    std::int64_t count = 0;               // the integer field "count" (of audit.personal_erased)
};

// Reads a leaf of version 1; refuses "leaf.malformed" for every other text, and for every other
// spelling of the same content.
[[nodiscard]] Result<LeafContent> read_leaf(std::string_view bytes);

// SHA-256 over "sallyport audit commitment v1\n", the name, "\n", the salt and the text.
[[nodiscard]] crypto::Sha256Digest commitment(
    std::string_view name, const Salt& salt, std::string_view text
);

}  // namespace sallyport::audit
