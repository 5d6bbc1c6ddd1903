#include "edge/gateway/http/one_answer_device.h"

#include "examples/pump/sockets.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace sallyport::gateway::test_gate {

OneAnswerDevice::OneAnswerDevice(Answer answer)
    : answer_(std::move(answer)),
      listener_(pump::listen_on("127.0.0.1", 0)),
      thread_([this] { serve(); }) {}

OneAnswerDevice::~OneAnswerDevice() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
}

std::uint16_t OneAnswerDevice::port() const {
    return pump::local_port(listener_);
}

std::string OneAnswerDevice::received() const {
    const std::lock_guard lock(mutex_);
    return received_;
}

void OneAnswerDevice::serve() {
    for (;;) {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) return;
        answer_one(socket);
        ::close(socket);
    }
}

void OneAnswerDevice::answer_one(int socket) {
    std::string buffer;
    std::array<char, 4096> piece;
    pump::HttpParse parsed;
    while (!parsed.done && parsed.error == 0) {
        const auto size = ::recv(socket, piece.data(), piece.size(), 0);
        if (size <= 0) return;
        buffer.append(piece.data(), static_cast<std::size_t>(size));
        parsed = pump::parse_http(buffer);
    }
    {
        const std::lock_guard lock(mutex_);
        received_ += buffer;
    }
    if (parsed.done) (void)pump::send_all(socket, answer_(*parsed.done));
}

}  // namespace sallyport::gateway::test_gate
