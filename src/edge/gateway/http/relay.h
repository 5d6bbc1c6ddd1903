#pragma once
// After a protocol switch (101): bytes both ways, each durable in the recording before it is passed
// on. The end of one direction is passed on as the end of writing; the other goes on, since many
// devices answer only when the question is complete. A cut or the idle end of the visit closes
// both sides.

#include "edge/gateway/http/gateway_services.h"
#include "edge/gateway/http/lane.h"
#include "edge/gateway/http/request_wire.h"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace sallyport::gateway {

class Relay {
public:
    Relay(const Services& services, Lane& lane, std::uint32_t exchange)
        : services_(services), lane_(lane), exchange_(exchange) {}

    // Until both directions have ended. Throws what the recorder failed with.
    [[nodiscard]] boost::asio::awaitable<void> run();

    [[nodiscard]] std::uint64_t to_device_bytes() const noexcept { return to_device_bytes_; }

    [[nodiscard]] std::uint64_t from_device_bytes() const noexcept { return from_device_bytes_; }

private:
    [[nodiscard]] boost::asio::awaitable<void> carry_to_device();
    [[nodiscard]] boost::asio::awaitable<void> carry_to_person();
    // One burst; what is recorded and what is sent have the same length.
    [[nodiscard]] boost::asio::awaitable<void> pass_to_device(RequestBody::Part part);
    [[nodiscard]] boost::asio::awaitable<void> pass_to_person(Masked masked);

    const Services& services_;
    Lane& lane_;
    const std::uint32_t exchange_;
    std::uint64_t to_device_bytes_ = 0;
    std::uint64_t from_device_bytes_ = 0;
};

}  // namespace sallyport::gateway
