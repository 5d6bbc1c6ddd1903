#pragma once
// Puts the frames of a recording together into HTTP exchanges, in bounded memory whatever the
// recording holds: bodies are kept to a limit and what is beyond is counted and said to be cut;
// exchanges whose end is missing, or whose marks are, don't pile up.

#include "domain/recording/har_entry.h"
#include "domain/recording/reader.h"

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>

namespace sallyport::recording {

struct ExchangeLimits {
    std::size_t body_size_max = 8U << 20U;      // of one message
    std::size_t open_size_max = 32U << 20U;     // bodies of exchanges under way, all together
    std::size_t waiting_size_max = 16U << 20U;  // ended exchanges whose marks are still looked for
    std::size_t waiting_count_max = 256;
    std::size_t open_count_max = 256;  // exchanges at the same time
};

class ExchangeCollector {
public:
    // Gets each exchange once, in the order of their ends. What it is given is gone afterwards.
    using Sink = std::function<void(const HarExchange&)>;

    ExchangeCollector(Sink sink, const ExchangeLimits& limits);
    ~ExchangeCollector();
    ExchangeCollector(const ExchangeCollector&) = delete;
    ExchangeCollector& operator=(const ExchangeCollector&) = delete;
    ExchangeCollector(ExchangeCollector&&) = delete;
    ExchangeCollector& operator=(ExchangeCollector&&) = delete;

    // Frames that belong to no exchange are passed over.
    void add(const ReadFrame& read);
    // No more will come: the rest goes to the sink as it is.
    void finish();

    // Bytes of messages in memory: at most open_size_max and waiting_size_max, the exchange that
    // is being given out, and the heads of open_count_max exchanges.
    [[nodiscard]] std::size_t held_size() const noexcept { return open_size_ + waiting_size_; }

private:
    struct Exchange;

    Exchange& exchange(const Frame& frame);
    void mark(std::uint64_t sequence);
    void end(std::uint32_t id);
    void give_waiting(std::size_t count_max);
    void give(Exchange& exchange);

    Sink sink_;
    ExchangeLimits limits_;
    std::map<std::uint32_t, std::unique_ptr<Exchange>> open_;
    std::list<std::unique_ptr<Exchange>> waiting_;
    std::size_t open_size_ = 0;
    std::size_t waiting_size_ = 0;
};

}  // namespace sallyport::recording
