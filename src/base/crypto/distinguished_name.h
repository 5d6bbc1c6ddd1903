#pragma once
// Whom a certificate, a CRL or an OCSP answer names (X.501 Name, RFC 5280 §4.1.2.4).

#include "base/core/bytes.h"
#include "base/core/result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

struct X509_name_st;  // OpenSSL's

namespace sallyport::crypto {

inline constexpr std::size_t name_attributes_max = 64;
inline constexpr std::size_t name_value_size_max = 1024;  // bytes of UTF-8

struct NameAttribute {
    std::string oid;    // "2.5.4.3"
    std::string value;  // UTF-8 without control characters
    int group = 0;      // attributes of one RDN have one number

    friend bool operator==(const NameAttribute&, const NameAttribute&) = default;
};

class DistinguishedName {
public:
    // Inside base/crypto. Refuses invalid "certificate.ambiguous_name" (a NUL or another control
    // character, bytes that the string's type does not allow, too many or too long attributes).
    [[nodiscard]] static Result<DistinguishedName> read(const X509_name_st* name);

    // RFC 4514: the last attribute first, "CN=Anna Admin,O=Sankt Marien". For people and logs; two
    // different names may look alike, so it is not compared.
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

    // In the order of the DER: country first, as a rule.
    [[nodiscard]] const std::vector<NameAttribute>& attributes() const noexcept {
        return attributes_;
    }

    // What equality means (RFC 5280 §7.1): as UTF-8, capitals of ASCII made small, spaces folded,
    // whatever string types were used. One byte string per name; good as a key.
    [[nodiscard]] const Bytes& canonical() const noexcept { return canonical_; }

    [[nodiscard]] bool empty() const noexcept { return attributes_.empty(); }

    // The values of one attribute, in order.
    [[nodiscard]] std::vector<std::string> values(std::string_view oid) const;

    friend bool operator==(const DistinguishedName& a, const DistinguishedName& b) noexcept {
        return a.canonical_ == b.canonical_;
    }

private:
    DistinguishedName() = default;

    std::string text_;
    std::vector<NameAttribute> attributes_;
    Bytes canonical_;
};

}  // namespace sallyport::crypto
