#include "examples/pump/sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace pump {

namespace {

sockaddr_in local_name(int socket) {
    sockaddr_in name{};
    socklen_t size = sizeof name;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&name), &size) != 0) {
        throw std::system_error(errno, std::generic_category(), "getsockname");
    }
    return name;
}

}  // namespace

int listen_on(const std::string& address, std::uint16_t port) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    if (::inet_pton(AF_INET, address.c_str(), &name.sin_addr) != 1) {
        throw std::system_error(EINVAL, std::generic_category(), "--bind " + address);
    }
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    const bool listening =
        socket >= 0 && ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
        ::bind(socket, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 &&
        ::listen(socket, 64) == 0;
    if (!listening) {
        const int error = errno;
        if (socket >= 0) ::close(socket);
        throw std::system_error(
            error, std::generic_category(), address + ":" + std::to_string(port)
        );
    }
    return socket;
}

std::uint16_t local_port(int socket) {
    return ntohs(local_name(socket).sin_port);
}

std::string local_address(int socket) {
    const auto name = local_name(socket);
    char text[INET_ADDRSTRLEN] = {};
    (void)::inet_ntop(AF_INET, &name.sin_addr, text, sizeof text);
    return std::string(text) + ':' + std::to_string(ntohs(name.sin_port));
}

bool send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

}  // namespace pump
