#include "domain/recording/har.h"

#include "tests/support/checkout.h"
#include "tests/support/recorded.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <fstream>

using namespace sallyport;
using namespace sallyport::recording;
using Json = nlohmann::json;

namespace {

std::vector<std::unique_ptr<Json>> loaded;

const Json* load_schema(const std::string& uri) {
    const auto name = uri.substr(uri.rfind('/') + 1);
    std::ifstream file(test::in_vectors(std::string("har/") + name));
    if (!file) return nullptr;
    loaded.push_back(std::make_unique<Json>(Json::parse(file)));
    return loaded.back().get();
}

// What the published schema of HAR 1.2 says about it; empty if it holds.
std::string schema_errors(const Json& har) {
    valijson::Schema schema;
    valijson::SchemaParser parser;
    const auto* const root = load_schema("har.json");
    const valijson::adapters::NlohmannJsonAdapter adapter(*root);
    parser.populateSchema(adapter, schema, load_schema, [](const Json*) {});
    valijson::Validator validator;
    valijson::ValidationResults results;
    const valijson::adapters::NlohmannJsonAdapter target(har);
    if (validator.validate(schema, target, &results)) return {};
    std::string errors;
    valijson::ValidationResults::Error error;
    while (results.popError(error)) {
        for (const auto& part : error.context) {
            errors += part;
        }
        errors += ": " + error.description + "\n";
    }
    return errors.empty() ? "invalid" : errors;
}

// One recorded visit; each line is a frame.
class Visit {
public:
    Visit() {
        here_.start();
        recording_ = here_.open(id_);
    }

    std::uint64_t frame(
        FrameKind kind, std::uint32_t exchange, std::string_view payload, std::int64_t second
    ) {
        return test::submit_and_wait(*recording_, test::frame_of(payload, kind, exchange, second));
    }

    void sent(std::uint64_t sequence) { recording_->mark_sent(sequence, test::at_second(59)); }

    Json har(const HarOptions& options = {}) {
        if (recording_) (void)test::seal(*recording_).get();
        recording_.reset();
        HarExport file(here_.read(id_), options);
        std::string text;
        while (!file.done()) {
            text += file.step();
        }
        auto har = Json::parse(text);
        CHECK(schema_errors(har) == "");
        return har;
    }

    test::RecorderInMemory here_;
    ConnectionId id_ = test::fresh_connection(1);

private:
    std::shared_ptr<Recording> recording_;
};

}  // namespace

TEST_CASE("the check against the HAR schema finds a file that is none") {
    CHECK(schema_errors(Json::parse(R"({"log":{"version":"1.2","entries":[]}})")) != "");
    CHECK(schema_errors(Json::parse(R"({"log":{"version":"1.2","creator":{"name":"a","version":"1"},
        "entries":[{"startedDateTime":"yesterday"}]}})")) != "");
}

