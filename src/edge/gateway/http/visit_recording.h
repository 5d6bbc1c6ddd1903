#pragma once
// Where a visit's coroutines meet its recording.

#include "base/core/bytes.h"
#include "base/core/time.h"
#include "domain/recording/recorder.h"
#include "edge/gateway/http/visit.h"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace sallyport::gateway {

struct VisitFrame {
    recording::FrameKind kind;
    Bytes payload;
    std::uint32_t socket = 0;
    std::uint32_t exchange = 0;
};

[[nodiscard]] Bytes to_bytes(std::string_view text);

// Durable when it returns, in one go: only then may what the frames tell of be sent. The last one's
// sequence number, 0 if there are none; those before it are consecutive. Throws what the recorder
// failed with, the visit then having ended.
[[nodiscard]] boost::asio::awaitable<std::uint64_t> record_all(
    Visit& visit, std::vector<VisitFrame> frames, Time at
);
[[nodiscard]] boost::asio::awaitable<std::uint64_t> record(Visit& visit, VisitFrame frame, Time at);

// For what nobody waits for (the end of an exchange): written a little later, in company. If it
// fails, the visit ends.
void record_later(const std::shared_ptr<Visit>& visit, VisitFrame frame, Time at);

}  // namespace sallyport::gateway
