// Field values, cookies and forms that strangers write.

#include "edge/http/forwarded.h"
#include "edge/http/framing.h"
#include "edge/http/handoff.h"
#include "edge/http/message.h"
#include "edge/http/origin_check.h"
#include "edge/http/url_token.h"

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport;
    const std::string text(reinterpret_cast<const char*>(data), size);
    static const auto listed = http::IpSet::parse({"10.0.0.0/8", "::1"}).value();

    http::Request request;
    request.method = "POST";
    request.query = text;
    for (const auto* name :
         {"Cookie", "Connection", "X-Forwarded-For", "Origin", "Content-Length", "Host"}) {
        request.headers.add(name, text);
    }
    static_cast<void>(http::cookie(request, "a"));
    static_cast<void>(http::host_session_token(request));
    static_cast<void>(http::list_members(request.headers, "Connection"));
    static_cast<void>(http::check_origin(request, "https://a", http::Credential::cookie));
    const auto client = http::client_address(request.headers, "10.0.0.1", listed);
    if (!http::parse_ip(client)) std::abort();
    http::Headers forwarded;
    forwarded.add("Forwarded", text);
    if (!http::parse_ip(http::client_address(forwarded, "10.0.0.1", listed))) std::abort();

    if (const auto form = http::Form::parse(text); form && form->fields().size() > 100)
        std::abort();
    static_cast<void>(http::parse_handoff_ask(request));
    if (const auto token = http::parse_token(text); token && http::token_text(*token) != text) {
        std::abort();
    }
    return 0;
}
