// The mask must neither lose nor move a byte, and must let no form of the password through, however
// the stream is cut. The first byte chooses the cut, the rest is the stream; a '\x01' in it stands
// for the password, '\x02' for the Base64 of "user:password".

#include "edge/gateway/http/credential_mask.h"

#include "base/core/bytes.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace {

using namespace sallyport;

constexpr std::string_view password = "inf%75se\"20/09";

std::shared_ptr<const gateway::CredentialPatterns> patterns() {
    std::string text(password);
    const auto secret = crypto::Secret::take(std::as_writable_bytes(std::span(text)));
    return std::make_shared<const gateway::CredentialPatterns>("service", secret);
}

std::string stream_of(std::string_view input) {
    static const std::string token = to_base64(as_bytes("service:" + std::string(password)));
    std::string out;
    for (const char c : input) {
        if (c == '\x01') {
            out += password;
        } else if (c == '\x02') {
            out += token;
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    static const auto known = patterns();
    const std::size_t cut = data[0] % 32U + 1;
    const auto stream = stream_of({reinterpret_cast<const char*>(data) + 1, size - 1});

    gateway::CredentialMask mask(known);
    std::string out;
    for (std::size_t at = 0; at < stream.size(); at += cut) {
        out += mask.push(std::string_view(stream).substr(at, cut)).bytes;
        if (mask.held() >= known->size_longest() * 3) std::abort();
    }
    out += mask.finish().bytes;

    if (out.size() != stream.size()) std::abort();
    if (out.contains(password)) std::abort();
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (out[i] != stream[i] && out[i] != '*') std::abort();
    }
    if (out != gateway::mask_text(known, stream).bytes) std::abort();
    return 0;
}
