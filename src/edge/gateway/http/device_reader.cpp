#include "edge/gateway/http/device_reader.h"

#include "edge/gateway/http/device_socket.h"
#include "edge/gateway/http/request_wire.h"
#include "edge/gateway/http/visit_recording.h"

#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace sallyport::gateway {

namespace asio = boost::asio;

namespace {

constexpr std::string_view own_name = "sallyport";

http::RequestHead question(const directory::DeviceReading& reading, const HostMap& hosts) {
    http::RequestHead head;
    head.method = "GET";
    head.target = reading.path;
    head.headers.add("Host", hosts.device_authority());
    head.headers.add("Accept", "application/json");
    return head;
}

// A device that is not there is told of as that; all else leaves the question open.
bool is_absent(const Refusal& refusal) {
    return refusal.reason == "device.unreachable" || refusal.reason == "visit.ended" ||
           refusal.reason.starts_with("device.address_");
}

}  // namespace

bool is_device_check(const Refusal& refusal) noexcept {
    return refusal.reason == "device.identity_mismatch" ||
           refusal.reason == "device.identity_unreadable" ||
           refusal.reason == "device.in_therapy" || refusal.reason == "device.therapy_unknown";
}

asio::awaitable<Result<void>> DeviceReader::check_identity(Duration stands_for) {
    const auto& device = visit_->facts().device;
    if (!device.profile.identity) co_return Result<void>();
    const auto peer = lane_.device()->stream->peer();
    if (visit_->is_identified(peer, services_.clock.monotonic(), stands_for)) {
        co_return Result<void>();
    }
    auto read_serial = co_await read(*device.profile.identity);
    if (!read_serial) {
        const auto& why = read_serial.error();
        co_await note("device.identity", "", why.reason);
        if (is_absent(why)) co_return std::unexpected(why);
        co_return refuse(Refusal::denied, "device.identity_unreadable", std::string(why.reason));
    }
    const bool right = *read_serial == device.serial;
    co_await note("device.identity", *read_serial, right ? "as registered" : "another device");
    if (!right) co_return refuse(Refusal::denied, "device.identity_mismatch", *read_serial);
    // What answers now must be what answered then.
    if (lane_.device()->stream->peer() != peer) {
        co_return refuse(Refusal::denied, "device.identity_unreadable", "another address answers");
    }
    visit_->set_identified(peer, services_.clock.monotonic());
    co_return Result<void>();
}

asio::awaitable<Result<void>> DeviceReader::check_therapy() {
    const auto& rule = visit_->facts().device.profile.therapy;
    if (!rule) co_return Result<void>();
    auto state = co_await read(rule->reading);
    if (!state) {
        const auto& why = state.error();
        co_await note("device.therapy", "", why.reason);
        if (is_absent(why)) co_return std::unexpected(why);
        co_return refuse(Refusal::denied, "device.therapy_unknown", std::string(why.reason));
    }
    const bool stopped = directory::is_stopped(*rule, *state);
    co_await note("device.therapy", *state, stopped ? "stopped" : "running");
    if (!stopped) co_return refuse(Refusal::denied, "device.in_therapy", *state);
    co_return Result<void>();
}

asio::awaitable<Result<std::string>> DeviceReader::read(const directory::DeviceReading& reading) {
    const bool kept = lane_.device()->used;
    auto value = co_await read_once(reading);
    const bool gone = !value && kept && value.error().reason == "device.closed";
    if (!gone) co_return value;
    // It had closed a connection that it let us keep.
    auto connected = co_await connect_device(services_, lane_);
    if (!connected) co_return std::unexpected(std::move(connected).error());
    co_return co_await read_once(reading);
}

// One exchange of the recording, whatever comes of it.
asio::awaitable<Result<std::string>> DeviceReader::read_once(const directory::DeviceReading& reading
) {
    ExchangeEnd summary;
    summary.id = visit_->next_exchange();
    auto value = co_await ask(reading, summary);
    summary.outcome = value ? ExchangeOutcome::answered : ExchangeOutcome::failed;
    summary.reason = value ? "ok" : std::string(value.error().reason);
    record_later(
        visit_,
        {recording::FrameKind::exchange_end, to_frame(summary), 0, summary.id},
        services_.clock.now()
    );
    co_return value;
}

