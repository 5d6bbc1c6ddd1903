#include "base/crypto/crl.h"

#include "base/crypto/asn1_values.h"
#include "base/crypto/pem.h"
#include "base/crypto/signature_strength.h"
#include "base/crypto/x509.h"

#include <utility>

namespace sallyport::crypto {

namespace {

using IssuingPoint = openssl::Owned<ISSUING_DIST_POINT, ISSUING_DIST_POINT_free>;
using Number = openssl::Owned<ASN1_INTEGER, ASN1_INTEGER_free>;

std::unexpected<Refusal> malformed(const char* what) {
    return refuse(Refusal::invalid, "crl.malformed", what);
}

// Null if there is none.
template <class Owner>
Result<Owner> extension_of(const X509_CRL* crl, int nid) {
    int critical = -1;
    Owner value(static_cast<Owner::pointer>(X509_CRL_get_ext_d2i(crl, nid, &critical, nullptr)));
    if (value == nullptr && critical != -1) return malformed(OBJ_nid2sn(nid));
    return value;
}

Result<void> require_full_and_direct(const X509_CRL* crl) {
    if (X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1) >= 0) {
        return refuse(Refusal::invalid, "crl.delta");
    }
    SP_TRY(const auto point, extension_of<IssuingPoint>(crl, NID_issuing_distribution_point));
    if (point != nullptr && point->indirectCRL > 0) return refuse(Refusal::invalid, "crl.indirect");
    return {};
}

Result<CrlContents> read(X509_CRL* crl) {
    SP_CHECK(require_full_and_direct(crl));
    SP_TRY(auto issuer, DistinguishedName::read(X509_CRL_get_issuer(crl)));
    const auto this_update = openssl::time_of(X509_CRL_get0_lastUpdate(crl));
    if (!this_update) return malformed("thisUpdate");
    const auto* next = X509_CRL_get0_nextUpdate(crl);
    const auto next_update = next == nullptr ? std::nullopt : openssl::time_of(next);
    if (!next_update || *next_update < *this_update) return malformed("nextUpdate");
    SP_TRY(const auto number, extension_of<Number>(crl, NID_crl_number));
    std::optional<Bytes> number_bytes;
    if (number != nullptr) {
        number_bytes = openssl::number_of(number.get());
        if (!number_bytes) return malformed("crlNumber");
    }
    const auto* entries = X509_CRL_get_REVOKED(crl);
    return CrlContents{
        .issuer = std::move(issuer),
        .this_update = *this_update,
        .next_update = *next_update,
        .number = std::move(number_bytes),
        .entries = entries == nullptr ? 0 : static_cast<std::size_t>(sk_X509_REVOKED_num(entries)),
    };
}

}  // namespace

Result<Crl> Crl::from_der(BytesView der) {
    if (der.size() > crl_size_max) return refuse(Refusal::invalid, "crl.too_large");
    const openssl::ErrorsDropped dropped;
    const auto* at = openssl::in(der);
    openssl::CrlObject object(
        der.empty() ? nullptr : d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size()))
    );
    if (object == nullptr || at != openssl::in(der) + der.size()) return malformed("not DER");
    SP_TRY(auto contents, read(object.get()));
    Crl crl;
    crl.contents_ = std::make_shared<const CrlContents>(std::move(contents));
    crl.parsed_ = std::shared_ptr<X509_crl_st>(object.release(), X509_CRL_free);
    return crl;
}

Result<Crl> Crl::from_pem(std::string_view text) {
    SP_TRY(
        const auto blocks,
        pem_blocks(text, "X509 CRL", {.text_size_max = crl_size_max * 2, .blocks_max = 1})
    );
    return from_der(blocks.front());
}

bool Crl::is_strongly_signed() const noexcept {
    const X509_ALGOR* algorithm = nullptr;
    X509_CRL_get0_signature(parsed_.get(), nullptr, &algorithm);
    return is_strong_signature(algorithm);
}

Result<void> verify_crl(const Crl& crl, const Certificate& issuer, Time now) {
    const openssl::ErrorsDropped dropped;
    if (crl->issuer != issuer->subject || !issuer->is_ca || !issuer.may(KeyUsage::crl_sign)) {
        return refuse(Refusal::unauthenticated, "crl.wrong_issuer");
    }
    if (!crl.is_strongly_signed()) return refuse(Refusal::unauthenticated, "crl.weak_signature");
    if (X509_CRL_verify(crl.parsed(), X509_get0_pubkey(issuer.parsed())) != 1) {
        return refuse(Refusal::unauthenticated, "crl.wrong_signature");
    }
    if (now < crl->this_update) return refuse(Refusal::unauthenticated, "crl.not_yet_valid");
    if (now >= crl->next_update) return refuse(Refusal::unauthenticated, "crl.stale");
    return {};
}

}  // namespace sallyport::crypto
