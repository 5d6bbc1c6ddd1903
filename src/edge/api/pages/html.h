#pragma once
// HTML by construction: literals in our source are markup, everything else is text and is escaped.
// What a person typed can't become markup, because only a literal is a Markup.

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
        out_.append(markup, size - 1);
    }

    void put(const std::string& text) { out_ += http::html_escaped(text); }

    void put(std::string_view text) { out_ += http::html_escaped(text); }

    template <std::integral Number>
    void put(Number number) {
        out_ += std::to_string(number);
    }

    void put(const Html& html) { out_ += html.out_; }

    std::string out_;
};

}  // namespace sallyport::api
