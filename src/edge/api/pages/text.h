#pragma once
// A piece of text for a page that knows whose words it is: only ours can be said in another
// language. A device that somebody called "Phone" keeps its name.

#include <cstddef>
#include <string>
#include <string_view>

namespace sallyport::api {

// Refers to what it was made from; for parameters.
class Text {
public:
    // A literal is ours.
    template <std::size_t size>
    // NOLINTNEXTLINE(google-explicit-constructor,hicpp-explicit-conversions): a parameter type
    Text(const char (&words)[size]) : words_(words, size - 1), ours_(true) {}

    // NOLINTNEXTLINE(google-explicit-constructor,hicpp-explicit-conversions)
    Text(std::string_view words) : words_(words) {}

    // NOLINTNEXTLINE(google-explicit-constructor,hicpp-explicit-conversions)
    Text(const std::string& words) : words_(words) {}

    // Out of a table of ours.
    [[nodiscard]] static Text ours(std::string_view words) {
        Text text(words);
        text.ours_ = true;
        return text;
    }

    [[nodiscard]] std::string_view words() const noexcept { return words_; }

    [[nodiscard]] bool is_ours() const noexcept { return ours_; }

private:
    std::string_view words_;
    bool ours_ = false;
};

}  // namespace sallyport::api
