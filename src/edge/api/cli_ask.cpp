#include "edge/api/cli_ask.h"

#include "base/core/bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>

namespace sallyport::api {

namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, port);
    if (error != std::errc() || rest != end || text.starts_with('0')) return std::nullopt;
    if (port < cli_port_min) return std::nullopt;
    return port;
}

}  // namespace

Result<CliAsk> parse_cli_ask(
    std::string_view port, std::string_view challenge, std::string_view state
) {
    const auto malformed = [] { return refuse(Refusal::invalid, "cli_sign_in.malformed"); };
    const auto number = parse_port(port);
    if (!number || challenge.size() != cli_word_size || state.size() != cli_word_size) {
        return malformed();
    }
    const auto digest = from_base64url(challenge);
    CliAsk ask{.port = *number, .challenge = {}, .state = std::string(state)};
    if (!digest || digest->size() != ask.challenge.size() || !from_base64url(state)) {
        return malformed();
    }
    std::ranges::copy(*digest, ask.challenge.begin());
    return ask;
}

std::string cli_return_address(const CliAsk& ask, std::string_view code) {
    return fmt::format("http://127.0.0.1:{}/?code={}&state={}", ask.port, code, ask.state);
}

}  // namespace sallyport::api
