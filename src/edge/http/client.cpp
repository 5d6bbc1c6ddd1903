#include "edge/http/client.h"

#include "base/core/fault.h"
#include "edge/http/deadline.h"
#include "edge/http/ip_set.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <array>
#include <exception>
#include <limits>

namespace sallyport::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

[[noreturn]] void fail(boost::system::error_code error) {
    throw boost::system::system_error(error);
}

// Looking a name up can't be cancelled; whoever waits for it must be able to leave.
struct Lookup {
    explicit Lookup(const asio::any_io_executor& executor) : resolver(executor), timer(executor) {}

    tcp::resolver resolver;
    asio::steady_timer timer;
    std::vector<tcp::endpoint> endpoints;
    boost::system::error_code error = asio::error::timed_out;
    bool done = false;
};

asio::awaitable<std::vector<tcp::endpoint>> look_up(
    std::string host, std::uint16_t port, SteadyTime due
) {
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    boost::system::error_code no_address;
    const auto address = asio::ip::make_address(host, no_address);
    if (!no_address) co_return std::vector{tcp::endpoint(address, port)};

    const auto executor = co_await asio::this_coro::executor;
    const auto lookup = std::make_shared<Lookup>(executor);
    lookup->timer.expires_at(due);
    lookup->resolver.async_resolve(
        host,
        std::to_string(port),
        [lookup](boost::system::error_code error, const tcp::resolver::results_type& results) {
            for (const auto& result : results) {
                lookup->endpoints.push_back(result.endpoint());
            }
            lookup->error = error;
            lookup->done = true;
            lookup->timer.cancel();
        }
    );
    boost::system::error_code woken;
    if (!lookup->done) {
        co_await lookup->timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    if (lookup->error) fail(lookup->error);
    co_return std::move(lookup->endpoints);
}

asio::awaitable<tcp::socket> connect_socket(std::string host, std::uint16_t port, SteadyTime due) {
    const auto endpoints = co_await look_up(std::move(host), port, due);
    tcp::socket socket(co_await asio::this_coro::executor);
    Deadline deadline(socket.get_executor(), [&socket] {
        boost::system::error_code ignored;
        static_cast<void>(socket.close(ignored));
    });
    using std::chrono::milliseconds;
    deadline.expires_after(
        std::chrono::duration_cast<milliseconds>(due - std::chrono::steady_clock::now())
    );
    boost::system::error_code error;
    co_await asio::async_connect(
        socket, endpoints, asio::redirect_error(asio::use_awaitable, error)
    );
    if (deadline.passed()) fail(asio::error::timed_out);
    if (error) fail(error);
    static_cast<void>(socket.set_option(tcp::no_delay(true), error));
    co_return socket;
}

SteadyTime due_in(std::chrono::milliseconds time_max) {
    return std::chrono::steady_clock::now() + time_max;
}

// What a person can do something with.
std::string explained(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const boost::system::system_error& error) {
        const auto& code = error.code();
        if (code == asio::error::timed_out) return "no answer in time; is it the right port?";
        if (code == asio::error::connection_refused) {
            return "nothing listens there (connection refused); is the server running, and is the "
                   "port right?";
        }
        if (code.category() == asio::error::get_netdb_category()) {
            return "no such host is known; check the name and this machine's name service";
        }
        if (code == asio::error::eof || code == asio::error::connection_reset) {
            return "the other side closed the connection; does it speak TLS there?";
        }
        // The handshake's words; all others have the place in a library in theirs.
        return code == boost::system::errc::protocol_error ? error.what() : code.message();
    } catch (const std::exception& error) {
        return error.what();
    }
}

constexpr std::uint16_t https_port = 443;
constexpr std::uint16_t http_port = 80;

RequestHead head_of(
    const Request& request, const HttpsClientSettings& settings, std::uint16_t usual_port
) {
    RequestHead head;
    head.method = request.method;
    head.target = request.target;
    head.headers = request.headers;
    const auto port = settings.port == usual_port ? "" : fmt::format(":{}", settings.port);
    head.headers.set("Host", settings.host + port);
    head.headers.set("Connection", "close");
    const bool has_body = !request.body.empty() || request.method == "POST";
    if (has_body) head.framing = {Framing::length, request.body.size()};
    return head;
}

// The head is there and the rest does not come. Half an answer must never pass for a whole one.
[[noreturn]] void fail_broken_off(std::string_view why) {
    throw Fault(fmt::format("the answer broke off before its end ({})", why));
}

asio::awaitable<std::size_t> read_some(
    AnyStream& stream, std::vector<char>& buffer, bool in_answer, std::chrono::milliseconds time_max
) {
    try {
        stream.expires_after(time_max);
        const auto size = co_await stream.read_some(buffer);
        co_return size;
    } catch (const boost::system::system_error& error) {
        if (!in_answer || error.code() == asio::error::timed_out) throw;
        fail_broken_off(error.code().message());
    }
}

