#include "base/crypto/ocsp.h"

#include "base/crypto/asn1_values.h"
#include "base/crypto/ocsp_signer.h"
#include "base/crypto/x509.h"

#include <array>
#include <optional>
#include <utility>

namespace sallyport::crypto {

namespace {

using openssl::require;

std::unexpected<Refusal> malformed(const char* what) {
    return refuse(Refusal::invalid, "ocsp.malformed", what);
}

openssl::CertificateId id_of(const Certificate& subject, const Certificate& issuer) {
    openssl::CertificateId id(OCSP_cert_to_id(EVP_sha1(), subject.parsed(), issuer.parsed()));
    require(id != nullptr, "the OCSP name of a certificate");
    return id;
}

Result<openssl::BasicResponse> parse(BytesView bytes) {
    if (bytes.size() > ocsp_response_size_max) return refuse(Refusal::invalid, "ocsp.too_large");
    const auto* at = openssl::in(bytes);
    const openssl::OcspResponseObject response(
        bytes.empty() ? nullptr : d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(bytes.size()))
    );
    if (response == nullptr || at != openssl::in(bytes) + bytes.size()) return malformed("not DER");
    const int status = OCSP_response_status(response.get());
    if (status != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
        return refuse(
            Refusal::unauthenticated, "ocsp.not_successful", OCSP_response_status_str(status)
        );
    }
    openssl::BasicResponse basic(OCSP_response_get1_basic(response.get()));
    if (basic == nullptr) return malformed("not a basic response");
    return basic;
}

// The nonce is understood; whatever else is critical is not.
Result<void> require_understood(OCSP_BASICRESP* response, OCSP_SINGLERESP* answer) {
    const auto unknown = [] {
        return refuse(Refusal::unauthenticated, "ocsp.unknown_critical_extension");
    };
    for (int i = OCSP_BASICRESP_get_ext_by_critical(response, 1, -1); i >= 0;
         i = OCSP_BASICRESP_get_ext_by_critical(response, 1, i)) {
        const auto* oid = X509_EXTENSION_get_object(OCSP_BASICRESP_get_ext(response, i));
        if (OBJ_obj2nid(oid) != NID_id_pkix_OCSP_Nonce) return unknown();
    }
    if (OCSP_SINGLERESP_get_ext_by_critical(answer, 1, -1) >= 0) return unknown();
    return {};
}

// The one answer about this certificate.
Result<OCSP_SINGLERESP*> answer_for(OCSP_BASICRESP* response, OCSP_CERTID* id) {
    if (OCSP_resp_count(response) > ocsp_answers_max) return malformed("too many answers");
    const int first = OCSP_resp_find(response, id, -1);
    if (first < 0) return refuse(Refusal::unauthenticated, "ocsp.wrong_certificate", "none");
    if (OCSP_resp_find(response, id, first) >= 0) {
        return refuse(Refusal::unauthenticated, "ocsp.wrong_certificate", "two");
    }
    return OCSP_resp_get0(response, first);
}

// OpenSSL's OCSP_check_nonce() compares the extensions' values: an OCTET STRING within.
Result<void> require_nonce(OCSP_BASICRESP* response, BytesView nonce, OcspNonce rule) {
    const int at = OCSP_BASICRESP_get_ext_by_NID(response, NID_id_pkix_OCSP_Nonce, -1);
    if (at < 0) {
        if (rule == OcspNonce::may_be_absent) return {};
        return refuse(Refusal::unauthenticated, "ocsp.nonce_missing");
    }
    const auto wrong = [] { return refuse(Refusal::unauthenticated, "ocsp.wrong_nonce"); };
    if (OCSP_BASICRESP_get_ext_by_NID(response, NID_id_pkix_OCSP_Nonce, at) >= 0) return wrong();
    auto* extension = OCSP_BASICRESP_get_ext(response, at);
    const auto value = openssl::bytes_of(X509_EXTENSION_get_data(extension));
    const auto* in = openssl::in(value);
    const auto* const end = in + value.size();
    const openssl::Owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> text(
        d2i_ASN1_OCTET_STRING(nullptr, &in, static_cast<long>(value.size()))
    );
    if (text == nullptr || in != end) return wrong();
    if (!constant_time_equal(openssl::bytes_of(text.get()), nonce)) return wrong();
    return {};
}

struct Said {
    int status;
    Time this_update;
    std::optional<Time> next_update;
};

Result<Said> read(OCSP_SINGLERESP* answer) {
    int reason = 0;
    ASN1_GENERALIZEDTIME* revoked_at = nullptr;
    ASN1_GENERALIZEDTIME* this_update = nullptr;
    ASN1_GENERALIZEDTIME* next_update = nullptr;
    const int status =
        OCSP_single_get0_status(answer, &reason, &revoked_at, &this_update, &next_update);
    const auto from = openssl::time_of(this_update);
    if (!from) return malformed("thisUpdate");
    std::optional<Time> until;
    if (next_update != nullptr) {
        until = openssl::time_of(next_update);
        if (!until || *until < *from) return malformed("nextUpdate");
    }
    return Said{.status = status, .this_update = *from, .next_update = until};
}

Result<Time> usable_until(const Said& said, Time now, const OcspRules& rules) {
    if (now < said.this_update - rules.skew) {
        return refuse(Refusal::unauthenticated, "ocsp.not_yet_valid");
    }
    const Time until = said.next_update ? *said.next_update + rules.skew
                                        : said.this_update + rules.undated_age_max;
    if (now >= until) return refuse(Refusal::unauthenticated, "ocsp.stale");
    return until;
}

OcspStatus status_of(int status) {
    switch (status) {
        case V_OCSP_CERTSTATUS_GOOD:
            return OcspStatus::good;
        case V_OCSP_CERTSTATUS_REVOKED:
            return OcspStatus::revoked;
        default:
            return OcspStatus::unknown;
    }
}

}  // namespace

