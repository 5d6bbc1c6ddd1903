#include "edge/gateway/http/visit_frames.h"

#include "base/core/log.h"

#include <algorithm>

namespace sallyport::gateway {

namespace {

constexpr std::size_t usual_size = 256;

Bytes bytes_of(const std::string& json) {
    const auto view = as_bytes(json);
    return {view.begin(), view.end()};
}

std::string number_member(std::string_view name, std::uint64_t value) {
    return ",\"" + std::string(name) + "\":" + std::to_string(value);
}

std::string text_member(std::string_view name, std::string_view value) {
    return ",\"" + std::string(name) + "\":" + log::json_quoted(value);
}

}  // namespace

std::string_view to_text(ExchangeOutcome outcome) noexcept {
    switch (outcome) {
        case ExchangeOutcome::answered:
            return "answered";
        case ExchangeOutcome::upgraded:
            return "upgraded";
        case ExchangeOutcome::refused:
            return "refused";
        case ExchangeOutcome::failed:
            return "failed";
    }
    return "failed";
}

Bytes to_frame(const ExchangeBegin& begin) {
    std::string json;
    json.reserve(usual_size);
    json += "{\"id\":" + std::to_string(begin.id);
    json += text_member("method", begin.method);
    json += text_member("target", begin.target);
    json += text_member("peer", begin.peer);
    json += text_member("agent", begin.agent);
    return bytes_of(json += "}");
}

Bytes to_frame(const ExchangeEnd& end) {
    std::string json;
    json.reserve(usual_size);
    json += "{\"id\":" + std::to_string(end.id);
    json += number_member("status", static_cast<std::uint64_t>(end.status));
    json += text_member("outcome", to_text(end.outcome));
    json += text_member("reason", end.reason);
    json += number_member("to_device_bytes", end.to_device_bytes);
    json += number_member("from_device_bytes", end.from_device_bytes);
    json += ",\"masked\":[";
    const std::size_t count = std::min(end.masked.size(), masked_spans_max);
    for (std::size_t i = 0; i < count; ++i) {
        json += (i == 0 ? "[" : ",[") + std::to_string(end.masked[i].offset) + "," +
                std::to_string(end.masked[i].size) + "]";
    }
    return bytes_of(json += "]}");
}

Bytes note_frame(
    std::string_view event,
    std::initializer_list<std::pair<std::string_view, std::string_view>> fields
) {
    std::string json = "{\"event\":" + log::json_quoted(event);
    for (const auto& [name, value] : fields) {
        json += text_member(name, value);
    }
    return bytes_of(json + "}");
}

}  // namespace sallyport::gateway
