// Heads from both sides, through codec and rewriting. What comes out must still be one head that
// the same codec reads back: nothing that a person or a device sent may become a field of its own,
// an address of ours, or a cookie of ours.

#include "edge/gateway/http/host_map.h"
#include "edge/gateway/http/request_rewrite.h"
#include "edge/gateway/http/response_rewrite.h"
#include "edge/http/ascii.h"
#include "edge/http/http1_codec.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace {

using namespace sallyport;

const directory::Device& device() {
    static const directory::Device pump{
        DeviceId::from_bytes(IdBytes{}),
        directory::DeviceName::parse("pump-07").value(),
        "SN-7",
        "10.0.0.7",
        8080,
        "A2",
        {},
        directory::DeviceState::registered,
        std::nullopt,
        {},
    };
    return pump;
}

const gateway::HostMap& hosts() {
    static const gateway::HostMap map("pump-07.gate.example", 8443, device());
    return map;
}

void must(bool holds) {
    if (!holds) std::abort();
}

// The largest head that may come in goes out with a few fields more: Host, Connection, and the
// like.
http::CodecLimits limits_of_what_comes_out() {
    http::CodecLimits limits;
    limits.fields_max += 8;
    limits.head_size_max += 1024;
    return limits;
}

void person_side(std::string_view bytes) {
    http::RequestParser parser;
    parser.feed(bytes);
    const auto event = parser.next();
    const auto* const head = event ? std::get_if<http::RequestHead>(&*event) : nullptr;
    if (head == nullptr || !head->target.starts_with('/')) return;
    http::Request request;
    request.method = head->method;
    request.target = head->target;
    request.headers = head->headers;
    (void)gateway::guard_request(request, hosts().person_origin());
    (void)gateway::is_person_activity(request);
    const auto out =
        gateway::rewrite_request(*head, request, hosts(), head->framing, gateway::Upgrade::yes);
    must(!out.headers.has("Authorization"));
    must(out.headers.all("Host").size() == 1);
    for (const auto cookie : out.headers.all("Cookie")) {
        must(!http::lower_case(cookie).contains("; __host-sallyport"));
        must(!http::lower_case(cookie).starts_with("__host-sallyport"));
    }
    http::RequestParser again(limits_of_what_comes_out());
    again.feed(http::serialise(out));
    const auto read = again.next();
    must(read.has_value() && std::holds_alternative<http::RequestHead>(*read));
}

void device_side(std::string_view bytes) {
    http::ResponseParser parser;
    parser.expect_answer_to("GET");
    parser.feed(bytes);
    const auto event = parser.next();
    const auto* const head = event ? std::get_if<http::ResponseHead>(&*event) : nullptr;
    if (head == nullptr) return;
    (void)gateway::check_response(*head);
    auto out = gateway::rewrite_response(*head, hosts(), device().profile);
    // As the dialogue does: people get chunks where a device just ends.
    if (out.framing.kind == http::Framing::until_close) out.framing = {http::Framing::chunked, 0};
    for (const auto cookie : out.headers.all("Set-Cookie")) {
        must(!http::lower_case(cookie).starts_with("__host-sallyport"));
        must(cookie.contains("; Secure"));
    }
    must(!out.headers.has("Strict-Transport-Security"));
    must(!out.headers.has("WWW-Authenticate"));
    http::ResponseParser again(limits_of_what_comes_out(), http::Strictness::toward_people);
    again.expect_answer_to("GET");
    again.feed(http::serialise(out));
    const auto read = again.next();
    must(read.has_value() && std::holds_alternative<http::ResponseHead>(*read));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    (data[0] & 1U) != 0 ? person_side(bytes) : device_side(bytes);
    return 0;
}
