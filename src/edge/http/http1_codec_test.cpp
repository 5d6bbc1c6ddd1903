#include "edge/http/http1_codec.h"

#include "tests/support/http1_transcript.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>

namespace sallyport::http {

namespace {

using namespace std::string_view_literals;

using test::request_transcript;
using test::response_transcript;

std::string head(std::string_view line, std::string_view fields = "") {
    return std::string(line) + "\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

std::string refused(std::string_view reason) {
    return "refused http." + std::string(reason) + "\n";
}

// Requests of which two readers could see two things. Each must be refused before anything of a
// second message is seen.
struct Smuggle {
    std::string_view name;
    std::string_view bytes;
    std::string_view reason;
};

const Smuggle smuggles[] = {
    {"CL.TE",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: "
     "chunked\r\n\r\n0\r\n\r\nG",
     "length_and_chunked"},
    {"TE.CL",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: "
     "3\r\n\r\n8\r\nSMUGGLED\r\n0\r\n\r\n",
     "length_and_chunked"},
    {"two unequal lengths",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
     "length_malformed"},
    {"two equal lengths",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
     "length_malformed"},
    {"a list of lengths",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\na",
     "length_malformed"},
    {"a signed length",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na",
     "length_malformed"},
    {"a negative length",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\na",
     "length_malformed"},
    {"a hexadecimal length",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\na",
     "length_malformed"},
    {"an empty length",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\na",
     "length_malformed"},
    {"a length beyond 64 bits",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551617\r\n\r\na",
     "length_malformed"},
    {"a length with a space inside",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1 1\r\n\r\na",
     "length_malformed"},
    {"TE.TE, unknown coding",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
     "transfer_encoding_unsupported"},
    {"TE.TE, two fields",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
     "identity\r\n\r\n0\r\n\r\n",
     "transfer_encoding_unsupported"},
    {"TE.TE, list",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
     "transfer_encoding_unsupported"},
    {"chunked and more",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
     "transfer_encoding_unsupported"},
    {"TE quoted",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
     "transfer_encoding_unsupported"},
    {"TE with a parameter",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n",
     "transfer_encoding_unsupported"},
    {"TE with vertical tab",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\x0B"
     "chunked\r\n\r\n0\r\n\r\n",
     "field_malformed"},
    {"chunked on HTTP/1.0",
     "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     "transfer_encoding_unsupported"},
    {"space before the colon",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 1\r\n\r\na",
     "field_malformed"},
    {"tab before the colon",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding\t: chunked\r\n\r\n",
     "field_malformed"},
    {"folded field",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n",
     "field_folded"},
    {"folded first field", "POST / HTTP/1.1\r\n Host: a\r\n\r\n", "field_folded"},
    {"bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", "line_ending"},
    {"bare LF after a field", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", "line_ending"},
    {"bare LF as blank line", "GET / HTTP/1.1\r\nHost: a\r\n\n", "line_ending"},
    {"bare CR in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: b\rY: c\r\n\r\n", "field_malformed"},
    {"CR CR LF", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", "request_line_malformed"},
    {"NUL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n"sv, "field_malformed"},
    {"NUL in a name", "GET / HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n"sv, "field_malformed"},
    {"a name with a space", "GET / HTTP/1.1\r\nHost: a\r\nFoo Bar: b\r\n\r\n", "field_malformed"},
    {"an empty name", "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", "field_malformed"},
    {"no colon", "GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n", "field_malformed"},
    {"a name of UTF-8", "GET / HTTP/1.1\r\nHost: a\r\nX\xC3\xA9: b\r\n\r\n", "field_malformed"},
    {"no Host", "GET / HTTP/1.1\r\nX: b\r\n\r\n", "host_missing"},
    {"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "host_missing"},
    {"two equal Hosts", "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", "host_missing"},
    {"two Hosts on HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", "host_missing"},
    {"a Host with a user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", "host_malformed"},
    {"a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "host_malformed"},
    {"a Host list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", "host_malformed"},
    {"an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "host_malformed"},
    {"chunk size with a prefix",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
     "chunk_malformed"},
    {"chunk size with a sign",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\n",
     "chunk_malformed"},
    {"chunk size with a space before",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n 1\r\na\r\n0\r\n\r\n",
     "chunk_malformed"},
    {"chunk size with a space behind",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1 \r\na\r\n0\r\n\r\n",
     "chunk_malformed"},
    {"chunk size that overflows",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
     "chunked\r\n\r\n10000000000000001\r\na\r\n0\r\n\r\n",
     "chunk_malformed"},
    {"chunk without a size",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\r\na\r\n0\r\n\r\n",
     "chunk_malformed"},
    {"chunk line with a bare LF",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n",
     "chunk_malformed"},
    {"chunk extension with a bare LF",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a\nb\r\n0\r\n\r\n",
     "chunk_malformed"},
    {"chunk extension with a bare CR",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a\rb\r\nx\r\n0\r\n\r\n",
     "chunk_malformed"},
    {"chunk extension without a name",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;\r\na\r\n0\r\n\r\n",
     "chunk_malformed"},
    {"trailer that frames",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: "
     "5\r\n\r\n",
     "trailers_malformed"},
    {"trailer that routes",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nHost: b\r\n\r\n",
     "trailers_malformed"},
    {"trailer with a bare LF",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\n\r\n",
     "trailers_malformed"},
    {"trailer that is no field",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nGET / HTTP/1.1\r\n\r\n",
     "trailers_malformed"},
    {"HTTP/0.9", "GET /\r\n\r\n", "request_line_malformed"},
    {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "version_unsupported"},
    {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", "version_unsupported"},
    {"the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "version_unsupported"},
    {"two spaces after the method", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "request_line_malformed"},
    {"a space in the target", "GET / a HTTP/1.1\r\nHost: a\r\n\r\n", "request_line_malformed"},
    {"a tab in the request line", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", "request_line_malformed"},
    {"a trailing space", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", "request_line_malformed"},
    {"a lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n", "request_line_malformed"},
    {"a leading space", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", "request_line_malformed"},
    {"two empty lines before", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "request_line_malformed"
    },
    {"UTF-8 in the target", "GET /\xC3\xA9 HTTP/1.1\r\nHost: a\r\n\r\n", "request_line_malformed"},
    {"a method that is no token", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", "request_line_malformed"},
    {"an unknown expectation",
     "POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n",
     "expectation_unknown"},
    {"a TLS hello",
     "\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03\r\n\r\n"sv,
     "request_line_malformed"},
};

}  // namespace

TEST_SUITE("http1 codec") {
    TEST_CASE("a request is read as it was sent") {
        CHECK(
            request_transcript(head("GET /a?b HTTP/1.1", "X-Y:  z \r\n")) ==
            "GET /a?b 11 [none keep]|Host=a|X-Y=z\nend\n"
        );
        CHECK(
            request_transcript(head("POST / HTTP/1.1", "Content-Length: 5\r\n") + "hello") ==
            "POST / 11 [length 5 keep]|Host=a|Content-Length=5\nbody hello\nend\n"
        );
        CHECK(
            request_transcript(
                head("POST / HTTP/1.1", "Transfer-Encoding: Chunked\r\n") +
                "5;n=\"v\"\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 7\r\n\r\n"
            ) == "POST / 11 [chunked keep]|Host=a|Transfer-Encoding=Chunked\nbody hello!\nend\n"
        );
        CHECK(request_transcript("GET / HTTP/1.0\r\n\r\n") == "GET / 10 [none]\nend\n");
    }

    TEST_CASE("requests in a pipeline are told apart") {
        const auto bytes = head("POST /1 HTTP/1.1", "Content-Length: 1\r\n") + "a" + "\r\n" +
                           head("GET /2 HTTP/1.1", "Connection: close\r\n");
        CHECK(
            request_transcript(bytes) ==
            "POST /1 11 [length 1 keep]|Host=a|Content-Length=1\nbody a\nend\n"
            "GET /2 11 [none]|Host=a|Connection=close\nend\n"
        );
    }

    TEST_CASE("what two readers could read in two ways is refused") {
        for (const auto& smuggle : smuggles) {
            CAPTURE(smuggle.name);
            const auto said = request_transcript(smuggle.bytes);
            CHECK(said.ends_with(refused(smuggle.reason)));
            // Nothing of the body was taken for a second message.
            CHECK(said.find("end\n") == std::string::npos);
        }
    }

    TEST_CASE("a refusal is final") {
        RequestParser parser;
        parser.feed("GET / HTTP/1.1\r\n\r\n");
        CHECK_FALSE(parser.next().has_value());
        parser.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        const auto again = parser.next();
        REQUIRE_FALSE(again.has_value());
        CHECK(again.error().reason == "http.host_missing");
    }

    TEST_CASE("every limit holds to the byte") {
        CodecLimits limits;
        limits.head_size_max = 200;
        limits.line_size_max = 100;
        limits.fields_max = 3;
        limits.body_size_max = 10;
        limits.chunk_line_size_max = 10;
        limits.trailers_size_max = 20;
        const auto said = [&](const std::string& bytes) {
            return request_transcript(bytes, {}, Strictness::toward_people, limits);
        };

        // "X: " + value + CRLF = 100
        CHECK(said(head("GET / HTTP/1.1", "X: " + std::string(95, 'a') + "\r\n")).ends_with("end\n")
        );
        CHECK(
            said(head("GET / HTTP/1.1", "X: " + std::string(96, 'a') + "\r\n")) ==
            refused("head_too_large")
        );
        const auto three = std::string("B: ") + std::string(90, 'b') + "\r\nC: ";
        const auto rest = 200 - head("GET / HTTP/1.1", three + "\r\n").size();
        CHECK(
            said(head("GET / HTTP/1.1", three + std::string(rest, 'c') + "\r\n")).ends_with("end\n")
        );
        CHECK(
            said(head("GET / HTTP/1.1", three + std::string(rest + 1, 'c') + "\r\n")) ==
            refused("head_too_large")
        );
        CHECK(said(head("GET / HTTP/1.1", "A: 1\r\nB: 2\r\n")).ends_with("end\n"));
        CHECK(
            said(head("GET / HTTP/1.1", "A: 1\r\nB: 2\r\nC: 3\r\n")) == refused("too_many_fields")
        );
        CHECK(
            said(head("GET /" + std::string(90, 'a') + " HTTP/1.1")) == refused("target_too_long")
        );

        const auto sized = [](int size) {
            return head("POST / HTTP/1.1", "Content-Length: " + std::to_string(size) + "\r\n") +
                   std::string(static_cast<std::size_t>(size), 'x');
        };
        CHECK(said(sized(10)).ends_with("end\n"));
        CHECK(said(sized(11)).ends_with(refused("body_too_large")));
        const auto chunks = head("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\n");
        CHECK(said(chunks + "6\r\n123456\r\n4\r\n1234\r\n0\r\n\r\n").ends_with("end\n"));
        CHECK(said(chunks + "6\r\n123456\r\n5\r\n").ends_with(refused("body_too_large")));
        CHECK(said(chunks + "1;a=567890\r\nx\r\n0\r\n\r\n").ends_with(refused("chunk_malformed")));
        CHECK(said(chunks + "1;a=56789\r\nx\r\n0\r\n\r\n").ends_with("end\n"));
        CHECK(said(chunks + "0\r\nX: 12345678901234\r\n\r\n").ends_with("end\n"));
        CHECK(said(chunks + "0\r\nX: 12345678901234567\r\n\r\n")
                  .ends_with(refused("trailers_malformed")));
    }

    TEST_CASE("a limit set after the head counts for its body") {
        RequestParser parser;
        parser.feed(head("POST / HTTP/1.1", "Content-Length: 5\r\n") + "hello");
        REQUIRE(std::holds_alternative<RequestHead>(*parser.next()));
        parser.set_body_size_max(4);
        const auto refusal = parser.next();
        REQUIRE_FALSE(refusal.has_value());
        CHECK(status_of(refusal.error()) == 413);
    }

    TEST_CASE("an upgrade leaves the bytes behind it alone") {
        RequestParser parser;
        parser.feed(
            head("GET /ws HTTP/1.1", "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n")
        );
        parser.feed("\x81\x05hello");
        const auto event = parser.next();
        REQUIRE(std::holds_alternative<RequestHead>(*event));
        CHECK(std::get<RequestHead>(*event).upgrade);
        REQUIRE(std::holds_alternative<End>(*parser.next()));
        CHECK(parser.take_rest() == "\x81\x05hello");
        CHECK(parser.unread_size() == 0);
    }

    TEST_CASE("an upgrade with a body or on HTTP/1.0 is none") {
        const auto upgrade = "Connection: upgrade\r\nUpgrade: h2c\r\n";
        CHECK(
            request_transcript(
                head("POST / HTTP/1.1", std::string(upgrade) + "Content-Length: 1\r\n") + "a"
            )
                .find(" upgrade]") == std::string::npos
        );
        CHECK(
            request_transcript(head("GET / HTTP/1.0", upgrade)).find(" upgrade]") ==
            std::string::npos
        );
    }

    TEST_CASE("a request cut short is truncated, silence between requests is not") {
        CHECK(request_transcript("") == "");
        CHECK(request_transcript("GET / HT") == refused("truncated"));
        CHECK(request_transcript(head("POST / HTTP/1.1", "Content-Length: 5\r\n") + "hell")
                  .ends_with("body hell\n" + refused("truncated")));
    }

    TEST_CASE("answers are framed by their request and status") {
        const std::string sized = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
        CHECK(
            response_transcript(sized + "ab", {"GET"}) ==
            "200 OK 11 [length 2 keep]|Content-Length=2\nbody ab\nend\n"
        );
        CHECK(
            response_transcript(sized, {"HEAD"}) ==
            "200 OK 11 [length 2 keep]|Content-Length=2\nend\n"
        );
        CHECK(
            response_transcript(
                "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n", {"GET"}
            ) == "304 Not Modified 11 [none keep]|Content-Length=2\nend\n"
        );
        CHECK(
            response_transcript("HTTP/1.1 204 No Content\r\n\r\n", {"GET"}) ==
            "204 No Content 11 [none keep]\nend\n"
        );
        CHECK(
            response_transcript("HTTP/1.0 200 OK\r\n\r\nuntil the end", {"GET"}) ==
            "200 OK 10 [until-close]\nbody until the end\nend\n"
        );
        CHECK(
            response_transcript("HTTP/1.1 100 Continue\r\n\r\n" + sized + "ab", {"POST"}) ==
            "100 Continue 11 [none keep]\n200 OK 11 [length 2 keep]|Content-Length=2\nbody "
            "ab\nend\n"
        );
    }

    TEST_CASE("what refuses a tunnel has a body like any other answer") {
        CHECK(
            response_transcript("HTTP/1.0 550 no\r\n\r\nnot here", {"CONNECT"}) ==
            "550 no 10 [until-close]\nbody not here\nend\n"
        );
        CHECK(
            response_transcript("HTTP/1.1 403 no\r\nContent-Length: 2\r\n\r\nno", {"CONNECT"}) ==
            "403 no 11 [length 2 keep]|Content-Length=2\nbody no\nend\n"
        );
        // A tunnel's bytes are nobody's here.
        CHECK(response_transcript("HTTP/1.1 200 OK\r\n\r\nbytes", {"CONNECT"})
                  .starts_with("200 OK 11"));
    }

    TEST_CASE("an answer that goes on past the limit is cut there, however its bytes came in") {
        CodecLimits limits;
        limits.body_size_max = 8;
        const std::string answer = "HTTP/1.0 200 OK\r\n\r\n";
        const auto said = [&](const std::string& body, std::size_t piece) {
            const std::vector<std::size_t> cuts((answer + body).size(), piece);
            return response_transcript(
                answer + body, {"GET"}, cuts, Strictness::toward_devices, limits
            );
        };
        const std::string head = "200 OK 10 [until-close]\n";
        for (const std::size_t piece : {1U, 3U, 8U, 100U}) {
            CHECK(said("12345678", piece) == head + "body 12345678\nend\n");
            CHECK(
                said("123456789", piece) == head + "body 12345678\nrefused http.body_too_large\n"
            );
        }
    }

    TEST_CASE("the answer to an upgrade hands over what follows") {
        ResponseParser parser;
        parser.expect_answer_to("GET");
        parser.feed(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nraw"
        );
        const auto event = parser.next();
        REQUIRE(event.has_value());
        REQUIRE(std::holds_alternative<ResponseHead>(*event));
        CHECK(std::holds_alternative<NeedMore>(*parser.next()));
        CHECK(parser.take_rest() == "raw");
    }

    TEST_CASE("bytes that answer nothing are refused") {
        const std::string one = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        CHECK(response_transcript(one + one, {"GET"})
                  .ends_with("end\n" + refused("unsolicited_answer")));
        CHECK(response_transcript(one + one, {"GET", "GET"}).ends_with("end\n"));
        std::string interim;
        for (int i = 0; i < 9; ++i) {
            interim += "HTTP/1.1 102 Processing\r\n\r\n";
        }
        CHECK(response_transcript(interim, {"GET"}).ends_with(refused("unsolicited_answer")));
    }

    TEST_CASE("old devices are forgiven what can be read in one way only") {
        CHECK(
            response_transcript("HTTP/1.0 200\nServer: pump \nX : y\n folded\n\nbody", {"GET"}) ==
            "200  10 [until-close]|Server=pump|X=y folded\nbody body\nend\n"
        );
        CHECK(response_transcript(
                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3   \r\nabc\r\n0  \r\n\r\n",
                  {"GET"}
        )
                  .ends_with("body abc\nend\n"));
    }

    TEST_CASE("old devices are not forgiven ambiguous framing") {
        const std::map<std::string, std::string> cases{
            {"Content-Length: 2\r\nContent-Length: 3\r\n", "length_malformed"},
            {"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "length_and_chunked"},
            {"Content-Length : 2\r\nTransfer-Encoding: chunked\r\n", "length_and_chunked"},
            {"Content-Length: 2\r\n 2\r\n", "length_malformed"},
            {"Transfer-Encoding: gzip, chunked\r\n", "transfer_encoding_unsupported"},
            {"X: a\rContent-Length: 2\r\n", "field_malformed"},
        };
        for (const auto& [fields, reason] : cases) {
            CAPTURE(fields);
            const auto said =
                response_transcript("HTTP/1.1 200 OK\r\n" + fields + "\r\nab", {"GET"});
            CHECK(said == refused(reason));
        }
        CHECK(
            response_transcript(
                "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {"GET"}
            ) == refused("transfer_encoding_unsupported")
        );
    }

    TEST_CASE("garbage is not an answer") {
        for (const auto* bytes :
             {"garbage\r\n\r\n",
              "HTTP/1.1 2000 OK\r\n\r\n",
              "HTTP/1.1 20 OK\r\n\r\n",
              "HTTP/1.1 600 X\r\n\r\n",
              "ICY 200 OK\r\n\r\n",
              "HTTP/1.1200 OK\r\n\r\n",
              "<html>\n\n"}) {
            CAPTURE(bytes);
            CHECK(response_transcript(bytes, {"GET"}) == refused("status_line_malformed"));
        }
    }

    TEST_CASE("a body shorter than announced is truncated, never complete") {
        CHECK(response_transcript("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", {"GET"})
                  .ends_with("body ab\n" + refused("truncated")));
        CHECK(response_transcript(
                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", {"GET"}
        )
                  .ends_with("body ab\n" + refused("truncated")));
        CHECK(response_transcript("", {"GET"}) == refused("truncated"));
    }

    TEST_CASE("statuses of refusals") {
        const std::map<std::string, int> statuses{
            {"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505},
            {"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
            {"GET /" + std::string(17000, 'a'), 414},
            {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(17000, 'a'), 431},
            {"GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", 417},
            {"GET / HTTP/1.1\r\n\r\n", 400},
        };
        for (const auto& [bytes, status] : statuses) {
            RequestParser parser;
            parser.feed(bytes);
            const auto event = parser.next();
            REQUIRE_FALSE(event.has_value());
            CHECK(status_of(event.error()) == status);
        }
    }
}

TEST_SUITE("http1 codec, properties") {
    rc::Gen<std::vector<std::size_t>> cuts() {
        return rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 40));
    }

    TEST_CASE("however the bytes are cut, the events are the same") {
        std::vector<std::string> corpus;
        for (const auto& smuggle : smuggles) {
            corpus.emplace_back(smuggle.bytes);
        }
        const auto chunks = head("POST /c HTTP/1.1", "Transfer-Encoding: chunked\r\n");
        corpus.push_back(
            chunks + "5;x=y\r\nhello\r\nA\r\n0123456789\r\n0\r\nT: u\r\n\r\n" +
            head("GET / HTTP/1.1")
        );
        corpus.push_back(
            head("POST / HTTP/1.1", "Content-Length: 30\r\n") + std::string(30, 'q') + "\r\n" +
            head("GET / HTTP/1.1")
        );
        const bool holds = rc::check([&] {
            const auto& bytes = *rc::gen::elementOf(corpus);
            RC_ASSERT(request_transcript(bytes, *cuts()) == request_transcript(bytes));
        });
        CHECK(holds);
        for (const auto& bytes : corpus) {
            CAPTURE(bytes);
            const std::vector<std::size_t> one_by_one(bytes.size(), 1);
            CHECK(request_transcript(bytes, one_by_one) == request_transcript(bytes));
        }
    }

    TEST_CASE("changed at any byte, a request is refused or read the same however it is cut") {
        const auto bytes = head("POST /c HTTP/1.1", "Transfer-Encoding: chunked\r\n") +
                           "5;x=y\r\nhello\r\n0\r\nT: u\r\n\r\n" +
                           head("GET / HTTP/1.1", "A: b\r\n");
        const bool holds = rc::check([&] {
            auto changed = bytes;
            const auto at = *rc::gen::inRange<std::size_t>(0, changed.size());
            changed[at] = *rc::gen::arbitrary<char>();
            RC_ASSERT(request_transcript(changed, *cuts()) == request_transcript(changed));
        });
        CHECK(holds);
    }

    TEST_CASE("an answer of a device reads the same however it is cut") {
        const std::vector<std::string> corpus{
            "HTTP/1.0 200\nServer: pump \nX : y\n folded\n\nbody of some length",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3  "
            "\r\nabc\r\n0\r\n\r\n"
            "HTTP/1.1 404 No\r\nContent-Length: 3\r\n\r\nabc",
        };
        const bool holds = rc::check([&] {
            auto bytes = *rc::gen::elementOf(corpus);
            if (*rc::gen::arbitrary<bool>()) {
                bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] =
                    *rc::gen::arbitrary<char>();
            }
            const std::vector<std::string> methods{"GET", "GET"};
            RC_ASSERT(
                response_transcript(bytes, methods, *cuts()) == response_transcript(bytes, methods)
            );
        });
        CHECK(holds);
    }

    TEST_CASE("what is serialised is read back as it was") {
        const bool holds = rc::check([] {
            const auto token =
                rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('a', 'z')));
            const auto body = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
            RequestHead sent;
            sent.method = (*token).substr(0, 32);
            sent.target = "/" + *token;
            sent.headers.add("Host", *token);
            sent.headers.add("X-" + *token, *token);
            sent.framing = body.empty() ? Framing{} : Framing{Framing::chunked, 0};
            auto bytes = serialise(sent);
            if (!body.empty()) {
                bytes += chunk_line(body.size()) + body;
                bytes += chunk_end;
                bytes += last_chunk;
            }
            const auto said = request_transcript(bytes, *cuts());
            RC_ASSERT(said.starts_with(sent.method + " " + sent.target + " 11 "));
            RC_ASSERT(said.ends_with(body.empty() ? "\nend\n" : "\nbody " + body + "\nend\n"));
        });
        CHECK(holds);
    }
}

}  // namespace sallyport::http
