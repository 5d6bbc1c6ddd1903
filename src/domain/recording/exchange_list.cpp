#include "domain/recording/exchange_list.h"

#include <utility>

namespace sallyport::recording {

namespace {

constexpr std::size_t frame_cost = 100;  // of reading one, so that many small ones end a step too
constexpr ExchangeLimits without_bodies{.body_size_max = 0};

}  // namespace

ExchangeList::ExchangeList(RecordingReader reader, std::uint64_t skipped, std::size_t count_max)
    : reader_(std::move(reader)),
      exchanges_([this](const HarExchange& exchange) { take(exchange); }, without_bodies),
      skipped_(skipped),
      count_max_(count_max) {}

void ExchangeList::step() {
    std::size_t read = 0;
    while (!done_ && read < step_bytes) {
        const auto frame = reader_.next();
        if (frame) {
            exchanges_.add(*frame);
            read += frame->frame.payload.size() + frame_cost;
        } else {
            exchanges_.finish();
            done_ = true;
        }
    }
}

void ExchangeList::take(const HarExchange& exchange) {
    const auto number = count_++;
    if (number < skipped_ || lines_.size() >= count_max_) return;
    const auto entry = har_entry(exchange, reader_.info().device);
    lines_.push_back({
        .at = exchange.began_at,
        .method = entry["request"]["method"].get<std::string>(),
        .url = entry["request"]["url"].get<std::string>(),
        .status = entry["response"]["status"].get<int>(),
        .outcome = entry["_sallyport"]["outcome"].get<std::string>(),
    });
}

}  // namespace sallyport::recording
