#include "apps/sallyport/terminal.h"

#include "base/core/fault.h"

#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <iostream>
#include <span>

namespace sallyport::cli {

namespace {

constexpr std::size_t line_size_max = 4096;

// Turns the terminal's echo off for as long as it lives.
class WithoutEcho {
public:
    WithoutEcho() : is_terminal_(tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (!is_terminal_) return;
        auto silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }

    ~WithoutEcho() {
        if (!is_terminal_) return;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
        std::cerr << '\n';
    }

    WithoutEcho(const WithoutEcho&) = delete;
    WithoutEcho& operator=(const WithoutEcho&) = delete;
    WithoutEcho(WithoutEcho&&) = delete;
    WithoutEcho& operator=(WithoutEcho&&) = delete;

private:
    termios before_{};
    bool is_terminal_;
};

// Byte by byte, so that nothing of a secret stays behind in a stream's buffer.
std::size_t read_line(std::span<char> into) {
    std::size_t size = 0;
    for (;;) {
        char byte = 0;
        const auto got = read(STDIN_FILENO, &byte, 1);
        if (got < 0 && errno == EINTR) continue;
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
    std::cerr << question << ": " << std::flush;
    const WithoutEcho silent;
    std::array<char, line_size_max> line{};
    const auto size = read_line(line);
    return crypto::Secret::take(std::as_writable_bytes(std::span(line).first(size)));
}

bool confirm(std::string_view question) {
    return ask(std::string(question) + " (yes/no)") == "yes";
}

}  // namespace sallyport::cli
