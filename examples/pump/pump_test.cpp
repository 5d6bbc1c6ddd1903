#include "examples/pump/device.h"
#include "examples/pump/hl7.h"
#include "examples/pump/http_parse.h"
#include "examples/pump/infusion.h"
#include "examples/pump/service_password.h"
#include "examples/pump/sockets.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace pump {

namespace {

class Client {
public:
    explicit Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_port = htons(port);
        name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
    }

    ~Client() { ::close(socket_); }

    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    Client(Client&&) = delete;
    Client& operator=(Client&&) = delete;

    [[nodiscard]] bool connected() const { return connected_; }

    void send(std::string_view bytes) { (void)send_all(socket_, bytes); }

    // Until `mark` was seen or the pump closed.
    std::string read_until(std::string_view mark) {
        std::string out;
        std::array<char, 4096> piece;
        while (!out.contains(mark)) {
            const auto size = ::recv(socket_, piece.data(), piece.size(), 0);
            if (size <= 0) break;
            out.append(piece.data(), static_cast<std::size_t>(size));
        }
        return out;
    }

    std::string read_to_end() { return read_until(std::string_view("\0never\0", 7)); }

private:
    int socket_;
    bool connected_ = false;
};

Options on_free_ports() {
    Options options;
    options.http_port = 0;
    options.hl7_port = 0;
    return options;
}

std::string credentials() {
    return "Authorization: Basic " +
           base64(std::string(service_user) + ":" + std::string(service_password)) + "\r\n";
}

std::string ask(const Device& device, const std::string& request) {
    Client client(device.http_port());
    client.send(request);
    return client.read_to_end();
}

std::string get(const Device& device, const std::string& path, const std::string& headers) {
    return ask(
        device,
        "GET " + path + " HTTP/1.1\r\nHost: pump\r\nConnection: close\r\n" + headers + "\r\n"
    );
}

std::string post(const Device& device, const std::string& path, const std::string& body) {
    return ask(
        device,
        "POST " + path + " HTTP/1.1\r\nHost: pump\r\nConnection: close\r\nContent-Length: " +
            std::to_string(body.size()) + "\r\n" + credentials() + "\r\n" + body
    );
}

}  // namespace

TEST_CASE("L-49: /status is open, everything else asks for the one service password") {
    const Device device(on_free_ports());
    CHECK(get(device, "/status", "").starts_with("HTTP/1.1 200 OK"));
    for (const auto* path : {"/", "/panel", "/infusion", "/service-mode", "/firmware", "/debug"}) {
        CAPTURE(path);
        const auto without = get(device, path, "");
        CHECK(without.starts_with("HTTP/1.1 401"));
        CHECK(without.contains("WWW-Authenticate: Basic"));
        CHECK_FALSE(get(device, path, credentials()).starts_with("HTTP/1.1 401"));
    }
}

TEST_CASE("L-49: infusion parameters and running state are read and changed") {
    Device device(on_free_ports());
    CHECK(post(device, "/infusion", "rate_ml_h=120.5&vtbi_ml=250&action=start")
              .contains("\"rate_ml_h\":120.50,\"vtbi_ml\":250.00"));
    CHECK(device.infusion().running());
    CHECK(post(device, "/infusion", "rate_ml_h=9000").starts_with("HTTP/1.1 400"));
    CHECK(device.infusion().rate_ml_h() == doctest::Approx(120.5));
    CHECK(post(device, "/infusion", "action=stop").contains("\"running\":false"));
}

TEST_CASE("L-49: service mode locks the motor until it is left") {
    Device device(on_free_ports());
    CHECK(post(device, "/service-mode", "action=enter").contains("\"service_mode\":true"));
    CHECK(post(device, "/infusion", "action=start").starts_with("HTTP/1.1 400"));
    CHECK(post(device, "/service-mode", "action=leave").contains("\"service_mode\":false"));
    CHECK(post(device, "/infusion", "action=start").contains("\"running\":true"));
}

