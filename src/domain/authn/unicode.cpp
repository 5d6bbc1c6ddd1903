#include "domain/authn/unicode.h"

#include "base/core/bytes.h"
#include "base/core/fault.h"

#include <utf8proc.h>

#include <algorithm>
#include <span>

namespace sallyport::authn {

namespace {

using crypto::Secret;

constexpr std::size_t text_size_max = 4096;
// One character becomes at most 18 code points (U+FDFA, decomposed with compatibility; we do less).
constexpr std::size_t growth_max = 18;

std::span<utf8proc_int32_t> code_points_in(std::span<std::byte> memory) {
    return {
        reinterpret_cast<utf8proc_int32_t*>(memory.data()), memory.size() / sizeof(utf8proc_int32_t)
    };
}

}  // namespace

Result<Secret> nfc(const Secret& text, Fold fold) {
    if (text.size() > text_size_max) throw Fault("text is too long to normalise");
    int how = UTF8PROC_COMPOSE | UTF8PROC_STABLE;
    if (fold == Fold::case_folded) how |= UTF8PROC_CASEFOLD;
    const auto options = static_cast<utf8proc_option_t>(how);

    // utf8proc works in an array of code points, and writes the UTF-8 over it: that array must be
    // ours, to be wiped.
    utf8proc_ssize_t size = 0;
    const auto bytes = text.expose();
    const auto room = (text.size() * growth_max + 1) * sizeof(utf8proc_int32_t);
    auto work = Secret::make(room, [&](std::span<std::byte> memory) {
        const auto points = code_points_in(memory);
        size = utf8proc_decompose(
            reinterpret_cast<const utf8proc_uint8_t*>(bytes.data()),
            static_cast<utf8proc_ssize_t>(bytes.size()),
            points.data(),
            static_cast<utf8proc_ssize_t>(points.size() - 1),
            options
        );
        if (size < 0 || static_cast<std::size_t>(size) >= points.size()) return;
        size = utf8proc_reencode(points.data(), size, options);
    });
    if (size == UTF8PROC_ERROR_INVALIDUTF8 || size == UTF8PROC_ERROR_NOTASSIGNED) {
        return refuse(Refusal::invalid, "passphrase.malformed");
    }
    if (size < 0 || static_cast<std::size_t>(size) > work.size()) {
        throw Fault("utf8proc could not normalise a text");
    }
    const auto whole = work.expose();
    return Secret::make(static_cast<std::size_t>(size), [&](std::span<std::byte> out) {
        std::ranges::copy(whole.first(out.size()), out.begin());
    });
}

std::size_t character_count(const Secret& utf8) {
    const auto starts_character = [](std::byte byte) {
        return (byte & std::byte{0xC0}) != std::byte{0x80};
    };
    return static_cast<std::size_t>(std::ranges::count_if(utf8.expose(), starts_character));
}

}  // namespace sallyport::authn
