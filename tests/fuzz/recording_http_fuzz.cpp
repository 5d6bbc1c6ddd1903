// Recorded bytes of a device that sends anything, on their way to a HAR file. However they are cut,
// they read the same, and the entry is JSON.

#include "domain/recording/har_entry.h"
#include "domain/recording/http_split.h"

#include <cstdint>
#include <cstdlib>

using namespace sallyport;
using namespace sallyport::recording;

namespace {

constexpr HttpSplitLimits limits{.head_size_max = 2048, .body_size_max = 1024};

struct Split {
    HttpSplitter splitter;
    std::size_t rest = 0;
};

Split split(HttpSide side, BytesView bytes, std::size_t step) {
    Split out{HttpSplitter(side, limits)};
    while (!bytes.empty()) {
        const auto part = bytes.first(std::min(step, bytes.size()));
        out.rest += out.splitter.feed(part).size();
        bytes = bytes.subspan(part.size());
    }
    out.splitter.end();
    return out;
}

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const auto bytes = std::as_bytes(std::span(data, size)).subspan(2);
    const auto side = data[0] % 2 == 0 ? HttpSide::request : HttpSide::response;
    const std::size_t step = 1 + data[1];

    const auto whole = split(side, bytes, bytes.size() + 1);
    const auto pieces = split(side, bytes, step);
    const auto& message = whole.splitter.message();
    require(message.body == pieces.splitter.message().body);
    require(message.fields == pieces.splitter.message().fields);
    require(message.body_size == pieces.splitter.message().body_size);
    require(whole.rest == pieces.rest);
    require(message.body.size() <= limits.body_size_max);

    const SplitMessage none;
    const std::vector<UpgradeBytes> upgrade;
    HarExchange exchange;
    exchange.request = side == HttpSide::request ? &message : &none;
    exchange.response = side == HttpSide::response ? &message : &none;
    exchange.to_person = &none;
    exchange.upgrade = &upgrade;
    exchange.begin = json_of_frame(bytes);
    exchange.end = json_of_frame(bytes);
    const auto entry = har_entry(exchange, "pump-07");
    require(nlohmann::json::accept(dumped(entry)));
    return 0;
}
