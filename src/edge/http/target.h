#pragma once
// What a request line and a Host field name. Pure functions over bytes from outside.
// RFC 9112 §3.2 (request target), RFC 3986 (escapes, dot segments).

#include "base/core/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::http {

inline constexpr std::size_t target_size_max = std::size_t{8} * 1024;
inline constexpr std::size_t host_size_max = 253;

struct Authority {
    std::string host;  // lower case; an IPv6 literal keeps its brackets
    std::optional<std::uint16_t> port;

    friend bool operator==(const Authority&, const Authority&) = default;
};

// host[:port] as in Host. No user part, no trailing dot, no empty host. Refuses invalid
// "http.host_malformed".
[[nodiscard]] Result<Authority> parse_authority(std::string_view text);

struct Target {
    std::string path;                    // decoded once, no dot segments, no "//", begins with '/'
    std::string query;                   // raw, without '?'
    std::string text;                    // origin-form: what the path and query were decoded from
    std::optional<Authority> authority;  // given in absolute-form; the caller compares it to Host
};

// origin-form or absolute-form (http, https) only. Refuses invalid "http.target_malformed" for
// anything else: control or non-ASCII bytes, backslashes, fragments, broken escapes, and escapes
// of control bytes, '/' or '\' in the path, which two readers would read in two ways.
[[nodiscard]] Result<Target> parse_target(std::string_view text);

// Undoes percent-encoding once. Refuses invalid "http.escape_malformed".
[[nodiscard]] Result<std::string> percent_decoded(std::string_view text);

}  // namespace sallyport::http
