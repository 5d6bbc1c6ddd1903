#include "examples/pump/device.h"

#include "examples/pump/hl7.h"
#include "examples/pump/http_parse.h"
#include "examples/pump/sockets.h"
#include "examples/pump/web.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace pump {

namespace {

constexpr std::array<std::pair<std::string_view, Trouble>, 9> troubles{{
    {"none", Trouble::none},
    {"hang", Trouble::hang},
    {"garbage", Trouble::garbage},
    {"half", Trouble::half},
    {"slow", Trouble::slow},
    {"drop", Trouble::drop},
    {"endless", Trouble::endless},
    {"smuggle", Trouble::smuggle},
    {"leftover", Trouble::leftover},
}};

HttpAnswer refusal(int status) {
    HttpAnswer result;
    result.status = status;
    result.headers.emplace_back("Content-Type", "text/plain");
    result.body = "the request was not understood\n";
    return result;
}

}  // namespace

std::optional<Trouble> trouble(std::string_view name) {
    for (const auto& [text, value] : troubles) {
        if (text == name) return value;
    }
    return std::nullopt;
}

Device::Device(const Options& options)
    : options_(options),
      started_(std::chrono::steady_clock::now()),
      byte_log_(options.byte_log),
      trouble_(options.trouble) {
    if (!options_.state_file.empty()) {
        std::ifstream file(options_.state_file);
        const std::string state((std::istreambuf_iterator<char>(file)), {});
        infusion_.read_state(state);
    }
    if (::pipe2(stop_pipe_, O_CLOEXEC) != 0) {
        throw std::system_error(errno, std::generic_category(), "pipe");
    }
    http_.socket = listen_on(options_.bind, options_.http_port);
    hl7_.socket = listen_on(options_.bind, options_.hl7_port);
    http_port_ = local_port(http_.socket);
    hl7_port_ = local_port(hl7_.socket);
    if (options_.control_port) {
        control_.socket = listen_on("127.0.0.1", *options_.control_port);
        control_port_ = local_port(control_.socket);
        control_thread_ = std::thread([this] { accept_loop(control_); });
    }
    http_thread_ = std::thread([this] { accept_loop(http_); });
    hl7_thread_ = std::thread([this] { accept_loop(hl7_); });
}

Device::~Device() {
    stopping_ = true;
    (void)::write(stop_pipe_[1], "x", 1);
    for (auto* thread : {&http_thread_, &hl7_thread_, &control_thread_}) {
        if (thread->joinable()) thread->join();
    }
    std::unique_lock lock(mutex_);
    for (const auto& [socket, listener] : sockets_) {
        ::shutdown(socket, SHUT_RDWR);
    }
    connection_ended_.wait(lock, [this] { return threads_ == 0; });
    for (const int socket :
         {http_.socket, hl7_.socket, control_.socket, stop_pipe_[0], stop_pipe_[1]}) {
        if (socket >= 0) ::close(socket);
    }
}

Infusion Device::infusion() {
    const std::lock_guard lock(mutex_);
    infusion_.advance(uptime());
    return infusion_;
}

Uptime Device::uptime() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
}

void Device::accept_loop(Listener& listener) {
    const bool is_hl7 = &listener == &hl7_;
    while (!stopping_) {
        if (is_hl7) revive_when_due();
        const bool listens = listener.socket >= 0;
        std::array<pollfd, 2> waiting{
            pollfd{stop_pipe_[0], POLLIN, 0}, pollfd{listener.socket, POLLIN, 0}
        };
        (void)::poll(waiting.data(), listens ? 2 : 1, is_hl7 ? 50 : -1);
        if (stopping_) return;
        if (is_hl7 && !hl7_alive_ && listens) {
            ::close(std::exchange(listener.socket, -1));  // its port answers nobody any more
            continue;
        }
        if (!listens || (waiting[1].revents & POLLIN) == 0) continue;
        const int socket = ::accept4(listener.socket, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket >= 0) start_connection(listener, socket);
    }
}

