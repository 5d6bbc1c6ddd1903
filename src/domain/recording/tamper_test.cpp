// Somebody with write access to the recordings changes them. verify_recording() finds it.

#include "tests/support/recorded.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace sallyport;
using namespace sallyport::recording;

namespace {

// A sealed recording of 30 frames in several segments, one of them in the bulk file.
struct Sealed {
    explicit Sealed(std::uint64_t seed = 1) : id(test::fresh_connection(seed)) {
        here.settings.segment_bytes_max = 64U << 10U;
        here.start();
        add(id);
    }

    void add(const ConnectionId& connection) {
        const auto recording = here.open(connection);
        for (int i = 1; i < 30; ++i) {
            const std::size_t size = i == 15 ? inline_size_max + 1 : 5000;
            test::submit_and_wait(*recording, test::frame_of(std::string(size, 'a')));
        }
        root = test::seal(*recording).get();
    }

    Bytes& bytes(std::string_view name) { return here.disk.bytes_of(here.path(id, name)); }

    IntegrityReport verify() { return here.verify(id, root); }

    bool finds(std::string_view what) {
        const auto report = verify();
        return std::ranges::any_of(report.problems, [&](const auto& p) { return p.what == what; });
    }

    // Where the record of this number begins in the first segment.
    std::size_t record_at(std::size_t number) {
        auto offset = segment_header_size;
        const auto& segment = bytes("000001.segment");
        for (std::size_t i = 0; i < number; ++i) {
            offset += decode_record(BytesView(segment).subspan(offset)).value().whole.size();
        }
        return offset;
    }

    test::RecorderInMemory here;
    ConnectionId id;
    Bytes root;
};

}  // namespace

TEST_CASE("an untouched recording verifies, with the root and without") {
    Sealed sealed;
    CHECK(sealed.verify().whole());
    CHECK(sealed.here.verify(sealed.id).whole());
    CHECK(sealed.verify().frames == 30);
}

TEST_CASE("S2-26 (part): one changed bit, anywhere in any file, is found") {
    Sealed sealed;
    CHECK(rc::check([&] {
        const auto name = *rc::gen::element<std::string>(
            "000001.segment", "000002.segment", "000003.segment", "bulk", "manifest.json"
        );
        auto& bytes = sealed.bytes(name);
        const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
        const auto bit = static_cast<std::byte>(1U << *rc::gen::inRange(0U, 8U));
        bytes[at] ^= bit;
        const bool found = !sealed.verify().whole();
        bytes[at] ^= bit;
        RC_ASSERT(found);
        RC_ASSERT(sealed.verify().whole());
    }));
}

TEST_CASE("a changed bit is found without the root hash too, in all but the manifest's words") {
    Sealed sealed;
    auto& segment = sealed.bytes("000002.segment");
    segment[1000] ^= std::byte{1};
    const auto report = sealed.here.verify(sealed.id);
    REQUIRE_FALSE(report.whole());
    CHECK(report.problems[0].what == "segment.changed");
    CHECK(report.problems[0].file == "000002.segment");
}

TEST_CASE("a cut tail is found, of a file and of the whole recording") {
    Sealed sealed;
    auto& segment = sealed.bytes("000003.segment");
    const auto before = segment;
    segment.resize(segment.size() - 1);
    CHECK(sealed.finds("segment.changed"));
    CHECK(sealed.finds("record.damaged"));
    segment = before;

    auto& bulk = sealed.bytes("bulk");
    bulk.resize(bulk.size() - 1);
    CHECK(sealed.finds("bulk.changed"));
}

TEST_CASE("a missing segment, manifest or folder is found") {
    Sealed sealed;
    sealed.here.disk.remove(sealed.here.path(sealed.id, "000002.segment"));
    CHECK(sealed.finds("segment.missing"));
    CHECK(sealed.finds("frame.missing"));
    sealed.here.disk.remove(sealed.here.path(sealed.id, "manifest.json"));
    CHECK(sealed.finds("manifest.missing"));
    const auto other = test::fresh_connection(77);
    CHECK(sealed.here.verify(other).problems[0].what == "recording.missing");
}

// From here on the forger makes CRCs, segment hashes and manifest fit. He has no recording key, and
// he can't change the audit log, where the root hash is.
namespace {

void forge_manifest(Sealed& sealed) {
    auto& bytes = sealed.bytes("manifest.json");
    auto manifest = parse_manifest(as_text(bytes)).value();
    for (auto& segment : manifest.segments) {
        segment.bytes = sealed.bytes(segment.name).size();
        segment.sha256 = crypto::sha256(sealed.bytes(segment.name));
    }
    const auto json = to_json(manifest);
    const auto view = as_bytes(json);
    bytes.assign(view.begin(), view.end());
}

}  // namespace

