// Whatever a card and its reader say: only a number of the three sizes that is not made anew each
// time comes out of it, and it is the one that was said.
#include "apps/sallyport/badge/card_answer.h"

#include "domain/authn/badge/badge_uid.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto bytes = as_bytes(text);
    const bool atr = cli::check_atr(bytes).has_value();
    if (atr && (size < cli::atr_size_min || size > cli::atr_size_max)) std::abort();
    if (const auto uid = cli::parse_uid_answer(bytes)) {
        if (uid->size() + 2 != size || !std::ranges::equal(*uid, bytes.first(uid->size()))) {
            std::abort();
        }
        const auto again = authn::parse_badge_uid(to_hex(*uid));
        if (!again || *again != *uid) std::abort();
    }
    if (const auto uid = authn::parse_badge_uid(text)) {
        const auto length = uid->size();
        if (length != 4 && length != 7 && length != 10) std::abort();
        if (length == 4 && uid->front() == std::byte{0x08}) std::abort();
    }
    return 0;
}
