#include "tests/testable/controlled_clock.h"

#include "base/core/fault.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstring>
#include <string_view>

namespace sallyport::test {

namespace {

constexpr int poll_milliseconds = 100;

}  // namespace

ControlledClock::ControlledClock(const std::string& path, Duration advanced)
    : advanced_(advanced.count()),
      path_(path),
      listener_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) throw Fault("clock socket: path too long");
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    unlink(path.c_str());
    const auto before = umask(S_IRWXG | S_IRWXO);
    const bool listening =
        listener_ >= 0 &&
        bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        listen(listener_, 4) == 0;
    umask(before);
    if (!listening) throw Fault("clock socket " + path + ": " + std::strerror(errno));
    // The server's threads leave signals to the one that waits for them; this one begins before the
    // server has said so, and a SIGTERM that reached it would end the process.
    sigset_t all;
    sigset_t mask;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &mask);
    thread_ = std::thread([this] { serve(); });
    pthread_sigmask(SIG_SETMASK, &mask, nullptr);
}

ControlledClock::~ControlledClock() {
    stopping_ = true;
    thread_.join();
    close(listener_);
    unlink(path_.c_str());
}

Time ControlledClock::now() const {
    return system_.now() + Duration(advanced_.load() + stepped_.load());
}

Duration ControlledClock::monotonic() const {
    return system_.monotonic() + Duration(advanced_.load());
}

void ControlledClock::serve() {
    while (!stopping_) {
        pollfd waiting{listener_, POLLIN, 0};
        if (poll(&waiting, 1, poll_milliseconds) <= 0) continue;
        const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) continue;
        std::string line;
        char byte = 0;
        while (!stopping_ && read(client, &byte, 1) == 1) {
            if (byte != '\n') {
                line += byte;
                continue;
            }
            const std::string_view answer = obey(line) ? "ok\n" : "no\n";
            line.clear();
            if (write(client, answer.data(), answer.size()) < 0) break;
        }
        close(client);
    }
}

bool ControlledClock::obey(const std::string& line) {
    const auto space = line.find(' ');
    if (space == std::string::npos) return false;
    std::int64_t micros = 0;
    const auto* const end = line.data() + line.size();
    const auto [rest, error] = std::from_chars(line.data() + space + 1, end, micros);
    if (error != std::errc() || rest != end) return false;
    const auto command = std::string_view(line).substr(0, space);
    if (command == "advance" && micros >= 0) {
        advanced_ += micros;
        return true;
    }
    if (command == "step") {
        stepped_ += micros;
        return true;
    }
    return false;
}

}  // namespace sallyport::test
