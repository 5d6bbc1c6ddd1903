#pragma once
// A lane's socket to the device: opened, written to and read in time. What passes here is recorded
// by whoever calls, before it is sent on.

#include "base/core/result.h"
#include "edge/gateway/http/gateway_services.h"
#include "edge/gateway/http/lane.h"

#include <boost/asio/awaitable.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sallyport::gateway {

// A new socket, in place of the one that the lane has. Refuses "device.timeout",
// "device.unreachable", what directory::device_endpoint_allowed() refuses, "visit.ended".
[[nodiscard]] boost::asio::awaitable<Result<void>> connect_device(
    const Services& services, Lane& lane
);

// `sequence` is the recording's, of the frame that holds these bytes: it is marked as sent. Refuses
// "device.timeout", "device.closed", "visit.ended".
[[nodiscard]] boost::asio::awaitable<Result<void>> send_to_device(
    const Services& services,
    Lane& lane,
    std::vector<std::span<const char>> pieces,
    std::uint64_t sequence
);

// The bytes go into the lane's parser; 0 at the end of the stream. Refuses as send_to_device().
[[nodiscard]] boost::asio::awaitable<Result<std::size_t>> read_from_device(
    const Services& services, Lane& lane, std::chrono::steady_clock::time_point due
);

// What the codec says of a device's bytes, in our words.
[[nodiscard]] Refusal answer_refusal(const Refusal& refusal);

}  // namespace sallyport::gateway