TEST_CASE("frames in another order do not open, whoever mends the hashes") {
    Sealed sealed;
    auto& segment = sealed.bytes("000001.segment");
    // Records 2 and 3 are of one size: swap them.
    const auto second = static_cast<std::ptrdiff_t>(sealed.record_at(2));
    const auto third = static_cast<std::ptrdiff_t>(sealed.record_at(3));
    const auto fourth = static_cast<std::ptrdiff_t>(sealed.record_at(4));
    std::rotate(segment.begin() + second, segment.begin() + third, segment.begin() + fourth);
    forge_manifest(sealed);

    CHECK(sealed.finds("manifest.changed"));
    const auto report = sealed.here.verify(sealed.id);
    REQUIRE_FALSE(report.whole());
    CHECK(report.problems[0].what == "frame.missing");
    CHECK(report.problems[0].sequence == 2);
    CHECK(report.problems[1].what == "record.out_of_order");
    CHECK(report.problems[1].sequence == 2);
}

TEST_CASE("a frame that was cut out shows, whoever mends the hashes") {
    Sealed sealed;
    auto& segment = sealed.bytes("000001.segment");
    segment.erase(
        segment.begin() + static_cast<std::ptrdiff_t>(sealed.record_at(2)),
        segment.begin() + static_cast<std::ptrdiff_t>(sealed.record_at(3))
    );
    forge_manifest(sealed);
    const auto report = sealed.here.verify(sealed.id);
    REQUIRE_FALSE(report.whole());
    CHECK(report.problems[0].what == "frame.missing");
    CHECK(report.problems[0].sequence == 2);
}

TEST_CASE("the last frames can't be cut off, whoever mends the hashes") {
    Sealed sealed;
    auto& bytes = sealed.bytes("manifest.json");
    auto manifest = parse_manifest(as_text(bytes)).value();
    const auto frames = manifest.segments.back().frames;
    manifest.frames -= frames;
    manifest.segments.pop_back();
    const auto json = to_json(manifest);
    const auto view = as_bytes(json);
    bytes.assign(view.begin(), view.end());

    const auto report = sealed.here.verify(sealed.id);
    REQUIRE_FALSE(report.whole());
    CHECK(report.problems[0].what == "end.missing");
}

TEST_CASE("a renumbered or altered frame does not open, whoever mends the CRC") {
    Sealed sealed;
    auto& segment = sealed.bytes("000001.segment");
    const auto at = sealed.record_at(2);
    const auto record = decode_record(BytesView(segment).subspan(at)).value();
    Bytes body(record.body.begin(), record.body.end());
    body[100] ^= std::byte{1};
    std::ranges::copy(
        encode_record(record.head, body), segment.begin() + static_cast<std::ptrdiff_t>(at)
    );
    forge_manifest(sealed);
    const auto report = sealed.here.verify(sealed.id);
    REQUIRE(report.problems.size() == 1);
    CHECK(report.problems[0].what == "frame.not_authentic");
    CHECK(report.problems[0].sequence == 2);
    CHECK(report.frames == 29);
}

TEST_CASE("a segment of another recording does not pass for this one's") {
    Sealed sealed;
    const auto other = test::fresh_connection(2);
    const auto root = sealed.root;
    sealed.add(other);
    sealed.root = root;
    sealed.bytes("000002.segment") =
        sealed.here.disk.bytes_of(sealed.here.path(other, "000002.segment"));
    forge_manifest(sealed);
    CHECK(sealed.finds("record.moved"));

    // And under this recording's name, CRCs mended: the other key sealed it.
    auto& segment = sealed.bytes("000002.segment");
    auto forged = encode_segment_header({2, sealed.id});
    for (auto rest = BytesView(segment).subspan(segment_header_size); !rest.empty();) {
        auto record = decode_record(rest).value();
        record.head.connection = sealed.id;
        const auto bytes = encode_record(record.head, record.body);
        forged.insert(forged.end(), bytes.begin(), bytes.end());
        rest = rest.subspan(record.whole.size());
    }
    segment = forged;
    forge_manifest(sealed);
    CHECK(sealed.finds("frame.not_authentic"));
}

TEST_CASE("a wrapped key of another recording opens nothing") {
    Sealed sealed;
    const auto other = test::fresh_connection(2);
    sealed.add(other);
    auto& bytes = sealed.bytes("manifest.json");
    auto manifest = parse_manifest(as_text(bytes)).value();
    manifest.wrapped_key =
        parse_manifest(as_text(sealed.here.disk.bytes_of(sealed.here.path(other, "manifest.json"))))
            .value()
            .wrapped_key;
    const auto json = to_json(manifest);
    const auto view = as_bytes(json);
    bytes.assign(view.begin(), view.end());
    const auto report = sealed.here.verify(sealed.id);
    CHECK(report.frames == 0);
    CHECK(report.problems[0].what == "recording.no_key");
}

TEST_CASE("a broken index costs time, not truth") {
    Sealed sealed;
    sealed.bytes("000001.index")[9] ^= std::byte{1};
    auto reader = sealed.here.read(sealed.id);
    reader.seek(test::at_second(1000));
    CHECK(reader.next().has_value());
    CHECK(sealed.verify().whole());
}
