#include "edge/http/server.h"

#include "tests/support/http_lab.h"

#include "base/core/fault.h"
#include "base/store/faults.h"
#include "edge/http/await.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <future>
#include <mutex>
#include <thread>

namespace sallyport::http {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using namespace std::string_literals;
using test::device_host;
using test::sign_in_host;
using test::Stranger;

namespace {

const std::string host_line = "Host: sallyport.localhost\r\n";

std::string get(std::string_view path, std::string_view fields = "") {
    return "GET " + std::string(path) + " HTTP/1.1\r\n" + host_line + std::string(fields) + "\r\n";
}

std::string status_of_answer(std::string_view answer) {
    return std::string(answer.substr(0, answer.find("\r\n")));
}

// A server with a demo certificate, whose site and device tell what they were asked.
class Site {
public:
    explicit Site(ServerSettings settings = {}) : settings_(std::move(settings)) {
        settings_.tls = {{.address = "127.0.0.1", .port = 0}};
        settings_.redirect = {{.address = "127.0.0.1", .port = 0}};
        settings_.public_port = 8443;
        settings_.cores = 2;
        Sites sites{
            .sign_in_host = sign_in_host,
            .sign_in = [this](Request request) { return answer(std::move(request)); },
            .is_device_host = [](std::string_view host
                              ) { return host.ends_with(".gate.localhost"); },
            .device =
                [this](std::shared_ptr<Connection> connection, RequestHead head, Request request) {
                    return serve_device(std::move(connection), std::move(head), std::move(request));
                },
        };
        server_ = std::make_unique<Server>(settings_, std::move(sites), tls.server);
        server_->start();
    }

    [[nodiscard]] std::uint16_t port() const { return server_->tls_ports().at(0); }

    [[nodiscard]] std::uint16_t plain_port() const { return server_->redirect_ports().at(0); }

    [[nodiscard]] Stranger stranger(std::string name = sign_in_host) const {
        return Stranger(port(), tls.made.authority_file, std::move(name));
    }

    // The whole of what the server says to these bytes.
    [[nodiscard]] std::string says_to(std::string_view bytes) const {
        return stranger().ask(bytes);
    }

    // What the site was asked: "METHOD path?query body from peer".
    [[nodiscard]] std::vector<std::string> asked() const {
        const std::lock_guard lock(mutex_);
        return asked_;
    }

    Server& server() { return *server_; }

    test::DemoTls tls;
    std::promise<void> in_handler;
    std::promise<void> gate;
    std::atomic<std::size_t> pieces_made = 0;

private:
    WorkPool pool_{{.threads = 1, .queue_max = 1}};

