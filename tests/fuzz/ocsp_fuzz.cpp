// Whatever a responder sends: it is refused, or it is one of the two answers that were signed for
// this certificate (or their like under the same signature), within its times.
#include "base/crypto/ocsp.h"

#include "tests/support/checkout.h"

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace {

sallyport::crypto::Certificate certificate(const char* name) {
    std::ifstream file(sallyport::test::in_vectors(std::string("x509/ocsp/") + name));
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return sallyport::crypto::Certificate::from_pem(text).value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport;
    static const auto subject = certificate("mychain_ee.pem");
    static const auto issuer = certificate("mychain_int.pem");
    static const auto now = parse_time("2022-09-22T12:00:00Z").value();
    const auto answer = crypto::verify_ocsp_response(
        as_bytes({reinterpret_cast<const char*>(data), size}),
        subject,
        issuer,
        {},
        now,
        {.nonce = crypto::OcspNonce::may_be_absent}
    );
    if (!answer) return 0;
    // The issuer never signed anything else.
    if (answer->status() != crypto::OcspStatus::good) std::abort();
    if (answer->certificate_fingerprint() != subject->fingerprint) std::abort();
    if (answer->usable_until() <= now) std::abort();
    return 0;
}
