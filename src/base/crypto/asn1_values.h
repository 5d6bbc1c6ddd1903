#pragma once
// Inside base/crypto only: OpenSSL's ASN.1 values as ours, with what is ambiguous refused.

#include "base/core/bytes.h"
#include "base/core/time.h"
#include "base/crypto/x509.h"

#include <optional>
#include <string>

namespace sallyport::crypto::openssl {

[[nodiscard]] Bytes bytes_of(const ASN1_STRING* value);

// Text as UTF-8. Nothing if it can be read in two ways: a NUL or another control character (people
// and programs see different ends), bytes that the string's type does not allow, T.61 outside
// ASCII (two alphabets share its tag), or a type that is no text.
[[nodiscard]] std::optional<std::string> text_of(const ASN1_STRING* value);

// Nothing unless it is spelt as RFC 5280 §4.1.2.5 wants it: in UTC ("Z"), with seconds, without
// fractions.
[[nodiscard]] std::optional<Time> time_of(const ASN1_TIME* value);

// Dotted decimal. Nothing if it is longer than any real one (128 characters).
[[nodiscard]] std::optional<std::string> oid_text(const ASN1_OBJECT* oid);

// Of a number of at most 20 bytes that is not negative, big-endian, without leading zeros (zero is
// one byte). Nothing otherwise.
[[nodiscard]] std::optional<Bytes> number_of(const ASN1_INTEGER* value);

// What an i2d_ function of OpenSSL writes.
template <class T, class Encode>
[[nodiscard]] Bytes der_of(const T* object, Encode encode) {
    const int size = encode(object, nullptr);
    require(size > 0, "DER of a parsed object");
    Bytes der(static_cast<std::size_t>(size));
    auto* at = out(der);
    require(encode(object, &at) == size, "DER of a parsed object");
    return der;
}

}  // namespace sallyport::crypto::openssl
