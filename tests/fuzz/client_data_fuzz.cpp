// Whatever comes as client data: what is accepted has its members, within their bounds.
#include "domain/authn/webauthn/client_data.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport;
    const auto input = as_bytes({reinterpret_cast<const char*>(data), size});
    const auto parsed = authn::webauthn::parse_client_data(input);
    if (!parsed) return 0;
    if (size > authn::webauthn::client_data_size_max) std::abort();
    if (parsed->type.empty() || parsed->challenge.empty() || parsed->origin.empty()) std::abort();
    if (parsed->top_origin && parsed->top_origin->empty()) std::abort();
    return 0;
}
