#include "edge/gateway/http/relay.h"

#include "edge/gateway/http/credential_mask.h"
#include "edge/gateway/http/visit_recording.h"

#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/system/system_error.hpp>

#include <array>
#include <chrono>
#include <exception>
#include <span>
#include <utility>
#include <vector>

namespace sallyport::gateway {

namespace asio = boost::asio;

namespace {

constexpr std::size_t read_size = 16U << 10U;
// The visit's own ends (idle, lease) are what closes a quiet relay; this only says that no deadline
// of a single step does.
constexpr std::chrono::hours no_step_deadline{24};

// A side that breaks off is one way for a relay to end; what the recorder throws is not.
asio::awaitable<void> until_it_ends(asio::awaitable<void> work) {
    try {
        co_await std::move(work);
    } catch (const boost::system::system_error&) {
        co_return;
    }
}

}  // namespace

asio::awaitable<void> Relay::run() {
    using namespace asio::experimental::awaitable_operators;
    lane_.device()->stream->expires_after(no_step_deadline);
    lane_.person().stream().expires_after(no_step_deadline);
    // Whichever side breaks takes the other with it; whichever merely ends does not.
    auto one = until_it_ends(carry_to_device());
    auto other = until_it_ends(carry_to_person());
    co_await (std::move(one) && std::move(other));
}

asio::awaitable<void> Relay::carry_to_device() {
    auto& from = lane_.person().stream();
    const auto to = lane_.device()->stream;
    RequestBody body(lane_.visit()->patterns(), Pace::interactive);
    std::array<char, read_size> bytes;
    std::exception_ptr fault;
    try {
        if (auto first = lane_.person().take_rest(); !first.empty()) {
            co_await pass_to_device(body.push(first));
        }
        for (;;) {
            const auto size = co_await from.read_some(bytes);
            if (size == 0) break;
            co_await pass_to_device(body.push({bytes.data(), size}));
        }
        co_await pass_to_device(body.finish());
        co_await to->shutdown_write();
    } catch (...) {
        fault = std::current_exception();
    }
    if (fault) {
        to->close();
        from.close();
        std::rethrow_exception(fault);
    }
}

asio::awaitable<void> Relay::carry_to_person() {
    const auto from = lane_.device()->stream;
    auto& to = lane_.person().stream();
    CredentialMask mask(lane_.visit()->patterns(), Pace::interactive);
    std::array<char, read_size> bytes;
    std::exception_ptr fault;
    try {
        if (auto first = lane_.device()->parser.take_rest(); !first.empty()) {
            co_await pass_to_person(mask.push(first));
        }
        for (;;) {
            const auto size = co_await from->read_some(bytes);
            if (size == 0) break;
            co_await pass_to_person(mask.push({bytes.data(), size}));
        }
        co_await pass_to_person(mask.finish());
        co_await to.shutdown_write();
    } catch (...) {
        fault = std::current_exception();
    }
    if (fault) {
        to.close();
        from->close();
        std::rethrow_exception(fault);
    }
}

asio::awaitable<void> Relay::pass_to_device(RequestBody::Part part) {
    if (part.send.empty()) co_return;
    auto& visit = *lane_.visit();
    VisitFrame frame{
        recording::FrameKind::to_device, to_bytes(part.record), lane_.device()->number, exchange_
    };
    const auto sequence = co_await record(visit, std::move(frame), services_.clock.now());
    if (visit.ended()) throw boost::system::system_error(asio::error::operation_aborted);
    std::vector<std::span<const char>> pieces{std::span(part.send)};
    co_await lane_.device()->stream->write(std::move(pieces));
    visit.recording().mark_sent(sequence, services_.clock.now());
    visit.touch(services_.clock.monotonic());
    visit.count(part.send.size(), 0);
    to_device_bytes_ += part.send.size();
}

asio::awaitable<void> Relay::pass_to_person(Masked masked) {
    auto& visit = *lane_.visit();
    // Too short to be masked: the switch ends rather than show it.
    if (!masked.spans.empty() && visit.unmaskable()) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
    if (masked.bytes.empty()) co_return;
    VisitFrame frame{
        recording::FrameKind::from_device, to_bytes(masked.bytes), lane_.device()->number, exchange_
    };
    const auto sequence = co_await record(visit, std::move(frame), services_.clock.now());
    std::vector<std::span<const char>> pieces{std::span(masked.bytes)};
    co_await lane_.person().stream().write(std::move(pieces));
    visit.recording().mark_sent(sequence, services_.clock.now());
    visit.touch(services_.clock.monotonic());
    visit.count(0, masked.bytes.size());
    from_device_bytes_ += masked.bytes.size();
}

}  // namespace sallyport::gateway
