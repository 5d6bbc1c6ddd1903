#include "base/core/language.h"

#include "base/core/ascii.h"

namespace sallyport {

std::string_view language_tag(Language language) noexcept {
    return language == Language::german ? "de" : "en";
}

std::optional<Language> language_by_tag(std::string_view tag) noexcept {
    for (const auto each : {Language::english, Language::german}) {
        if (same_ignoring_case(tag, language_tag(each))) return each;
    }
    return std::nullopt;
}

}  // namespace sallyport
