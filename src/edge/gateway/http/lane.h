#pragma once
// A lane of a visit: one connection of a person, and the socket to the device that only it uses.
// All on the person's connection's executor, but cut().

#include "edge/gateway/http/visit.h"
#include "edge/http/any_stream.h"
#include "edge/http/connection.h"
#include "edge/http/http1_codec.h"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace sallyport::gateway {

class Lane : public std::enable_shared_from_this<Lane> {
public:
    enum class Phase : std::uint8_t {
        idle,       // between two exchanges
        asking,     // the person has had no byte of an answer yet and can be told
        answering,  // part of an answer is out: a cut can only close
    };

    struct DeviceSocket {
        std::shared_ptr<http::AnyStream> stream;
        http::ResponseParser parser;
        std::uint32_t number;
        bool used = false;  // served an exchange before
        // Here rather than in the coroutine that reads, whose frame would be cleared each time.
        std::unique_ptr<char[]> buffer = std::make_unique_for_overwrite<char[]>(buffer_size);
        static constexpr std::size_t buffer_size = 16U << 10U;
    };

    // Null if the visit has ended.
    [[nodiscard]] static std::shared_ptr<Lane> enter(
        std::shared_ptr<Visit> visit,
        std::shared_ptr<http::Connection> person,
        std::chrono::milliseconds cut_grace
    );
    ~Lane();
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;
    Lane(Lane&&) = delete;
    Lane& operator=(Lane&&) = delete;

    [[nodiscard]] const std::shared_ptr<Visit>& visit() const noexcept { return visit_; }

    [[nodiscard]] http::Connection& person() const noexcept { return *person_; }

    [[nodiscard]] std::optional<DeviceSocket>& device() noexcept { return device_; }

    void close_device();

    [[nodiscard]] Phase phase() const noexcept { return phase_; }

    void set_phase(Phase phase) noexcept { phase_ = phase; }

private:
    Lane(
        std::shared_ptr<Visit> visit,
        std::shared_ptr<http::Connection> person,
        std::chrono::milliseconds cut_grace
    );
    void cut();

    std::shared_ptr<Visit> visit_;
    std::shared_ptr<http::Connection> person_;
    std::optional<DeviceSocket> device_;
    std::chrono::milliseconds cut_grace_;
    boost::asio::steady_timer grace_;
    std::uint64_t number_ = 0;
    Phase phase_ = Phase::idle;
};

}  // namespace sallyport::gateway
