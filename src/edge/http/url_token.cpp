#include "edge/http/url_token.h"

#include "base/core/bytes.h"
#include "edge/http/ascii.h"
#include "edge/http/target.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace sallyport::http {

namespace {

constexpr std::size_t token_size = token_prefix.size() + token_digits;

bool is_token_digit(char c) noexcept {
    return is_alpha(c) || is_digit(c) || c == '-' || c == '_';
}

bool names_token(std::string_view parameter) {
    static constexpr std::array names{
        "access_token",
        "auth_token",
        "bearer",
        "id_token",
        "jsessionid",
        "phpsessid",
        "refresh_token",
        "session",
        "session_id",
        "session_token",
        "sessionid",
        "sid",
        "token",
    };
    return std::ranges::any_of(names, [&](std::string_view name) {
        return same_ignoring_case(name, parameter);
    });
}

// The first of our tokens anywhere in `text`.
std::string find_token(std::string_view text) {
    for (auto at = text.find(token_prefix); at != std::string_view::npos;
         at = text.find(token_prefix, at + 1)) {
        const auto candidate = text.substr(at, token_size);
        if (looks_like_token(candidate)) return std::string(candidate);
    }
    return {};
}

std::string decoded_or_raw(std::string_view text) {
    return percent_decoded(text).value_or(std::string(text));
}

enum class By : std::uint8_t { form, name_or_form };

std::optional<UrlToken> look_for_token(const Request& request, By by) {
    if (auto token = find_token(request.path); !token.empty()) {
        return UrlToken{.parameter = {}, .token = std::move(token)};
    }
    std::string_view query = request.query;
    while (!query.empty()) {
        const auto end = std::min(query.find_first_of("&;"), query.size());
        const auto pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));

        const auto equals = std::min(pair.find('='), pair.size());
        auto name = decoded_or_raw(pair.substr(0, equals));
        const auto value = decoded_or_raw(pair.substr(std::min(equals + 1, pair.size())));
        auto token = find_token(value);
        if (token.empty()) token = find_token(name);
        const bool named = by == By::name_or_form && names_token(name) && !value.empty();
        if (!token.empty() || named) {
            return UrlToken{.parameter = std::move(name), .token = std::move(token)};
        }
    }
    return std::nullopt;
}

}  // namespace

bool looks_like_token(std::string_view text) noexcept {
    return text.size() == token_size && text.starts_with(token_prefix) &&
           std::ranges::all_of(text.substr(token_prefix.size()), is_token_digit);
}

std::string token_text(const crypto::Secret& token) {
    return std::string(token_prefix) + to_base64url(token.expose());
}

Result<crypto::Secret> parse_token(std::string_view text) {
    const auto malformed = [] { return refuse(Refusal::unauthenticated, "token.malformed"); };
    if (!looks_like_token(text)) return malformed();
    auto bytes = from_base64url(text.substr(token_prefix.size()));
    if (!bytes) return malformed();
    return crypto::Secret::take(*bytes);
}

std::optional<UrlToken> token_in_target(const Request& request) {
    return look_for_token(request, By::name_or_form);
}

std::optional<UrlToken> own_token_in_target(const Request& request) {
    return look_for_token(request, By::form);
}

}  // namespace sallyport::http
