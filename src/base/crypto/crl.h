#pragma once
// Certificate revocation lists (RFC 5280 §5): full and direct ones. Delta lists and lists that
// speak for other issuers (indirect) are refused: what they leave out is not known to be good.

#include "base/core/bytes.h"
#include "base/core/result.h"
#include "base/core/time.h"
#include "base/crypto/certificate.h"
#include "base/crypto/distinguished_name.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

struct X509_crl_st;  // OpenSSL's

namespace sallyport::crypto {

inline constexpr std::size_t crl_size_max = 4U << 20U;  // bytes of DER, about 100,000 entries

struct CrlContents {
    DistinguishedName issuer;
    Time this_update;
    Time next_update;             // stale from here on
    std::optional<Bytes> number;  // big-endian; a later list of an issuer has a higher one
    std::size_t entries = 0;
};

// Parsed once, then part of many sign-ins.
class Crl {
public:
    // Takes DER and nothing behind it. Refuses invalid "crl.too_large", "crl.malformed" (also: no
    // nextUpdate, since such a list would be good for ever), "crl.delta", "crl.indirect",
    // "certificate.ambiguous_name".
    [[nodiscard]] static Result<Crl> from_der(BytesView der);
    [[nodiscard]] static Result<Crl> from_pem(std::string_view text);  // exactly one "X509 CRL"

    [[nodiscard]] const CrlContents& operator*() const noexcept { return *contents_; }

    [[nodiscard]] const CrlContents* operator->() const noexcept { return contents_.get(); }

    // Whether its signature uses what is_strong_signature() believes; it may still be wrong.
    [[nodiscard]] bool is_strongly_signed() const noexcept;

    // For base/crypto only.
    [[nodiscard]] X509_crl_st* parsed() const noexcept { return parsed_.get(); }

private:
    Crl() = default;

    // Shared, since one list serves many sign-ins at once. Neither changes.
    std::shared_ptr<const CrlContents> contents_;
    std::shared_ptr<X509_crl_st> parsed_;
};

// Whether `issuer` has signed the list and it is current: what a fetched list must pass before it
// replaces an older one. Verifying a chain checks the same again, with the list's scope. Refuses
// unauthenticated "crl.wrong_issuer" (another name, or a key not meant for lists),
// "crl.wrong_signature", "crl.weak_signature", "crl.not_yet_valid", "crl.stale".
[[nodiscard]] Result<void> verify_crl(const Crl& crl, const Certificate& issuer, Time now);

}  // namespace sallyport::crypto
