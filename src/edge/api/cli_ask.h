#pragma once
// What `sallyport login` asks a browser for, in the address that it prints and in the form that
// confirms it: on which port of this computer it listens, the challenge of its verifier (RFC 7636
// §4.3), and the state by which it knows its own request again.

#include "base/core/result.h"
#include "domain/session/session.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace sallyport::api {

// Ports below are other programs' than a person's.
inline constexpr std::uint16_t cli_port_min = 1024;
inline constexpr std::uint16_t cli_port_max = 65535;
inline constexpr std::size_t cli_word_size = 43;  // base64url of 32 bytes, as are all of these

struct CliAsk {
    std::uint16_t port;
    session::TokenDigest challenge;
    std::string state;

    friend bool operator==(const CliAsk&, const CliAsk&) = default;
};

// Refuses invalid "cli_sign_in.malformed".
[[nodiscard]] Result<CliAsk> parse_cli_ask(
    std::string_view port, std::string_view challenge, std::string_view state
);

// Where the browser takes the code to: always the literal 127.0.0.1 (RFC 8252 §8.3), whose name
// nobody can point elsewhere.
[[nodiscard]] std::string cli_return_address(const CliAsk& ask, std::string_view code);

}  // namespace sallyport::api
