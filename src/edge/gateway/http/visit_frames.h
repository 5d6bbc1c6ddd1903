#pragma once
// The JSON in a visit's recording, between the frames that hold bytes.
//
//   exchange_begin {"id","method","target","peer","agent"}
//   exchange_end   {"id","status","outcome","reason","to_device_bytes","from_device_bytes",
//                   "masked":[[offset,size],…]}
//       status is the device's, 0 without one; outcome "answered", "upgraded", "refused" (by us,
//       nothing reached the device) or "failed" (some may have: look at the sent marks); masked
//       are the places of the credential in the decoded body, at most masked_spans_max of them
//   note           {"event",…}: "visit.opened", "socket.opened", "visit.ended"; with "read" and
//                  "verdict" "device.identity" and "device.therapy", after the exchange, asked for
//                  by the peer "sallyport", that read it

#include "base/core/bytes.h"
#include "edge/gateway/http/credential_mask.h"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::gateway {

inline constexpr std::size_t masked_spans_max = 100;

// Texts must be masked already.
struct ExchangeBegin {
    std::uint32_t id;
    std::string method;
    std::string target;
    std::string peer;
    std::string agent;
};

enum class ExchangeOutcome : std::uint8_t { answered, upgraded, refused, failed };

[[nodiscard]] std::string_view to_text(ExchangeOutcome outcome) noexcept;

struct ExchangeEnd {
    std::uint32_t id = 0;
    int status = 0;
    ExchangeOutcome outcome = ExchangeOutcome::failed;
    std::string reason;  // "ok" or a Refusal's reason
    std::uint64_t to_device_bytes = 0;
    std::uint64_t from_device_bytes = 0;
    std::vector<MaskedSpan> masked;
};

[[nodiscard]] Bytes to_frame(const ExchangeBegin& begin);
[[nodiscard]] Bytes to_frame(const ExchangeEnd& end);
[[nodiscard]] Bytes note_frame(
    std::string_view event,
    std::initializer_list<std::pair<std::string_view, std::string_view>> fields
);

}  // namespace sallyport::gateway
