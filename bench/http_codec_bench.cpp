// What reading and writing HTTP costs, without sockets: the share of the codec in a request.

#include "edge/http/http1_codec.h"
#include "edge/http/target.h"

#include <benchmark/benchmark.h>

#include <string>

namespace {

using namespace sallyport::http;

const std::string browser_get =
    "GET /status?page=2 HTTP/1.1\r\n"
    "Host: pump-07.gate.localhost:8443\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    "Accept-Language: en-US,en;q=0.5\r\n"
    "Cookie: __Host-sallyport-device=sp_0123456789012345678901234567890123456789-_A\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Connection: keep-alive\r\n\r\n";

void read_request(benchmark::State& state) {
    RequestParser parser;
    for (auto _ : state) {
        parser.feed(browser_get);
        auto head = parser.next();
        auto end = parser.next();
        benchmark::DoNotOptimize(parse_target(std::get<RequestHead>(*head).target));
        benchmark::DoNotOptimize(end);
    }
    state.SetItemsProcessed(state.iterations());
}

void read_chunked_answer(benchmark::State& state) {
    const std::size_t chunk_size = 16 * 1024;
    std::string bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 16; ++i) {
        bytes += chunk_line(chunk_size) + std::string(chunk_size, 'x');
        bytes += chunk_end;
    }
    bytes += last_chunk;
    ResponseParser parser;
    for (auto _ : state) {
        parser.expect_answer_to("GET");
        parser.feed(bytes);
        for (;;) {
            const auto event = parser.next();
            if (std::holds_alternative<End>(*event)) break;
        }
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}

void write_answer_head(benchmark::State& state) {
    ResponseHead head{
        .status = 200, .reason = "OK", .headers = {}, .framing = {Framing::length, 512}
    };
    head.headers.add("Content-Type", "text/html; charset=utf-8");
    head.headers.add("Cache-Control", "no-store");
    head.headers.add("Date", "Sun, 22 Nov 2026 08:00:00 GMT");
    for (auto _ : state) {
        benchmark::DoNotOptimize(serialise(head));
    }
    state.SetItemsProcessed(state.iterations());
}

BENCHMARK(read_request);
BENCHMARK(read_chunked_answer);
BENCHMARK(write_answer_head);

}  // namespace

BENCHMARK_MAIN();
