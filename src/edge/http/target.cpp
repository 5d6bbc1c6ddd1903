#include "edge/http/target.h"

#include "edge/http/ascii.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace sallyport::http {

namespace {

std::unexpected<Refusal> target_malformed(std::string detail) {
    return refuse(Refusal::invalid, "http.target_malformed", std::move(detail));
}

bool is_host_char(char c) noexcept {
    return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
}

Result<std::string> parse_host(std::string_view text) {
    if (text.size() > host_size_max) return refuse(Refusal::invalid, "http.host_malformed");
    if (text.starts_with('[')) {
        const auto inner = text.substr(1, text.size() - 2);
        const bool literal =
            text.size() > 4 && text.ends_with(']') && std::ranges::all_of(inner, [](char c) {
                return hex_value(c) >= 0 || c == ':' || c == '.';
            });
        if (!literal) return refuse(Refusal::invalid, "http.host_malformed");
        return lower_case(text);
    }
    const bool name = !text.empty() && std::ranges::all_of(text, is_host_char) &&
                      !text.starts_with('.') && !text.ends_with('.') && !text.contains("..");
    if (!name) return refuse(Refusal::invalid, "http.host_malformed");
    return lower_case(text);
}

Result<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, port);
    if (text.starts_with('0') || error != std::errc() || stop != end || port == 0) {
        return refuse(Refusal::invalid, "http.host_malformed");
    }
    return port;
}

// RFC 3986 §5.2.4, and "//" as "/".
std::string without_dot_segments(std::string_view path) {
    std::vector<std::string_view> kept;
    bool ends_open = false;  // the path ends with '/', '.' or '..': a folder
    while (!path.empty()) {
        path.remove_prefix(1);  // the '/'
        const auto end = std::min(path.find('/'), path.size());
        const auto segment = path.substr(0, end);
        path.remove_prefix(end);
        ends_open = segment.empty() || segment == "." || segment == "..";
        if (segment == ".." && !kept.empty()) kept.pop_back();
        if (!ends_open) kept.push_back(segment);
    }
    std::string normal;
    for (const auto segment : kept) {
        normal += '/';
        normal += segment;
    }
    if (ends_open || normal.empty()) normal += '/';
    return normal;
}

Result<std::string> decoded_path(std::string_view text) {
    auto decoded = percent_decoded(text);
    if (!decoded) return target_malformed("broken escape");
    const auto slashes = std::ranges::count(text, '/');
    if (std::ranges::count(*decoded, '/') != slashes) return target_malformed("escaped slash");
    const bool clean = std::ranges::all_of(*decoded, [](char c) {
        const auto byte = static_cast<std::uint8_t>(c);
        return byte >= 0x20 && byte != 0x7F && c != '\\';
    });
    if (!clean) return target_malformed("control byte or backslash");
    return decoded;
}

// The query stays raw for handlers, but its escapes must be whole and hide no control byte but
// the line ends of a form's text.
Result<void> check_query(std::string_view query) {
    const auto decoded = percent_decoded(query);
    if (!decoded) return target_malformed("broken escape in the query");
    if (decoded->contains('\0')) return target_malformed("escaped NUL in the query");
    return {};
}

}  // namespace

Result<Authority> parse_authority(std::string_view text) {
    const auto bracket = text.starts_with('[') ? text.find(']') : 0;
    if (bracket == std::string_view::npos) return refuse(Refusal::invalid, "http.host_malformed");
    const auto colon = text.find(':', bracket);
    Authority authority;
    SP_TRY(authority.host, parse_host(text.substr(0, colon)));
    if (colon != std::string_view::npos) {
        SP_TRY(authority.port, parse_port(text.substr(colon + 1)));
    }
    return authority;
}

Result<std::string> percent_decoded(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
        if (high < 0 || low < 0) return refuse(Refusal::invalid, "http.escape_malformed");
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return decoded;
}

Result<Target> parse_target(std::string_view text) {
    if (text.size() > target_size_max) return target_malformed("too long");
    if (!is_visible(text)) return target_malformed("byte outside visible ASCII");
    if (text.contains('\\') || text.contains('#')) return target_malformed("backslash or fragment");

    Target target;
    if (!text.starts_with('/')) {
        const auto scheme_end = text.find("://");
        const auto scheme = lower_case(text.substr(0, std::min(scheme_end, text.size())));
        if (scheme != "http" && scheme != "https") return target_malformed("not origin-form");
        text.remove_prefix(scheme_end + 3);
        const auto authority_end = std::min(text.find_first_of("/?"), text.size());
        SP_TRY(target.authority, parse_authority(text.substr(0, authority_end)));
        text.remove_prefix(authority_end);
        if (!text.starts_with('/')) target.text = '/';
    }
    target.text += text;

    const std::string_view origin = target.text;
    const auto question = std::min(origin.find('?'), origin.size());
    SP_TRY(const auto path, decoded_path(origin.substr(0, question)));
    target.path = without_dot_segments(path);
    target.query = origin.substr(std::min(question + 1, origin.size()));
    SP_CHECK(check_query(target.query));
    return target;
}

}  // namespace sallyport::http
