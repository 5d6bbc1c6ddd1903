// Answers of a real responder: tests/e2e/smart_card.test.mjs.

#include "edge/api/ocsp_responder.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <doctest/doctest.h>

#include <string>

namespace sallyport::api {

namespace {

// A port of loopback where nobody listens.
std::string closed_port() {
    boost::asio::io_context io;
    const boost::asio::ip::tcp::acceptor acceptor(io, {boost::asio::ip::address_v4::loopback(), 0});
    return std::to_string(acceptor.local_endpoint().port());
}

TEST_CASE("an address that is none, or where nobody answers, gives no answer") {
    for (const auto& url : {
             std::string(),
             std::string("http:"),
             std::string("http:///ocsp"),
             std::string("/ocsp"),
             std::string("https://127.0.0.1/"),
             std::string("file:///etc/passwd"),
             "http://127.0.0.1:" + closed_port() + "/",
         }) {
        CAPTURE(url);
        CHECK_FALSE(ask_ocsp_responder(url, {}).has_value());
    }
}

}  // namespace

}  // namespace sallyport::api
