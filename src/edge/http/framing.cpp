#include "edge/http/framing.h"

#include "edge/http/ascii.h"
#include "edge/http/target.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace sallyport::http {

namespace {

constexpr std::size_t length_digits_max = 18;

bool contains(const std::vector<std::string>& members, std::string_view member) {
    return std::ranges::find(members, member) != members.end();
}

// One Content-Length of digits. A list of equal numbers is allowed to be read (RFC 9112 §6.3) and
// allowed to be refused; somebody before or behind us may read it otherwise.
Result<std::uint64_t> parse_length(const std::vector<std::string_view>& values) {
    const auto malformed = [] { return refuse(Refusal::invalid, "http.length_malformed"); };
    if (values.size() != 1) return malformed();
    const auto text = values.front();
    std::uint64_t size = 0;
    const bool digits =
        !text.empty() && text.size() <= length_digits_max && std::ranges::all_of(text, is_digit);
    if (!digits) return malformed();
    std::from_chars(text.data(), text.data() + text.size(), size);
    return size;
}

// What the fields say; `otherwise` if they say nothing.
Result<Framing> framing_of(const Headers& headers, int version, Framing otherwise) {
    const auto encodings = headers.all("Transfer-Encoding");
    const auto lengths = headers.all("Content-Length");
    if (encodings.empty() && lengths.empty()) return otherwise;
    if (!encodings.empty() && !lengths.empty()) {
        return refuse(Refusal::invalid, "http.length_and_chunked");
    }
    if (encodings.empty()) {
        SP_TRY(const auto size, parse_length(lengths));
        return Framing{Framing::length, size};
    }
    const bool chunked = encodings.size() == 1 && same_ignoring_case(encodings[0], "chunked");
    if (!chunked || version < 11) {
        return refuse(Refusal::invalid, "http.transfer_encoding_unsupported");
    }
    return Framing{Framing::chunked, 0};
}

bool allows_keep_alive(const std::vector<std::string>& connection, int version) {
    if (contains(connection, "close")) return false;
    return version >= 11 || contains(connection, "keep-alive");
}

Result<void> check_host(const RequestHead& head) {
    const auto hosts = head.headers.all("Host");
    if (hosts.empty() && head.version < 11) return {};
    if (hosts.size() != 1) return refuse(Refusal::invalid, "http.host_missing");
    if (!parse_authority(hosts[0])) return refuse(Refusal::invalid, "http.host_malformed");
    return {};
}

}  // namespace

std::vector<std::string> list_members(const Headers& headers, std::string_view name) {
    std::vector<std::string> members;
    for (auto line : headers.all(name)) {
        while (!line.empty()) {
            const auto end = std::min(line.find(','), line.size());
            const auto member = trimmed(line.substr(0, end));
            line.remove_prefix(std::min(end + 1, line.size()));
            if (!member.empty()) members.push_back(lower_case(member));
        }
    }
    return members;
}

Result<void> derive_request_framing(RequestHead& head) {
    SP_CHECK(check_host(head));
    SP_TRY(head.framing, framing_of(head.headers, head.version, {}));

    const auto expectations = list_members(head.headers, "Expect");
    if (!expectations.empty() && (expectations.size() > 1 || expectations[0] != "100-continue")) {
        return refuse(Refusal::invalid, "http.expectation_unknown");
    }
    const bool has_body = head.framing.kind == Framing::chunked || head.framing.size > 0;
    head.expects_continue = !expectations.empty() && head.version >= 11 && has_body;

    const auto connection = list_members(head.headers, "Connection");
    head.keep_alive = allows_keep_alive(connection, head.version);
    head.upgrade = contains(connection, "upgrade") && head.headers.has("Upgrade") &&
                   head.version >= 11 && !has_body;
    return {};
}

Result<void> derive_response_framing(ResponseHead& head, std::string_view method) {
    const Framing until_close{Framing::until_close, 0};
    SP_TRY(head.framing, framing_of(head.headers, head.version, until_close));
    if (!status_has_body(head.status) || (method == "CONNECT" && head.status / 100 == 2)) {
        head.framing = {};
    }
    const auto connection = list_members(head.headers, "Connection");
    head.keep_alive = allows_keep_alive(connection, head.version);
    if (head.framing.kind == Framing::until_close && method != "HEAD") head.keep_alive = false;
    return {};
}

}  // namespace sallyport::http
