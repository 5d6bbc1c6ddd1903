#pragma once
// How a device's password can look when a device hands it back: plain, in Base64 (both alphabets,
// at each of the three alignments, so also inside the Base64 of "user:password"), in hexadecimal,
// and as HTML or JSON escapes it. Percent-encoding is not a form of its own: the mask decodes it
// first.
//
// The forms are kept as one bit-parallel automaton (Shift-And): one bit for each position of each
// form, and for each byte value the set of positions that it fits. Positions are sets of byte
// values rather than bytes, so the letters at both ends of a Base64 form, which share bits with
// what stands beside the password, belong to it too.

#include "base/core/bytes.h"
#include "base/crypto/secret.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace sallyport::gateway {

class CredentialPatterns {
public:
    // Shorter passwords would mask half of every page; answers that hold one are refused instead,
    // and fewer forms of it are looked for.
    static constexpr std::size_t password_size_maskable = 6;

    // Where one form lies in the automaton.
    struct Form {
        std::size_t first_bit;
        std::size_t size;
    };

    CredentialPatterns(std::string_view user_name, const crypto::Secret& password);

    [[nodiscard]] std::size_t words() const noexcept { return words_; }

    [[nodiscard]] std::size_t size_longest() const noexcept { return size_longest_; }

    [[nodiscard]] std::size_t size_shortest() const noexcept { return size_shortest_; }

    // Bits of the first position of each form, and of the last.
    [[nodiscard]] std::span<const std::uint64_t> firsts() const noexcept { return firsts_; }

    [[nodiscard]] std::span<const std::uint64_t> lasts() const noexcept { return lasts_; }

    // The positions that `byte` fits. Tells what the password is: it stays in a Secret.
    [[nodiscard]] std::span<const std::uint64_t> fitting(std::uint8_t byte) const noexcept;
    // The form that owns `bit`.
    [[nodiscard]] const Form& form_of(std::size_t bit) const noexcept;

    [[nodiscard]] bool can_start(std::uint8_t byte) const noexcept {
        return (std::to_integer<unsigned>(starts_.expose()[byte]) & 1U) != 0;
    }

    // The first place from `at` on where a form or a percent-escape may begin; the end if there is
    // none. Looks a few bytes ahead, since one letter in three begins some Base64 form.
    [[nodiscard]] std::size_t next_start(std::string_view bytes, std::size_t at) const noexcept;

private:
    using Table = std::span<const std::uint64_t>;
    // Whether the first few of the bytes from `at` on fit some form.
    [[nodiscard]] bool may_begin(std::string_view bytes, std::size_t at) const noexcept;
    [[nodiscard]] std::vector<std::byte> starting_bytes(Table table) const;
    [[nodiscard]] std::vector<std::byte> starting_pairs(Table table) const;

    std::vector<Form> forms_;
    std::size_t words_ = 0;
    std::size_t size_longest_ = 0;
    std::size_t size_shortest_ = 0;
    std::vector<std::uint64_t> firsts_;
    std::vector<std::uint64_t> lasts_;
    // Made for real at the end of the constructor; a Secret is never empty.
    crypto::Secret table_;   // 256 rows of words_
    crypto::Secret starts_;  // 256 flags
    crypto::Secret pairs_;   // 65536 bits: which two bytes may begin a form
};

}  // namespace sallyport::gateway
