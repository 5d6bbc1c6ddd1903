#include "domain/authn/one_time_code.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace sallyport::authn {

namespace {

using crypto::Secret;

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t bits_per_character = 5;
constexpr std::size_t characters = one_time_code_bits / bits_per_character;
constexpr std::size_t group = 4;

// The character that `c` stands for, or NUL.
char canonical(char c) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == 'O') return '0';
    if (c == 'I' || c == 'L') return '1';
    return alphabet.find(c) == std::string_view::npos ? '\0' : c;
}

bool is_spacing(char c) {
    return c == ' ' || c == '-' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

Secret fresh_one_time_code() {
    // Sixteen bytes, of which five bits each are used: 32 divides 256, so all are equally likely.
    const auto dice = Secret::random(characters);
    return Secret::make(characters + characters / group - 1, [&](std::span<std::byte> out) {
        auto at = out.begin();
        for (std::size_t i = 0; i < characters; ++i) {
            if (i != 0 && i % group == 0) *at++ = std::byte{'-'};
            const auto five_bits = std::to_integer<std::size_t>(dice.expose()[i]) & 31U;
            *at++ = static_cast<std::byte>(alphabet[five_bits]);
        }
    });
}

Result<Secret> read_one_time_code(std::string_view typed) {
    if (typed.size() > one_time_code_text_max) return refuse(Refusal::invalid, "code.malformed");
    std::size_t count = 0;
    bool readable = true;
    auto code = Secret::make(characters, [&](std::span<std::byte> out) {
        for (const char c : typed) {
            if (is_spacing(c)) continue;
            const char known = canonical(c);
            readable = readable && known != '\0' && count < characters;
            if (!readable) return;
            out[count++] = static_cast<std::byte>(known);
        }
    });
    if (!readable || count != characters) return refuse(Refusal::invalid, "code.malformed");
    return code;
}

Bytes mac_of_code(
    const keys::KeyRing& keys,
    keys::Purpose purpose,
    std::string_view use,
    const Secret& canonical_code
) {
    // `use` has no NUL, so no two pairs make one message.
    const auto message =
        Secret::make(use.size() + 1 + canonical_code.size(), [&](std::span<std::byte> out) {
            const auto at = std::ranges::copy(as_bytes(use), out.begin()).out;
            std::ranges::copy(canonical_code.expose(), at + 1);
        });
    return keys.mac(purpose, message.expose());
}

}  // namespace sallyport::authn
