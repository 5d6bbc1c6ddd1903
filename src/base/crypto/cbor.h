#pragma once
// CBOR (RFC 8949) as WebAuthn and COSE use it, within bounds: definite lengths, keys that are
// integers or text and stand once, integers of 64 bits with a sign. No floats, tags or undefined.
// What CTAP2's canonical form says beyond that (shortest lengths, order of keys) is not asked for:
// the bytes are signed as they came, so a second spelling gains nothing.

#include "base/core/bytes.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace sallyport::crypto {

struct CborLimits {
    std::size_t size_max = 65536;  // bytes
    std::size_t depth_max = 8;     // arrays and maps in each other
    std::size_t items_max = 512;   // values and keys, all levels together
};

using CborKey = std::variant<std::int64_t, std::string_view>;

// One item. Bytes and text are views into what was parsed, which must outlive it.
class CborValue {
public:
    [[nodiscard]] std::optional<std::int64_t> integer() const;
    [[nodiscard]] std::optional<bool> boolean() const;
    [[nodiscard]] std::optional<BytesView> bytes() const;
    [[nodiscard]] std::optional<std::string_view> text() const;

    [[nodiscard]] bool is_array() const noexcept { return kind_ == Kind::array; }

    [[nodiscard]] bool is_map() const noexcept { return kind_ == Kind::map; }

    // The elements of an array, the values of a map; nothing for anything else.
    [[nodiscard]] const std::vector<CborValue>& items() const noexcept { return items_; }

    // The keys of a map, in the order of items().
    [[nodiscard]] const std::vector<CborKey>& keys() const noexcept { return keys_; }

    // The value of a map's key; null if there is none, or this is no map.
    [[nodiscard]] const CborValue* find(const CborKey& key) const;

private:
    friend class CborParser;
    enum class Kind : std::uint8_t { null, boolean, integer, bytes, text, array, map };

    Kind kind_ = Kind::null;
    std::int64_t integer_ = 0;  // a boolean's, too
    BytesView bytes_;           // a text's, too
    std::vector<CborKey> keys_;
    std::vector<CborValue> items_;
};

// The one item that `encoded` is. Refuses invalid "cbor.malformed" (not such CBOR, or something
// after it), "cbor.too_large" (above a limit).
[[nodiscard]] Result<CborValue> parse_cbor(BytesView encoded, const CborLimits& limits = {});

struct CborFront {
    CborValue value;
    std::size_t size;  // how many bytes it took
};

// The first item of `encoded`, where something else may follow. Refuses as parse_cbor does; the
// size limit holds for what is given.
[[nodiscard]] Result<CborFront> parse_cbor_front(BytesView encoded, const CborLimits& limits = {});

}  // namespace sallyport::crypto
