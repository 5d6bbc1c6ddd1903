#include "domain/recording/har.h"

#include "domain/recording/har_entry.h"

#include <algorithm>

namespace sallyport::recording {

using Json = nlohmann::json;

// Everything of one exchange while its frames come in.
struct HarWriter::Exchange {
    explicit Exchange(const HttpSplitLimits& limits)
        : request(HttpSide::request, limits),
          response(HttpSide::response, limits),
          to_person(HttpSide::response, limits) {}

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
        return request.message().body.size() + response.message().body.size() + upgrade_size;
    }

    [[nodiscard]] bool all_known() const {
        return facts.request_delivery != Delivery::unknown &&
               facts.response_delivery != Delivery::unknown;
    }

    void add(const ReadFrame& read, std::size_t size_max) {
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
                add_to_device(read, size_max);
                break;
            case FrameKind::from_device:
                add_from_device(read, size_max);
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

    void add_to_device(const ReadFrame& read, std::size_t size_max) {
        last_to_device = read.sequence;
        facts.request_delivery = Delivery::unknown;
        auto rest = BytesView(read.frame.payload);
        if (!response.switched()) {
            facts.request_at = read.frame.at;
            rest = request.feed(rest);
        }
        add_upgrade(true, read.frame.at, rest, size_max);
    }

    void add_from_device(const ReadFrame& read, std::size_t size_max) {
        if (request.message().first == "HEAD") response.answers_head();
        const auto rest = response.feed(read.frame.payload);
        // An interim answer (1xx) is the gateway's to take, not the person's.
        if (response.message().head_size > 0 && response.message().second.empty()) return;
        last_from_device = read.sequence;
        last_to_person = 0;
        facts.response_delivery = Delivery::unknown;
        if (!facts.answer_began_at) facts.answer_began_at = read.frame.at;
        facts.answer_at = read.frame.at;
        add_upgrade(false, read.frame.at, rest, size_max);
    }

    void add_upgrade(bool to_device, Time at, BytesView bytes, std::size_t size_max) {
        const auto kept = bytes.first(std::min(bytes.size(), size_max - upgrade_size));
        if (kept.size() < bytes.size()) facts.upgrade_cut = true;
        if (kept.empty()) return;
        upgrade.push_back({to_device, at, Bytes(kept.begin(), kept.end())});
        upgrade_size += kept.size();
    }

    void mark(std::uint64_t sequence) {
        if (sequence == 0) return;
        if (sequence == last_to_device) facts.request_delivery = Delivery::delivered;
        if (sequence == last_from_device || sequence == last_to_person) {
            facts.response_delivery = Delivery::delivered;
        }
    }
};

HarWriter::HarWriter(Sink sink, HarOptions options)
    : sink_(std::move(sink)), options_(std::move(options)) {}

HarWriter::~HarWriter() = default;

void HarWriter::begin(const RecordingReader& reader) {
    const auto& info = reader.info();
    host_ = info.device;
    Json facts{
        {"connection", info.connection.text()},
        {"person", info.person},
        {"login_name", info.login_name},
        {"device", info.device},
        {"grant", info.grant},
        {"opened_at", sallyport::to_text(info.opened_at)},
        {"state", "open"},
    };
    if (const auto& manifest = reader.manifest()) {
        facts["state"] = manifest->interrupted ? "interrupted" : "sealed";
        facts["cause"] = manifest->cause;
        facts["closed_at"] = sallyport::to_text(manifest->closed_at);
        facts["root_hash"] = to_hex(reader.report().root_hash);
    }
    const Json creator{{"name", "Sallyport"}, {"version", options_.creator_version}};
    sink_(
        R"({"log":{"version":"1.2","creator":)" + dumped(creator) + R"(,"_sallyport":)" +
        dumped(facts) + R"(,"entries":[)"
    );
}

void HarWriter::add(const ReadFrame& read) {
    const auto& frame = read.frame;
    switch (frame.kind) {
        case FrameKind::sent:
            mark(frame.reference);
            return;
        case FrameKind::note:
            if (notes_count_ < options_.notes_max) {
                const Json note{
                    {"at", sallyport::to_text(frame.at)}, {"note", json_of_frame(frame.payload)}
                };
                notes_ += (notes_count_++ == 0 ? "" : ",") + dumped(note);
            }
            return;
        case FrameKind::end:
            return;
        default:
            break;
    }
    exchange(frame).add(read, options_.body_size_max);
    if (frame.kind == FrameKind::exchange_end) end(frame.exchange);
}

void HarWriter::finish(const IntegrityReport& report) {
    while (!open_.empty()) {
        end(open_.begin()->first);
    }
    write_waiting(0);
    auto problems = Json::array();
    for (const auto& problem : report.problems) {
        problems.push_back({
            {"what", problem.what},
            {"file", problem.file},
            {"offset", problem.offset},
            {"frame", problem.sequence},
        });
    }
    const Json integrity{{"whole", report.whole()}, {"problems", problems}};
    sink_(R"(],"_notes":[)" + notes_ + R"(],"_integrity":)" + dumped(integrity) + "}}\n");
}

HarWriter::Exchange& HarWriter::exchange(const Frame& frame) {
    // Exchanges whose end is missing don't pile up.
    while (open_.size() >= options_.open_count_max && !open_.contains(frame.exchange)) {
        end(open_.begin()->first);
    }
    auto& exchange = open_[frame.exchange];
    if (!exchange) {
        const HttpSplitLimits limits{.body_size_max = options_.body_size_max};
        exchange = std::make_unique<Exchange>(limits);
        exchange->facts.id = frame.exchange;
    }
    return *exchange;
}

void HarWriter::mark(std::uint64_t sequence) {
    for (auto& [id, exchange] : open_) {
        exchange->mark(sequence);
    }
    for (auto& exchange : waiting_) {
        exchange->mark(sequence);
    }
    write_waiting(options_.waiting_count_max);
}

// Marks are written late: an exchange that ended waits for its own, within bounds.
void HarWriter::end(std::uint32_t id) {
    const auto found = open_.find(id);
    found->second->request.end();
    found->second->response.end();
    waiting_.push_back(std::move(found->second));
    open_.erase(found);
    write_waiting(options_.waiting_count_max);
}

void HarWriter::write_waiting(std::size_t count_max) {
    std::size_t size = 0;
    for (const auto& exchange : waiting_) {
        size += exchange->size();
    }
    while (!waiting_.empty()) {
        auto& oldest = *waiting_.front();
        const bool over = waiting_.size() > count_max || size > options_.waiting_size_max;
        if (!over && !oldest.all_known()) return;
        size -= oldest.size();
        write(oldest);
        waiting_.pop_front();
    }
}

void HarWriter::write(Exchange& exchange) {
    auto& facts = exchange.facts;
    facts.request = &exchange.request.message();
    facts.response = &exchange.response.message();
    facts.to_person = &exchange.to_person.message();
    facts.upgrade = &exchange.upgrade;
    sink_((first_ ? "\n" : ",\n") + dumped(har_entry(facts, host_)));
    first_ = false;
}

void write_har(RecordingReader& reader, const HarWriter::Sink& sink, const HarOptions& options) {
    HarWriter writer(sink, options);
    writer.begin(reader);
    while (const auto frame = reader.next()) {
        writer.add(*frame);
    }
    writer.finish(reader.report());
}

}  // namespace sallyport::recording
