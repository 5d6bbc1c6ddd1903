#include "apps/sallyport/loopback_listener.h"

#include "apps/sallyport/sign_in_return.h"

#include "base/core/fault.h"
#include "edge/http/deadline.h"
#include "edge/http/http1_codec.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <array>
#include <exception>
#include <string_view>
#include <variant>

namespace sallyport::cli {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);
// A browser opens connections that it may never use; the next one is waiting behind it.
constexpr std::chrono::seconds connection_patience{2};
constexpr http::CodecLimits limits{.head_size_max = std::size_t{16} * 1024, .body_size_max = 0};
constexpr std::size_t read_size = std::size_t{4} * 1024;

std::string answer(std::string_view status, std::string_view words) {
    const auto page = fmt::format(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Sallyport</title>\n"
        "<p>{}</p>\n</html>\n",
        words
    );
    return fmt::format(
        "HTTP/1.1 {}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n"
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
        "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
        "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{}",
        status,
        page.size(),
        page
    );
}

// The code, if this request is the one that was waited for.
std::optional<std::string> code_of(
    const http::RequestHead& head, const crypto::Secret& state, std::uint16_t port
) {
    // A name that somebody points at 127.0.0.1 is not us (DNS rebinding).
    const auto host = head.headers.only("Host");
    if (head.method != "GET" || host != fmt::format("127.0.0.1:{}", port)) return std::nullopt;
    auto returned = parse_sign_in_return(head.target);
    if (!returned || !is_of(*returned, state)) return std::nullopt;
    return std::move(returned->code);
}

asio::awaitable<std::optional<http::RequestHead>> read_head(tcp::socket& socket) {
    http::RequestParser parser(limits);
    std::array<char, read_size> buffer{};
    for (;;) {
        auto event = parser.next();
        if (!event) co_return std::nullopt;
        if (auto* const head = std::get_if<http::RequestHead>(&*event)) co_return std::move(*head);
        const auto [error, size] = co_await socket.async_read_some(asio::buffer(buffer), no_throw);
        if (error) co_return std::nullopt;
        parser.feed({buffer.data(), size});
    }
}

}  // namespace

struct LoopbackListener::State {
    asio::io_context context{1};
    tcp::acceptor acceptor{context};
    std::uint16_t port = 0;
    std::optional<std::string> code;
    std::exception_ptr failed;

    asio::awaitable<void> serve_one(tcp::socket socket, const crypto::Secret& state) {
        http::Deadline deadline(socket.get_executor(), [&socket] {
            boost::system::error_code ignored;
            static_cast<void>(socket.close(ignored));
        });
        deadline.expires_after(connection_patience);
        const auto head = co_await read_head(socket);
        if (!head) co_return;
        code = code_of(*head, state, port);
        const auto text =
            code ? answer("200 OK", "Go on in the terminal. You can close this page.")
                 : answer("404 Not Found", "This is not what sallyport login waits for.");
        co_await asio::async_write(socket, asio::buffer(text), no_throw);
        boost::system::error_code ignored;
        static_cast<void>(socket.shutdown(tcp::socket::shutdown_send, ignored));
    }

    asio::awaitable<void> serve(const crypto::Secret& state) {
        while (!code) {
            auto [error, socket] = co_await acceptor.async_accept(no_throw);
            if (error) co_return;
            co_await serve_one(std::move(socket), state);
        }
    }
};

LoopbackListener::LoopbackListener() : state_(std::make_unique<State>()) {
    try {
        const tcp::endpoint here(asio::ip::address_v4::loopback(), 0);
        state_->acceptor.open(here.protocol());
        state_->acceptor.bind(here);
        state_->acceptor.listen();
        state_->port = state_->acceptor.local_endpoint().port();
    } catch (const boost::system::system_error& failed) {
        throw Fault(
            "no port of 127.0.0.1 can be listened on for the browser: " + failed.code().message() +
            "; sign in with --terminal"
        );
    }
}

LoopbackListener::~LoopbackListener() = default;

std::uint16_t LoopbackListener::port() const noexcept {
    return state_->port;
}

std::optional<std::string> LoopbackListener::wait_for_code(
    const crypto::Secret& state, std::chrono::milliseconds patience
) {
    auto& mine = *state_;
    auto done = [&mine](const std::exception_ptr& failed) {
        mine.failed = failed;
        mine.context.stop();
    };
    asio::co_spawn(mine.context, mine.serve(state), std::move(done));
    mine.context.run_for(patience);
    boost::system::error_code ignored;
    static_cast<void>(mine.acceptor.close(ignored));
    if (mine.failed) std::rethrow_exception(mine.failed);
    return mine.code;
}

}  // namespace sallyport::cli
