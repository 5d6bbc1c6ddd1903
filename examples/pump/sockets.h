#pragma once
// The few socket calls that the pump needs.

#include <cstdint>
#include <string>
#include <string_view>

namespace pump {

// Throws std::system_error.
[[nodiscard]] int listen_on(const std::string& address, std::uint16_t port);
[[nodiscard]] std::uint16_t local_port(int socket);
[[nodiscard]] std::string local_address(int socket);  // "127.0.0.1:8080"
// False if the peer went away.
[[nodiscard]] bool send_all(int socket, std::string_view bytes);

}  // namespace pump
