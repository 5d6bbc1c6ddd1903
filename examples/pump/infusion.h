#pragma once
// What the pump does: a rate, a volume to be infused (VTBI), and whether the motor runs. A function
// of the time that is passed in; no clock, no lock (the device holds one).

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace pump {

// Seconds since the pump was switched on.
using Uptime = double;

class Infusion {
public:
    static constexpr double rate_max_ml_h = 1200;
    static constexpr double vtbi_max_ml = 9999;
    static constexpr std::size_t log_lines_max = 200;

    // Brings the infused volume up to `now`; stops by itself when VTBI is reached.
    void advance(Uptime now);

    // Each returns an empty text, or why the pump's panel refuses it.
    std::string set_rate(double ml_h);
    std::string set_vtbi(double ml);
    std::string start();
    void stop();
    void enter_service_mode();
    void leave_service_mode();
    // Takes whatever it is given. The first line, if it is text, becomes the version.
    void load_firmware(std::string_view image);
    void note(const std::string& what);

    [[nodiscard]] double rate_ml_h() const { return rate_ml_h_; }

    [[nodiscard]] double vtbi_ml() const { return vtbi_ml_; }

    [[nodiscard]] double infused_ml() const { return infused_ml_; }

    [[nodiscard]] bool running() const { return running_; }

    [[nodiscard]] bool service_mode() const { return service_mode_; }

    [[nodiscard]] const std::string& firmware() const { return firmware_; }

    [[nodiscard]] std::size_t firmware_bytes() const { return firmware_bytes_; }

    [[nodiscard]] const std::deque<std::string>& log() const { return log_; }

    // {"rate_ml_h":…,"vtbi_ml":…,"infused_ml":…,"running":…,"service_mode":…,"firmware":"…"}
    [[nodiscard]] std::string to_json() const;

    // "name=value" lines, for --state. Lines that are not understood are passed over.
    [[nodiscard]] std::string to_state() const;
    void read_state(std::string_view state);

private:
    double rate_ml_h_ = 25;
    double vtbi_ml_ = 100;
    double infused_ml_ = 0;
    bool running_ = false;
    bool service_mode_ = false;
    std::string firmware_ = "EMP-3200 v3.2.0 (2009-06-11)";
    std::size_t firmware_bytes_ = 0;
    Uptime at_ = 0;
    std::deque<std::string> log_;
};

[[nodiscard]] std::string json_quoted(std::string_view text);
// A decimal number without sign or exponent, else a negative one.
[[nodiscard]] double parse_amount(std::string_view text);

}  // namespace pump
