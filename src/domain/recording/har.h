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

#include "domain/recording/http_split.h"
#include "domain/recording/reader.h"

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace sallyport::recording {

struct HarOptions {
    std::string creator_version = "1";
    std::size_t body_size_max = 8U << 20U;      // of one message; what is beyond is cut, and said
    std::size_t waiting_size_max = 32U << 20U;  // ended exchanges whose marks are still looked for
    std::size_t waiting_count_max = 256;
    std::size_t open_count_max = 256;  // exchanges at the same time
    std::size_t notes_max = 1000;
};

class HarWriter {
public:
    using Sink = std::function<void(std::string_view)>;

    HarWriter(Sink sink, HarOptions options = {});
    ~HarWriter();
    HarWriter(const HarWriter&) = delete;
    HarWriter& operator=(const HarWriter&) = delete;
    HarWriter(HarWriter&&) = delete;
    HarWriter& operator=(HarWriter&&) = delete;

    // First, once.
    void begin(const RecordingReader& reader);
    void add(const ReadFrame& read);
    // Last, once.
    void finish(const IntegrityReport& report);

private:
    struct Exchange;

    Exchange& exchange(const Frame& frame);
    void mark(std::uint64_t sequence);
    void end(std::uint32_t id);
    void write_waiting(std::size_t count_max);
    void write(Exchange& exchange);

    Sink sink_;
    HarOptions options_;
    std::string host_;
    std::map<std::uint32_t, std::unique_ptr<Exchange>> open_;
    std::list<std::unique_ptr<Exchange>> waiting_;
    std::string notes_;
    std::size_t notes_count_ = 0;
    bool first_ = true;
};

// The whole recording, from where the reader stands.
void write_har(
    RecordingReader& reader, const HarWriter::Sink& sink, const HarOptions& options = {}
);

}  // namespace sallyport::recording