TEST_CASE("S2-26 (part): a request and its answer replay completely and in time, as HAR") {
    Visit visit;
    visit.frame(
        FrameKind::exchange_begin,
        1,
        R"({"id":1,"method":"POST","target":"/rate?unit=ml%2Fh","peer":"192.0.2.1"})",
        10
    );
    visit.sent(visit.frame(
        FrameKind::to_device,
        1,
        "POST /rate?unit=ml%2Fh HTTP/1.1\r\nHost: 10.0.0.7\r\nCookie: a=1; b=2\r\n"
        "Authorization: Basic ****\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n"
        R"({"rate": 12})",
        11
    ));
    visit.frame(
        FrameKind::from_device,
        1,
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n"
        "Set-Cookie: s=7; Path=/\r\n\r\n",
        13
    );
    visit.sent(visit.frame(
        FrameKind::to_person, 1, "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\n\r\n", 13
    ));
    visit.sent(visit.frame(FrameKind::from_device, 1, "5\r\nhello\r\n", 14));
    visit.sent(visit.frame(FrameKind::from_device, 1, "0\r\n\r\n", 16));
    visit.frame(
        FrameKind::exchange_end,
        1,
        R"({"id":1,"status":200,"outcome":"answered","reason":"ok","masked":[[3,4]]})",
        16
    );

    const auto har = visit.har();
    const auto& log = har["log"];
    REQUIRE(log["entries"].size() == 1);
    const auto& entry = log["entries"][0];
    CHECK(entry["startedDateTime"] == "2026-11-22T08:00:10.000Z");
    CHECK(entry["timings"]["send"] == 1000.0);
    CHECK(entry["timings"]["wait"] == 2000.0);
    CHECK(entry["timings"]["receive"] == 3000.0);
    CHECK(entry["time"] == 6000.0);
    const auto& request = entry["request"];
    CHECK(request["method"] == "POST");
    CHECK(request["url"] == "http://10.0.0.7/rate?unit=ml%2Fh");
    CHECK(request["queryString"][0]["value"] == "ml/h");
    CHECK(request["cookies"].size() == 2);
    CHECK(request["postData"]["text"] == R"({"rate": 12})");
    CHECK(request["postData"]["mimeType"] == "application/json");
    const auto& response = entry["response"];
    CHECK(response["status"] == 200);
    CHECK(response["content"]["text"] == "hello");
    CHECK(response["content"]["mimeType"] == "text/html");
    CHECK(response["cookies"][0]["value"] == "7");
    CHECK(entry["_toPerson"]["headers"][0]["name"] == "Cache-Control");
    const auto& facts = entry["_sallyport"];
    CHECK(facts["request"] == "delivered");
    CHECK(facts["response"] == "delivered");
    CHECK(facts["outcome"] == "answered");
    CHECK(facts["masked"] == Json::parse("[[3,4]]"));
    CHECK(log["_sallyport"]["device"] == "pump-07");
    CHECK(log["_sallyport"]["state"] == "sealed");
    CHECK(log["_sallyport"]["root_hash"].get<std::string>().size() == 64);
    CHECK(log["_integrity"]["whole"] == true);
}

