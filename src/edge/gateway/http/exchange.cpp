#include "edge/gateway/http/exchange.h"

#include "base/core/log.h"
#include "domain/directory/path_rules.h"
#include "edge/gateway/http/device_reader.h"
#include "edge/gateway/http/device_socket.h"
#include "edge/gateway/http/relay.h"

#include <algorithm>
#include <utility>

namespace sallyport::gateway {

namespace asio = boost::asio;

namespace {

constexpr std::size_t small_body_max = 16U << 10U;  // goes out with its head in one write
constexpr std::size_t waiting_bytes_max = 64U << 10U;

bool is_idempotent(std::string_view method) {
    return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

std::string text_or_empty(const http::Headers& headers, std::string_view name) {
    return std::string(headers.only(name).value_or(std::string_view()));
}

}  // namespace

Exchange::Exchange(
    const Services& services,
    const GatewayLimits& limits,
    CommandLog& commands,
    Lane& lane,
    const http::RequestHead& head,
    const http::Request& request
)
    : services_(services),
      limits_(limits),
      commands_(commands),
      lane_(lane),
      visit_(lane.visit()),
      head_(head),
      request_(request),
      profile_(visit_->facts().device.profile),
      upgrade_(head.upgrade && profile_.upgrade_allowed ? Upgrade::yes : Upgrade::no),
      id_(visit_->next_exchange()) {
    summary_.id = id_;
}

Exchange::~Exchange() {
    if (!begun_) return;
    try {
        end(ExchangeOutcome::failed, "connection.lost");
    } catch (const std::exception& error) {
        log::error("the end of an exchange could not be recorded", {{"why", error.what()}});
    }
}

asio::awaitable<Result<bool>> Exchange::run() {
    lane_.set_phase(Lane::Phase::asking);
    lane_.person().set_body_size_max(profile_.request_body_max);
    // Before the device is troubled: a body that is too large or too slow is not its business.
    auto framing = co_await gather_body();
    if (!framing) {
        record_refusal(framing.error());
        co_return std::unexpected(std::move(framing).error());
    }
    framing_ = *framing;
    auto outcome = co_await attempt();
    if (!outcome && retryable_) {
        // The device had closed a connection that it let us keep.
        lane_.close_device();
        waiting_ = {};
        outcome = co_await attempt();
    }
    if (!outcome) {
        lane_.close_device();
        // A cut closes the socket under our hands; what it then says is not the reason.
        if (visit_->ended()) outcome = refuse(Refusal::denied, "visit.ended", visit_->cause());
        begin_alone();  // a device that could not be reached is on record too
        const auto& why = outcome.error();
        end(is_device_check(why) ? ExchangeOutcome::refused : ExchangeOutcome::failed, why.reason);
    }
    co_return outcome;
}

void Exchange::record_refusal(const Refusal& why) {
    begin_alone();
    end(ExchangeOutcome::refused, why.reason);
}

asio::awaitable<Result<bool>> Exchange::attempt() {
    bytes_came_ = false;
    retryable_ = false;
    auto& device = lane_.device();
    // A device that closed a kept connection meanwhile can't be told from one that took the request
    // and died; so only what may be asked twice goes over one.
    const bool fresh = !device || !is_idempotent(head_.method) || head_.upgrade;
    if (fresh) {
        auto connected = co_await connect_device(services_, lane_);
        if (!connected) co_return std::unexpected(std::move(connected).error());
    }
    const bool reused = device->used;
    auto checked = co_await check_device();
    if (!checked) co_return std::unexpected(std::move(checked).error());
    device->used = true;
    auto sent = co_await send_request();
    Result<bool> outcome = true;
    if (sent) {
        outcome = co_await receive_answer();
    } else {
        outcome = std::unexpected(std::move(sent).error());
    }
    retryable_ = !outcome && reused && body_gathered_ && !bytes_came_ && !visit_->ended() &&
                 outcome.error().reason == "device.closed";
    co_return outcome;
}

// That it is the right device, and that nobody is being treated with it where this request may
// change something (S2-44). What happens between this and the request is the device's.
Exchange::Done Exchange::check_device() {
    DeviceReader reader(services_, lane_);
    auto right = co_await reader.check_identity(limits_.identity_stands_for);
    if (!right || !profile_.therapy) co_return right;
    const auto path = directory::normal_path(request_.target);
    const bool harmless =
        path && !head_.upgrade && !directory::may_change_state(profile_, request_.method, *path);
    if (harmless) co_return Result<void>();
    co_return co_await reader.check_therapy();
}

// A chunked body is gathered, since devices of this age want its length first; a small one goes
// out with its head.
asio::awaitable<Result<http::Framing>> Exchange::gather_body() {
    using Kind = http::Framing::Kind;
    const auto& framing = head_.framing;
    const bool chunked = framing.kind == Kind::chunked;
    if (framing.kind == Kind::length && framing.size > profile_.request_body_max) {
        co_return refuse(Refusal::invalid, "http.body_too_large");
    }
    if (!chunked && framing.size > small_body_max) co_return framing;
    const auto size_max =
        std::min<std::uint64_t>(profile_.request_body_max, limits_.gathered_body_max);
    auto body = co_await lane_.person().whole_body(size_max);
    if (!body) {
        const bool too_large = body.error().reason == "http.body_too_large";
        const bool with_length = too_large && size_max < profile_.request_body_max;
        if (with_length) co_return refuse(Refusal::invalid, "gateway.length_required");
        co_return std::unexpected(std::move(body).error());
    }
    gathered_ = *std::move(body);
    body_gathered_ = true;
    if (framing.kind == Kind::none) co_return framing;
    co_return http::Framing{Kind::length, gathered_.size()};
}

Exchange::Done Exchange::send_request() {
    if (visit_->ended()) co_return refuse(Refusal::denied, "visit.ended");
    auto& device = *lane_.device();
    const auto head = rewrite_request(head_, request_, visit_->hosts(), framing_, upgrade_);
    const RequestWire wire(head, visit_->token(), visit_->patterns());
    RequestBody body(visit_->patterns());
    std::string recorded = wire.recorded();
    if (body_gathered_) {
        recorded += body.push(gathered_).record;
        recorded += body.finish().record;
    }
    std::vector<VisitFrame> frames;
    if (!begun_) frames.push_back(begin());
    frames.push_back({recording::FrameKind::to_device, to_bytes(recorded), device.number, id_});
    const auto sequence = co_await record_all(*visit_, std::move(frames), now());

    auto pieces = wire.pieces();
    if (body_gathered_ && !gathered_.empty()) pieces.emplace_back(gathered_);
    auto sent = co_await send_to_device(services_, lane_, std::move(pieces), sequence);
    summary_.to_device_bytes += recorded.size();
    visit_->count(recorded.size(), 0);
    if (!sent || body_gathered_) co_return sent;
    co_return co_await send_body();
}

Exchange::Done Exchange::send_body() {
    RequestBody body(visit_->patterns());
    for (bool more = true; more;) {
        auto piece = co_await lane_.person().next_body();
        if (!piece) co_return std::unexpected(std::move(piece).error());
        more = !piece->empty();
        const auto part = more ? body.push(*piece) : body.finish();
        if (part.send.empty()) continue;
        VisitFrame frame{
            recording::FrameKind::to_device, to_bytes(part.record), lane_.device()->number, id_
        };
        const auto sequence = co_await record(*visit_, std::move(frame), now());
        std::vector<std::span<const char>> pieces{std::span(part.send)};
        auto sent = co_await send_to_device(services_, lane_, std::move(pieces), sequence);
        summary_.to_device_bytes += part.send.size();
        visit_->count(part.send.size(), 0);
        if (!sent) co_return sent;
    }
    co_return Result<void>();
}

asio::awaitable<Result<bool>> Exchange::receive_answer() {
    auto& device = *lane_.device();
    device.parser.expect_answer_to(head_.method);
    answer_due_ = std::chrono::steady_clock::now() + profile_.answer_timeout;
    AnswerDialogue dialogue({
        visit_->hosts(),
        profile_,
        visit_->patterns(),
        visit_->unmaskable(),
        head_.method,
        head_.version,
        lane_.person().keep_alive(),
        upgrade_,
    });
    using State = AnswerDialogue::State;
    while (dialogue.state() == State::head || dialogue.state() == State::body) {
        auto step = co_await next_event(dialogue);
        summary_.status = dialogue.status();
        summary_.masked = dialogue.masked();
        if (!step && lane_.phase() == Lane::Phase::asking) {
            co_return std::unexpected(std::move(step).error());
        }
        if (!step) {
            // Half an answer is out: the person's side ends where it can be seen to be broken off.
            end(ExchangeOutcome::failed, step.error().reason);
            lane_.close_device();
            lane_.person().stream().close();
            co_return false;
        }
    }
    co_await flush();
    if (dialogue.state() == State::switched) {
        co_await relay_upgrade();
        co_return false;
    }
    end(ExchangeOutcome::answered, "ok");
    const bool clean = device.parser.between_messages() && device.parser.unread_size() == 0;
    if (!dialogue.device_may_go_on() || !clean || !lane_.person().body_read()) {
        lane_.close_device();
    }
    co_return dialogue.person_may_go_on();
}

// One event of the device's answer, waiting for its bytes if need be.
Exchange::Done Exchange::next_event(AnswerDialogue& dialogue) {
    auto& parser = lane_.device()->parser;
    auto event = parser.next();
    if (event && std::holds_alternative<http::NeedMore>(*event)) {
        co_await flush();
        if (dialogue.state() == AnswerDialogue::State::body) {
            answer_due_ = std::chrono::steady_clock::now() + profile_.answer_timeout;
        }
        const auto size = co_await read_device();
        if (!size) co_return std::unexpected(size.error());
        event = *size == 0 ? parser.finish() : parser.next();
    }
    if (!event) co_return std::unexpected(answer_refusal(event.error()));
    auto actions = dialogue.on(*event);
    for (auto& frame : actions.record) {
        waiting_.record.push_back(std::move(frame));
    }
    waiting_.send += actions.send;
    if (actions.refused) {
        co_await flush();
        co_return std::unexpected(*std::move(actions.refused));
    }
    if (waiting_.send.size() >= waiting_bytes_max) co_await flush();
    co_return Result<void>();
}

asio::awaitable<Result<std::size_t>> Exchange::read_device() {
    auto size = co_await read_from_device(services_, lane_, answer_due_);
    if (!size) co_return size;
    bytes_came_ = bytes_came_ || *size > 0;
    summary_.from_device_bytes += *size;
    co_return size;
}

// What waits is recorded and then goes to the person.
asio::awaitable<void> Exchange::flush() {
    if (waiting_.record.empty() && waiting_.send.empty()) co_return;
    const auto actions = std::exchange(waiting_, {});
    std::vector<VisitFrame> frames;
    for (const auto& [kind, bytes] : actions.record) {
        frames.push_back({kind, to_bytes(bytes), lane_.device()->number, id_});
    }
    const auto last = co_await record_all(*visit_, std::move(frames), now());
    if (actions.send.empty()) co_return;
    lane_.set_phase(Lane::Phase::answering);
    std::vector<std::span<const char>> pieces{std::span(actions.send)};
    co_await lane_.person().write(std::move(pieces));
    // The last frame's mark stands for those before it: a socket sends in order.
    if (last != 0) visit_->recording().mark_sent(last, now());
}

asio::awaitable<void> Exchange::relay_upgrade() {
    summary_.status = 101;
    Relay relay(services_, lane_, id_);
    co_await relay.run();
    summary_.to_device_bytes += relay.to_device_bytes();
    summary_.from_device_bytes += relay.from_device_bytes();
    end(ExchangeOutcome::upgraded, visit_->ended() ? "visit.ended" : "ok");
    lane_.close_device();
}

void Exchange::begin_alone() {
    if (!begun_) record_later(visit_, begin(), now());
}

VisitFrame Exchange::begin() {
    begun_ = true;
    const auto masked = [&](std::string_view text) {
        return mask_text(visit_->patterns(), text).bytes;
    };
    const ExchangeBegin begin{
        id_,
        request_.method,
        masked(request_.target),
        request_.peer,
        masked(text_or_empty(request_.headers, "User-Agent")),
    };
    return {recording::FrameKind::exchange_begin, to_frame(begin), 0, id_};
}

void Exchange::end(ExchangeOutcome outcome, std::string_view reason) {
    if (!begun_) return;  // nothing of it reached the recording
    summary_.outcome = outcome;
    summary_.reason = reason;
    begun_ = false;
    record_later(visit_, {recording::FrameKind::exchange_end, to_frame(summary_), 0, id_}, now());
    const bool command = is_command(head_.method) || outcome == ExchangeOutcome::upgraded;
    if (!command || outcome == ExchangeOutcome::refused) return;
    const auto path = std::string_view(request_.target).substr(0, request_.target.find('?'));
    commands_.add(*visit_, {head_.method, mask_text(visit_->patterns(), path).bytes, summary_});
}

}  // namespace sallyport::gateway
