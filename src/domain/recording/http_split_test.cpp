#include "domain/recording/http_split.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace sallyport;
using namespace sallyport::recording;

namespace {

constexpr std::string_view chunked_answer =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\n\r\n"
    "5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nT: 1\r\n\r\n";

SplitMessage split(HttpSide side, std::string_view text, bool head = false) {
    HttpSplitter splitter(side);
    if (head) splitter.answers_head();
    (void)splitter.feed(as_bytes(text));
    splitter.end();
    return splitter.message();
}

}  // namespace

TEST_CASE("a request is taken apart into line, fields and body") {
    const auto message = split(
        HttpSide::request,
        "POST /a?b=c HTTP/1.1\r\nHost: pump-07\r\nContent-Length: 5\r\nX-Y:  z \r\n\r\nhello"
    );
    CHECK(message.first == "POST");
    CHECK(message.second == "/a?b=c");
    CHECK(message.third == "HTTP/1.1");
    CHECK(message.fields.size() == 3);
    CHECK(message.field("x-y") == "z");
    CHECK(message.field("HOST") == "pump-07");
    CHECK(message.field("absent").empty());
    CHECK(as_text(message.body) == "hello");
    CHECK(message.complete);
    CHECK_FALSE(message.malformed);
}

TEST_CASE("a chunked body loses its framing, and its sizes are both told") {
    const auto message = split(HttpSide::response, chunked_answer);
    CHECK(message.status() == 200);
    CHECK(as_text(message.body) == "hello world");
    CHECK(message.content_size == 11);
    CHECK(message.body_size == chunked_answer.size() - message.head_size);
    CHECK(message.complete);
    CHECK_FALSE(message.unframed);
}

TEST_CASE("a body that was recorded without the chunks its head promises is kept whole") {
    const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const std::string body :
         {"<html>hello</html>", "5 apples\nand 3 pears", "5\r\nhello, no end of a chunk", "\r\n"}) {
        const auto message = split(HttpSide::response, head + body);
        CHECK(as_text(message.body) == body);
        CHECK(message.content_size == body.size());
        CHECK(message.unframed);
        CHECK_FALSE(message.malformed);
    }
}

TEST_CASE("a message cut anywhere reads the same") {
    CHECK(rc::check([] {
        HttpSplitter splitter(HttpSide::response);
        const auto bytes = as_bytes(chunked_answer);
        std::size_t at = 0;
        while (at < bytes.size()) {
            const auto size = *rc::gen::inRange<std::size_t>(1, bytes.size() - at + 1);
            RC_ASSERT(splitter.feed(bytes.subspan(at, size)).empty());
            at += size;
        }
        RC_ASSERT(as_text(splitter.message().body) == "hello world");
        RC_ASSERT(splitter.message().complete);
        RC_ASSERT(splitter.message().head_size == 55U);
    }));
}

TEST_CASE("answers to HEAD, 204 and 304 have no body, others last until the end") {
    CHECK(split(HttpSide::response, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", true).complete);
    CHECK(split(HttpSide::response, "HTTP/1.1 204 No Content\r\n\r\n").complete);
    CHECK(
        split(HttpSide::response, "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n").complete
    );
    const auto old = split(HttpSide::response, "HTTP/1.0 200 OK\r\n\r\nall of it");
    CHECK(as_text(old.body) == "all of it");
    CHECK(old.complete);
    CHECK_FALSE(
        split(HttpSide::response, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").complete
    );
}

TEST_CASE("interim answers are passed over, a switch is not") {
    const auto message = split(
        HttpSide::response,
        "HTTP/1.1 100 Continue\r\nX: 1\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
    );
    CHECK(message.status() == 201);
    CHECK(message.fields.size() == 1);

    HttpSplitter splitter(HttpSide::response);
    const auto rest =
        splitter.feed(as_bytes("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n\x01\x02"));
    CHECK(splitter.switched());
    CHECK(as_text(rest) == "\x01\x02");
}

TEST_CASE("what is no HTTP is kept as body, and said to be malformed") {
    const auto garbage = split(HttpSide::response, "\x02\x01 nothing like HTTP");
    CHECK(garbage.malformed);
    CHECK(garbage.status() == 0);
    const auto length =
        split(HttpSide::response, "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nbody");
    CHECK(length.malformed);
    CHECK(as_text(length.body) == "body");

    HttpSplitter splitter(HttpSide::request, {.head_size_max = 64, .body_size_max = 100});
    const std::string endless(1000, 'a');
    CHECK(splitter.feed(as_bytes(endless)).empty());
    CHECK(splitter.message().malformed);
    CHECK(splitter.message().body.size() == 100);
    CHECK(splitter.message().body_size == 1000);
    CHECK(splitter.message().cut);
}

TEST_CASE("a long body is cut at the limit and counted to its end") {
    const std::string body(100'000, 'b');
    HttpSplitter splitter(HttpSide::response, {.body_size_max = 1000});
    (void)splitter.feed(as_bytes("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"));
    CHECK(as_text(splitter.feed(as_bytes(body + "next"))) == "next");
    CHECK(splitter.message().body.size() == 1000);
    CHECK(splitter.message().content_size == 100'000);
    CHECK(splitter.message().cut);
    CHECK(splitter.message().complete);
}
