#include "edge/gateway/http/visit_recording.h"

#include "edge/http/await.h"

#include <memory>
#include <mutex>
#include <utility>

namespace sallyport::gateway {

namespace asio = boost::asio;

namespace {

recording::Frame to_frame(VisitFrame frame, Time at) {
    recording::Frame out{};
    out.kind = frame.kind;
    out.stream = frame.socket;
    out.exchange = frame.exchange;
    out.at = at;
    out.payload = std::move(frame.payload);
    return out;
}

using Sequences = std::vector<std::uint64_t>;

// Frames complete in order on the journal's thread; only those that a stopped recorder turns away
// complete here.
struct Batch {
    std::mutex mutex;
    Sequences sequences;
    std::exception_ptr failed;
    std::size_t open = 0;
    std::move_only_function<void(std::exception_ptr, Sequences)> done;

    void completed(std::exception_ptr error, std::uint64_t sequence) {
        {
            const std::lock_guard lock(mutex);
            if (error && !failed) failed = std::move(error);
            sequences.push_back(sequence);
            if (--open > 0) return;
        }
        done(failed, std::move(sequences));
    }
};

}  // namespace

Bytes to_bytes(std::string_view text) {
    const auto view = as_bytes(text);
    return {view.begin(), view.end()};
}

asio::awaitable<std::vector<std::uint64_t>> record_all(
    Visit& visit, std::vector<VisitFrame> frames, Time at
) {
    if (frames.empty()) co_return Sequences{};
    auto start = [&](std::move_only_function<void(std::exception_ptr, Sequences)> done) {
        auto batch = std::make_shared<Batch>();
        batch->open = frames.size();
        batch->done = std::move(done);
        for (auto& frame : frames) {
            visit.recording().submit(
                to_frame(std::move(frame), at),
                [batch](std::exception_ptr failed, std::uint64_t sequence) {
                    batch->completed(std::move(failed), sequence);
                }
            );
        }
    };
    std::exception_ptr failed;
    Sequences sequences;
    try {
        sequences = co_await http::await_callback<Sequences>(std::move(start));
    } catch (...) {
        failed = std::current_exception();
    }
    if (failed) {
        visit.end(policy::to_text(policy::CutCause::recorder_failed));
        std::rethrow_exception(failed);
    }
    co_return sequences;
}

asio::awaitable<std::uint64_t> record(Visit& visit, VisitFrame frame, Time at) {
    std::vector<VisitFrame> frames;
    frames.push_back(std::move(frame));
    const auto sequences = co_await record_all(visit, std::move(frames), at);
    co_return sequences.front();
}

void record_later(const std::shared_ptr<Visit>& visit, VisitFrame frame, Time at) {
    visit->recording().submit(
        to_frame(std::move(frame), at),
        [weak = std::weak_ptr(visit)](const std::exception_ptr& failed, std::uint64_t) {
            const auto still = failed ? weak.lock() : nullptr;
            if (still) still->end(policy::to_text(policy::CutCause::recorder_failed));
        }
    );
}

}  // namespace sallyport::gateway
