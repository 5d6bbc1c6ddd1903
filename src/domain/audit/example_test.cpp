// The worked example of docs/protocols/audit-log.md, byte for byte: whoever writes a verifier from
// that document has these to compare with, and this test keeps the document true.

#include "tests/support/checkout.h"

#include "domain/audit/checkpoint.h"
#include "domain/audit/key_chain.h"
#include "domain/audit/leaf.h"
#include "domain/audit/log_desk.h"
#include "domain/audit/tiles.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace sallyport::audit {

namespace {

std::string document() {
    std::ifstream file(test::in_checkout("docs/protocols/audit-log.md"), std::ios::binary);
    REQUIRE(file);
    return {std::istreambuf_iterator<char>(file), {}};
}

EventId example_id(char last) {
    return EventId::parse(std::string("0193507b-d800-7000-8000-00000000000") + last).value();
}

// Salts of 0x00 bytes only: an example must be repeatable.
class NoDice final : public Random {
public:
    void fill(std::span<std::byte> out) override { std::ranges::fill(out, std::byte{0}); }
};

std::string example_leaf(char last, const Event& event) {
    NoDice dice;
    const std::string node = "node-1";
    const Moment moment{
        from_micros(1'795'334'400'000'000 + (last - '0')),
        Duration(5'000'000),
        ClockState::synchronised,
        dice,
        node
    };
    return encode_leaf(example_id(last), moment, event).bytes;
}

}  // namespace

TEST_CASE("the worked example of the protocol document is what this code makes") {
    const auto text = document();
    auto start = event_by(system_actor("server"), "sys.start", "start", "node:node-1");
    start.fields.push_back({"version", "0.1.0"});
    const auto first = example_leaf('1', start);
    const auto second = example_leaf('2', samples::failure("mallory"));

    TileWriter writer;
    writer.append(as_bytes(first));
    writer.append(as_bytes(second));
    const auto signer = samples::signer(1);
    const Checkpoint checkpoint{signer.key.name(), 2, writer.tree().root()};
    const auto note = sign_checkpoint(checkpoint, signer.key, signer.secret);

    const auto digest = commitment("fields.identifier", Salt{}, "mallory");
    for (const auto& part :
         {first,
          second,
          to_hex(leaf_hash(as_bytes(first))),
          to_hex(leaf_hash(as_bytes(second))),
          to_hex(writer.tree().root()),
          to_hex(digest),
          signer.key.text(),
          note}) {
        CHECK_MESSAGE(text.find(part) != std::string::npos, part);
    }
    CHECK(read_leaf(second)->commitments.at(0).digest == digest);
}

}  // namespace sallyport::audit
