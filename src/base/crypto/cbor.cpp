#include "base/crypto/cbor.h"

#include "base/core/utf8.h"

#include <cbor.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace sallyport::crypto {

namespace {

// What libcbor saw in one step. Its tree builder is not used: it allocates what the input claims
// and has no limits. Its stateless decoder reads one head and allocates nothing.
struct Head {
    enum Type : std::uint8_t {
        refused,
        positive,
        negative,
        bytes,
        text,
        array,
        map,
        boolean,
        null
    };

    Type type = refused;
    std::uint64_t number = 0;  // the integer, the boolean, or how many elements follow
    BytesView content;         // of a byte or text string
};

Head& head_of(void* context) {
    return *static_cast<Head*>(context);
}

template <Head::Type type, class Number>
void take_number(void* context, Number number) {
    head_of(context) = {.type = type, .number = number, .content = {}};
}

template <Head::Type type>
void take_string(void* context, cbor_data data, std::size_t size) {
    const BytesView content(reinterpret_cast<const std::byte*>(data), size);
    head_of(context) = {.type = type, .number = 0, .content = content};
}

// Whatever is not named here leaves the head refused: floats, tags, undefined, indefinite lengths.
cbor_callbacks callbacks() {
    auto chosen = cbor_empty_callbacks;
    chosen.uint8 = take_number<Head::positive, std::uint8_t>;
    chosen.uint16 = take_number<Head::positive, std::uint16_t>;
    chosen.uint32 = take_number<Head::positive, std::uint32_t>;
    chosen.uint64 = take_number<Head::positive, std::uint64_t>;
    chosen.negint8 = take_number<Head::negative, std::uint8_t>;
    chosen.negint16 = take_number<Head::negative, std::uint16_t>;
    chosen.negint32 = take_number<Head::negative, std::uint32_t>;
    chosen.negint64 = take_number<Head::negative, std::uint64_t>;
    chosen.byte_string = take_string<Head::bytes>;
    chosen.string = take_string<Head::text>;
    chosen.array_start = take_number<Head::array, std::size_t>;
    chosen.map_start = take_number<Head::map, std::size_t>;
    chosen.boolean = take_number<Head::boolean, bool>;
    chosen.null = [](void* context) { head_of(context).type = Head::null; };
    return chosen;
}

std::unexpected<Refusal> malformed() {
    return refuse(Refusal::invalid, "cbor.malformed");
}

std::unexpected<Refusal> too_large() {
    return refuse(Refusal::invalid, "cbor.too_large");
}

}  // namespace

class CborParser {
public:
    CborParser(BytesView rest, const CborLimits& limits) : rest_(rest), limits_(limits) {}

    [[nodiscard]] std::size_t left() const noexcept { return rest_.size(); }

    Result<CborValue> value(std::size_t depth) {
        SP_TRY(const auto head, next());
        CborValue out;
        switch (head.type) {
            case Head::refused:
                return malformed();
            case Head::positive:
            case Head::negative: {
                out.kind_ = CborValue::Kind::integer;
                SP_TRY(out.integer_, signed_integer(head));
                return out;
            }
            case Head::bytes:
                out.kind_ = CborValue::Kind::bytes;
                out.bytes_ = head.content;
                return out;
            case Head::text:
                if (!is_utf8(as_text(head.content))) return malformed();
                out.kind_ = CborValue::Kind::text;
                out.bytes_ = head.content;
                return out;
            case Head::boolean:
                out.kind_ = CborValue::Kind::boolean;
                out.integer_ = static_cast<std::int64_t>(head.number);
                return out;
            case Head::null:
                return out;
            case Head::array:
            case Head::map:
                return collection(head, depth);
        }
        return malformed();
    }

private:
    Result<Head> next() {
        if (++items_ > limits_.items_max) return too_large();
        static const auto chosen = callbacks();
        Head head;
        const auto result = cbor_stream_decode(
            reinterpret_cast<cbor_data>(rest_.data()), rest_.size(), &chosen, &head
        );
        if (result.status != CBOR_DECODER_FINISHED || result.read > rest_.size()) {
            return malformed();
        }
        rest_ = rest_.subspan(result.read);
        return head;
    }

    static Result<std::int64_t> signed_integer(const Head& head) {
        constexpr auto max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        if (head.number > max) return malformed();
        const auto number = static_cast<std::int64_t>(head.number);
        return head.type == Head::positive ? number : -1 - number;
    }

    Result<CborValue> collection(const Head& head, std::size_t depth) {
        if (depth == limits_.depth_max) return too_large();
        // Every element takes a byte at least, so a count beyond them is a lie.
        if (head.number > limits_.items_max || head.number > rest_.size()) return too_large();

        CborValue out;
        out.kind_ = head.type == Head::map ? CborValue::Kind::map : CborValue::Kind::array;
        for (std::uint64_t i = 0; i < head.number; ++i) {
            if (head.type == Head::map) {
                SP_TRY(const auto key, this->key());
                if (out.find(key) != nullptr) return malformed();
                out.keys_.push_back(key);
            }
            SP_TRY(auto element, value(depth + 1));
            out.items_.push_back(std::move(element));
        }
        return out;
    }

    Result<CborKey> key() {
        SP_TRY(const auto head, next());
        if (head.type == Head::text && is_utf8(as_text(head.content))) return as_text(head.content);
        if (head.type != Head::positive && head.type != Head::negative) return malformed();
        SP_TRY(const auto number, signed_integer(head));
        return number;
    }

    BytesView rest_;
    const CborLimits& limits_;
    std::size_t items_ = 0;
};

std::optional<std::int64_t> CborValue::integer() const {
    if (kind_ != Kind::integer) return std::nullopt;
    return integer_;
}

std::optional<bool> CborValue::boolean() const {
    if (kind_ != Kind::boolean) return std::nullopt;
    return integer_ != 0;
}

std::optional<BytesView> CborValue::bytes() const {
    if (kind_ != Kind::bytes) return std::nullopt;
    return bytes_;
}

std::optional<std::string_view> CborValue::text() const {
    if (kind_ != Kind::text) return std::nullopt;
    return as_text(bytes_);
}

const CborValue* CborValue::find(const CborKey& key) const {
    const auto found = std::ranges::find(keys_, key);
    if (found == keys_.end()) return nullptr;
    return &items_[static_cast<std::size_t>(found - keys_.begin())];
}

Result<CborFront> parse_cbor_front(BytesView encoded, const CborLimits& limits) {
    if (encoded.size() > limits.size_max) return too_large();
    CborParser parser(encoded, limits);
    SP_TRY(auto value, parser.value(0));
    return CborFront{.value = std::move(value), .size = encoded.size() - parser.left()};
}

Result<CborValue> parse_cbor(BytesView encoded, const CborLimits& limits) {
    SP_TRY(auto front, parse_cbor_front(encoded, limits));
    if (front.size != encoded.size()) return malformed();
    return std::move(front.value);
}

}  // namespace sallyport::crypto
