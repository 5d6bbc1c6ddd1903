#include "edge/api/pages/language.h"

#include "edge/http/set_cookie.h"

#include <algorithm>
#include <cstddef>
#include <string>

namespace sallyport::api {

namespace {

constexpr std::size_t ranges_max = 16;
constexpr int weight_most = 1000;

struct Range {
    std::string_view tag;  // its first part
    int weight = weight_most;
};

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// "1", "0.5", "0.123" in thousandths (RFC 9110 §12.4.2).
std::optional<int> weight_in(std::string_view text) {
    constexpr std::size_t size_max = 5;
    if (text.empty() || text.size() > size_max || (text[0] != '0' && text[0] != '1')) return {};
    if (text.size() > 1 && text[1] != '.') return {};
    int weight = (text[0] - '0') * weight_most;
    int unit = weight_most / 10;
    for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
        if (c < '0' || c > '9') return {};
        weight += (c - '0') * unit;
        unit /= 10;
    }
    if (weight > weight_most) return {};
    return weight;
}

std::optional<Range> range_in(std::string_view text) {
    const auto semicolon = text.find(';');
    Range range{.tag = trimmed(text.substr(0, semicolon))};
    range.tag = range.tag.substr(0, range.tag.find('-'));
    if (semicolon == std::string_view::npos) return range;
    const auto parameter = trimmed(text.substr(semicolon + 1));
    if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) return {};
    const auto weight = weight_in(parameter.substr(2));
    if (!weight) return {};
    range.weight = *weight;
    return range;
}

}  // namespace

std::optional<Language> accepted_language(std::string_view field) noexcept {
    std::optional<Language> best;
    int best_weight = 0;
    std::size_t count = 0;
    while (!field.empty()) {
        if (++count > ranges_max) return std::nullopt;
        const auto comma = field.find(',');
        const auto range = range_in(field.substr(0, comma));
        if (!range) return std::nullopt;
        const auto known = language_by_tag(range->tag);
        if (known && range->weight > best_weight) {
            best = known;
            best_weight = range->weight;
        }
        field = comma == std::string_view::npos ? std::string_view() : field.substr(comma + 1);
    }
    return best;
}

Language language_of(const http::Request& request) {
    if (const auto chosen = http::cookie(request, language_cookie)) {
        if (const auto known = language_by_tag(*chosen)) return *known;
    }
    const auto wanted = request.headers.only("accept-language").value_or("");
    return accepted_language(wanted).value_or(Language::english);
}

}  // namespace sallyport::api