void Device::revive_when_due() {
    const auto due = revive_at_ms_.load();
    if (due == 0 || uptime() * 1000 < static_cast<double>(due)) return;
    if (hl7_.socket < 0) hl7_.socket = listen_on(options_.bind, hl7_port_);
    revive_at_ms_ = 0;
    hl7_alive_ = true;
}

void Device::start_connection(Listener& listener, int socket) {
    const std::lock_guard lock(mutex_);
    if (listener.open == connections_max) {
        ::close(socket);
        return;
    }
    ++listener.open;
    ++threads_;
    const auto number = ++numbered_;
    sockets_.emplace(socket, &listener);
    if (&listener == &http_) ++http_connections_;
    std::thread([this, &listener, socket, number] {
        try {
            (this->*listener.serve)(socket, number);
        } catch (const std::exception& error) {
            (void)std::fprintf(stderr, "pump: %s\n", error.what());
        }
        const std::lock_guard ending(mutex_);
        sockets_.erase(socket);
        ::close(socket);
        --listener.open;
        --threads_;
        connection_ended_.notify_all();
    }).detach();
}

bool Device::receive(
    int socket, std::string_view listener, std::uint64_t number, std::string& into
) {
    std::array<char, 16384> piece{};
    const auto size = ::recv(socket, piece.data(), piece.size(), 0);
    if (size <= 0) return false;
    const std::string_view bytes(piece.data(), static_cast<std::size_t>(size));
    byte_log_.received(listener, number, bytes);
    bytes_received_ += bytes.size();
    into.append(bytes);
    return true;
}

void Device::serve_http(int socket, std::uint64_t number) {
    std::string buffer;
    do {
        while (!buffer.empty()) {
            const auto before = buffer.size();
            if (!serve_buffered(socket, buffer, number)) return;
            if (buffer.size() == before) break;  // the rest of it is still to come
        }
    } while (receive(socket, "http", number, buffer));
}

// Answers the request at the front of the buffer, if it is whole. False: the connection ends.
bool Device::serve_buffered(int socket, std::string& buffer, std::uint64_t number) {
    const auto parsed = parse_http(buffer);
    if (parsed.error != 0) {
        (void)send_all(socket, to_wire(refusal(parsed.error), false, false));
        return false;
    }
    if (!parsed.done) return true;
    buffer.erase(0, parsed.used);
    const auto& request = *parsed.done;

    HttpAnswer result;
    {
        const std::lock_guard lock(mutex_);
        infusion_.advance(uptime());
        const Surroundings around{
            local_address(socket), hl7_alive_, comm_restarts_, options_.serial
        };
        result = answer(request, infusion_, around);
        if (request.method == "POST") save_state(infusion_);
    }
    const bool keep = request.keep_alive() && result.framing != Framing::until_close;
    const auto wire = to_wire(result, request.method == "HEAD", keep);
    if (const auto mode = trouble_.load(); mode != Trouble::none) {
        return misbehave(socket, mode, wire) && keep;
    }
    if (!send_all(socket, wire)) return false;
    if (result.console) {
        serve_console(socket, number);
        return false;
    }
    return keep;
}

bool Device::misbehave(int socket, Trouble trouble, const std::string& wire) {
    switch (trouble) {
        case Trouble::hang:
            wait_for_end(socket);
            return false;
        case Trouble::garbage:
            (void
            )send_all(socket, std::string("\x7f\x45\x4c\x46\x00\xff not HTTP at all\r\n\r\n", 26));
            return false;
        case Trouble::half:
            (void
            )send_all(socket, std::string_view(wire).substr(0, wire.size() - wire.size() / 8 - 1));
            ::shutdown(socket, SHUT_WR);
            wait_for_end(socket);
            return false;
        case Trouble::slow:
            for (const char c : wire) {
                if (stopping_ || !send_all(socket, std::string_view(&c, 1))) return false;
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
            }
            return true;
        case Trouble::endless:
            (void)send_all(socket, "HTTP/1.1 200 OK\r\n");
            while (!stopping_ && send_all(socket, "X-Filler: " + std::string(1000, 'f') + "\r\n")) {
            }
            return false;
        case Trouble::smuggle:
            (void)send_all(
                socket,
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: "
                "chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
            );
            return false;
        case Trouble::leftover:
            return send_all(socket, wire + "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nextra");
        case Trouble::drop:
        case Trouble::none:
            return false;
    }
    return false;
}

