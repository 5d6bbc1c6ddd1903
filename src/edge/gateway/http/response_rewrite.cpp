#include "edge/gateway/http/response_rewrite.h"

#include "edge/gateway/http/hop_by_hop.h"
#include "edge/gateway/http/request_rewrite.h"
#include "edge/http/ascii.h"

#include <algorithm>
#include <array>

namespace sallyport::gateway {

namespace {

constexpr std::array<std::string_view, 17> dropped_fields{
    "Strict-Transport-Security",
    "Alt-Svc",
    "Clear-Site-Data",
    "WWW-Authenticate",
    "Authentication-Info",
    "Proxy-Authentication-Info",
    "Public-Key-Pins",
    "Expect-CT",
    "Report-To",
    "Reporting-Endpoints",
    "NEL",
    "Service-Worker-Allowed",
    "Set-Cookie2",
    "Set-Login",
    "Accept-Ranges",     // ranges are not asked for
    "Content-Encoding",  // "identity" at most, see check_response
    "Via",
};

// Replaced by no-store.
constexpr std::array<std::string_view, 4> caching_fields{
    "Cache-Control", "Expires", "Pragma", "Age"
};

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
    return std::ranges::any_of(names, [&](std::string_view other) {
        return http::same_field_name(name, other);
    });
}

// "5; url=http://10.0.0.7/x" (the old way to redirect).
std::string mapped_refresh(std::string_view value, const HostMap& hosts) {
    const auto at = http::lower_case(value).find("url=");
    if (at == std::string::npos) return std::string(value);
    auto url = value.substr(at + 4);
    std::string_view quote;
    if (!url.empty() && (url.front() == '"' || url.front() == '\'')) {
        quote = url.substr(0, 1);
        url.remove_prefix(1);
        if (url.ends_with(quote)) url.remove_suffix(1);
    }
    return std::string(value.substr(0, at + 4)) + std::string(quote) + hosts.to_person(url) +
           std::string(quote);
}

// The value for the person; none if the field is dropped.
std::optional<std::string> mapped(
    std::string_view name,
    std::string_view value,
    const HostMap& hosts,
    const directory::DeviceProfile& profile
) {
    if (http::same_field_name(name, "Set-Cookie")) return rewrite_cookie(value, profile);
    if (http::same_field_name(name, "Refresh")) return mapped_refresh(value, hosts);
    const bool address = http::same_field_name(name, "Location") ||
                         http::same_field_name(name, "Content-Location") ||
                         http::same_field_name(name, "Access-Control-Allow-Origin");
    return address ? hosts.to_person(value) : std::string(value);
}

}  // namespace

Result<void> check_response(const http::ResponseHead& head) {
    if (head.status == 401 || head.status == 407) {
        return refuse(Refusal::denied, "device.credential_refused");
    }
    for (const auto encoding : head.headers.all("Content-Encoding")) {
        if (!encoding.empty() && !http::same_ignoring_case(encoding, "identity")) {
            return refuse(Refusal::invalid, "device.answer_encoded");
        }
    }
    return {};
}

http::ResponseHead rewrite_response(
    const http::ResponseHead& head, const HostMap& hosts, const directory::DeviceProfile& profile
) {
    http::ResponseHead out;
    out.status = head.status;
    out.reason = head.reason;
    out.framing = head.framing;
    const HopByHop hop(head.headers);
    for (const auto& [name, value] : head.headers.fields()) {
        if (hop.is(name) || is_one_of(name, dropped_fields)) continue;
        if (!profile.answers_cacheable && is_one_of(name, caching_fields)) continue;
        if (auto kept = mapped(name, value, hosts, profile)) {
            out.headers.add(name, *std::move(kept));
        }
    }
    if (!profile.answers_cacheable) out.headers.add("Cache-Control", "no-store");
    return out;
}

std::optional<std::string> rewrite_cookie(
    std::string_view set_cookie, const directory::DeviceProfile& profile
) {
    const auto pair_end = std::min(set_cookie.find(';'), set_cookie.size());
    const auto pair = http::trimmed(set_cookie.substr(0, pair_end));
    const auto equals = pair.find('=');
    // A cookie without a name takes its value for one in some browsers: "=__Host-sp…" must not
    // pass.
    if (equals == std::string_view::npos || equals == 0) return std::nullopt;
    const auto name = http::trimmed(pair.substr(0, equals));
    if (name.empty() || is_own_cookie(name) || !http::is_token(name)) return std::nullopt;

    std::string out(pair);
    auto rest = set_cookie.substr(std::min(pair_end + 1, set_cookie.size()));
    while (!rest.empty()) {
        const auto end = std::min(rest.find(';'), rest.size());
        const auto attribute = http::trimmed(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        const auto key = http::lower_case(http::trimmed(attribute.substr(0, attribute.find('='))));
        if (key == "path" || key == "max-age" || key == "expires" || key == "samesite") {
            out += "; " + std::string(attribute);
        }
    }
    out += "; Secure";
    if (!profile.cookies_readable) out += "; HttpOnly";
    return out;
}

bool may_hold_credential(
    const http::ResponseHead& head, const std::shared_ptr<const CredentialPatterns>& patterns
) noexcept {
    const auto may = [&](std::string_view text) { return may_hold_credential(patterns, text); };
    const auto in_field = [&](const auto& field) { return may(field.first) || may(field.second); };
    return may(head.reason) || std::ranges::any_of(head.headers.fields(), in_field);
}

bool mask_head(
    http::ResponseHead& head, const std::shared_ptr<const CredentialPatterns>& patterns
) {
    if (!may_hold_credential(head, patterns)) return false;
    bool found = false;
    const auto mask = [&](std::string_view text) {
        auto out = mask_text(patterns, text);
        found = found || !out.spans.empty();
        return std::move(out.bytes);
    };
    head.reason = mask(head.reason);
    http::Headers masked;
    for (const auto& [name, value] : head.headers.fields()) {
        auto clean_name = mask(name);
        masked.add(std::move(clean_name), mask(value));
    }
    head.headers = std::move(masked);
    return found;
}

}  // namespace sallyport::gateway
