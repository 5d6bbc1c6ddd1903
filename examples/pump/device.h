#pragma once
// The pump on the network: a web server on TCP/8080, HL7 on TCP/2575, one thread a connection.

#include "examples/pump/byte_log.h"
#include "examples/pump/infusion.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace pump {

// Ways in which a device on an old network goes wrong, for tests of what stands in front of it.
enum class Trouble : std::uint8_t {
    none,
    hang,      // takes the request and never answers
    garbage,   // answers with bytes that are not HTTP
    half,      // sends half of the promised body and closes its writing side
    slow,      // one byte every 20 ms
    drop,      // closes as soon as the request is there
    endless,   // sends a header that never ends
    smuggle,   // an answer with Content-Length and Transfer-Encoding that contradict each other
    leftover,  // sends a second answer that nobody asked for
};

[[nodiscard]] std::optional<Trouble> trouble(std::string_view name);

struct Options {
    std::string bind = "127.0.0.1";
    std::uint16_t http_port = 8080;  // 0: any free one
    std::uint16_t hl7_port = 2575;
    std::optional<std::uint16_t> control_port;  // line commands for tests; loopback only
    std::string serial = "SN-0007";
    std::string byte_log;
    std::string state_file;
    std::chrono::milliseconds comm_restart{10'000};  // how long HL7 stays away; 0: for good
    Trouble trouble = Trouble::none;
};

class Device {
public:
    static constexpr std::size_t connections_max = 16;  // per listener; more are dropped at once

    // Listens when it returns; throws std::system_error if a port is taken.
    explicit Device(const Options& options);
    ~Device();
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;
    Device(Device&&) = delete;
    Device& operator=(Device&&) = delete;

    [[nodiscard]] std::uint16_t http_port() const { return http_port_; }

    [[nodiscard]] std::uint16_t hl7_port() const { return hl7_port_; }

    [[nodiscard]] std::uint16_t control_port() const { return control_port_; }

    void set_trouble(Trouble trouble) { trouble_ = trouble; }

    [[nodiscard]] bool hl7_alive() const { return hl7_alive_; }

    // What came in since the start, whichever listener.
    [[nodiscard]] std::uint64_t bytes_received() const { return bytes_received_; }

    [[nodiscard]] std::uint64_t http_connections() const { return http_connections_; }

    [[nodiscard]] Infusion infusion();

private:
    struct Listener {
        std::string_view name;
        int socket = -1;
        void (Device::*serve)(int, std::uint64_t) = nullptr;
        std::size_t open = 0;  // guarded by mutex_
    };

    void accept_loop(Listener& listener);
    void start_connection(Listener& listener, int socket);
    void serve_http(int socket, std::uint64_t number);
    [[nodiscard]] bool serve_buffered(int socket, std::string& buffer, std::uint64_t number);
    void serve_console(int socket, std::uint64_t number);
    void serve_hl7(int socket, std::uint64_t number);
    void serve_control(int socket, std::uint64_t number);
    [[nodiscard]] std::string control_line(std::string_view line);
    // The communications firmware falls over: every connection is cut, HL7 stays away a while.
    void fall_over(const std::string& why);
    void revive_when_due();

    [[nodiscard]] bool receive(
        int socket, std::string_view listener, std::uint64_t number, std::string& into
    );
    [[nodiscard]] bool misbehave(int socket, Trouble trouble, const std::string& wire);
    void wait_for_end(int socket);
    void save_state(const Infusion& infusion);
    [[nodiscard]] Uptime uptime() const;

    const Options options_;
    const std::chrono::steady_clock::time_point started_;
    ByteLog byte_log_;
    int stop_pipe_[2]{-1, -1};
    Listener http_{"http", -1, &Device::serve_http};
    Listener hl7_{"hl7", -1, &Device::serve_hl7};
    Listener control_{"control", -1, &Device::serve_control};
    std::uint16_t http_port_ = 0;
    std::uint16_t hl7_port_ = 0;
    std::uint16_t control_port_ = 0;

    std::atomic<Trouble> trouble_;
    std::atomic<bool> hl7_alive_{true};
    std::atomic<bool> stopping_{false};
    std::atomic<int> comm_restarts_{0};
    std::atomic<std::uint64_t> bytes_received_{0};
    std::atomic<std::uint64_t> http_connections_{0};
    std::atomic<std::int64_t> revive_at_ms_{0};  // uptime; 0: nothing to revive

    std::mutex mutex_;
    std::condition_variable connection_ended_;
    Infusion infusion_;                       // guarded by mutex_
    std::map<int, const Listener*> sockets_;  // open connections, guarded by mutex_
    std::size_t threads_ = 0;                 // serving threads, guarded by mutex_
    std::uint64_t numbered_ = 0;              // guarded by mutex_

    std::thread http_thread_;
    std::thread hl7_thread_;
    std::thread control_thread_;
};

}  // namespace pump
