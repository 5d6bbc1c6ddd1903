#include "edge/api/pages/translation.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

namespace sallyport::api {

namespace {

constexpr std::string_view spaces = " \n";
// What is read of a tag.
constexpr std::array<std::string_view, 2> label_begins = {"aria-label=\"", "placeholder=\""};
constexpr std::string_view english_page = "html lang=\"en";

// What html_escaped() made it from.
std::string unescaped(std::string_view text) {
    struct Entity {
        std::string_view written;
        char meant;
    };

    constexpr std::array<Entity, 5> entities{
        {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}}
    };
    std::string plain;
    while (!text.empty()) {
        const auto found = std::ranges::find_if(entities, [&](const Entity& entity) {
            return text.starts_with(entity.written);
        });
        const bool escaped = found != entities.end();
        plain += escaped ? found->meant : text.front();
        text.remove_prefix(escaped ? found->written.size() : 1);
    }
    return plain;
}

// A text stands in the source as it is, or was escaped on its way into the page.
std::optional<std::string_view> german_of(std::string_view words) {
    if (const auto known = german(words)) return known;
    if (!words.contains('&')) return std::nullopt;
    return german(unescaped(words));
}

// Goes over a page once: in a tag or between two, in our words or in somebody else's.
class Translator {
public:
    Translator(std::string_view page, Language language, std::string_view address)
        : page_(page), address_(address), language_(language) {
        out_.reserve(page.size());
    }

    std::string translate() {
        while (at_ < page_.size()) {
            step();
        }
        return std::move(out_);
    }

private:
    void step() {
        const char c = page_[at_];
        if (c == ours_begin || c == ours_end) {
            ours_ = c == ours_begin;
            ++at_;
        } else if (c == address_mark) {
            out_ += address_;
            ++at_;
        } else if (c == '<') {
            in_tag_ = true;
            take(1);
        } else if (c == '>') {
            in_tag_ = false;
            take(1);
        } else if (in_tag_) {
            step_in_tag();
        } else {
            text_until(page_.find_first_of("<\x01\x02", at_));
        }
    }

    void step_in_tag() {
        const auto rest = page_.substr(at_);
        const auto* const label = std::ranges::find_if(label_begins, [&](std::string_view begin) {
            return rest.starts_with(begin);
        });
        if (ours_ && rest.starts_with(english_page)) {
            out_ += "html lang=\"";
            out_ += language_tag(language_);
            at_ += english_page.size();
        } else if (ours_ && label != label_begins.end()) {
            take(label->size());
            text_until(page_.find_first_of("\"\x01\x02", at_));
        } else {
            take(1);
        }
    }

    void take(std::size_t count) {
        out_ += page_.substr(at_, count);
        at_ += count;
    }

    // Up to there, or to the end of the page, is one text.
    void text_until(std::size_t end) {
        const auto text = page_.substr(at_, end == std::string_view::npos ? end : end - at_);
        at_ += text.size();
        const auto first = text.find_first_not_of(spaces);
        if (!ours_ || first == std::string_view::npos) {
            out_ += text;
            return;
        }
        const auto last = text.find_last_not_of(spaces);
        const auto words = text.substr(first, last - first + 1);
        out_ += text.substr(0, first);
        out_ += language_ == Language::german ? german_of(words).value_or(words) : words;
        out_ += text.substr(last + 1);
    }

    std::string_view page_;
    std::string_view address_;
    Language language_;
    std::size_t at_ = 0;
    std::string out_;
    bool ours_ = false;
    bool in_tag_ = false;
};

}  // namespace

std::string in_language(std::string_view page, Language language, std::string_view address) {
    return Translator(page, language, address).translate();
}

}  // namespace sallyport::api
