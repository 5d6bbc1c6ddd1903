#include "edge/gateway/http/visit_recording.h"

#include "edge/http/await.h"

#include <memory>
#include <utility>
#include <vector>

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

}  // namespace

Bytes to_bytes(std::string_view text) {
    const auto view = as_bytes(text);
    return {view.begin(), view.end()};
}

asio::awaitable<std::uint64_t> record_all(Visit& visit, std::vector<VisitFrame> frames, Time at) {
    if (frames.empty()) co_return 0;
    std::vector<recording::Frame> out;
    out.reserve(frames.size());
    for (auto& frame : frames) {
        out.push_back(to_frame(std::move(frame), at));
    }
    auto start = [&](recording::Completion done) {
        visit.recording().submit_all(std::move(out), std::move(done));
    };
    std::exception_ptr failed;
    std::uint64_t last = 0;
    try {
        last = co_await http::await_callback<std::uint64_t>(std::move(start));
    } catch (...) {
        failed = std::current_exception();
    }
    if (failed) {
        visit.end(policy::to_text(policy::CutCause::recorder_failed));
        std::rethrow_exception(failed);
    }
    co_return last;
}

asio::awaitable<std::uint64_t> record(Visit& visit, VisitFrame frame, Time at) {
    std::vector<VisitFrame> frames;
    frames.push_back(std::move(frame));
    co_return co_await record_all(visit, std::move(frames), at);
}

void record_later(const std::shared_ptr<Visit>& visit, VisitFrame frame, Time at) {
    visit->recording().submit_lazily(
        to_frame(std::move(frame), at),
        [weak = std::weak_ptr(visit)](const std::exception_ptr& failed, std::uint64_t) {
            const auto still = failed ? weak.lock() : nullptr;
            if (still) still->end(policy::to_text(policy::CutCause::recorder_failed));
        }
    );
}

}  // namespace sallyport::gateway
