#include "domain/audit/checkpoint.h"

#include "tests/support/checkout.h"

#include "domain/audit/note.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace sallyport::audit {

namespace {

std::string vector_file(const std::string& name) {
    std::ifstream file(test::in_vectors("merkle/" + name), std::ios::binary);
    REQUIRE(file);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> key_texts(const std::string& kind) {
    std::istringstream file(vector_file("signed-note-keys.txt"));
    std::vector<std::string> found;
    for (std::string word, key; file >> word >> key;) {
        if (word == kind) found.push_back(key);
    }
    return found;
}

const std::string testlog_key =
    "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";

struct Signer {
    crypto::SigningKey secret = crypto::SigningKey::generate();
    VerifierKey key = VerifierKey::make("test.example/log", secret.public_key()).value();
};

}  // namespace

TEST_CASE("the keys of the published note parse and print the same") {
    const auto good = key_texts("good");
    REQUIRE(good.size() == 2);
    for (const auto& text : good) {
        CHECK(VerifierKey::parse(text).value().text() == text);
    }
    const auto bad = key_texts("bad");
    REQUIRE(bad.size() == 2);
    for (const auto& text : bad) {
        CHECK_FALSE(VerifierKey::parse(text));
    }
    auto other_id = good[0];
    other_id.replace(other_id.find('+') + 1, 8, "c74f20a4");
    CHECK_FALSE(VerifierKey::parse(other_id));
}

TEST_CASE("the published note opens with either key, and with no changed byte") {
    const auto note = vector_file("signed-note.txt");
    for (const auto& text : key_texts("good")) {
        const auto key = VerifierKey::parse(text).value();
        const auto opened = open_note(note, {&key, 1});
        REQUIRE(opened);
        CHECK(opened->starts_with("If you think cryptography"));

        auto changed = note;
        changed[3] = 'Y';
        CHECK(open_note(changed, {&key, 1}).error().reason == "note.bad_signature");
    }
    const Signer stranger;
    CHECK(open_note(note, {&stranger.key, 1}).error().reason == "note.unsigned");
}

TEST_CASE("all checkpoints of the published log open with its key") {
    const auto key = VerifierKey::parse(testlog_key).value();
    for (std::uint64_t size = 0; size <= 15; ++size) {
        const auto note = vector_file("tessera-testlog/checkpoint." + std::to_string(size));
        const auto checkpoint = open_checkpoint(note, {&key, 1});
        REQUIRE(checkpoint);
        CHECK(checkpoint->origin == "example.com/log/testdata");
        CHECK(checkpoint->size == size);
        CHECK(parse_note(note)->text == to_text(*checkpoint));
    }
}

TEST_CASE("what we sign opens with our key, and with another only if both signed") {
    const Signer ours;
    const Signer other;
    const Checkpoint checkpoint{"test.example/log", 7, leaf_hash(as_bytes("x"))};

    auto note = sign_checkpoint(checkpoint, ours.key, ours.secret);
    CHECK(open_checkpoint(note, {&ours.key, 1}).value() == checkpoint);
    CHECK(open_checkpoint(note, {&other.key, 1}).error().reason == "note.unsigned");

    note += signature_line(to_text(checkpoint), other.key, other.secret);
    CHECK(open_checkpoint(note, {&other.key, 1}).value() == checkpoint);
}

TEST_CASE("a checkpoint of another log is not ours, even if our key signed it") {
    const Signer ours;
    const Checkpoint checkpoint{"other.example/log", 7, leaf_hash(as_bytes("x"))};
    const auto note = sign_checkpoint(checkpoint, ours.key, ours.secret);

    CHECK(open_checkpoint(note, {&ours.key, 1}).error().reason == "checkpoint.other_origin");
}

TEST_CASE("malformed notes and checkpoints are refused") {
    const std::string root = to_base64(empty_root());
    for (const std::string& text :
         {std::string("a\n1\n"),
          "a\n01\n" + root + "\n",
          "a\n-1\n" + root + "\n",
          "a\n1 \n" + root + "\n",
          "a\n18446744073709551616\n" + root + "\n",
          "\n1\n" + root + "\n",
          "a\n1\n" + root,
          std::string("a\n1\nAAAA\n"),
          "a\n1\n" + root + "\n\nmore\n"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_checkpoint(text));
    }
    CHECK(parse_checkpoint("a\n18446744073709551615\n" + root + "\nextension\n"));

    const auto good = vector_file("signed-note.txt");
    CHECK(parse_note(good));
    for (const std::string& text :
         {std::string(),
          std::string("\n\n"),
          std::string("text\n\n"),
          good.substr(0, good.size() - 1),
          good + "\n",
          good + "x\n",
          "\r" + good,
          "\xFF" + good,
          std::string(note_size_max + 1, 'a') + good}) {
        CHECK_FALSE(parse_note(text));
    }
    auto crowded = good;
    for (std::size_t i = 0; i < note_signatures_max; ++i) {
        crowded += good.substr(good.rfind("\xE2\x80\x94"));
    }
    CHECK_FALSE(parse_note(crowded));
}

TEST_CASE("a key's name has no space, control or plus sign") {
    const Signer ours;
    for (const std::string name : {"", "a b", "a+b", "a\nb", "é"}) {
        CHECK_FALSE(VerifierKey::make(name, ours.secret.public_key()));
    }
}

}  // namespace sallyport::audit
