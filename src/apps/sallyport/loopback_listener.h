#pragma once
// Where `sallyport login` waits for the browser: one port of 127.0.0.1, open while it waits and no
// longer (RFC 8252 §7.3). Whatever else knocks is told nothing.

#include "base/crypto/secret.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace sallyport::cli {

class LoopbackListener {
public:
    // On a free port of the system's choice. Throws Fault.
    LoopbackListener();
    ~LoopbackListener();
    LoopbackListener(const LoopbackListener&) = delete;
    LoopbackListener& operator=(const LoopbackListener&) = delete;
    LoopbackListener(LoopbackListener&&) = delete;
    LoopbackListener& operator=(LoopbackListener&&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept;

    // Answers one connection after the other until one brings a code with this state, and gives
    // the code; none when `patience` is over. Then nothing listens any more: call it once.
    [[nodiscard]] std::optional<std::string> wait_for_code(
        const crypto::Secret& state, std::chrono::milliseconds patience
    );

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace sallyport::cli
