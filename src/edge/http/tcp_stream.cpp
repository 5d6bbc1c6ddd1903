#include "edge/http/deadline.h"
#include "edge/http/tls.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace sallyport::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

class TcpStream final : public AnyStream {
public:
    explicit TcpStream(tcp::socket socket)
        : socket_(std::move(socket)), deadline_(socket_.get_executor(), [this] { close(); }) {
        boost::system::error_code error;
        const auto end = socket_.remote_endpoint(error);
        if (!error) peer_ = end.address().to_string();
    }

    asio::any_io_executor executor() override { return socket_.get_executor(); }

    asio::awaitable<std::size_t> read_some(std::span<char> into) override {
        boost::system::error_code error;
        const auto size = co_await socket_.async_read_some(
            asio::buffer(into.data(), into.size()), asio::redirect_error(asio::use_awaitable, error)
        );
        if (error == asio::error::eof) co_return 0;
        if (error) fail(error);
        co_return size;
    }

    asio::awaitable<void> write(std::vector<std::span<const char>> pieces) override {
        std::vector<asio::const_buffer> buffers;
        buffers.reserve(pieces.size());
        for (const auto piece : pieces) {
            buffers.emplace_back(piece.data(), piece.size());
        }
        boost::system::error_code error;
        co_await asio::async_write(
            socket_, buffers, asio::redirect_error(asio::use_awaitable, error)
        );
        if (error) fail(error);
    }

    asio::awaitable<void> shutdown_write() override {
        boost::system::error_code error;
        static_cast<void>(socket_.shutdown(tcp::socket::shutdown_send, error));
        if (error) fail(error);
        co_return;
    }

    void expires_after(std::chrono::milliseconds from_now) override {
        deadline_.expires_after(from_now);
    }

    void close() noexcept override {
        boost::system::error_code ignored;
        static_cast<void>(socket_.close(ignored));
    }

    [[nodiscard]] std::string peer() const override { return peer_; }

    [[nodiscard]] bool tls() const noexcept override { return false; }

    [[nodiscard]] std::string server_name() const override { return {}; }

private:
    [[noreturn]] void fail(boost::system::error_code error) const {
        throw boost::system::system_error(
            deadline_.passed() ? boost::system::error_code(asio::error::timed_out) : error
        );
    }

    tcp::socket socket_;
    Deadline deadline_;
    std::string peer_;
};

}  // namespace

std::shared_ptr<AnyStream> make_tcp_stream(tcp::socket socket) {
    return std::make_shared<TcpStream>(std::move(socket));
}

}  // namespace sallyport::http
