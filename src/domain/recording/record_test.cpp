#include "domain/recording/record.h"

#include "tests/support/checkout.h"
#include "tests/support/recorded.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <fstream>
#include <sstream>

using namespace sallyport;
using namespace sallyport::recording;

namespace {

crypto::Secret key_of(std::byte fill) {
    std::array<std::byte, 32> bytes{};
    bytes.fill(fill);
    return crypto::Secret::take(bytes);
}

RecordHead head_of(const ConnectionId& connection, std::uint64_t sequence) {
    return {RecordType::frame, 1, connection, sequence, test::at_second(1)};
}

}  // namespace

TEST_CASE("a sealed frame comes back as it was") {
    CHECK(rc::check([](const std::string& payload, std::uint32_t stream, std::uint64_t reference) {
        const auto key = key_of(std::byte{1});
        const auto connection = test::fresh_connection(1);
        auto frame = test::frame_of(payload);
        frame.stream = stream;
        frame.reference = reference;
        const auto head = head_of(connection, 9);

        const auto bytes = encode_record(head, seal_frame(key, head, frame));
        const auto record = decode_record(bytes);
        RC_ASSERT(record.has_value());
        RC_ASSERT(record->whole.size() == bytes.size());
        RC_ASSERT(record->head.sequence == 9U);
        RC_ASSERT(record->head.at == frame.at);
        const auto back = open_frame(key, *record, record->body);
        RC_ASSERT(back.has_value());
        RC_ASSERT(back->payload == frame.payload);
        RC_ASSERT(back->stream == stream);
        RC_ASSERT(back->exchange == 1U);
        RC_ASSERT(back->reference == reference);
    }));
}

TEST_CASE("no bit of a record can change unseen") {
    const auto key = key_of(std::byte{1});
    const auto head = head_of(test::fresh_connection(1), 9);
    const auto bytes = encode_record(head, seal_frame(key, head, test::frame_of("hello")));

    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        auto changed = bytes;
        changed[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
        CHECK_FALSE(decode_record(changed));
    }
}

TEST_CASE("a frame under another sequence, kind, time or recording does not open") {
    const auto key = key_of(std::byte{1});
    const auto connection = test::fresh_connection(1);
    const auto head = head_of(connection, 9);
    const auto sealed = seal_frame(key, head, test::frame_of("hello"));
    const auto opens_as = [&](const RecordHead& claimed) {
        const auto bytes = encode_record(claimed, sealed);
        const auto record = decode_record(bytes);
        REQUIRE(record.has_value());
        return open_frame(key, *record, record->body).has_value();
    };

    CHECK(opens_as(head));
    auto other = head;
    other.sequence = 10;
    CHECK_FALSE(opens_as(other));
    other = head;
    other.kind = 2;
    CHECK_FALSE(opens_as(other));
    other = head;
    other.at += Duration(1);
    CHECK_FALSE(opens_as(other));
    other = head;
    other.connection = test::fresh_connection(2);
    CHECK_FALSE(opens_as(other));
}

TEST_CASE("records that no writer writes are refused") {
    const auto connection = test::fresh_connection(1);
    const auto refused = [](const RecordHead& head) {
        const auto bytes = encode_record(head, {});
        const auto record = decode_record(bytes);
        return !record && record.error().reason == "record.malformed";
    };

    CHECK(refused({RecordType::frame, 0, connection, 1, test::at_second(0)}));
    CHECK(refused({RecordType::frame, 9, connection, 1, test::at_second(0)}));
    CHECK(refused({RecordType::frame, 1, connection, 0, test::at_second(0)}));
    CHECK(refused({RecordType::open, 1, connection, 0, test::at_second(0)}));
    CHECK(refused({RecordType::open, 0, connection, 1, test::at_second(0)}));
    CHECK(refused({static_cast<RecordType>(4), 1, connection, 1, test::at_second(0)}));
    CHECK_FALSE(refused({RecordType::open, 0, connection, 0, test::at_second(0)}));

    Bytes too_long(8 + record_size_max);
    too_long[1] = std::byte{0xFF};
    CHECK(decode_record(too_long).error().reason == "record.malformed");
    CHECK(decode_record(Bytes(7)).error().reason == "record.truncated");
}

TEST_CASE("docs/protocols/journal.md shows the bytes that the code writes") {
    std::ifstream file(test::in_vectors("recording/record.txt"));
    REQUIRE(file.good());
    std::string key_hex;
    std::string record_hex;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string name;
        std::string value;
        words >> name >> value;
        if (name == "key") key_hex = value;
        if (name == "record") record_hex = value;
    }
    auto key_bytes = from_hex(key_hex).value();
    const auto key = crypto::Secret::take(key_bytes);
    const RecordHead head{
        RecordType::frame,
        static_cast<std::uint8_t>(FrameKind::to_device),
        ConnectionId::parse("019dfa2c-0c00-7000-8000-000000000001").value(),
        3,
        from_micros(1'795'334'400'250'000),
    };
    Frame frame = test::frame_of("GET /status HTTP/1.1\r\n\r\n");
    frame.at = head.at;
    frame.stream = 1;
    frame.exchange = 2;

    CHECK(to_hex(encode_record(head, seal_frame(key, head, frame))) == record_hex);
    crypto::AeadSealer sealer(key);
    CHECK(to_hex(sealed_record(sealer, head, frame)) == record_hex);
}