    asio::awaitable<Response> answer(Request request) {
        {
            const std::lock_guard lock(mutex_);
            asked_.push_back(
                request.method + " " + request.path + "?" + request.query + " " + request.body +
                " from " + request.peer
            );
        }
        if (request.path == "/fault") throw Fault("the secret inside of the machine");
        if (request.path == "/full") throw store::Overloaded("full");
        if (request.path == "/nothing")
            co_return Response{.status = 204, .headers = {}, .body = {}};
        if (request.path == "/big") co_return Response::text(200, std::string(3'000'000, 'b'));
        if (request.path == "/pieces") co_return in_pieces({"first ", std::string(600'000, 'p')});
        if (request.path == "/broken") co_return in_pieces({"first ", "!"});
        if (request.path == "/endless") co_return in_pieces({});
        if (request.path == "/gated") {
            in_handler.set_value();
            auto wait = [this] { gate.get_future().wait(); };
            co_await run_on(pool_, wait);
        }
        if (request.path == "/never") {
            in_handler.set_value();
            asio::steady_timer timer(co_await asio::this_coro::executor);
            timer.expires_after(24h);
            co_await timer.async_wait(asio::use_awaitable);
        }
        co_return Response::text(200, "hello " + request.body);
    }

    // These pieces, a fault at "!"; without any, one of 1 MiB after the other.
    Response in_pieces(std::vector<std::string> pieces) {
        Response response;
        const auto at = std::make_shared<std::size_t>(0);
        response.pieces = [this, pieces = std::move(pieces), at] {
            return make_piece(pieces, (*at)++);
        };
        return response;
    }

    asio::awaitable<std::string> make_piece(std::vector<std::string> pieces, std::size_t index) {
        ++pieces_made;
        if (pieces.empty()) co_return std::string(1 << 20, 'e');
        if (index >= pieces.size()) co_return std::string();
        if (pieces[index] == "!") throw Fault("the disk is gone");
        co_return pieces[index];
    }

    // Streams the body back in chunks, as a gateway does.
    asio::awaitable<void> serve_device(
        std::shared_ptr<Connection> connection, RequestHead head, Request request
    ) {
        for (;;) {
            ResponseHead answer{
                .status = 200, .reason = "OK", .headers = {}, .framing = {Framing::chunked, 0}
            };
            answer.headers.add("X-Device", request.host + request.path);
            const auto text = serialise(answer);
            const std::vector<std::span<const char>> start{text};
            co_await connection->write(start);
            for (;;) {
                const auto piece = co_await connection->next_body();
                if (!piece) co_return;
                if (piece->empty()) break;
                const auto line = chunk_line(piece->size());
                const std::vector<std::span<const char>> pieces{line, *piece, chunk_end};
                co_await connection->write(pieces);
            }
            const std::vector<std::span<const char>> end{last_chunk};
            co_await connection->write(end);
            if (head.upgrade) {
                const auto rest = connection->take_rest();
                const std::vector<std::span<const char>> raw{rest};
                co_await connection->write(raw);
                co_return;
            }
            auto next = co_await connection->next_head();
            if (!next || !*next) co_return;
            head = std::move(**next);
            auto parsed = request_from(head, *connection);
            if (!parsed || parsed->host != request.host) {
                co_await connection->refuse_and_close(421);
                co_return;
            }
            request = *std::move(parsed);
        }
    }

    ServerSettings settings_;
    mutable std::mutex mutex_;
    std::vector<std::string> asked_;
    std::unique_ptr<Server> server_;
};

// Runs curl against the site and returns what it printed.
std::string curl(const Site& site, const std::string& arguments) {
    const std::string command =
        "curl -sS --noproxy '*' --max-time 30 --cacert " + site.tls.made.authority_file +
        " --resolve " + sign_in_host + ":" + std::to_string(site.port()) + ":127.0.0.1 " +
        arguments + " https://" + sign_in_host + ":" + std::to_string(site.port()) + "/curl 2>&1";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
    REQUIRE(pipe != nullptr);
    std::string out;
    std::array<char, 4096> buffer{};
    while (const auto size = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) {
        out.append(buffer.data(), size);
    }
    return out;
}

ServerSettings impatient() {
    ServerSettings settings;
    auto& limits = settings.rules.limits;
    limits.head_max = 100ms;
    limits.idle_max = 100ms;
    limits.body_step_max = 100ms;
    limits.body_grace = 100ms;
    limits.handshake_max = 100ms;
    return settings;
}

}  // namespace

TEST_SUITE("server") {
    TEST_CASE("a stranger's client is served over TLS") {
        const Site site;
        const auto got = curl(site, "-i");
        CHECK(got.starts_with("HTTP/1.1 200 OK\r\n"));
        CHECK(got.ends_with("\r\n\r\nhello "));
        CHECK(got.contains("\r\nReferrer-Policy: no-referrer\r\n"));
        CHECK(got.contains("\r\nCache-Control: no-store\r\n"));
        CHECK(got.contains("\r\nDate: "));
        CHECK(curl(site, "--data x=y") == "hello x=y");
        CHECK(curl(site, "-H 'Expect: 100-continue' --data x=y") == "hello x=y");
        CHECK(curl(site, "-H 'Transfer-Encoding: chunked' --data x=y") == "hello x=y");
        CHECK(curl(site, "-I").starts_with("HTTP/1.1 200 OK\r\n"));
        CHECK(curl(site, "--http2 -o /dev/null -w '%{http_version}'") == "1.1");
        CHECK(curl(site, "--no-alpn --http1.0") == "hello ");
        CHECK(curl(site, "--tls-max 1.1").contains("curl: (35)"));
    }

    TEST_CASE("requests of a connection are answered in order, sent one by one or at once") {
        const Site site;
        auto client = site.stranger();
        client.send(get("/1"));
        CHECK(client.read_until("hello ").starts_with("HTTP/1.1 200 OK"));
        client.send(
            get("/2") + "POST /3 HTTP/1.1\r\n" + host_line + "Content-Length: 1\r\n\r\nx" +
            get("/4", "Connection: close\r\n")
        );
        const auto rest = client.read_all();
        CHECK(rest.contains("hello x"));
        CHECK(rest.contains("Connection: close\r\n"));
        const auto asked = site.asked();
        REQUIRE(asked.size() == 4);
        for (std::size_t i = 0; i < 4; ++i) {
            CHECK(asked[i].contains(" /" + std::to_string(i + 1) + "?"));
        }
    }

    TEST_CASE("HEAD, 204 and HTTP/1.0 have the shape that their sender expects") {
        const Site site;
        const auto head =
            site.says_to("HEAD / HTTP/1.1\r\n" + host_line + "Connection: close\r\n\r\n");
        CHECK(head.contains("Content-Length: 6\r\n"));
        CHECK(head.ends_with("\r\n\r\n"));
        const auto nothing = site.says_to(get("/nothing", "Connection: close\r\n"));
        CHECK(nothing.starts_with("HTTP/1.1 204 No Content\r\n"));
        CHECK_FALSE(nothing.contains("Content-Length"));
        CHECK(nothing.ends_with("\r\n\r\n"));
        const auto old = site.says_to("GET / HTTP/1.0\r\n" + host_line + "\r\n");
        CHECK(old.contains("Connection: close\r\n"));
        const auto big = site.says_to(get("/big", "Connection: close\r\n"));
        CHECK(big.size() > 3'000'000);
        CHECK(big.ends_with("bbb"));
    }

    TEST_CASE("an answer in pieces comes as chunks, and the connection goes on behind it") {
        const Site site;
        const auto text = site.says_to(get("/pieces") + get("/next", "Connection: close\r\n"));
        CHECK(text.contains("Transfer-Encoding: chunked"));
        CHECK_FALSE(text.substr(0, text.find("\r\n\r\n")).contains("Content-Length"));
        CHECK(text.contains("\r\n\r\n6\r\nfirst \r\n40000\r\nppp"));
        CHECK(text.contains("ppp\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n"));
        CHECK(text.ends_with("hello "));
        CHECK(curl(site, "-s").contains("hello"));

        const auto made = site.pieces_made.load();
        const auto head =
            site.says_to("HEAD /pieces HTTP/1.1\r\n" + host_line + "Connection: close\r\n\r\n");
        CHECK(head.ends_with("\r\n\r\n"));
        CHECK(site.pieces_made == made);
        // Its end could not be told from its breaking off.
        const auto old = site.says_to("GET /pieces HTTP/1.0\r\n" + host_line + "\r\n");
        CHECK(status_of_answer(old) == "HTTP/1.1 505 HTTP Version Not Supported");
        CHECK(site.pieces_made == made);
    }

    TEST_CASE("a fault between two pieces breaks the answer off, and our client says so") {
        const Site site;
        const auto text = site.says_to(get("/broken"));
        CHECK(text.starts_with("HTTP/1.1 200 OK"));
        CHECK(text.ends_with("6\r\nfirst \r\n"));
        CHECK_FALSE(text.contains("disk"));

        HttpsClient client({
            .host = sign_in_host,
            .port = site.port(),
            .connect_to = "127.0.0.1",
            .ca_file = site.tls.made.authority_file,
            .body_size_max = 1000,
        });
        std::string got;
        const BodySink sink = [&got](std::string_view piece) { got += piece; };
        Request request;
        request.method = "GET";
        request.target = "/broken";
        CHECK_THROWS_WITH_AS(
            static_cast<void>(client.send(request, sink)),
            doctest::Contains("the answer broke off before its end"),
            Fault
        );
        CHECK(got == "first ");
        got.clear();
        request.target = "/pieces";
        CHECK(client.send(request, sink).body.empty());
        CHECK(got == "first " + std::string(600'000, 'p'));
        // What is no success is the caller's to read, and bounded.
        got.clear();
        request.target = "/fault";
        CHECK(client.send(request, sink).body.contains("Something failed here."));
        CHECK(got.empty());
        request.target = "/big";
        CHECK_THROWS_AS(static_cast<void>(client.send(request)), Fault);
    }

    TEST_CASE("an answer in pieces is made no faster than it is fetched") {
        Site site;
        auto client = site.stranger();
        client.send(get("/endless"));
        client.read_until("eeee");
        client.close();
        site.server().stop();
        CHECK(site.pieces_made < 64);
        CHECK(site.server().connections() == 0);
    }

    TEST_CASE("ambiguous framing is answered with an error, and nothing behind it is a request") {
        const Site site;
        const std::string smuggled = get("/smuggled");
        const std::array probes{
            "POST / HTTP/1.1\r\n" + host_line +
                "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled,
            "POST / HTTP/1.1\r\n" + host_line +
                "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + smuggled,
            "POST / HTTP/1.1\r\n" + host_line + "Content-Length: 0\r\nContent-Length: 50\r\n\r\n" +
                smuggled,
            "POST / HTTP/1.1\r\n" + host_line + "Content-Length: 0, 0\r\n\r\n" + smuggled,
            "POST / HTTP/1.1\r\n" + host_line + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" +
                smuggled,
            "POST / HTTP/1.1\r\n" + host_line +
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n" + smuggled,
            "POST / HTTP/1.1\r\n" + host_line + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" +
                smuggled,
            "POST / HTTP/1.1\r\n" + host_line +
                "X: y\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled,
            "POST / HTTP/1.1\r\n" + host_line +
                "X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled,
            "POST / HTTP/1.0\r\n" + host_line +
                "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled,
            "GET / HTTP/1.1\r\nHost: sallyport.localhost\r\nHost: pump-07.gate.localhost\r\n\r\n" +
                smuggled,
            "GET / HTTP/1.1\n" + host_line + "\n" + smuggled,
            "GET / HTTP/1.1\r\n\r\n" + smuggled,
            "GET https://pump-07.gate.localhost/ HTTP/1.1\r\n" + host_line + "\r\n" + smuggled,
            "GET /a%00b HTTP/1.1\r\n" + host_line + "\r\n" + smuggled,
            "GET /..%2f..%2fetc HTTP/1.1\r\n" + host_line + "\r\n" + smuggled,
            "CONNECT pump-07.gate.localhost:443 HTTP/1.1\r\n" + host_line + "\r\n" + smuggled,
            "GET / HTTP/1.1\r\n" + host_line + "X: " + std::string(20'000, 'x') + "\r\n\r\n" +
                smuggled,
            "\x16\x03\x01 hello\r\n\r\n" + smuggled,
        };
        for (const auto& probe : probes) {
            CAPTURE(probe);
            const auto said = site.says_to(probe);
            const bool refused = said.starts_with("HTTP/1.1 4") || said.starts_with("HTTP/1.1 501");
            CHECK(refused);
            CHECK(said.contains("Connection: close\r\n"));
            CHECK(said.find("HTTP/1.1", 1) == std::string::npos);
        }
        CHECK(site.asked().empty());
        // A framing fault that shows only in the body: the request is refused whole.
        const auto said = site.says_to(
            "POST / HTTP/1.1\r\n" + host_line +
            "Transfer-Encoding: chunked\r\n\r\n1\r\naX0\r\n\r\n" + smuggled
        );
        CHECK(status_of_answer(said) == "HTTP/1.1 400 Bad Request");
        CHECK(site.asked().empty());
    }

    TEST_CASE("a body over the limit is refused, announced or not") {
        ServerSettings settings;
        settings.body_size_max = 10;
        const Site site(settings);
        const auto post = "POST / HTTP/1.1\r\n" + host_line;
        CHECK(site.says_to(post + "Content-Length: 11\r\n\r\n").starts_with("HTTP/1.1 413 "));
        CHECK(site.says_to(post + "Transfer-Encoding: chunked\r\n\r\nB\r\n")
                  .starts_with("HTTP/1.1 413 "));
        // Told before it is sent.
        const auto waiting =
            site.says_to(post + "Content-Length: 11\r\nExpect: 100-continue\r\n\r\n");
        CHECK(waiting.starts_with("HTTP/1.1 413 "));
        CHECK(site.asked().empty());
        CHECK(site.says_to(post + "Connection: close\r\nContent-Length: 10\r\n\r\n0123456789")
                  .ends_with("hello 0123456789"));
    }

    TEST_CASE("bodies are bounded over all connections") {
        ServerSettings settings;
        settings.bodies_size_max = 15;
        Site site(settings);
        const auto post = [](const std::string& path) {
            return "POST " + path + " HTTP/1.1\r\n" + host_line +
                   "Content-Length: 10\r\n\r\n0123456789";
        };
        auto holding = site.stranger();
        holding.send(post("/gated"));
        site.in_handler.get_future().wait();
        CHECK(site.says_to(post("/")).starts_with("HTTP/1.1 503 "));
        site.gate.set_value();
        CHECK(holding.read_until("hello 0123456789").starts_with("HTTP/1.1 200 "));
        auto after = site.stranger();
        after.send(post("/"));
        CHECK(after.read_until("hello 0123456789").starts_with("HTTP/1.1 200 "));
    }

    TEST_CASE("slow clients are ended at every step") {
        Site site(impatient());
        SUBCASE("nothing at all after the handshake") {
            CHECK(site.stranger().read_all().empty());
        }
        SUBCASE("no handshake") {
            CHECK(Stranger(site.port()).read_all().empty());
        }
        SUBCASE("a head that does not end") {
            CHECK(site.says_to("GET / HTTP/1.1\r\nHost: ").empty());
        }
        SUBCASE("silence between requests") {
            auto client = site.stranger();
            client.send(get("/"));
            CHECK(client.read_all().ends_with("hello "));
        }
        SUBCASE("a body that does not come") {
            CHECK(site.says_to("POST / HTTP/1.1\r\n" + host_line + "Content-Length: 5\r\n\r\nhel")
                      .empty());
            CHECK(site.asked().empty());
        }
    }

    TEST_CASE("a body that comes byte by byte is too slow in the end") {
        auto settings = impatient();
        settings.rules.limits.body_step_max = 10s;
        settings.rules.limits.body_bytes_per_second_min = 1'000'000;
        const Site site(settings);
        auto client = site.stranger();
        client.send("POST / HTTP/1.1\r\n" + host_line + "Content-Length: 1000000\r\n\r\n");
        bool ended = false;
        for (int i = 0; i < 1'000'000 && !ended; ++i) {
            try {
                client.send("x");
            } catch (const boost::system::system_error&) {
                ended = true;
            }
        }
        CHECK(ended);
        CHECK(site.asked().empty());
    }

    TEST_CASE("a request is for the host that the certificate was shown for") {
        const Site site;
        const auto device_get = "GET / HTTP/1.1\r\nHost: pump-07.gate.localhost\r\n\r\n"s;
        CHECK(site.stranger(device_host).ask(get("/")).starts_with("HTTP/1.1 421 "));
        CHECK(site.says_to(device_get).starts_with("HTTP/1.1 421 "));
        CHECK(site.says_to("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n")
                  .starts_with("HTTP/1.1 421 "));
        CHECK(site.says_to("GET / HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 421 "));
        CHECK(site.says_to(get("/") + device_get).contains("HTTP/1.1 421 "));
        CHECK(site.asked().size() == 1);
    }

    TEST_CASE("a device host's connection is the gateway's, bodies streamed both ways") {
        const Site site;
        const std::string host = "Host: pump-07.gate.localhost:8443\r\n";
        auto client = site.stranger(device_host);
        client.send("POST /a HTTP/1.1\r\n" + host + "Content-Length: 5\r\n\r\nhello");
        const auto first = client.read_until("0\r\n\r\n");
        CHECK(first.contains("X-Device: pump-07.gate.localhost/a\r\n"));
        CHECK(first.ends_with("5\r\nhello\r\n0\r\n\r\n"));
        client.send(
            "GET /ws HTTP/1.1\r\n" + host + "Connection: upgrade\r\nUpgrade: x\r\n\r\nraw bytes"
        );
        CHECK(client.read_all().ends_with("0\r\n\r\nraw bytes"));
        CHECK(site.stranger(device_host)
                  .ask(
                      "GET /a HTTP/1.1\r\n" + host +
                      "\r\nGET /b HTTP/1.1\r\nHost: pump-08.gate.localhost\r\n\r\n"
                  )
                  .contains("HTTP/1.1 421 "));
    }

    TEST_CASE("S1-13 (part): plain HTTP is sent to TLS before a credential is looked at") {
        const Site site;
        const auto ask = [&](const std::string& bytes) {
            return Stranger(site.plain_port()).ask(bytes);
        };
        const auto said =
            ask("POST /sign-in?a=b HTTP/1.1\r\n" + host_line +
                "Authorization: Basic c2VjcmV0\r\nCookie: __Host-s=secret\r\nContent-Length: "
                "1000000\r\n\r\npassphrase=");
        CHECK(said.starts_with("HTTP/1.1 308 Permanent Redirect\r\n"));
        CHECK(said.contains("\r\nLocation: https://sallyport.localhost:8443/sign-in?a=b\r\n"));
        CHECK_FALSE(said.contains("secret"));
        CHECK(site.asked().empty());
        CHECK(ask("GET / HTTP/1.1\r\nHost: pump-07.gate.localhost:8080\r\n\r\n")
                  .contains("Location: https://pump-07.gate.localhost:8443/\r\n"));
        CHECK(ask("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n").starts_with("HTTP/1.1 400 "));
        CHECK(ask("GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400 "));
        CHECK(ask(get("/?session=abc")).starts_with("HTTP/1.1 400 "));
        CHECK(ask("GET /" + std::string(9000, 'a')).starts_with("HTTP/1.1 414 "));
    }

    TEST_CASE("a fault is an incident number and no internals") {
        const Site site;
        const auto fault = site.says_to(get("/fault", "Connection: close\r\n"));
        CHECK(fault.starts_with("HTTP/1.1 500 "));
        CHECK(fault.contains("incident "));
        CHECK_FALSE(fault.contains("secret inside"));
        CHECK(site.says_to(get("/full", "Connection: close\r\n")).starts_with("HTTP/1.1 503 "));
        CHECK(
            site.says_to(get("/fault") + get("/after", "Connection: close\r\n")).ends_with("hello ")
        );
    }

    TEST_CASE("over the limit of connections one is told so") {
        ServerSettings settings;
        settings.connections_max = 2;
        Site site(settings);
        auto one = site.stranger();
        one.send(get("/"));
        one.read_until("hello ");
        auto two = site.stranger();
        two.send(get("/"));
        two.read_until("hello ");
        CHECK(site.stranger().read_all().starts_with("HTTP/1.1 503 "));
    }

    TEST_CASE("one peer can't take all connections") {
        ServerSettings settings;
        settings.connections_per_peer_max = 1;
        Site site(settings);
        auto one = site.stranger();
        one.send(get("/"));
        one.read_until("hello ");
        CHECK_THROWS(static_cast<void>(site.stranger()));
    }

    TEST_CASE("a listed proxy speaks for many, so it may hold more connections than one peer") {
        ServerSettings settings;
        settings.connections_per_peer_max = 1;
        settings.rules.forwarded_peers = IpSet::parse({"127.0.0.1"}).value();
        Site site(settings);
        auto one = site.stranger();
        auto two = site.stranger();
        two.send(get("/"));
        CHECK(two.read_until("hello ").starts_with("HTTP/1.1 200 "));
    }

    TEST_CASE("HSTS is on every answer of our own over TLS, if the server has it") {
        const auto nowhere =
            "GET / HTTP/1.1\r\nHost: else.example.org\r\nConnection: close\r\n\r\n";
        CHECK_FALSE(Site().says_to(nowhere).contains("Strict-Transport-Security"));
        ServerSettings settings;
        settings.rules.hsts = true;
        CHECK(Site(settings).says_to(nowhere).contains(
            "Strict-Transport-Security: max-age=31536000\r\n"
        ));
    }

    TEST_CASE("PROXY protocol is read from listed peers, demanded of them, and of nobody else") {
        const auto proxied =
            "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0C\xC0\0\x02\x07\x7F\0\0\x01\x12\x34\x01\xBB"s;
        ServerSettings settings = impatient();
        {
            const Site unlisted(settings);
            CHECK_THROWS(
                Stranger(unlisted.port(), unlisted.tls.made.authority_file, sign_in_host, proxied)
            );
        }
        settings.proxy_protocol_peers = IpSet::parse({"127.0.0.1"}).value();
        const Site site(settings);
        Stranger client(site.port(), site.tls.made.authority_file, sign_in_host, proxied);
        client.send(get("/"));
        CHECK(client.read_until("hello ").starts_with("HTTP/1.1 200 "));
        CHECK(site.asked().at(0).ends_with(" from 192.0.2.7"));
        CHECK_THROWS(static_cast<void>(site.stranger()));
    }

    TEST_CASE("forwarded addresses are believed from listed peers only") {
        const auto forwarded = get("/", "X-Forwarded-For: 192.0.2.9\r\nConnection: close\r\n");
        ServerSettings settings;
        {
            const Site unlisted(settings);
            static_cast<void>(unlisted.says_to(forwarded));
            CHECK(unlisted.asked().at(0).ends_with(" from 127.0.0.1"));
        }
        settings.rules.forwarded_peers = IpSet::parse({"127.0.0.1"}).value();
        const Site site(settings);
        static_cast<void>(site.says_to(forwarded));
        CHECK(site.asked().at(0).ends_with(" from 192.0.2.9"));
    }

    TEST_CASE("an address that is taken is named") {
        const Site site;
        ServerSettings settings;
        settings.tls = {{.address = "127.0.0.1", .port = site.port()}};
        Sites sites{
            .sign_in_host = sign_in_host, .sign_in = {}, .is_device_host = {}, .device = {}
        };
        try {
            const Server second(settings, sites, site.tls.server);
            FAIL("two servers share a port");
        } catch (const Fault& fault) {
            CHECK(
                std::string(fault.what()).contains("127.0.0.1 port " + std::to_string(site.port()))
            );
        }
    }

    TEST_CASE("a drain finishes the running request, ends idle connections, and takes no new ones"
    ) {
        Site site;
        auto idle = site.stranger();
        idle.send(get("/"));
        idle.read_until("hello ");
        auto busy = site.stranger();
        busy.send(get("/gated"));
        site.in_handler.get_future().wait();
        const Stranger half_open(site.port());  // never speaks TLS: does not hold the drain up

        std::jthread stopping([&] { site.server().stop(); });
        CHECK(idle.read_all().empty());  // the drain has begun
        site.gate.set_value();
        const auto said = busy.read_all();
        CHECK(said.contains("Connection: close\r\n"));
        CHECK(said.ends_with("hello "));
        busy.close();
        stopping.join();
        CHECK(site.server().connections() == 0);
        CHECK_THROWS(static_cast<void>(site.stranger()));
    }

    TEST_CASE("a drain ends what does not finish in time") {
        ServerSettings settings;
        settings.drain_max = 50ms;
        Site site(settings);
        auto busy = site.stranger();
        busy.send(get("/never"));
        site.in_handler.get_future().wait();
        site.server().stop();
        CHECK(busy.read_all().empty());
        CHECK(site.server().connections() == 0);
    }

    TEST_CASE("clients that vanish leave nothing behind") {
        Site site;
        for (int i = 0; i < 20; ++i) {
            auto client = site.stranger();
            client.send(
                i % 2 == 0 ? get("/big")
                           : "POST / HTTP/1.1\r\n" + host_line + "Content-Length: 9\r\n\r\nx"
            );
            client.close();
        }
        site.server().stop();
        CHECK(site.server().connections() == 0);
    }

    TEST_CASE("our own client talks to our server, and says what failed") {
        const Site site;
        HttpsClientSettings settings;
        settings.host = sign_in_host;
        settings.connect_to = "127.0.0.1";
        settings.port = site.port();
        settings.ca_file = site.tls.made.authority_file;
        HttpsClient client(settings);
        Request request;
        request.method = "POST";
        request.target = "/x?y";
        request.body = "world";
        for (int i = 0; i < 2; ++i) {
            const auto answer = client.send(request);
            CHECK(answer.status == 200);
            CHECK(answer.body == "hello world");
        }
        CHECK(site.asked().at(0).starts_with("POST /x?y world"));
        request.target = "/big";
        CHECK(client.send(request).body.size() == 3'000'000);

        settings.host = "other.example";
        HttpsClient other(settings);
        CHECK_THROWS_WITH_AS(
            static_cast<void>(other.send(request)),
            doctest::Contains("certificate is not trusted: hostname mismatch"),
            Fault
        );
        settings.host = sign_in_host;
        settings.port = site.plain_port();
        HttpsClient plain(settings);
        CHECK_THROWS_AS(static_cast<void>(plain.send(request)), Fault);
        asio::io_context context;
        asio::ip::tcp::acceptor silent(context, {asio::ip::address_v4::loopback(), 0});
        settings.port = silent.local_endpoint().port();
        settings.connect_max = 50ms;
        HttpsClient patient(settings);
        CHECK_THROWS_WITH_AS(
            static_cast<void>(patient.send(request)), doctest::Contains("no answer in time"), Fault
        );
    }
}

}  // namespace sallyport::http
