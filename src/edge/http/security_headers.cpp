#include "edge/http/security_headers.h"

#include <fmt/format.h>

namespace sallyport::http {

void add_security_headers(Response& response, const SecurityHeaders& settings) {
    const auto add = [&](std::string_view name, std::string value) {
        if (!response.headers.has(name)) response.headers.add(std::string(name), std::move(value));
    };
    const std::string also =
        settings.form_action_also.empty() ? "" : " " + settings.form_action_also;
    add("Content-Security-Policy",
        fmt::format(
            "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "
            "connect-src 'self'; manifest-src 'self'; form-action 'self'{}; base-uri 'none'; "
            "frame-ancestors 'none'; "
            "require-trusted-types-for 'script'; trusted-types phone-worker svelte-trusted-html",
            also
        ));
    add("Referrer-Policy", "no-referrer");
    add("X-Content-Type-Options", "nosniff");
    add("X-Frame-Options", "DENY");
    add("Cross-Origin-Opener-Policy", "same-origin");
    add("Cross-Origin-Resource-Policy", "same-origin");
    add("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
    add("Cache-Control", "no-store");
    if (settings.hsts) add("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
}

}  // namespace sallyport::http
