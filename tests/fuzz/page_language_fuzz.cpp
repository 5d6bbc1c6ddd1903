// What a browser says it reads, and a page written with texts from outside: the first gives one of
// our languages or none, the second keeps no mark and nobody else's words are replaced.
#include "base/core/language.h"
#include "edge/api/pages/html.h"
#include "edge/api/pages/language.h"
#include "edge/api/pages/translation.h"
#include "edge/http/message.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport::api;
    using sallyport::Language;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto wanted = accepted_language(text);
    if (wanted && sallyport::language_by_tag(sallyport::language_tag(*wanted)) != wanted) {
        std::abort();
    }

    const auto is_mark = [](char c) {
        return c == ours_begin || c == ours_end || c == address_mark;
    };
    const Html page("<p>", text, "</p>");
    for (const auto each : {Language::english, Language::german}) {
        auto shown = std::string(text);
        std::erase_if(shown, is_mark);
        const auto out = in_language(page.text(), each, "%2F");
        if (out != "<p>" + sallyport::http::html_escaped(shown) + "</p>") std::abort();
    }
    return 0;
}
