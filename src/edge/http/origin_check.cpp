#include "edge/http/origin_check.h"

#include "edge/http/ascii.h"

#include <fmt/format.h>

namespace sallyport::http {

namespace {

bool is_safe(std::string_view method) noexcept {
    return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

std::unexpected<Refusal> foreign(std::string_view what) {
    return refuse(Refusal::denied, "origin.foreign", std::string(what));
}

}  // namespace

Result<void> check_origin(
    const Request& request, std::string_view site_origin, Credential credential
) {
    if (is_safe(request.method)) return {};

    const auto origins = request.headers.all("Origin");
    const auto sites = request.headers.all("Sec-Fetch-Site");
    if (origins.size() > 1 || sites.size() > 1) return foreign("given twice");

    const auto site = sites.empty() ? std::string_view() : sites[0];
    const bool same_site = site.empty() || site == "same-origin" || site == "none";
    if (!same_site) return foreign("Sec-Fetch-Site");

    const auto origin = origins.empty() ? std::string_view() : origins[0];
    if (!origin.empty() && origin != "null") {
        if (origin != site_origin) return foreign("Origin");
        return {};
    }
    if (site == "same-origin") return {};
    if (credential == Credential::bearer && origin.empty() && site.empty()) return {};
    return refuse(Refusal::denied, "origin.missing");
}

std::string site_origin(std::string_view host, std::uint16_t port) {
    if (port == 443) return fmt::format("https://{}", lower_case(host));
    return fmt::format("https://{}:{}", lower_case(host), port);
}

}  // namespace sallyport::http
