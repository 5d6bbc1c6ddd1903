#pragma once
// Writes an HTTP recording as HAR 1.2, to be opened in any browser's developer tools. Streams:
// memory holds the exchanges under way, each body to a limit. What HAR has no word for stands in
// members that begin with '_', as HAR allows:
//
//   log._sallyport    whose visit it was, its state and root hash; after the entries, what was
//                     found wrong with the recording (`_integrity`) and the visit's notes
//                     (`_notes`)
//   entry._sallyport  {exchange, outcome, reason, request, response, …}; `request` and `response`
//                     are "delivered" (a mark says so), "unknown" (no mark: it may have been sent
//                     or not), or "none" (there was nothing to send)
//   entry._toPerson   the head as the person got it, where it differs from the device's
//   entry._upgradeBytes  what went both ways after a protocol switch, base64

#include "domain/recording/exchanges.h"
#include "domain/recording/reader.h"

#include <cstdint>
#include <functional>
#include <string>

namespace sallyport::recording {

struct HarOptions {
    std::string creator_version = "1";
    ExchangeLimits limits;
    std::size_t notes_max = 1000;  // of the visit; how many there were is said behind them
};

// Writes entry by entry. Holds what ExchangeCollector holds, and while an entry is written, that
// entry once more as JSON.
class HarWriter {
public:
    using Sink = std::function<void(std::string)>;

    explicit HarWriter(Sink sink, HarOptions options = {});

    // First, once.
    void begin(const RecordingReader& reader);
    void add(const ReadFrame& read);
    // Last, once.
    void finish(const IntegrityReport& report);

    [[nodiscard]] std::size_t held_size() const noexcept {
        return exchanges_.held_size() + notes_.size();
    }

private:
    void write(const HarExchange& exchange);

    Sink sink_;
    HarOptions options_;
    std::string host_;
    ExchangeCollector exchanges_;
    std::string notes_;
    std::size_t notes_count_ = 0;
    bool first_ = true;
};

// One recording as a HAR file, made step by step while it is fetched: bounded in memory, and each
// step bounded in time. Belongs to one thread at a time.
class HarExport {
public:
    explicit HarExport(RecordingReader reader, HarOptions options = {});

    // Reads up to step_bytes of the recording. Returns what there is to be written by then, empty
    // if that is nothing yet. Throws what the disk throws; the file is not whole then.
    [[nodiscard]] std::string step();

    [[nodiscard]] bool done() const noexcept { return done_; }

    // What was met so far.
    [[nodiscard]] const IntegrityReport& report() const noexcept { return reader_.report(); }

    static constexpr std::size_t step_bytes = 4U << 20U;           // of payload
    static constexpr std::size_t piece_size_enough = 256U << 10U;  // a step ends with that much

private:
    void take(std::string piece);

    RecordingReader reader_;
    HarWriter writer_;
    std::string piece_;
    bool begun_ = false;
    bool done_ = false;
};

}  // namespace sallyport::recording
