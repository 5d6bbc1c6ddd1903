#include "domain/recording/exchanges.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace sallyport::recording {

namespace {

// Of each piece behind a protocol switch, beside its bytes: a stream of single bytes is bounded
// too.
constexpr std::size_t upgrade_piece_cost = 512;

}  // namespace

// Everything of one exchange while its frames come in.
struct ExchangeCollector::Exchange {
    explicit Exchange(const HttpSplitLimits& limits)
        : upgrade_size_max(limits.body_size_max),
          request(HttpSide::request, limits),
          response(HttpSide::response, limits),
          to_person(
              HttpSide::response, {.head_size_max = limits.head_size_max, .body_size_max = 0}
          ) {}

    std::size_t upgrade_size_max;
    HarExchange facts;
    HttpSplitter request;
    HttpSplitter response;
    HttpSplitter to_person;
    std::vector<UpgradeBytes> upgrade;
    std::size_t upgrade_size = 0;

    // The frames that came last each way: a mark for one of them says that all of that direction
    // went out, since bytes leave a socket in order. A to_person frame stands for the from_device
    // frame before it, so a mark for either will do.
    std::uint64_t last_to_device = 0;
    std::uint64_t last_from_device = 0;
    std::uint64_t last_to_person = 0;

    [[nodiscard]] std::size_t size() const {
        return request.held_size() + response.held_size() + to_person.held_size() + upgrade_size;
    }

    [[nodiscard]] bool all_known() const {
        return facts.request_delivery != Delivery::unknown &&
               facts.response_delivery != Delivery::unknown;
    }

    // Keeps at most `room` more bytes; of a chunked body there are two copies for a while.
    void add(const ReadFrame& read, std::size_t room) {
        request.keep_at_most(room / 2);
        response.keep_at_most(room / 2);
        const auto& frame = read.frame;
        if (facts.first_sequence == 0) {
            facts.first_sequence = read.sequence;
            facts.began_at = frame.at;
        }
        facts.last_sequence = read.sequence;
        switch (frame.kind) {
            case FrameKind::exchange_begin:
                facts.begin = json_of_frame(frame.payload);
                break;
            case FrameKind::exchange_end:
                facts.end = json_of_frame(frame.payload);
                break;
            case FrameKind::to_device:
                add_to_device(read, room);
                break;
            case FrameKind::from_device:
                add_from_device(read, room);
                break;
            case FrameKind::to_person:
                // Shown are its head and what it was a head of; the body is the device's.
                (void)to_person.feed(frame.payload);
                last_to_person = read.sequence;
                facts.response_delivery = Delivery::unknown;
                break;
            case FrameKind::sent:
            case FrameKind::note:
            case FrameKind::end:
                break;
        }
    }

    void add_to_device(const ReadFrame& read, std::size_t room) {
        last_to_device = read.sequence;
        facts.request_delivery = Delivery::unknown;
        auto rest = BytesView(read.frame.payload);
        if (!response.switched()) {
            facts.request_at = read.frame.at;
            rest = request.feed(rest);
        }
        add_upgrade(true, read.frame.at, rest, room);
    }

    void add_from_device(const ReadFrame& read, std::size_t room) {
        if (request.message().first == "HEAD") response.answers_head();
        const auto rest = response.feed(read.frame.payload);
        // An interim answer (1xx) is the gateway's to take, not the person's.
        if (response.message().head_size > 0 && response.message().second.empty()) return;
        last_from_device = read.sequence;
        last_to_person = 0;
        facts.response_delivery = Delivery::unknown;
        if (!facts.answer_began_at) facts.answer_began_at = read.frame.at;
        facts.answer_at = read.frame.at;
        add_upgrade(false, read.frame.at, rest, room);
    }

    void add_upgrade(bool to_device, Time at, BytesView bytes, std::size_t room) {
        if (bytes.empty()) return;
        const auto size = bytes.size() + upgrade_piece_cost;
        if (facts.upgrade_cut || size > room || upgrade_size + size > upgrade_size_max) {
            facts.upgrade_cut = true;
            return;
        }
        upgrade.push_back({to_device, at, Bytes(bytes.begin(), bytes.end())});
        upgrade_size += size;
    }

    void mark(std::uint64_t sequence) {
        if (sequence == 0) return;
        if (sequence == last_to_device) facts.request_delivery = Delivery::delivered;
        if (sequence == last_from_device || sequence == last_to_person) {
            facts.response_delivery = Delivery::delivered;
        }
    }
};

ExchangeCollector::ExchangeCollector(Sink sink, const ExchangeLimits& limits)
    : sink_(std::move(sink)), limits_(limits) {}

ExchangeCollector::~ExchangeCollector() = default;

void ExchangeCollector::add(const ReadFrame& read) {
    const auto& frame = read.frame;
    switch (frame.kind) {
        case FrameKind::sent:
            return mark(frame.reference);
        case FrameKind::note:
        case FrameKind::end:
            return;
        default:
            break;
    }
    auto& into = exchange(frame);
    const auto before = into.size();
    into.add(read, limits_.open_size_max - std::min(limits_.open_size_max, open_size_));
    open_size_ = open_size_ - before + into.size();
    if (frame.kind == FrameKind::exchange_end) end(frame.exchange);
}

void ExchangeCollector::finish() {
    while (!open_.empty()) {
        end(open_.begin()->first);
    }
    give_waiting(0);
}

ExchangeCollector::Exchange& ExchangeCollector::exchange(const Frame& frame) {
    // Exchanges whose end is missing don't pile up.
    while (open_.size() >= limits_.open_count_max && !open_.contains(frame.exchange)) {
        end(open_.begin()->first);
    }
    auto& exchange = open_[frame.exchange];
    if (!exchange) {
        const HttpSplitLimits limits{.body_size_max = limits_.body_size_max};
        exchange = std::make_unique<Exchange>(limits);
        exchange->facts.id = frame.exchange;
    }
    return *exchange;
}

void ExchangeCollector::mark(std::uint64_t sequence) {
    for (auto& [id, exchange] : open_) {
        exchange->mark(sequence);
    }
    for (auto& exchange : waiting_) {
        exchange->mark(sequence);
    }
    give_waiting(limits_.waiting_count_max);
}

// Marks are written late: an exchange that ended waits for its own, within bounds.
void ExchangeCollector::end(std::uint32_t id) {
    const auto found = open_.find(id);
    auto& exchange = *found->second;
    open_size_ -= exchange.size();
    exchange.request.end();
    exchange.response.end();
    waiting_size_ += exchange.size();
    waiting_.push_back(std::move(found->second));
    open_.erase(found);
    give_waiting(limits_.waiting_count_max);
}

void ExchangeCollector::give_waiting(std::size_t count_max) {
    while (!waiting_.empty()) {
        auto& oldest = *waiting_.front();
        const bool over = waiting_.size() > count_max || waiting_size_ > limits_.waiting_size_max;
        if (!over && !oldest.all_known()) return;
        give(oldest);
        waiting_size_ -= oldest.size();
        waiting_.pop_front();
    }
}

void ExchangeCollector::give(Exchange& exchange) {
    auto& facts = exchange.facts;
    facts.request = &exchange.request.message();
    facts.response = &exchange.response.message();
    facts.to_person = &exchange.to_person.message();
    facts.upgrade = &exchange.upgrade;
    sink_(facts);
}

}  // namespace sallyport::recording