OcspRequest make_ocsp_request(
    const Certificate& subject, const Certificate& issuer, Random& random
) {
    OcspRequest request{.der = {}, .nonce = Bytes(ocsp_nonce_size)};
    random.fill(request.nonce);
    const openssl::OcspRequestObject object(OCSP_REQUEST_new());
    require(object != nullptr, "an OCSP request");
    auto id = id_of(subject, issuer);
    require(OCSP_request_add0_id(object.get(), id.get()) != nullptr, "an OCSP request");
    static_cast<void>(id.release());  // the request has it now
    require(
        OCSP_request_add1_nonce(
            object.get(), openssl::out(request.nonce), static_cast<int>(request.nonce.size())
        ) == 1,
        "an OCSP nonce"
    );
    request.der = openssl::der_of(object.get(), i2d_OCSP_REQUEST);
    return request;
}

Result<OcspAnswer> verify_ocsp_response(
    BytesView response,
    const Certificate& subject,
    const Certificate& issuer,
    BytesView nonce,
    Time now,
    const OcspRules& rules
) {
    const openssl::ErrorsDropped dropped;
    SP_TRY(const auto basic, parse(response));
    // The signature first: whatever is said behind it is not looked at before.
    SP_CHECK(verify_ocsp_signature(basic.get(), issuer, now));
    const auto id = id_of(subject, issuer);
    SP_TRY(auto* const single, answer_for(basic.get(), id.get()));
    SP_CHECK(require_understood(basic.get(), single));
    SP_CHECK(require_nonce(basic.get(), nonce, rules.nonce));
    SP_TRY(const auto said, read(single));
    SP_TRY(const auto until, usable_until(said, now, rules));
    OcspAnswer answer;
    answer.status_ = status_of(said.status);
    answer.subject_ = subject->fingerprint;
    answer.issuer_ = issuer->fingerprint;
    answer.this_update_ = said.this_update;
    answer.usable_until_ = until;
    return answer;
}

}  // namespace sallyport::crypto
