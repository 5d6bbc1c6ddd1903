#include "edge/http/connection.h"

#include "base/core/log.h"
#include "edge/http/forwarded.h"
#include "edge/http/http_date.h"
#include "edge/http/target.h"

#include <boost/system/system_error.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sallyport::http {

namespace asio = boost::asio;

namespace {

constexpr std::size_t read_size = std::size_t{8} * 1024;
constexpr std::size_t write_step_size = std::size_t{256} * 1024;  // gets a deadline of its own
constexpr std::size_t skipped_body_size_max = std::size_t{64} * 1024;
constexpr std::size_t lingering_size_max = std::size_t{64} * 1024;
constexpr std::chrono::milliseconds linger_max{2'000};

}  // namespace

Connection::Connection(
    std::shared_ptr<AnyStream> stream,
    std::string peer,
    std::shared_ptr<const ConnectionRules> rules,
    std::shared_ptr<const StopFlag> draining
)
    : stream_(std::move(stream)),
      peer_(std::move(peer)),
      rules_(std::move(rules)),
      draining_(std::move(draining)),
      parser_(rules_->limits.codec),
      buffer_(read_size) {}

std::string Connection::client_of(const Headers& headers) const {
    return client_address(headers, peer_, rules_->forwarded_peers);
}

asio::awaitable<std::size_t> Connection::read_more() {
    const auto size = co_await stream_->read_some(buffer_);
    parser_.feed({buffer_.data(), size});
    co_return size;
}

asio::awaitable<Result<std::optional<RequestHead>>> Connection::next_head() {
    using Head = std::optional<RequestHead>;
    if (!body_read_) {
        const auto skipped = co_await skip_body();
        if (!skipped) co_return Head();
    }
    const bool first = requests_ == 0;
    if ((!first && !keep_alive()) || draining()) co_return Head();

    idle_ = true;
    stream_->expires_after(first ? limits().head_max : limits().idle_max);
    for (;;) {
        auto event = parser_.next();
        if (!event) {
            idle_ = false;
            keep_alive_ = false;
            head_request_ = false;
            version_ = 11;
            co_return std::unexpected(event.error());
        }
        if (auto* const head = std::get_if<RequestHead>(&*event)) {
            idle_ = false;
            ++requests_;
            keep_alive_ = head->keep_alive && requests_ < limits().requests_max;
            body_read_ = false;
            continue_due_ = head->expects_continue;
            head_request_ = head->method == "HEAD";
            version_ = head->version;
            body_waited_ = {};
            body_bytes_ = 0;
            co_return Head(std::move(*head));
        }
        if (idle_ && !parser_.between_messages()) {
            idle_ = false;
            stream_->expires_after(limits().head_max);
        }
        std::size_t size = 0;
        try {
            size = co_await read_more();
        } catch (const boost::system::system_error&) {
            size = 0;  // gone, too slow, or ended by a drain: nobody is left to be told
        }
        if (size == 0) co_return Head();
    }
}

// A client must send at least body_bytes_per_second_min after a grace. What counts is the time
// that we waited for it, not what a handler spent with the pieces.
asio::awaitable<std::size_t> Connection::read_body_bytes() {
    using namespace std::chrono;
    const auto earned = milliseconds(body_bytes_ * 1000 / limits().body_bytes_per_second_min);
    const auto left = duration_cast<milliseconds>(limits().body_grace + earned - body_waited_);
    const auto begin = steady_clock::now();
    stream_->expires_after(std::clamp(left, milliseconds(0), limits().body_step_max));
    const auto size = co_await read_more();
    body_waited_ += steady_clock::now() - begin;
    body_bytes_ += size;
    co_return size;
}

asio::awaitable<Result<std::string_view>> Connection::next_body() {
    while (!body_read_) {
        auto event = parser_.next();
        if (!event) {
            keep_alive_ = false;
            co_return std::unexpected(event.error());
        }
        if (const auto* const body = std::get_if<Body>(&*event)) co_return body->bytes;
        if (std::holds_alternative<End>(*event)) {
            body_read_ = true;
            break;
        }
        if (continue_due_) {
            continue_due_ = false;
            constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
            const std::vector<std::span<const char>> pieces{go_on};
            co_await write(pieces);
        }
        const auto size = co_await read_body_bytes();
        if (size == 0) co_return refuse(Refusal::invalid, "http.truncated");
    }
    co_return std::string_view();
}

asio::awaitable<Result<std::string>> Connection::whole_body(std::size_t size_max) {
    set_body_size_max(size_max);
    std::string body;
    for (;;) {
        SP_CO_TRY(const auto piece, co_await next_body());
        if (piece.empty()) co_return body;
        body += piece;
    }
}

void Connection::set_body_size_max(std::uint64_t size_max) {
    parser_.set_body_size_max(size_max);
}

asio::awaitable<Result<void>> Connection::skip_body() {
    const auto too_much = [] { return refuse(Refusal::invalid, "http.body_too_large"); };
    if (continue_due_) co_return too_much();  // it may come or not: no telling where to go on
    std::size_t skipped = 0;
    try {
        for (;;) {
            SP_CO_TRY(const auto piece, co_await next_body());
            if (piece.empty()) co_return Result<void>();
            skipped += piece.size();
            if (skipped > skipped_body_size_max) co_return too_much();
        }
    } catch (const boost::system::system_error&) {
        co_return too_much();  // the client left
    }
}

bool Connection::keep_alive() const noexcept {
    return keep_alive_ && !draining() && (!continue_due_ || body_read_);
}

asio::awaitable<bool> Connection::answer(Response response) {
    constexpr int version_with_chunks = 11;
    if (response.pieces && version_ < version_with_chunks) response = plain_error(505);
    const bool go_on = keep_alive();
    const bool in_pieces = static_cast<bool>(response.pieces);
    ResponseHead head{
        .status = response.status,
        .reason = std::string(reason_phrase(response.status)),
        .headers = std::move(response.headers),
        .framing = {in_pieces ? Framing::chunked : Framing::length, response.body.size()},
    };
    head.headers.set("Date", http_date_now());
    head.headers.set("Connection", go_on ? "keep-alive" : "close");
    constexpr std::string_view hsts = "Strict-Transport-Security";
    if (rules_->hsts && tls() && !head.headers.has(hsts)) {
        head.headers.add(std::string(hsts), "max-age=31536000");
    }
    const auto text = serialise(head, head_request_ ? AnswerTo::head : AnswerTo::other);

    std::string_view body = response.body;
    if (head_request_ || !status_has_body(response.status)) body = {};
    std::vector<std::span<const char>> pieces{text, body.substr(0, write_step_size)};
    for (;;) {
        co_await write(pieces);
        body.remove_prefix(std::min(body.size(), write_step_size));
        if (body.empty()) break;
        pieces.assign(1, body.substr(0, write_step_size));
    }
    if (in_pieces && !head_request_) co_await write_chunked(response.pieces);
    co_return go_on;
}

asio::awaitable<void> Connection::write_chunked(const BodyPieces& pieces) {
    for (;;) {
        const auto piece = co_await pieces();
        if (piece.empty()) break;
        for (std::string_view rest = piece; !rest.empty();) {
            const auto chunk = rest.substr(0, write_step_size);
            const auto line = chunk_line(chunk.size());
            const std::vector<std::span<const char>> parts{line, chunk, chunk_end};
            co_await write(parts);
            rest.remove_prefix(chunk.size());
        }
    }
    const std::vector<std::span<const char>> end{last_chunk};
    co_await write(end);
}

asio::awaitable<void> Connection::write(std::vector<std::span<const char>> pieces) {
    stream_->expires_after(limits().write_max);
    co_await stream_->write(std::move(pieces));
}

asio::awaitable<void> Connection::refuse_and_close(int status) {
    keep_alive_ = false;
    auto response = plain_error(status);
    static_cast<void>(co_await answer(std::move(response)));
    co_await close_gently();
}

asio::awaitable<void> Connection::close_gently() {
    try {
        stream_->expires_after(linger_max);
        co_await stream_->shutdown_write();
        std::size_t lingered = 0;
        while (lingered < lingering_size_max) {
            const auto size = co_await stream_->read_some(buffer_);
            if (size == 0) break;
            lingered += size;
        }
    } catch (const boost::system::system_error& error) {
        log::write(log::Level::debug, "the client did not close", {{"why", error.what()}});
    }
    stream_->close();
}

Result<Request> request_from(const RequestHead& head, const Connection& connection) {
    SP_TRY(auto target, parse_target(head.target));
    Request request;
    if (const auto host = head.headers.only("Host")) {
        SP_TRY(auto authority, parse_authority(*host));
        if (target.authority && *target.authority != authority) {
            return refuse(Refusal::invalid, "http.host_mismatch");
        }
        request.host = std::move(authority.host);
    } else if (target.authority) {
        request.host = target.authority->host;
    }
    request.method = head.method;
    request.target = std::move(target.text);
    request.path = std::move(target.path);
    request.query = std::move(target.query);
    request.version = head.version;
    request.headers = head.headers;
    request.peer = connection.client_of(head.headers);
    request.tls = connection.tls();
    request.client_certificates = connection.client_certificates();
    return request;
}

Response plain_error(int status, std::string_view detail) {
    auto body = fmt::format(
        R"({{"type":"about:blank","title":{},"status":{})",
        log::json_quoted(reason_phrase(status)),
        status
    );
    if (!detail.empty()) body += ",\"detail\":" + log::json_quoted(detail);
    auto response = Response::json(status, body + "}\n");
    response.headers.set("Content-Type", "application/problem+json");
    response.headers.add("Cache-Control", "no-store");
    response.headers.add("X-Content-Type-Options", "nosniff");
    return response;
}

}  // namespace sallyport::http
