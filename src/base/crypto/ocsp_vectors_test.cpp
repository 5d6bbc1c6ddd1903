// OCSP responses of real responders and of Botan's test chain (tests/vectors/x509/SOURCE).
#include "tests/support/checkout.h"

#include "base/crypto/ocsp.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace sallyport::crypto {

namespace {

std::string content_of(const std::string& name) {
    std::ifstream in(test::in_vectors("x509/ocsp/" + name), std::ios::binary);
    REQUIRE(in);
    return {std::istreambuf_iterator<char>(in), {}};
}

Time time(const char* text) {
    return parse_time(text).value();
}

struct Case {
    const char* response;
    const char* subject;
    const char* issuer;
    const char* now;
    const char* expected;  // "good" or the refusal's reason
};

std::string answer(const Case& given) {
    const auto response = content_of(given.response);
    const auto found = verify_ocsp_response(
        as_bytes(response),
        Certificate::from_pem(content_of(given.subject)).value(),
        Certificate::from_pem(content_of(given.issuer)).value(),
        {},
        time(given.now),
        {.nonce = OcspNonce::may_be_absent}
    );
    if (!found) return std::string(found.error().reason);
    return found->status() == OcspStatus::good ? "good" : "not good";
}

TEST_CASE("S1-22 (part): published OCSP responses are answered as they should be") {
    constexpr auto* ee = "mychain_ee.pem";
    constexpr auto* in = "mychain_int.pem";
    constexpr auto* root = "mychain_root.pem";
    constexpr auto* chain_day = "2022-09-22T12:00:00Z";
    constexpr auto* web_day = "2016-11-18T12:30:00Z";
    const Case cases[] = {
        {"mychain_ocsp_for_ee.der", ee, in, chain_day, "good"},
        {"mychain_ocsp_for_ee.der", ee, in, "2022-10-23T00:00:00Z", "ocsp.stale"},
        {"mychain_ocsp_for_ee.der", ee, in, "2022-09-22T09:00:00Z", "ocsp.not_yet_valid"},
        {"mychain_ocsp_for_ee.der", in, root, chain_day, "ocsp.wrong_responder"},
        {"mychain_ocsp_for_ee_delegate_signed.der", ee, in, chain_day, "good"},
        {"mychain_ocsp_for_ee_delegate_signed_malformed.der",
         ee,
         in,
         chain_day,
         "ocsp.wrong_responder"},
        {"mychain_ocsp_for_ee_root_signed.der", ee, in, chain_day, "ocsp.wrong_responder"},
        {"mychain_ocsp_for_int_self_signed.der", in, root, chain_day, "ocsp.wrong_responder"},
        // Let's Encrypt, and forgeries of it.
        {"randombit_ocsp.der", "randombit.pem", "letsencrypt.pem", web_day, "good"},
        {"randombit_ocsp_forged_valid.der",
         "randombit.pem",
         "letsencrypt.pem",
         web_day,
         "ocsp.wrong_responder"},
        {"randombit_ocsp_forged_revoked.der",
         "randombit.pem",
         "letsencrypt.pem",
         web_day,
         "ocsp.wrong_responder"},
        {"randombit_ocsp_forged_valid_nocerts.der",
         "randombit.pem",
         "letsencrypt.pem",
         web_day,
         "ocsp.wrong_responder"},
        // D-Trust, by a responder of its own.
        {"bdr-ocsp-resp.der", "bdr.pem", "bdr-int.pem", "2022-09-19T15:00:00Z", "good"},
    };
    for (const auto& given : cases) {
        CAPTURE(std::string(given.response));
        CAPTURE(std::string(given.now));
        CHECK(answer(given) == std::string(given.expected));
    }
}

}  // namespace

}  // namespace sallyport::crypto