TEST_CASE("L-49: firmware is taken without a check, beyond 32 KiB too") {
    Device device(on_free_ports());
    const auto image = "evil v6.6.6\n" + std::string(200'000, '\xff');
    CHECK(post(device, "/firmware", image).starts_with("HTTP/1.1 200"));
    CHECK(device.infusion().firmware() == "evil v6.6.6");
    CHECK(device.infusion().firmware_bytes() == image.size());
    CHECK(post(device, "/infusion", std::string(33'000, 'x')).starts_with("HTTP/1.1 413"));
}

// A whole HL7 message of so many bytes in its frame, as the buffer counts them.
std::string framed_message(std::size_t bytes) {
    const std::string head = "\x0bMSH|^~\\&|A|B|C|D|20260101||ADT^A01|MSG-17|P|2.3\rNTE|";
    const std::string tail = "\x1c\r";
    return head + std::string(bytes - head.size() - tail.size(), 'x') + tail;
}

TEST_CASE("L-49: it listens on 8080 and 2575 unless told otherwise, and takes 32 KiB") {
    CHECK(Options{}.http_port == 8080);
    CHECK(Options{}.hl7_port == 2575);
    CHECK(MllpBuffer::bytes_max == 32'768);
    CHECK(message_bytes_max == 32'768);
}

TEST_CASE("L-49: a body of 32 KiB is taken, a larger one is not") {
    Device device(on_free_ports());
    const auto padded = [](std::size_t bytes) {
        std::string body = "rate_ml_h=21&note=";
        return body + std::string(bytes - body.size(), 'x');
    };
    CHECK(post(device, "/infusion", padded(32'768)).starts_with("HTTP/1.1 200"));
    CHECK(device.infusion().rate_ml_h() == doctest::Approx(21));
    CHECK(post(device, "/infusion", padded(32'769)).starts_with("HTTP/1.1 413"));
    CHECK(post(device, "/infusion", padded(33'000)).starts_with("HTTP/1.1 413"));
}

TEST_CASE("L-49: HL7 is acknowledged up to 32 KiB, and the listener falls over above") {
    auto options = on_free_ports();
    options.comm_restart = std::chrono::milliseconds(0);
    const Device device(options);
    Client client(device.hl7_port());
    client.send("\x0bMSH|^~\\&|A|B|C|D|20260101||ADT^A01|MSG-17|P|2.3\rPID|1\r\x1c\r");
    CHECK(client.read_until("\x1c").contains("MSA|AA|MSG-17"));
    client.send(framed_message(MllpBuffer::bytes_max));
    CHECK(client.read_until("\x1c").contains("MSA|AA|MSG-17"));
    CHECK(device.hl7_alive());

    client.send(framed_message(MllpBuffer::bytes_max + 1));
    CHECK(client.read_to_end().find("MSA|") == std::string::npos);
    CHECK_FALSE(device.hl7_alive());
    CHECK(get(device, "/status", "").contains("\"hl7\":\"down\",\"comm_restarts\":1"));
}

TEST_CASE("the pump has the habits of its age") {
    const Device device(on_free_ports());
    const auto address = "127.0.0.1:" + std::to_string(device.http_port());
    CHECK(get(device, "/", credentials()).contains("Location: http://" + address + "/panel"));
    CHECK(get(device, "/log", credentials()).contains("Transfer-Encoding: chunked"));
    const auto manual = get(device, "/manual", credentials());
    CHECK(manual.starts_with("HTTP/1.0 200"));
    CHECK_FALSE(manual.contains("Content-Length"));
    CHECK(get(device, "/panel", credentials()).contains("Set-Cookie: EMPSESSION=4711; Path=/\r\n"));
    CHECK(get(device, "/debug", credentials()).contains(credentials().substr(0, 40)));
}

TEST_CASE("the console speaks its own bytes after the upgrade") {
    Device device(on_free_ports());
    Client client(device.http_port());
    client.send(
        "GET /console HTTP/1.1\r\nHost: pump\r\nConnection: Upgrade\r\nUpgrade: emp-console\r\n" +
        credentials() + "\r\n"
    );
    CHECK(client.read_until("> ").starts_with("HTTP/1.1 101"));
    client.send("rate 42\nquit\n");
    CHECK(client.read_to_end() == "ok\r\n> bye\r\n");
    CHECK(device.infusion().rate_ml_h() == doctest::Approx(42));
}

TEST_CASE("L-49: the byte log holds every received byte, before it is answered") {
    const auto path =
        std::filesystem::temp_directory_path() / ("pump_byte_log." + std::to_string(::getpid()));
    const std::string request = "GET /status HTTP/1.1\r\nHost: pump\r\nConnection: close\r\n\r\n";
    {
        auto options = on_free_ports();
        options.byte_log = path.string();
        const Device device(options);
        (void)ask(device, request);
        std::ifstream file(path);
        const std::string log((std::istreambuf_iterator<char>(file)), {});
        CHECK(log.ends_with(" http 1 " + std::to_string(request.size()) + "\n" + request + "\n"));
    }
    std::filesystem::remove(path);
}

TEST_CASE("the motor stops at the volume to be infused") {
    Infusion infusion;
    CHECK(infusion.set_rate(3600).empty() == false);
    CHECK(infusion.set_rate(1200).empty());
    CHECK(infusion.set_vtbi(10).empty());
    CHECK(infusion.start().empty());
    infusion.advance(15);
    CHECK(infusion.infused_ml() == doctest::Approx(5));
    infusion.advance(60);
    CHECK(infusion.infused_ml() == doctest::Approx(10));
    CHECK_FALSE(infusion.running());
}

TEST_CASE("troubles are switched at the control port") {
    auto options = on_free_ports();
    options.control_port = 0;
    const Device device(options);
    Client control(device.control_port());
    control.send("trouble drop\n");
    CHECK(control.read_until("\n") == "ok\n");
    CHECK(get(device, "/status", "").empty());
    control.send("trouble garbage\n");
    CHECK(control.read_until("\n") == "ok\n");
    CHECK_FALSE(get(device, "/status", "").starts_with("HTTP"));
    control.send("trouble none\n");
    CHECK(control.read_until("\n") == "ok\n");
    CHECK(get(device, "/status", "").starts_with("HTTP/1.1 200"));
}

}  // namespace pump