TEST_CASE("without a mark, HAR says unknown") {
    Visit visit;
    visit.frame(FrameKind::exchange_begin, 1, R"({"id":1,"method":"GET","target":"/"})", 1);
    const auto first = visit.frame(
        FrameKind::to_device, 1, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na", 1
    );
    visit.sent(first);
    visit.frame(FrameKind::to_device, 1, "b", 2);  // recorded; the process died before it was sent
    visit.frame(FrameKind::from_device, 1, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", 3);

    const auto entry = visit.har()["log"]["entries"][0];
    CHECK(entry["_sallyport"]["request"] == "unknown");
    CHECK(entry["_sallyport"]["response"] == "unknown");
    CHECK(entry["_sallyport"]["outcome"] == "unfinished");
}

TEST_CASE("a mark that comes after the exchange's end still counts") {
    Visit visit;
    const auto request =
        visit.frame(FrameKind::to_device, 1, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 1);
    const auto answer =
        visit.frame(FrameKind::from_device, 1, "HTTP/1.1 204 No Content\r\n\r\n", 2);
    visit.frame(FrameKind::exchange_end, 1, R"({"outcome":"answered"})", 2);
    visit.frame(FrameKind::exchange_begin, 2, R"({"method":"GET","target":"/2"})", 3);
    visit.sent(request);
    visit.sent(answer);

    const auto entry = visit.har()["log"]["entries"][0];
    CHECK(entry["_sallyport"]["request"] == "delivered");
    CHECK(entry["_sallyport"]["response"] == "delivered");
}

TEST_CASE("a refused request is an entry without bytes") {
    Visit visit;
    visit.frame(
        FrameKind::exchange_begin, 1, R"({"id":1,"method":"POST","target":"/firmware"})", 1
    );
    visit.frame(
        FrameKind::exchange_end,
        1,
        R"({"id":1,"status":0,"outcome":"refused","reason":"device.path_refused"})",
        1
    );

    const auto entry = visit.har()["log"]["entries"][0];
    CHECK(entry["request"]["method"] == "POST");
    CHECK(entry["request"]["url"] == "http://pump-07/firmware");
    CHECK(entry["response"]["status"] == 0);
    CHECK(entry["_sallyport"]["outcome"] == "refused");
    CHECK(entry["_sallyport"]["reason"] == "device.path_refused");
    CHECK(entry["_sallyport"]["request"] == "none");
    CHECK(entry["_sallyport"]["response"] == "none");
}

TEST_CASE("bytes of a protocol switch stand both ways, in order and in base64") {
    Visit visit;
    visit.frame(
        FrameKind::to_device, 1, "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n", 1
    );
    visit.frame(FrameKind::from_device, 1, "HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x01g", 2);
    visit.frame(FrameKind::to_device, 1, "\x81\x01p", 3);
    visit.frame(FrameKind::from_device, 1, std::string_view("\x00\xFF", 2), 4);

    const auto entry = visit.har()["log"]["entries"][0];
    CHECK(entry["response"]["status"] == 101);
    const auto& bytes = entry["_upgradeBytes"];
    REQUIRE(bytes.size() == 3);
    CHECK(bytes[0]["type"] == "receive");
    CHECK(bytes[1]["type"] == "send");
    CHECK(bytes[1]["data"] == to_base64(as_bytes("\x81\x01p")));
    CHECK(bytes[2]["data"] == "AP8=");
    CHECK(bytes[2]["time"] == 1'795'334'404.0);
}

TEST_CASE("a binary body is base64, and a long one is cut and says so") {
    Visit visit;
    visit.frame(FrameKind::to_device, 1, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n", 1);
    visit.frame(
        FrameKind::from_device,
        1,
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\xFF\x00\x01", 41),
        2
    );
    visit.frame(FrameKind::exchange_end, 1, "{}", 2);
    visit.frame(FrameKind::to_device, 2, "GET /b HTTP/1.1\r\nHost: a\r\n\r\n", 3);
    visit.frame(
        FrameKind::from_device,
        2,
        "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + std::string(500, 'x'),
        4
    );

    const auto entries = visit.har({.limits = {.body_size_max = 100}})["log"]["entries"];
    CHECK(entries[0]["response"]["content"]["encoding"] == "base64");
    CHECK(entries[0]["response"]["content"]["text"] == "/wAB");
    CHECK(entries[1]["response"]["content"]["size"] == 500);
    CHECK(entries[1]["response"]["content"]["text"] == std::string(100, 'x'));
    CHECK(entries[1]["_sallyport"]["cut"] == true);
}

TEST_CASE("hostile bytes from a device can't break the file") {
    Visit visit;
    visit.frame(FrameKind::exchange_begin, 1, "[not an object", 1);
    visit.frame(FrameKind::to_device, 1, "GET /\"<>\\ \xFF HTTP/1.1\r\nHost: a\"b\r\n\r\n", 1);
    visit.frame(
        FrameKind::from_device,
        1,
        "HTTP/1.1 2\xFE"
        "0 \xFF\r\n\xC0: \xC1\r\nSet-Cookie: =;\r\n\r\nx",
        2
    );
    visit.frame(FrameKind::exchange_end, 1, R"({"outcome":7,"reason":{"a":1}})", 2);
    visit.frame(FrameKind::note, 0, "\xFF\xFF", 3);
    visit.frame(FrameKind::note, 0, R"({"event":"visit.ended"})", 3);

    const auto log = visit.har()["log"];
    CHECK(log["entries"].size() == 1);
    CHECK(log["_notes"].size() == 2);
    CHECK(log["_notes"][1]["note"]["event"] == "visit.ended");
}

TEST_CASE("a damaged recording exports what is authentic and says what is wrong") {
    Visit visit;
    for (std::uint32_t i = 1; i <= 3; ++i) {
        visit.frame(
            FrameKind::to_device, i, "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n", i
        );
    }
    CHECK(visit.har()["log"]["entries"].size() == 3);
    auto& segment = visit.here_.disk.bytes_of(visit.here_.path(visit.id_, "000001.segment"));
    segment[segment.size() / 2] ^= std::byte{1};

    const auto log = visit.har()["log"];
    CHECK(log["entries"].size() < 3);
    CHECK(log["_integrity"]["whole"] == false);
    CHECK(log["_integrity"]["problems"][0]["what"] == "segment.changed");
}

TEST_CASE("exchanges without an end do not pile up") {
    Visit visit;
    HarOptions options;
    std::size_t size = 0;
    HarWriter writer([&](const std::string& part) { size += part.size(); }, options);
    for (std::uint32_t i = 1; i <= 3000; ++i) {
        writer.add({i, test::frame_of("GET / HTTP/1.1\r\n\r\n", FrameKind::to_device, i, 1)});
    }
    const auto before_end = size;
    writer.finish({});
    CHECK(before_end > size * 8 / 10);
}
