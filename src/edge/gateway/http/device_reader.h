#pragma once
// What the gateway asks a device by itself: whether it is the right one, and whether it treats
// somebody. Its questions go over the lane's socket, and are recorded like a person's requests,
// with "sallyport" as the one who asks.

#include "base/core/result.h"
#include "domain/directory/device_reading.h"
#include "edge/gateway/http/gateway_services.h"
#include "edge/gateway/http/http_dialogue.h"
#include "edge/gateway/http/lane.h"
#include "edge/gateway/http/visit_frames.h"
#include "edge/http/http1_codec.h"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace sallyport::gateway {

// Whether a refusal is one of these checks': by us, and nothing of the person's reached the device.
[[nodiscard]] bool is_device_check(const Refusal& refusal) noexcept;

// The device's socket is open and stays so, if the device lets it; else a new one to the same
// address takes its place.
class DeviceReader {
public:
    // Both outlive the reader.
    DeviceReader(const Services& services, Lane& lane)
        : services_(services), lane_(lane), visit_(lane.visit()) {}

    // The right device (its serial number as registered), if the profile says how to ask. What was
    // found out stands for `GatewayLimits::identity_stands_for` at the same address. Refuses denied
    // "device.identity_mismatch" (detail: what was read) and "device.identity_unreadable" (detail:
    // why).
    [[nodiscard]] boost::asio::awaitable<Result<void>> check_identity(Duration stands_for);

    // Nobody is being treated, if the profile says how to ask. Asked each time. Refuses denied
    // "device.in_therapy" (detail: what was read) and "device.therapy_unknown" (detail: why).
    [[nodiscard]] boost::asio::awaitable<Result<void>> check_therapy();

private:
    [[nodiscard]] boost::asio::awaitable<Result<std::string>> read(
        const directory::DeviceReading& reading
    );
    [[nodiscard]] boost::asio::awaitable<Result<std::string>> read_once(
        const directory::DeviceReading& reading
    );
    [[nodiscard]] boost::asio::awaitable<Result<std::string>> ask(
        const directory::DeviceReading& reading, ExchangeEnd& summary
    );
    [[nodiscard]] boost::asio::awaitable<Result<std::string>> receive(ExchangeEnd& summary);
    [[nodiscard]] boost::asio::awaitable<Result<http::ResponseEvent>> next_event(
        std::chrono::steady_clock::time_point due, ExchangeEnd& summary
    );
    [[nodiscard]] boost::asio::awaitable<Result<void>> keep_socket(bool may_go_on);
    [[nodiscard]] boost::asio::awaitable<void> note(
        std::string_view event, std::string_view value, std::string_view verdict
    );

    const Services& services_;
    Lane& lane_;
    const std::shared_ptr<Visit> visit_;
};

}  // namespace sallyport::gateway
