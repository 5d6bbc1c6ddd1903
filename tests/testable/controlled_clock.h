#pragma once
// The clock of sallyport-testable: the system's, moved by whoever holds the control socket. Not
// linked into the shipped binary; tests/e2e proves that.

#include "base/core/time.h"

#include <atomic>
#include <string>
#include <thread>

namespace sallyport::test {

class ControlledClock final : public Clock {
public:
    // Listens on a UNIX socket at `path` (0600). A line is a command, answered "ok" or "no":
    //   advance MICROSECONDS   both clocks go on, as when time passes
    //   step MICROSECONDS      the wall clock alone is set; may be negative
    // It begins `advanced` ahead of the system's, so that a restart need not set it back.
    explicit ControlledClock(const std::string& path, Duration advanced = Duration(0));
    ~ControlledClock() override;
    ControlledClock(const ControlledClock&) = delete;
    ControlledClock& operator=(const ControlledClock&) = delete;
    ControlledClock(ControlledClock&&) = delete;
    ControlledClock& operator=(ControlledClock&&) = delete;

    [[nodiscard]] Time now() const override;
    [[nodiscard]] Duration monotonic() const override;

private:
    void serve();
    [[nodiscard]] bool obey(const std::string& line);

    SystemClock system_;
    std::atomic<std::int64_t> advanced_{0};
    std::atomic<std::int64_t> stepped_{0};
    std::string path_;
    int listener_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace sallyport::test
