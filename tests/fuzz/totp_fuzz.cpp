// Whatever is typed as six digits, at whatever time: only a code of the window is accepted, and it
// moves the last step on.
#include "domain/authn/totp.h"

#include "base/core/bytes.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport;
    static const auto seed = crypto::Secret::make(authn::totp_seed_size, [](auto) {});
    ByteReader in(as_bytes({reinterpret_cast<const char*>(data), size}));
    const auto seconds = in.u32();
    const auto last = in.u32();
    if (!seconds || !last) return 0;
    const Time now{std::chrono::seconds(*seconds)};
    const auto last_step = static_cast<authn::TotpStep>(*last);
    const auto code = as_text(*in.take(in.left()));
    const auto step = authn::verify_totp(seed, code, now, last_step);
    if (!step) return 0;
    if (*step <= last_step) std::abort();
    if (authn::totp_code(seed, *step) != code) std::abort();
    const auto drift =
        static_cast<std::int64_t>(*step) - static_cast<std::int64_t>(authn::totp_step(now));
    if (drift < -1 || drift > 1) std::abort();
    return 0;
}
