// Whatever is fetched as a revocation list: it is refused, or its times and bounds hold.
#include "base/crypto/crl.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport;
    const auto crl = crypto::Crl::from_der(as_bytes({reinterpret_cast<const char*>(data), size}));
    if (!crl) return 0;
    const auto& read = **crl;
    if (read.next_update < read.this_update || read.entries > size) std::abort();
    if (read.number && read.number->size() > 20) std::abort();
    static_cast<void>(crl->is_strongly_signed());
    return 0;
}
