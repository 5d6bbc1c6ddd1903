// Whatever comes as a credential's key: one that is accepted fits its algorithm, and the rest of
// the input is no signature of it.
#include "base/crypto/cose_key.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport;
    const auto input = as_bytes({reinterpret_cast<const char*>(data), size});
    const auto key = crypto::parse_cose_key(input);
    if (!key) return 0;
    if (key->algorithm == crypto::CoseAlgorithm::rs1) std::abort();
    if (!key->key.fits(key->algorithm)) std::abort();
    if (key->verify(as_bytes("a message"), input)) std::abort();
    return 0;
}