asio::awaitable<Result<std::string>> DeviceReader::ask(
    const directory::DeviceReading& reading, ExchangeEnd& summary
) {
    const auto head = question(reading, visit_->hosts());
    const auto plain = http::serialise(head);
    auto recorded = mask_text(visit_->patterns(), plain).bytes;
    std::vector<std::span<const char>> pieces{std::span(plain)};
    std::optional<RequestWire> wire;
    if (reading.with_credential) {
        wire.emplace(head, visit_->token(), visit_->patterns());
        recorded = wire->recorded();
        pieces = wire->pieces();
    }
    const ExchangeBegin begin{
        summary.id, head.method, head.target, std::string(own_name), std::string(own_name)
    };
    std::vector<VisitFrame> frames;
    frames.push_back({recording::FrameKind::exchange_begin, to_frame(begin), 0, summary.id});
    frames.push_back(
        {recording::FrameKind::to_device, to_bytes(recorded), lane_.device()->number, summary.id}
    );
    const auto sequence = co_await record_all(*visit_, std::move(frames), services_.clock.now());
    lane_.device()->used = true;
    auto sent = co_await send_to_device(services_, lane_, std::move(pieces), sequence);
    if (!sent) co_return std::unexpected(std::move(sent).error());
    summary.to_device_bytes = recorded.size();
    visit_->count(recorded.size(), 0);
    SP_CO_TRY(const auto answer, co_await receive(summary));
    co_return directory::value_at(answer, reading.pointer);
}

// The body of a 200; what came is recorded before it is believed.
asio::awaitable<Result<std::string>> DeviceReader::receive(ExchangeEnd& summary) {
    auto& device = *lane_.device();
    device.parser.expect_answer_to("GET");
    const auto& profile = visit_->facts().device.profile;
    const auto due = std::chrono::steady_clock::now() + profile.answer_timeout;
    AnswerDialogue dialogue(
        {visit_->hosts(), profile, visit_->patterns(), visit_->unmaskable(), "GET"}
    );
    std::string body;
    std::vector<VisitFrame> frames;
    Result<void> step;
    while (step && dialogue.state() != AnswerDialogue::State::done) {
        auto event = co_await next_event(due, summary);
        if (!event) {
            step = std::unexpected(std::move(event).error());
            break;
        }
        auto actions = dialogue.on(*event);
        for (auto& frame : actions.record) {
            if (frame.kind != recording::FrameKind::from_device) continue;
            frames.push_back({frame.kind, to_bytes(frame.bytes), device.number, summary.id});
        }
        if (actions.refused) step = std::unexpected(*std::move(actions.refused));
        if (const auto* const piece = std::get_if<http::Body>(&*event)) body += piece->bytes;
        if (body.size() > directory::reading_answer_size_max) {
            step = refuse(Refusal::invalid, "device.answer_too_large");
        }
    }
    summary.status = dialogue.status();
    summary.masked = dialogue.masked();
    (void)co_await record_all(*visit_, std::move(frames), services_.clock.now());
    if (step) step = co_await keep_socket(dialogue.device_may_go_on());
    constexpr int ok = 200;
    if (step && summary.status != ok) {
        step = refuse(Refusal::invalid, "device.reading_malformed", "no 200");
    }
    if (!step) co_return std::unexpected(std::move(step).error());
    co_return body;
}

// NeedMore: what came was not enough for an event yet.
asio::awaitable<Result<http::ResponseEvent>> DeviceReader::next_event(
    std::chrono::steady_clock::time_point due, ExchangeEnd& summary
) {
    auto& parser = lane_.device()->parser;
    auto event = parser.next();
    if (event && std::holds_alternative<http::NeedMore>(*event)) {
        const auto size = co_await read_from_device(services_, lane_, due);
        if (!size) co_return std::unexpected(size.error());
        summary.from_device_bytes += *size;
        event = *size == 0 ? parser.finish() : parser.next();
    }
    if (!event) co_return std::unexpected(answer_refusal(event.error()));
    co_return event;
}

asio::awaitable<Result<void>> DeviceReader::keep_socket(bool may_go_on) {
    const auto& parser = lane_.device()->parser;
    const bool clean = parser.between_messages() && parser.unread_size() == 0;
    if (may_go_on && clean) co_return Result<void>();
    co_return co_await connect_device(services_, lane_);
}

// Durable before anything is done about it: the reading is part of the proof (S2-44).
asio::awaitable<void> DeviceReader::note(
    std::string_view event, std::string_view value, std::string_view verdict
) {
    const auto masked = mask_text(visit_->patterns(), value).bytes;
    auto text = note_frame(event, {{"read", masked}, {"verdict", verdict}});
    VisitFrame frame{recording::FrameKind::note, std::move(text), 0, 0};
    (void)co_await record(*visit_, std::move(frame), services_.clock.now());
}

}  // namespace sallyport::gateway
