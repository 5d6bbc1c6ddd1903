#pragma once
// What the pump's web server says: a function of the request and of the pump's state. No socket.

#include "examples/pump/http_parse.h"
#include "examples/pump/infusion.h"

#include <string>
#include <utility>
#include <vector>

namespace pump {

enum class Framing : std::uint8_t {
    length,       // Content-Length
    chunked,      // in several chunks
    until_close,  // HTTP/1.0, no length, the end of the connection is the end of the answer
};

struct HttpAnswer {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    Framing framing = Framing::length;
    bool console = false;  // 101: from here on the console's bytes
};

struct Surroundings {
    std::string own_address;  // "10.0.0.7:8080", as the socket says; used in redirects
    bool hl7_alive = true;
    int comm_restarts = 0;
    std::string serial = "SN-0007";
};

// Changes `infusion` where the request asks for it.
[[nodiscard]] HttpAnswer answer(
    const HttpRequest& request, Infusion& infusion, const Surroundings& around
);

// One line typed at the console, and what it prints. "quit" prints "bye".
[[nodiscard]] std::string console_line(std::string_view line, Infusion& infusion);

// The answer as bytes on the wire.
[[nodiscard]] std::string to_wire(const HttpAnswer& answer, bool head_only, bool keep_alive);

}  // namespace pump
