#pragma once
// HTML by construction: literals in our source are markup, everything else is text and is escaped.
// What a person typed can't become markup, because only a literal is a Markup. What is ours is
// marked, so that it can be said in another language (translation.h).

#include "edge/api/pages/text.h"
#include "edge/api/pages/translation.h"
#include "edge/http/message.h"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::api {

class Html {
public:
    Html() = default;

    template <class... Parts>
    explicit Html(const Parts&... parts) {
        (put(parts), ...);
    }

    template <class... Parts>
    Html& add(const Parts&... parts) {
        (put(parts), ...);
        return *this;
    }

    // With marks: for in_language().
    [[nodiscard]] const std::string& text() const noexcept { return out_; }

    // SVG and the like that our own code made.
    [[nodiscard]] static Html trusted(std::string markup) {
        Html html;
        html.out_ = std::move(markup);
        return html;
    }

private:
    template <std::size_t size>
    void put(const char (&markup)[size]) {
        out_ += ours_begin;
        out_.append(markup, size - 1);
        out_ += ours_end;
    }

    void put(const std::string& text) { put(std::string_view(text)); }

    void put(std::string_view text) {
        auto escaped = http::html_escaped(text);
        std::erase_if(escaped, [](char c) {
            return c == ours_begin || c == ours_end || c == address_mark;
        });
        out_ += escaped;
    }

    void put(const Text& text) {
        if (!text.is_ours()) {
            put(text.words());
            return;
        }
        out_ += ours_begin;
        put(text.words());
        out_ += ours_end;
    }

    template <std::integral Number>
    void put(Number number) {
        out_ += std::to_string(number);
    }

    void put(const Html& html) { out_ += html.out_; }

    std::string out_;
};

}  // namespace sallyport::api
