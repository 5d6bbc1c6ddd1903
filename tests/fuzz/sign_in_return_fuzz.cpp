// What a browser asks the listener of `sallyport login` for: only the one way back is read, and it
// can be written again.
#include "apps/sallyport/sign_in_return.h"

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport::cli;
    const std::string_view target(reinterpret_cast<const char*>(data), size);
    const auto returned = parse_sign_in_return(target);
    if (!returned) return 0;
    if (returned->code.size() != return_word_size) std::abort();
    if (returned->state.size() != return_word_size) std::abort();
    const auto one = "/?code=" + returned->code + "&state=" + returned->state;
    const auto other = "/?state=" + returned->state + "&code=" + returned->code;
    if (target != one && target != other && target != one + "&" && target != other + "&") {
        std::abort();
    }
    return 0;
}
