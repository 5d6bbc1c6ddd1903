// pump: a simulated infusion pump of archetype 2 (network-connected, one service password, no log,
// no TLS). It is an example to stand behind Sallyport, not a medical device, and pumps nothing.

#include "examples/pump/device.h"

#include <charconv>
#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

namespace {

constexpr auto help = R"(usage: pump [options]
  --bind ADDRESS        address to listen on (127.0.0.1)
  --http-port PORT      web page and JSON (8080; 0: any free one)
  --hl7-port PORT       HL7 v2 over MLLP (2575)
  --control-port PORT   line commands for tests, loopback only (off)
  --serial TEXT         its serial number (SN-0007)
  --byte-log FILE       append every received byte to FILE before looking at it
  --state FILE          keep the infusion's parameters across restarts
  --comm-restart MS     how long HL7 stays away after its 32 KiB buffer ran over (10000; 0: for good)
  --trouble NAME        none hang garbage half slow drop endless smuggle leftover
)";

std::optional<unsigned> number(std::string_view text, unsigned most) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value > most) {
        return std::nullopt;
    }
    return value;
}

// False: the option or its value is not understood.
bool read_option(pump::Options& options, std::string_view name, std::string_view value) {
    if (name == "--bind") return options.bind = value, true;
    if (name == "--serial") return options.serial = value, true;
    if (name == "--byte-log") return options.byte_log = value, true;
    if (name == "--state") return options.state_file = value, true;
    if (name == "--trouble") {
        const auto wanted = pump::trouble(value);
        if (wanted) options.trouble = *wanted;
        return wanted.has_value();
    }
    if (name == "--comm-restart") {
        const auto ms = number(value, 3'600'000);
        if (ms) options.comm_restart = std::chrono::milliseconds(*ms);
        return ms.has_value();
    }
    const auto port = number(value, 65535);
    if (!port) return false;
    const auto narrow = static_cast<std::uint16_t>(*port);
    if (name == "--http-port") return options.http_port = narrow, true;
    if (name == "--hl7-port") return options.hl7_port = narrow, true;
    if (name == "--control-port") return options.control_port = narrow, true;
    return false;
}

int run(const pump::Options& options) {
    // Blocked before any thread starts, so that sigwait alone takes them.
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    (void)std::signal(SIGPIPE, SIG_IGN);

    const pump::Device device(options);
    (void)std::printf(
        "pump: http %s:%u hl7 %s:%u control %u\n",
        options.bind.c_str(),
        static_cast<unsigned>(device.http_port()),
        options.bind.c_str(),
        static_cast<unsigned>(device.hl7_port()),
        static_cast<unsigned>(device.control_port())
    );
    (void)std::fflush(stdout);
    int signal = 0;
    sigwait(&ends, &signal);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    pump::Options options;
    for (int i = 1; i < argc; i += 2) {
        const std::string_view name = argv[i];
        if (name == "--help") {
            (void)std::fputs(help, stdout);
            return 0;
        }
        if (i + 1 >= argc || !read_option(options, name, argv[i + 1])) {
            (void)std::fprintf(stderr, "pump: not understood: %s\n%s", argv[i], help);
            return 2;
        }
    }
    try {
        return run(options);
    } catch (const std::exception& error) {
        (void)std::fprintf(stderr, "pump: %s\n", error.what());
        return 1;
    }
}
