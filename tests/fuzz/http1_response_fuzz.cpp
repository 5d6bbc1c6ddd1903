// The parser of what devices answer: whatever the bytes and however they are cut, it ends, stays
// in its bounds and says the same.

#include "../support/http1_transcript.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport;
    if (size < 2) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data + 2), size - 2);
    const auto strictness =
        (data[0] & 1U) == 0 ? http::Strictness::toward_devices : http::Strictness::toward_people;
    http::CodecLimits limits;
    limits.head_size_max = 512;
    limits.line_size_max = 256;
    limits.chunk_line_size_max = 32;
    limits.trailers_size_max = 64;
    limits.body_size_max = 1024;

    const std::vector<std::string> methods{
        (data[0] & 2U) == 0 ? "GET" : "HEAD", (data[0] & 4U) == 0 ? "POST" : "CONNECT", "GET"
    };
    const std::vector<std::size_t> cuts(bytes.size(), std::size_t{1} + data[1] % 7U);
    const auto whole = test::response_transcript(bytes, methods, {}, strictness, limits);
    if (whole != test::response_transcript(bytes, methods, cuts, strictness, limits)) std::abort();
    return 0;
}
