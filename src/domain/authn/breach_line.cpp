#include "domain/authn/breach_line.h"

#include "base/core/ascii.h"

#include <charconv>
#include <system_error>

namespace sallyport::authn {

namespace {

constexpr std::size_t sha1_digits = 40;
constexpr std::size_t ntlm_digits = 32;
constexpr std::size_t key_digits = 16;

std::unexpected<Refusal> malformed() {
    return refuse(
        Refusal::invalid,
        "breach_list.malformed_line",
        "must be the 40 hexadecimal digits of a SHA-1 hash, a colon and a count"
    );
}

}  // namespace

Result<BreachLine> parse_breach_line(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() > breach_line_size_max) return malformed();
    const auto colon = line.find(':');
    if (colon == ntlm_digits) {
        return refuse(
            Refusal::invalid,
            "breach_list.ntlm_hash",
            "has 32 digits, as NTLM hashes have; get the list of SHA-1 hashes"
        );
    }
    if (colon != sha1_digits) return malformed();

    BreachLine read{.key = 0, .count = 0};
    for (std::size_t i = 0; i < sha1_digits; ++i) {
        const int digit = hex_value(line[i]);
        if (digit < 0) return malformed();
        if (i < key_digits) read.key = (read.key << 4U) | static_cast<unsigned>(digit);
    }
    const auto count = line.substr(colon + 1);
    const auto* const end = count.data() + count.size();
    const auto [stopped, error] = std::from_chars(count.data(), end, read.count);
    if (error != std::errc() || stopped != end) return malformed();
    return read;
}

}  // namespace sallyport::authn
