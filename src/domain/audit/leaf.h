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
#include <concepts>
#include <cstdint>
#include <deque>
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

// The columns of the event's row, as views into the leaf. Text that the leaf does not have is
// empty.
struct LeafColumns {
    std::string_view event_id;
    std::int64_t at_us = 0;
    std::string_view type;
    std::string_view person;
    std::string_view account;
    std::string_view role;
    std::string_view system;
    std::string_view session;
    std::string_view grant;
    std::string_view action;
    std::string_view object;
    std::string_view outcome;
    std::string_view reason;
    std::string_view amr;
};

struct Leaf {
    std::string bytes;
    std::vector<PersonalText> personal;
};

// Takes any event: too long is cut, not UTF-8 is replaced, and both are flagged in the leaf. More
// than leaf_fields_max fields, or a field name that is not 1 to 64 of a-z 0-9 _ or comes twice, is
// a fault (our code, never a caller's input).
[[nodiscard]] Leaf encode_leaf(const EventId& id, const Moment& moment, const Event& event);

// One commitment of a leaf; its name is "<section>.<member>".
struct Commitment {
    std::string_view section;
    std::string_view member;
    crypto::Sha256Digest digest;

    [[nodiscard]] bool named(std::string_view name) const noexcept;
    [[nodiscard]] std::string name() const;
};

// Views into the bytes that were read; must not outlive them.
struct LeafContent {
    LeafColumns columns;
    std::vector<Commitment> commitments;  // in the order of the leaf
    std::int64_t count = 0;               // the integer field "count" (of audit.personal_erased)
    std::deque<std::string> unescaped;    // what some of the views point into instead
};

// Reads a leaf of version 1; refuses "leaf.malformed" for every other text, and for every other
// spelling of the same content.
[[nodiscard]] Result<LeafContent> read_leaf(std::string_view bytes);
// Its views would be gone before they are looked at.
template <std::same_as<std::string> Text>
Result<LeafContent> read_leaf(Text&& gone) = delete;

// SHA-256 over "sallyport audit commitment v1\n", the name, "\n", the salt and the text.
[[nodiscard]] crypto::Sha256Digest commitment(
    std::string_view name, const Salt& salt, std::string_view text
);

}  // namespace sallyport::audit
