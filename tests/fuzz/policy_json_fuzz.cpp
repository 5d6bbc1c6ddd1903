// A policy document is refused or safe to run under, and what is accepted reads back as itself.
#include "domain/policy/policy.h"
#include "domain/policy/policy_rules.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport::policy;
    const auto parsed = parse_policy({reinterpret_cast<const char*>(data), size});
    if (!parsed) return 0;
    if (!check_policy(*parsed)) std::abort();
    const auto again = parse_policy(to_json(*parsed));
    if (!again || to_json(*again) != to_json(*parsed)) std::abort();
    return 0;
}