void Device::wait_for_end(int socket) {
    std::string ignored;
    while (receive(socket, "http", 0, ignored)) {
        ignored.clear();
    }
}

void Device::serve_console(int socket, std::uint64_t number) {
    std::string typed;
    if (!send_all(socket, "EMP-3200 console\r\n> ")) return;
    while (receive(socket, "http", number, typed)) {
        for (auto end = typed.find('\n'); end != std::string::npos; end = typed.find('\n')) {
            auto line = typed.substr(0, end);
            typed.erase(0, end + 1);
            if (line.ends_with('\r')) line.pop_back();
            std::string says;
            {
                const std::lock_guard lock(mutex_);
                infusion_.advance(uptime());
                says = console_line(line, infusion_);
            }
            if (line == "quit") {
                (void)send_all(socket, says);
                return;
            }
            if (!send_all(socket, says + "> ")) return;
        }
        if (typed.size() > message_bytes_max) return;
    }
}

void Device::serve_hl7(int socket, std::uint64_t number) {
    MllpBuffer buffer;
    std::string bytes;
    while (receive(socket, "hl7", number, bytes)) {
        if (!buffer.feed(bytes)) {
            fall_over("HL7 buffer overrun");
            return;
        }
        bytes.clear();
        while (const auto message = buffer.next()) {
            {
                const std::lock_guard lock(mutex_);
                infusion_.advance(uptime());
                infusion_.note("HL7 " + message_type(*message));
            }
            if (!send_all(socket, acknowledge(*message))) return;
        }
    }
}

void Device::fall_over(const std::string& why) {
    const std::lock_guard lock(mutex_);
    hl7_alive_ = false;
    ++comm_restarts_;
    infusion_.advance(uptime());
    infusion_.note("communications restarted: " + why);
    if (options_.comm_restart.count() > 0) {
        const std::chrono::duration<double, std::milli> at(uptime() * 1000);
        revive_at_ms_ = static_cast<std::int64_t>((at + options_.comm_restart).count()) + 1;
    }
    for (const auto& [socket, listener] : sockets_) {
        if (listener != &control_) ::shutdown(socket, SHUT_RDWR);
    }
}

void Device::serve_control(int socket, std::uint64_t /*number*/) {
    std::string typed;
    std::array<char, 512> piece{};
    for (;;) {
        const auto size = ::recv(socket, piece.data(), piece.size(), 0);
        if (size <= 0) return;
        typed.append(piece.data(), static_cast<std::size_t>(size));
        for (auto end = typed.find('\n'); end != std::string::npos; end = typed.find('\n')) {
            if (!send_all(socket, control_line(typed.substr(0, end)) + "\n")) return;
            typed.erase(0, end + 1);
        }
    }
}

std::string Device::control_line(std::string_view line) {
    if (line == "bytes") return std::to_string(bytes_received_);
    if (line == "connections") return std::to_string(http_connections_);
    if (line == "state") return infusion().to_json();
    if (line.starts_with("trouble ")) {
        if (const auto wanted = trouble(line.substr(8))) {
            trouble_ = *wanted;
            return "ok";
        }
    }
    return "commands: trouble NAME | state | bytes | connections";
}

void Device::save_state(const Infusion& infusion) {
    if (options_.state_file.empty()) return;
    std::ofstream(options_.state_file, std::ios::trunc) << infusion.to_state();
}

}  // namespace pump
