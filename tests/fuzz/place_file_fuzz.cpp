// Whatever stands in a place file: it is refused, or answers with a country's code or nothing.
#include "domain/policy/place_file.h"

#include "base/core/bytes.h"

#include <cstdint>
#include <cstdlib>

// libmaxminddb 1.7.1 forgets a few KiB of its own when it refuses a file whose description is
// damaged. The server opens a file at its start and when told to reload.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" const char* __lsan_default_suppressions();

// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libmaxminddb";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport;
    const auto file =
        policy::PlaceFile::open(as_bytes({reinterpret_cast<const char*>(data), size}));
    if (!file) return 0;
    for (const auto* const text : {"203.0.113.7", "0.0.0.0", "2001:db8::1", "ffff::1"}) {
        const auto country = file->country_of(*parse_ip_address(text));
        if (!country.empty() && country.size() != 2) std::abort();
    }
    return 0;
}
