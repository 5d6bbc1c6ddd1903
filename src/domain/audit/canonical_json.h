#pragma once
// The part of RFC 8785 (JSON Canonicalization Scheme) that audit leaves use: objects with ASCII
// keys in ascending order, arrays, strings, integers within ±(2^53 − 1) and booleans, without
// whitespace. One value has one spelling, so the reader refuses every other.

#include "base/core/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace sallyport::audit {

// Beyond it a double, and so RFC 8785, does not hold every integer.
constexpr std::int64_t json_integer_max = (std::int64_t{1} << 53) - 1;

// Appends `text` (valid UTF-8) as a string literal, quotes included.
void append_json_string(std::string& out, std::string_view text);

struct CleanText {
    std::string text;       // valid UTF-8 without U+0000, at most as long as asked for
    bool cut = false;       // it was longer
    bool replaced = false;  // it held something else, now U+FFFD
};

// What a leaf can hold of `text`: cut at a character's border. U+0000 counts as invalid, since
// databases don't keep it in text.
[[nodiscard]] CleanText clean_text(std::string_view text, std::size_t size_max);

// Reads canonical JSON from front to end. The first thing that is not canonical makes it bad for
// good; ask ok() once at the end. Never reads past the text, and never throws.
class JsonScanner {
public:
    explicit JsonScanner(std::string_view text) : text_(text) {}

    [[nodiscard]] bool ok() const noexcept { return !bad_; }

    // Nothing is left, and all of it was good.
    [[nodiscard]] bool finished() const noexcept { return !bad_ && at_ == text_.size(); }

    // What comes next: '{', '[', '"', 't', 'f', '-' or a digit; 0 at the end.
    [[nodiscard]] char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }

    void fail() noexcept { bad_ = true; }

    // Calls `member(key)` for each member, which must read its value. Keys must ascend and hold
    // nothing that needs an escape.
    template <class Member>
    void object(Member member) {
        expect('{');
        std::string_view last;
        for (bool first = true; !bad_ && !take('}'); first = false) {
            if (!first) expect(',');
            const auto key = string();
            if ((!first && key <= last) || was_unescaped()) fail();
            expect(':');
            if (bad_) return;
            member(key);
            last = key;
        }
    }

    // Calls `item()` for each item, which must read it.
    template <class Item>
    void array(Item item) {
        expect('[');
        for (bool first = true; !bad_ && !take(']'); first = false) {
            if (!first) expect(',');
            if (!bad_) item();
        }
    }

    // Into the text itself, or good until the next call if there was something to unescape.
    [[nodiscard]] std::string_view string();

    // The last string() is not a view into the text.
    [[nodiscard]] bool was_unescaped() const noexcept { return !unescaped_.empty(); }

    [[nodiscard]] std::int64_t integer();
    [[nodiscard]] bool boolean();

private:
    void expect(char wanted);
    [[nodiscard]] bool take(char wanted);
    void skip_plain();
    void escape();

    std::string_view text_;
    std::size_t at_ = 0;
    bool bad_ = false;
    std::string unescaped_;
};

}  // namespace sallyport::audit
