// Whatever is typed as a code: sixteen characters of the alphabet come out, or a refusal.
#include "domain/authn/one_time_code.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport;
    const std::string_view typed(reinterpret_cast<const char*>(data), size);
    const auto code = authn::read_one_time_code(typed);
    if (!code) return 0;
    const auto text = as_text(code->expose());
    if (text.size() != 16) std::abort();
    if (text.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ") != text.npos) std::abort();
    // What was read is read again as the same.
    const auto again = authn::read_one_time_code(text);
    if (!again || !constant_time_equal(*again, *code)) std::abort();
    return 0;
}
