#include "apps/sallyport/import_progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <iostream>

namespace sallyport::cli {

namespace {

constexpr std::array<int, 3> stopping_signals{SIGINT, SIGTERM, SIGHUP};

// All that a signal's handler may touch.
std::atomic<bool> stop_asked{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void ask_to_stop(int /*signal*/) {
    stop_asked.store(true);
}

}  // namespace

ImportProgress::ImportProgress(std::uint64_t size, const Clock& clock)
    : size_(size), clock_(clock), at_terminal_(::isatty(STDERR_FILENO) == 1) {
    stop_asked.store(false);
    for (const int signal : stopping_signals) {
        (void)std::signal(signal, ask_to_stop);
    }
}

ImportProgress::~ImportProgress() {
    for (const int signal : stopping_signals) {
        (void)std::signal(signal, SIG_DFL);
    }
}

bool ImportProgress::go_on(const authn::BreachProgress& so_far) {
    const auto now = clock_.monotonic();
    const auto tenths = so_far.bytes * 10 / std::max<std::uint64_t>(size_, 1);
    const bool due =
        at_terminal_ ? now - said_at_ >= std::chrono::seconds(1) : tenths > tenths_said_;
    if (due) {
        said_at_ = now;
        tenths_said_ = tenths;
        say(so_far);
    }
    return !stop_asked.load();
}

void ImportProgress::end() {
    if (at_terminal_) std::cerr << '\n';
}

void ImportProgress::say(const authn::BreachProgress& so_far) {
    const auto percent = so_far.bytes * 100 / std::max<std::uint64_t>(size_, 1);
    const auto text = fmt::format("{:3} %  {} lines", percent, so_far.lines);
    if (at_terminal_) {
        std::cerr << '\r' << text << std::flush;
    } else {
        std::cerr << text << '\n';
    }
}

}  // namespace sallyport::cli
