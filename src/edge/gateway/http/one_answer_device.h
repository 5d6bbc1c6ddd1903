#pragma once
// A device for tests that the pump is too well behaved for: one request a connection, answered as
// the test says, and remembered.

#include "examples/pump/http_parse.h"

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace sallyport::gateway::test_gate {

class OneAnswerDevice {
public:
    // The whole answer to a request; called on the device's thread.
    using Answer = std::function<std::string(const pump::HttpRequest&)>;

    explicit OneAnswerDevice(Answer answer);
    ~OneAnswerDevice();
    OneAnswerDevice(const OneAnswerDevice&) = delete;
    OneAnswerDevice& operator=(const OneAnswerDevice&) = delete;
    OneAnswerDevice(OneAnswerDevice&&) = delete;
    OneAnswerDevice& operator=(OneAnswerDevice&&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    // Every byte that came, whole requests or not.
    [[nodiscard]] std::string received() const;

private:
    void serve();
    void answer_one(int socket);

    Answer answer_;
    mutable std::mutex mutex_;
    std::string received_;
    int listener_;
    std::thread thread_;
};

}  // namespace sallyport::gateway::test_gate
