#include "edge/gateway/http/credential_mask.h"

#include "base/core/ascii.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace sallyport::gateway {

namespace {

template <class Visit>
void for_each_bit(std::uint64_t word, std::size_t base, const Visit& visit) {
    for (; word != 0; word &= word - 1) {
        visit(base + static_cast<std::size_t>(std::countr_zero(word)));
    }
}

}  // namespace

CredentialMask::CredentialMask(std::shared_ptr<const CredentialPatterns> patterns, Pace pace)
    : patterns_(std::move(patterns)), pace_(pace) {
    if (patterns_ && patterns_->words() == 0) patterns_.reset();
}

Masked CredentialMask::push(std::string_view bytes) {
    if (!patterns_) {
        held_offset_ += bytes.size();
        return {std::string(bytes), {}};
    }
    for (std::size_t at = 0; at < bytes.size();) {
        const bool nothing_begun = plain_.idle && decoded_.idle && escape_.empty();
        if (nothing_begun) {
            const auto next = patterns_->next_start(bytes, at);
            held_ += bytes.substr(at, next - at);
            at = next;
            if (at == bytes.size()) break;
        }
        held_ += bytes[at];
        step(static_cast<std::uint8_t>(bytes[at]));
        ++at;
    }
    return release(safe_end());
}

Masked CredentialMask::finish() {
    const std::uint64_t end = held_offset_ + held_.size();
    if (patterns_) give_up_escape(end);
    auto out = release(end);
    std::ranges::fill(plain_.active, 0);
    std::ranges::fill(decoded_.active, 0);
    plain_.idle = decoded_.idle = true;
    begins_.clear();
    held_offset_ = 0;
    return out;
}

void CredentialMask::step(std::uint8_t byte) {
    const std::uint64_t end = held_offset_ + held_.size();
    if (const auto size = advance(plain_, byte); size > 0) found(end - size, end);

    const char c = static_cast<char>(byte);
    if (!escape_.empty() && hex_value(c) < 0) give_up_escape(end - 1);
    if (escape_.empty() && c != '%') {
        step_decoded(byte, end - 1, 1);
        return;
    }
    escape_ += c;
    if (escape_.size() < 3) return;
    const int value = hex_value(escape_[1]) * 16 + hex_value(escape_[2]);
    escape_.clear();
    step_decoded(static_cast<std::uint8_t>(value), end - 3, 3);
}

// "%4x" is no escape after all: each of its letters stands for itself.
void CredentialMask::give_up_escape(std::uint64_t end) {
    const auto letters = std::exchange(escape_, {});
    const std::uint64_t begin = end - letters.size();
    for (std::size_t i = 0; i < letters.size(); ++i) {
        step_decoded(static_cast<std::uint8_t>(letters[i]), begin + i, 1);
    }
}

void CredentialMask::step_decoded(std::uint8_t byte, std::uint64_t begin, std::uint64_t size) {
    begins_.push(begin, patterns_->size_longest());
    const auto symbols = advance(decoded_, byte);
    if (symbols > 0) found(begins_.from_end(symbols), begin + size);
}

std::size_t CredentialMask::advance(Scan& scan, std::uint8_t symbol) const {
    if (scan.idle && !patterns_->can_start(symbol)) return 0;
    scan.active.resize(patterns_->words());
    const auto fitting = patterns_->fitting(symbol);
    const auto firsts = patterns_->firsts();
    const auto lasts = patterns_->lasts();
    std::uint64_t carry = 0;
    std::uint64_t any = 0;
    std::size_t size = 0;
    for (std::size_t word = 0; word < fitting.size(); ++word) {
        const std::uint64_t before = scan.active[word];
        // A form's last bit shifts onto the next form's first, which is set anyway.
        const std::uint64_t now = ((before << 1U) | carry | firsts[word]) & fitting[word];
        carry = before >> 63U;
        scan.active[word] = now;
        any |= now;
        for_each_bit(now & lasts[word], word * 64, [&](std::size_t bit) {
            size = std::max(size, patterns_->form_of(bit).size);
        });
    }
    scan.idle = any == 0;
    return size;
}

std::size_t CredentialMask::longest_active(const Scan& scan) const {
    if (scan.idle) return 0;
    std::size_t longest = 0;
    for (std::size_t word = 0; word < scan.active.size(); ++word) {
        // A form that is complete waits for nothing more.
        const auto waiting = scan.active[word] & ~patterns_->lasts()[word];
        for_each_bit(waiting, word * 64, [&](std::size_t bit) {
            longest = std::max(longest, bit - patterns_->form_of(bit).first_bit + 1);
        });
    }
    return longest;
}

void CredentialMask::found(std::uint64_t begin, std::uint64_t end) {
    begin = std::max(begin, held_offset_);
    for (auto at = begin; at < end; ++at) {
        held_[at - held_offset_] = '*';
    }
    while (!spans_.empty() && spans_.back().offset + spans_.back().size > begin) {
        begin = std::min(begin, spans_.back().offset);
        end = std::max(end, spans_.back().offset + spans_.back().size);
        spans_.pop_back();
    }
    spans_.push_back({begin, end - begin});
}

// Up to where nothing can become part of a password any more.
std::uint64_t CredentialMask::safe_end() const {
    const std::uint64_t end = held_offset_ + held_.size();
    const std::size_t plain = longest_active(plain_);
    const std::size_t decoded = longest_active(decoded_);
    std::uint64_t safe = end - plain;
    if (decoded > 0) safe = std::min(safe, begins_.from_end(decoded));
    safe = std::min(safe, end - escape_.size());
    const bool little = plain <= 1 && decoded <= 1 && (decoded == 0 || escape_.empty());
    return pace_ == Pace::interactive && little ? end : safe;
}

Masked CredentialMask::release(std::uint64_t end) {
    Masked out;
    const auto size = static_cast<std::size_t>(end - std::min(end, held_offset_));
    out.bytes = held_.substr(0, size);
    // Erased bytes that were held may have been the start of a password; none stays behind.
    held_.erase(0, size);
    held_offset_ += size;
    const auto complete = std::ranges::find_if(spans_, [&](const MaskedSpan& span) {
        return span.offset + span.size > held_offset_;
    });
    out.spans.assign(spans_.begin(), complete);
    spans_.erase(spans_.begin(), complete);
    return out;
}

bool may_hold_credential(
    const std::shared_ptr<const CredentialPatterns>& patterns, std::string_view text
) noexcept {
    if (!patterns || patterns->words() == 0) return false;
    return patterns->next_start(text, 0) + patterns->size_shortest() <= text.size();
}

Masked mask_text(const std::shared_ptr<const CredentialPatterns>& patterns, std::string_view text) {
    if (!may_hold_credential(patterns, text)) return {std::string(text), {}};
    CredentialMask mask(patterns);
    auto out = mask.push(text);
    auto rest = mask.finish();
    out.bytes += rest.bytes;
    out.spans.insert(out.spans.end(), rest.spans.begin(), rest.spans.end());
    return out;
}

}  // namespace sallyport::gateway
