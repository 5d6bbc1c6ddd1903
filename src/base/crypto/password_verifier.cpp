#include "base/crypto/password_verifier.h"

#include "base/core/bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace sallyport::crypto {
namespace {

constexpr std::string_view prefix = "$argon2id-hmac-sha256$v=19$m=";
constexpr std::size_t salt_text_size = 22;
constexpr std::size_t mac_text_size = 43;

// The digits up to `end`, which is taken too. Zero stands for "not a number": none of ours is.
std::uint64_t number_before(std::string_view& rest, std::string_view end) {
    const auto at = rest.find(end);
    if (at == std::string_view::npos || at == 0 || at > 10 || rest.front() == '0') return 0;
    std::uint64_t value = 0;
    const auto [stop, error] = std::from_chars(rest.data(), rest.data() + at, value);
    if (error != std::errc{} || stop != rest.data() + at) return 0;
    rest.remove_prefix(at + end.size());
    return value;
}

std::string unpadded(BytesView bytes) {
    auto text = to_base64(bytes);
    while (text.ends_with('=')) {
        text.pop_back();
    }
    return text;
}

template <std::size_t size>
bool read_unpadded(std::string_view text, std::array<std::byte, size>& out) {
    const std::size_t padding = (4 - text.size() % 4) % 4;
    const auto bytes = from_base64(std::string(text) + std::string(padding, '='));
    if (!bytes || bytes->size() != size) return false;
    std::ranges::copy(*bytes, out.begin());
    return true;
}

std::unexpected<Refusal> malformed() {
    return refuse(Refusal::invalid, "password_verifier.malformed");
}

}  // namespace

std::string to_text(const PasswordVerifier& verifier) {
    return fmt::format(
        "{}{},t={},p=1,keyid=1${}${}",
        prefix,
        verifier.cost.memory_bytes / 1024,
        verifier.cost.passes,
        unpadded(verifier.salt),
        unpadded(verifier.mac)
    );
}

Result<PasswordVerifier> parse_password_verifier(std::string_view text) {
    if (!text.starts_with(prefix)) return malformed();
    text.remove_prefix(prefix.size());
    const std::uint64_t kibibytes = number_before(text, ",t=");
    const std::uint64_t passes = number_before(text, ",p=1,keyid=1$");
    if (kibibytes == 0 || passes == 0) return malformed();

    PasswordVerifier verifier{.cost = {kibibytes * 1024, passes}, .salt = {}, .mac = {}};
    const PasswordCost floor;
    const bool bounded = verifier.cost.memory_bytes >= floor.memory_bytes &&
                         verifier.cost.memory_bytes <= PasswordVerifier::memory_bytes_max &&
                         passes >= floor.passes && passes <= PasswordVerifier::passes_max;
    const bool shaped =
        text.size() == salt_text_size + 1 + mac_text_size && text[salt_text_size] == '$';
    if (!bounded || !shaped) return malformed();
    if (!read_unpadded(text.substr(0, salt_text_size), verifier.salt) ||
        !read_unpadded(text.substr(salt_text_size + 1), verifier.mac)) {
        return malformed();
    }
    return verifier;
}

}  // namespace sallyport::crypto
