#include "apps/sallyport/terminal.h"

#include "base/core/fault.h"

#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <iostream>
#include <span>

namespace sallyport::cli {

namespace {

constexpr std::size_t line_size_max = 4096;

constexpr std::array ending_signals{SIGINT, SIGTERM, SIGQUIT, SIGHUP};

// The terminal as it was before a secret was asked for; what a signal's handler can reach.
termios before_silence{};

// Who presses Ctrl-C at a prompt must not be left with a terminal that shows nothing.
extern "C" void give_echo_back(int signal) {
    tcsetattr(STDIN_FILENO, TCSANOW, &before_silence);
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

// Turns the terminal's echo off for as long as it lives.
class WithoutEcho {
public:
    WithoutEcho() : is_terminal_(tcgetattr(STDIN_FILENO, &before_silence) == 0) {
        if (!is_terminal_) return;
        for (std::size_t i = 0; i < ending_signals.size(); ++i) {
            handlers_[i] = std::signal(ending_signals[i], &give_echo_back);
        }
        auto silent = before_silence;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }

    ~WithoutEcho() {
        if (!is_terminal_) return;
        tcsetattr(STDIN_FILENO, TCSADRAIN, &before_silence);
        for (std::size_t i = 0; i < ending_signals.size(); ++i) {
            std::signal(ending_signals[i], handlers_[i]);
        }
        std::cerr << '\n';
    }

    WithoutEcho(const WithoutEcho&) = delete;
    WithoutEcho& operator=(const WithoutEcho&) = delete;
    WithoutEcho(WithoutEcho&&) = delete;
    WithoutEcho& operator=(WithoutEcho&&) = delete;

private:
    std::array<void (*)(int), ending_signals.size()> handlers_{};
    bool is_terminal_;
};

// Byte by byte, so that nothing of a secret stays behind in a stream's buffer.
std::size_t read_line(std::span<char> into) {
    std::size_t size = 0;
    for (;;) {
        char byte = 0;
        const auto got = read(STDIN_FILENO, &byte, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0 && size == 0) {
            throw Fault(
                "the input ended before the question was answered; run this in a terminal, or give "
                "it a line for each question"
            );
        }
        if (got <= 0 || byte == '\n') return size;
        if (size == into.size()) throw Fault("the line is longer than 4096 bytes");
        into[size++] = byte;
    }
}

}  // namespace

std::string ask(std::string_view question) {
    std::cerr << question << ": " << std::flush;
    std::array<char, line_size_max> line{};
    const auto size = read_line(line);
    return {line.data(), size};
}

crypto::Secret ask_secret(std::string_view question) {
    const WithoutEcho silent;  // first: who types ahead of the question must not be shown either
    std::cerr << question << ": " << std::flush;
    std::array<char, line_size_max> line{};
    const auto size = read_line(line);
    return crypto::Secret::take(std::as_writable_bytes(std::span(line).first(size)));
}

bool is_terminal() {
    return isatty(STDIN_FILENO) == 1;
}

}  // namespace sallyport::cli
