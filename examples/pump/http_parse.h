#pragma once
// As much HTTP as the pump's firmware understands: request line, headers, Content-Length bodies.
// Chunked requests are answered with 411, everything odd with 400: a device of its age.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pump {

inline constexpr std::size_t message_bytes_max = 32UL << 10;   // the famous 32 KiB
inline constexpr std::size_t firmware_bytes_max = 64UL << 20;  // POST /firmware alone goes beyond

struct HttpRequest {
    std::string method;
    std::string target;
    std::string path;  // the target up to '?', not decoded
    int version = 11;  // 10 or 11
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    [[nodiscard]] std::string_view header(std::string_view name) const;  // the first, or empty
    [[nodiscard]] bool keep_alive() const;
};

struct HttpParse {
    int error = 0;                    // a status to refuse with, or 0
    std::optional<HttpRequest> done;  // the request, when all of it is there
    std::size_t used = 0;             // bytes of the buffer that it took
};

// Looks at what came so far.
[[nodiscard]] HttpParse parse_http(std::string_view buffer);

[[nodiscard]] bool same_name(std::string_view a, std::string_view b);
// The value of `name` in a urlencoded form or in flat JSON.
[[nodiscard]] std::optional<std::string> field(const HttpRequest& request, std::string_view name);
// True for the one hard-coded user and password.
[[nodiscard]] bool authorised(const HttpRequest& request);
[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace pump