asio::awaitable<Response> read_answer(
    AnyStream& stream,
    const std::string& method,
    const HttpsClientSettings& settings,
    const BodySink& sink
) {
    CodecLimits limits;
    limits.body_size_max =
        sink ? std::numeric_limits<std::uint64_t>::max() : settings.body_size_max;
    ResponseParser parser(limits, Strictness::toward_people);
    parser.expect_answer_to(method);
    Response response;
    std::vector<char> buffer(std::size_t{16} * 1024);
    bool in_answer = false;
    bool ended = false;
    bool to_sink = false;
    for (;;) {
        auto event = ended ? parser.finish() : parser.next();
        if (!event && event.error().reason == "http.truncated") fail_broken_off("end of stream");
        if (!event) throw Fault(fmt::format("the answer is malformed ({})", event.error().reason));
        if (std::holds_alternative<End>(*event)) co_return response;
        if (auto* const head = std::get_if<ResponseHead>(&*event)) {
            if (head->status == 101) throw Fault("the server changed the protocol");
            in_answer = true;
            to_sink = sink && head->status >= 200 && head->status < 300;
            response.status = head->status;
            response.headers = std::move(head->headers);
        } else if (const auto* const body = std::get_if<Body>(&*event)) {
            if (to_sink) {
                sink(body->bytes);
                continue;
            }
            if (body->bytes.size() > settings.body_size_max - response.body.size()) {
                throw Fault("the answer is longer than what is taken");
            }
            response.body += body->bytes;
        } else {
            const auto size = co_await read_some(stream, buffer, in_answer, settings.answer_max);
            parser.feed({buffer.data(), size});
            ended = size == 0;
        }
    }
}

// Without `tls`: in the clear.
asio::awaitable<Response> exchange(
    TlsClient* tls,
    const Request& request,
    const HttpsClientSettings& settings,
    const BodySink& sink
) {
    const auto& where = settings.connect_to.empty() ? settings.host : settings.connect_to;
    const auto due = due_in(settings.connect_max);
    auto socket = co_await connect_socket(where, settings.port, due);
    std::shared_ptr<AnyStream> stream;
    if (tls == nullptr) {
        stream = make_tcp_stream(std::move(socket));
    } else {
        stream = co_await tls->connect(std::move(socket), settings.host, settings.connect_max);
    }

    const auto head =
        serialise(head_of(request, settings, tls == nullptr ? http_port : https_port));
    const std::vector<std::span<const char>> pieces{head, request.body};
    stream->expires_after(settings.answer_max);
    co_await stream->write(pieces);
    auto response = co_await read_answer(*stream, request.method, settings, sink);
    stream->close();
    co_return response;
}

// Blocks.
Response run_exchange(
    TlsClient* tls,
    const Request& request,
    const HttpsClientSettings& settings,
    const BodySink& sink
) {
    asio::io_context context(1);
    std::exception_ptr failure;
    Response answer;
    asio::co_spawn(
        context,
        exchange(tls, request, settings, sink),
        [&](const std::exception_ptr& failed, Response response) {
            failure = failed;
            answer = std::move(response);
        }
    );
    context.run();
    if (failure) {
        const auto* const scheme = tls == nullptr ? "http" : "https";
        throw Fault(
            fmt::format("{}://{}:{}: {}", scheme, settings.host, settings.port, explained(failure))
        );
    }
    return answer;
}

}  // namespace

asio::awaitable<std::shared_ptr<AnyStream>> connect_tcp(
    std::string host, std::uint16_t port, std::chrono::milliseconds time_max
) {
    auto socket = co_await connect_socket(std::move(host), port, due_in(time_max));
    co_return make_tcp_stream(std::move(socket));
}

struct HttpsClient::Impl {
    explicit Impl(HttpsClientSettings of) : settings(std::move(of)), tls(settings.ca_file) {}

    HttpsClientSettings settings;
    TlsClient tls;
};

HttpsClient::HttpsClient(HttpsClientSettings settings)
    : impl_(std::make_unique<Impl>(std::move(settings))) {}

HttpsClient::~HttpsClient() = default;

Response HttpsClient::send(const Request& request) {
    return send(request, BodySink());
}

Response HttpsClient::send(const Request& request, const BodySink& sink) {
    return run_exchange(&impl_->tls, request, impl_->settings, sink);
}

Response send_plain(const Request& request, const HttpsClientSettings& settings) {
    return run_exchange(nullptr, request, settings, BodySink());
}

}  // namespace sallyport::http
