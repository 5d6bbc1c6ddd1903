#include "base/crypto/asn1_values.h"

#include "base/core/ascii.h"
#include "base/core/utf8.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <span>
#include <string_view>

namespace sallyport::crypto::openssl {

namespace {

constexpr std::size_t number_size_max = 20;  // RFC 5280 §4.1.2.2
constexpr std::size_t oid_text_size_max = 128;

std::string_view raw_text(const ASN1_STRING* value) {
    const auto* data = reinterpret_cast<const char*>(ASN1_STRING_get0_data(value));
    const auto size = static_cast<std::size_t>(ASN1_STRING_length(value));
    return size == 0 ? std::string_view() : std::string_view(data, size);
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// C0, DEL and C1 (in UTF-8: 0xC2 0x80 to 0xC2 0x9F).
bool has_control(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 || byte == 0x7F) return true;
        if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
            return true;
        }
    }
    return false;
}

std::optional<std::string> utf8_of(const ASN1_STRING* value) {
    unsigned char* converted = nullptr;
    const int size = ASN1_STRING_to_UTF8(&converted, value);
    if (size < 0) return std::nullopt;
    std::string text(reinterpret_cast<const char*>(converted), static_cast<std::size_t>(size));
    OPENSSL_free(converted);
    return text;
}

}  // namespace

Bytes bytes_of(const ASN1_STRING* value) {
    const auto bytes = as_bytes(raw_text(value));
    return {bytes.begin(), bytes.end()};
}

std::optional<std::string> text_of(const ASN1_STRING* value) {
    std::optional<std::string> text;
    switch (ASN1_STRING_type(value)) {
        case V_ASN1_UTF8STRING:
        case V_ASN1_BMPSTRING:
        case V_ASN1_UNIVERSALSTRING:
            text = utf8_of(value);
            break;
        case V_ASN1_PRINTABLESTRING:
        case V_ASN1_IA5STRING:
        case V_ASN1_NUMERICSTRING:
        case V_ASN1_VISIBLESTRING:
        case V_ASN1_T61STRING:
            if (is_ascii(raw_text(value))) text = std::string(raw_text(value));
            break;
        default:
            break;
    }
    if (!text || !is_utf8(*text) || has_control(*text)) return std::nullopt;
    return text;
}

std::optional<Time> time_of(const ASN1_TIME* value) {
    const auto text = raw_text(value);
    const int type = ASN1_STRING_type(value);
    const std::size_t size = type == V_ASN1_UTCTIME ? 13 : 15;
    if (type != V_ASN1_UTCTIME && type != V_ASN1_GENERALIZEDTIME) return std::nullopt;
    if (text.size() != size || text.back() != 'Z') return std::nullopt;
    if (!std::ranges::all_of(text.substr(0, size - 1), is_digit)) return std::nullopt;
    std::tm parts{};
    if (ASN1_TIME_to_tm(value, &parts) != 1) return std::nullopt;
    const auto date = std::chrono::year(parts.tm_year + 1900) /
                      std::chrono::month(static_cast<unsigned>(parts.tm_mon) + 1) /
                      std::chrono::day(static_cast<unsigned>(parts.tm_mday));
    if (!date.ok()) return std::nullopt;
    return Time(std::chrono::sys_days(date)) + std::chrono::hours(parts.tm_hour) +
           std::chrono::minutes(parts.tm_min) + std::chrono::seconds(parts.tm_sec);
}

std::optional<std::string> oid_text(const ASN1_OBJECT* oid) {
    std::array<char, oid_text_size_max + 1> text{};
    const int size = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), oid, 1);
    if (size <= 0 || static_cast<std::size_t>(size) > oid_text_size_max) return std::nullopt;
    return std::string(text.data(), static_cast<std::size_t>(size));
}

std::optional<Bytes> number_of(const ASN1_INTEGER* value) {
    if (ASN1_STRING_type(value) != V_ASN1_INTEGER) return std::nullopt;  // else it is negative
    auto bytes = bytes_of(value);
    if (bytes.empty() || bytes.size() > number_size_max) return std::nullopt;
    return bytes;
}

}  // namespace sallyport::crypto::openssl
