// A policy document is refused or safe to run under, and what is accepted reads back as itself. Of
// one that is refused the place is inside its text.
#include "domain/policy/policy.h"
#include "domain/policy/policy_place.h"
#include "domain/policy/policy_rules.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace sallyport::policy;

void check_place(std::string_view text, std::string_view detail) {
    const auto place = place_of(text, detail);
    if (!place) return;
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
    if (place->line > lines || place->column > text.size() + 1) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto parsed = parse_policy(text);
    // Whatever member a refusal names, of this text or of another.
    check_place(text, "roles[0].risk: must be low");
    check_place(text, "context.rules[1].zone: is missing");
    if (!parsed) {
        check_place(text, parsed.error().detail);
        return 0;
    }
    if (!check_policy(*parsed)) std::abort();
    const auto again = parse_policy(to_json(*parsed));
    if (!again || to_json(*again) != to_json(*parsed)) std::abort();
    return 0;
}
