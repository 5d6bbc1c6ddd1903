#include "edge/gateway/http/device_socket.h"

#include "edge/gateway/http/visit_frames.h"
#include "edge/gateway/http/visit_recording.h"
#include "edge/http/client.h"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <utility>

namespace sallyport::gateway {

namespace asio = boost::asio;

namespace {

Refusal device_refusal(const boost::system::error_code& error) {
    if (error == asio::error::timed_out) return {Refusal::invalid, "device.timeout", {}};
    return {Refusal::invalid, "device.closed", error.message()};
}

http::CodecLimits limits_of(const directory::DeviceProfile& profile) {
    http::CodecLimits limits;
    limits.body_size_max = profile.response_body_max;
    return limits;
}

}  // namespace

asio::awaitable<Result<void>> connect_device(const Services& services, Lane& lane) {
    const auto& visit = lane.visit();
    const auto& device = visit->facts().device;
    lane.close_device();
    std::shared_ptr<http::AnyStream> stream;
    boost::system::error_code error;
    try {
        stream =
            co_await http::connect_tcp(device.address, device.port, device.profile.connect_timeout);
    } catch (const boost::system::system_error& failed) {
        error = failed.code();
    }
    if (error == asio::error::timed_out) {
        co_return refuse(Refusal::invalid, "device.timeout", "connect");
    }
    if (error) co_return refuse(Refusal::invalid, "device.unreachable", error.message());
    const auto allowed = directory::device_endpoint_allowed(
        stream->peer(), device.port, services.own, services.address_rules
    );
    if (!allowed) co_return std::unexpected(allowed.error());
    const auto number = visit->next_socket();
    lane.device().emplace(Lane::DeviceSocket{
        std::move(stream), http::ResponseParser(limits_of(device.profile)), number
    });
    auto note = note_frame("socket.opened", {{"device", device.name.text()}});
    record_later(
        visit, {recording::FrameKind::note, std::move(note), number, 0}, services.clock.now()
    );
    if (visit->ended()) co_return refuse(Refusal::denied, "visit.ended");
    co_return Result<void>();
}

asio::awaitable<Result<void>> send_to_device(
    const Services& services,
    Lane& lane,
    std::vector<std::span<const char>> pieces,
    std::uint64_t sequence
) {
    auto& visit = *lane.visit();
    // Between the recorder's word and this line the visit may have been cut.
    if (visit.ended()) co_return refuse(Refusal::denied, "visit.ended");
    auto& stream = *lane.device()->stream;
    stream.expires_after(visit.facts().device.profile.answer_timeout);
    boost::system::error_code error;
    try {
        co_await stream.write(std::move(pieces));
    } catch (const boost::system::system_error& failed) {
        error = failed.code();
    }
    if (error) co_return std::unexpected(device_refusal(error));
    visit.recording().mark_sent(sequence, services.clock.now());
    visit.touch(services.clock.monotonic());
    co_return Result<void>();
}

asio::awaitable<Result<std::size_t>> read_from_device(
    const Services& services, Lane& lane, std::chrono::steady_clock::time_point due
) {
    auto& visit = *lane.visit();
    auto& device = *lane.device();
    const auto left = due - std::chrono::steady_clock::now();
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(left);
    device.stream->expires_after(std::max(wait, std::chrono::milliseconds(1)));
    const std::span bytes(device.buffer.get(), Lane::DeviceSocket::buffer_size);
    std::size_t size = 0;
    boost::system::error_code error;
    try {
        size = co_await device.stream->read_some(bytes);
    } catch (const boost::system::system_error& failed) {
        error = failed.code();
    }
    if (error) co_return std::unexpected(device_refusal(error));
    if (visit.ended()) co_return refuse(Refusal::denied, "visit.ended");
    visit.count(0, size);
    visit.touch(services.clock.monotonic());
    device.parser.feed({bytes.data(), size});
    co_return size;
}

Refusal answer_refusal(const Refusal& refusal) {
    if (refusal.reason == "http.body_too_large") {
        return {Refusal::invalid, "device.answer_too_large", {}};
    }
    if (refusal.reason == "http.truncated") return {Refusal::invalid, "device.closed", {}};
    return {Refusal::invalid, "device.garbage", std::string(refusal.reason)};
}

}  // namespace sallyport::gateway
