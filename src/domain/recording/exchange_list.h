#pragma once
// What was asked and answered in a visit, without heads and bodies: a window of the exchanges of a
// recording, which is read and checked to its end all the same. Made step by step, as a HAR file
// is.

#include "domain/recording/exchanges.h"
#include "domain/recording/reader.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sallyport::recording {

struct ExchangeLine {
    Time at;
    std::string method;
    std::string url;
    int status = 0;       // 0: no answer
    std::string outcome;  // "answered", "refused", …, "unfinished"
};

class ExchangeList {
public:
    // The `count_max` exchanges behind the first `skipped` ones.
    ExchangeList(RecordingReader reader, std::uint64_t skipped, std::size_t count_max);

    // Reads up to step_bytes. Throws what the disk throws.
    void step();

    [[nodiscard]] bool done() const noexcept { return done_; }

    [[nodiscard]] const std::vector<ExchangeLine>& lines() const noexcept { return lines_; }

    // Of the whole recording, once done.
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

    [[nodiscard]] const IntegrityReport& report() const noexcept { return reader_.report(); }

    static constexpr std::size_t step_bytes = 4U << 20U;  // of payload

private:
    void take(const HarExchange& exchange);

    RecordingReader reader_;
    ExchangeCollector exchanges_;
    std::uint64_t skipped_;
    std::size_t count_max_;
    std::uint64_t count_ = 0;
    std::vector<ExchangeLine> lines_;
    bool done_ = false;
};

}  // namespace sallyport::recording
