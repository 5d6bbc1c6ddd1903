#pragma once
// Takes a device's password out of a stream of bytes that goes to a person or into a recording.
// Linear in the bytes, and bounded: what is held back is a tail that may still become the
// password, always shorter than its longest form.

#include "base/core/bytes.h"
#include "edge/gateway/http/credential_patterns.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::gateway {

// Where the password stood: offset in the whole stream, size in bytes.
struct MaskedSpan {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;

    friend bool operator==(const MaskedSpan&, const MaskedSpan&) = default;
};

// What may go on. `bytes` are as many as were taken from the front of the stream; each byte of the
// password became '*'.
struct Masked {
    std::string bytes;
    std::vector<MaskedSpan> spans;  // complete ones, in order, not overlapping
};

// Messages hold back whatever could begin a password. A console echoes letter by letter, and one
// in three letters could begin some form, so at the end of a burst a single such letter goes on;
// if the rest follows it is masked all the same.
enum class Pace : std::uint8_t { message, interactive };

// One stream. Not thread-safe.
class CredentialMask {
public:
    // No patterns: everything passes at once.
    explicit CredentialMask(
        std::shared_ptr<const CredentialPatterns> patterns, Pace pace = Pace::message
    );

    [[nodiscard]] Masked push(std::string_view bytes);
    // The stream ends here: what was held back comes out. The mask may be used for a next stream.
    [[nodiscard]] Masked finish();

    [[nodiscard]] std::size_t held() const noexcept { return held_.size(); }

private:
    // One run of the automaton over symbols that came from the stream.
    struct Scan {
        std::vector<std::uint64_t> active;  // made when the first form may begin
        bool idle = true;                   // nothing is active
    };

    // Where each of the last symbols began, as many as the longest form has.
    class Begins {
    public:
        void push(std::uint64_t begin, std::size_t count_max) {
            if (ring_.size() < count_max) ring_.resize(count_max);
            ring_[count_++ % ring_.size()] = begin;
        }

        // Of the symbol so many from the end; 1 is the last.
        [[nodiscard]] std::uint64_t from_end(std::size_t symbols) const {
            return ring_[(count_ - symbols) % ring_.size()];
        }

        void clear() noexcept { count_ = 0; }

    private:
        std::vector<std::uint64_t> ring_;
        std::size_t count_ = 0;
    };

    void step(std::uint8_t byte);
    // `size` bytes of the stream from `begin` on decode to `byte`.
    void step_decoded(std::uint8_t byte, std::uint64_t begin, std::uint64_t size);
    void give_up_escape(std::uint64_t end);
    // Advances `scan`; returns the size in symbols of the longest form that ends here, or 0.
    [[nodiscard]] std::size_t advance(Scan& scan, std::uint8_t symbol) const;
    [[nodiscard]] std::size_t longest_active(const Scan& scan) const;
    void found(std::uint64_t begin, std::uint64_t end);
    [[nodiscard]] std::uint64_t safe_end() const;
    [[nodiscard]] Masked release(std::uint64_t end);

    std::shared_ptr<const CredentialPatterns> patterns_;
    Pace pace_;
    Scan plain_;
    Scan decoded_;        // the same bytes with percent-escapes decoded
    Begins begins_;       // of the decoded symbols
    std::string escape_;  // "%" or "%4", undecided
    std::string held_;
    std::uint64_t held_offset_ = 0;  // of held_'s first byte in the stream
    std::vector<MaskedSpan> spans_;  // found, not yet released; merged, in order
};

// False: no form of the password is in this text. Far cheaper than masking, and nearly always the
// answer.
[[nodiscard]] bool may_hold_credential(
    const std::shared_ptr<const CredentialPatterns>& patterns, std::string_view text
) noexcept;

// The whole of a short text (a header value, a line).
[[nodiscard]] Masked mask_text(
    const std::shared_ptr<const CredentialPatterns>& patterns, std::string_view text
);

}  // namespace sallyport::gateway
