// Whatever is sent as a certificate: it is refused, or everything read from it keeps its bounds, it
// reads the same again, and it opens nothing.
#include "base/crypto/certificate_chain.h"

#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport;
    const auto bytes = as_bytes({reinterpret_cast<const char*>(data), size});
    const auto certificate = crypto::Certificate::from_der(bytes);
    if (!certificate) return 0;
    const auto& read = **certificate;
    if (read.der.size() != size || read.serial.empty() || read.serial.size() > 20) std::abort();
    if (read.extensions.size() > crypto::certificate_extensions_max) std::abort();
    for (const auto& attribute : read.subject.attributes()) {
        if (attribute.value.find('\0') != std::string::npos) std::abort();
    }
    for (const auto& email : read.names.emails) {
        if (email.empty() || email.find('\0') != std::string::npos) std::abort();
    }
    const auto again = crypto::Certificate::from_der(read.der);
    if (!again || !(*again == *certificate) || (*again)->fingerprint != read.fingerprint)
        std::abort();

    // Nobody vouches for it; and even as its own anchor it signs nobody in.
    const auto own = std::span(&*certificate, 1);
    const crypto::ChainRules rules{.crls = crypto::CrlDemand::none};
    const Time now = read.valid_from;
    if (crypto::verify_certificate_chain(*certificate, {}, {}, {}, now, rules)) std::abort();
    if (crypto::verify_certificate_chain(*certificate, own, own, {}, now, rules)) std::abort();
    return 0;
}
