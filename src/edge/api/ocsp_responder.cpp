#include "edge/api/ocsp_responder.h"

#include "base/core/fault.h"
#include "base/core/log.h"
#include "base/crypto/ocsp.h"
#include "edge/http/client.h"
#include "edge/http/target.h"

#include <chrono>
#include <cstdint>

namespace sallyport::api {

namespace {

using namespace std::chrono_literals;

// A person waits at their browser meanwhile.
constexpr auto connect_max = 3s;
constexpr auto answer_max = 5s;
constexpr std::uint16_t http_port = 80;

std::optional<Bytes> no_answer(const std::string& url, const std::string& why) {
    log::warning("an OCSP responder gave no answer", {{"url", url}, {"why", why}});
    return std::nullopt;
}

}  // namespace

std::optional<Bytes> ask_ocsp_responder(const std::string& url, BytesView request) {
    const auto target = http::parse_target(url);
    if (!url.starts_with("http://") || !target || !target->authority) {
        return no_answer(url, "not an http: address");
    }
    http::Request post;
    post.method = "POST";
    post.target = target->text;
    post.headers.add("Content-Type", "application/ocsp-request");
    post.headers.add("Accept", "application/ocsp-response");
    post.body = as_text(request);
    const http::HttpsClientSettings settings{
        .host = target->authority->host,
        .port = target->authority->port.value_or(http_port),
        .connect_to = {},
        .ca_file = {},
        .connect_max = connect_max,
        .answer_max = answer_max,
        .body_size_max = crypto::ocsp_response_size_max,
    };
    try {
        const auto response = http::send_plain(post, settings);
        if (response.status != 200) {
            return no_answer(url, "status " + std::to_string(response.status));
        }
        const auto bytes = as_bytes(response.body);
        return Bytes(bytes.begin(), bytes.end());
    } catch (const Fault& fault) {
        return no_answer(url, fault.what());
    }
}

}  // namespace sallyport::api
