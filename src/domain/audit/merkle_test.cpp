#include "domain/audit/merkle.h"

#include "tests/support/checkout.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace sallyport::audit {

namespace {

// A hash of the vectors; nothing if it is not 32 bytes, which our types can't even hold.
std::optional<Hash> hash_of(const std::string& hex) {
    const auto bytes = from_hex(hex == "." ? "" : hex);
    if (!bytes || bytes->size() != 32) return std::nullopt;
    Hash hash{};
    std::ranges::copy(*bytes, hash.begin());
    return hash;
}

std::optional<std::vector<Hash>> proof_of(const std::string& text) {
    std::vector<Hash> proof;
    if (text == "-") return proof;
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, ',');) {
        const auto hash = hash_of(part);
        if (!hash) return std::nullopt;
        proof.push_back(*hash);
    }
    return proof;
}

std::vector<std::vector<std::string>> vectors(const std::string& kind) {
    std::ifstream file(test::in_vectors("merkle/rfc6962-proofs.txt"));
    REQUIRE(file);
    std::vector<std::vector<std::string>> found;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::vector<std::string> row;
        for (std::string word; words >> word;) {
            row.push_back(word);
        }
        if (!row.empty() && row[0] == kind) found.push_back(row);
    }
    return found;
}

// A tree whose every node is at hand.
class WholeTree {
public:
    explicit WholeTree(std::uint64_t size) {
        for (std::uint64_t i = 0; i < size; ++i) {
            leaves_.push_back(leaf_hash(as_bytes("leaf " + std::to_string(i))));
            growing_.append(leaves_.back());
        }
    }

    [[nodiscard]] Hash node(unsigned level, std::uint64_t index) const {
        if (level == 0) return leaves_.at(index);
        return node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1));
    }

    [[nodiscard]] NodeSource source() const {
        return [this](unsigned level, std::uint64_t index) { return node(level, index); };
    }

    [[nodiscard]] const Hash& leaf(std::uint64_t index) const { return leaves_.at(index); }

    [[nodiscard]] Hash root() const { return growing_.root(); }

private:
    std::vector<Hash> leaves_;
    GrowingTree growing_;
};

}  // namespace

TEST_CASE("the growing tree has the roots of the published vectors") {
    std::vector<std::string> inputs;
    for (const auto& row : vectors("leaf")) {
        inputs.push_back(row.at(1) == "-" ? "" : row.at(1));
    }
    const auto roots = vectors("root");
    REQUIRE(roots.size() == inputs.size() + 1);
    GrowingTree tree;
    for (std::size_t size = 0; size < roots.size(); ++size) {
        CAPTURE(size);
        CHECK(tree.size() == size);
        CHECK(to_hex(tree.root()) == roots[size].at(2));
        if (size < inputs.size()) tree.append(leaf_hash(from_hex(inputs[size]).value()));
    }
}

TEST_CASE("every published inclusion proof is judged as its vector says") {
    int judged = 0;
    for (const auto& row : vectors("inclusion")) {
        CAPTURE(row[2] + " of " + row[3] + " " + row[1]);
        const auto leaf = hash_of(row.at(4));
        const auto root = hash_of(row.at(5));
        const auto proof = proof_of(row.at(6));
        const bool good =
            leaf && root && proof &&
            verify_inclusion(std::stoull(row[2]), std::stoull(row[3]), *leaf, *proof, *root);
        CHECK(good == (row[1] == "good"));
        ++judged;
    }
    CHECK(judged == 98);
}

TEST_CASE("every published consistency proof is judged as its vector says") {
    int judged = 0;
    for (const auto& row : vectors("consistency")) {
        CAPTURE(row[2] + " to " + row[3] + " " + row[1]);
        const auto root1 = hash_of(row.at(4));
        const auto root2 = hash_of(row.at(5));
        const auto proof = proof_of(row.at(6));
        // One vector compares equal roots of 12 bytes; ours have 32 by their type.
        if (row[1] == "good" && !root1) continue;
        const bool good =
            root1 && root2 && proof &&
            verify_consistency(std::stoull(row[2]), std::stoull(row[3]), *proof, *root1, *root2);
        CHECK(good == (row[1] == "good"));
        ++judged;
    }
    CHECK(judged == 97);
}

TEST_CASE("a proof of inclusion holds for its own leaf in its own tree only") {
    const bool holds = rc::check([] {
        const auto size = *rc::gen::inRange<std::uint64_t>(1, 80);
        const auto index = *rc::gen::inRange<std::uint64_t>(0, size);
        const WholeTree tree(size);
        auto proof = inclusion_proof(index, size, tree.source());

        RC_ASSERT(verify_inclusion(index, size, tree.leaf(index), proof, tree.root()).has_value());
        RC_ASSERT(!verify_inclusion(index, size, tree.root(), proof, tree.root()) || size == 1);
        RC_ASSERT(!verify_inclusion(index + size, size, tree.leaf(index), proof, tree.root()));
        proof.push_back(tree.root());
        RC_ASSERT(!verify_inclusion(index, size, tree.leaf(index), proof, tree.root()));
    });
    CHECK(holds);
}

TEST_CASE("a proof of consistency ties each tree to each that grew from it") {
    const bool holds = rc::check([] {
        const auto size2 = *rc::gen::inRange<std::uint64_t>(2, 80);
        const auto size1 = *rc::gen::inRange<std::uint64_t>(1, size2);
        const WholeTree one(size1);
        const WholeTree two(size2);
        const auto proof = consistency_proof(size1, size2, two.source());

        RC_ASSERT(verify_consistency(size1, size2, proof, one.root(), two.root()).has_value());
        RC_ASSERT(!verify_consistency(size1, size2, proof, two.root(), two.root()));
        RC_ASSERT(!verify_consistency(size1, size2, proof, one.root(), one.root()));
    });
    CHECK(holds);
}

TEST_CASE("the root from nodes, from growth and from a stored tree are the same") {
    for (const std::uint64_t size : {0U, 1U, 2U, 3U, 7U, 8U, 63U, 64U, 65U, 100U}) {
        CAPTURE(size);
        const WholeTree tree(size);
        CHECK(root_of(size, tree.source()) == tree.root());
        GrowingTree growing;
        for (std::uint64_t i = 0; i < size; ++i) {
            growing = GrowingTree::restore(growing.size(), growing.subtrees()).value();
            growing.append(tree.leaf(i));
        }
        CHECK(growing.root() == tree.root());
    }
    CHECK_FALSE(GrowingTree::restore(3, {empty_root()}));
}

}  // namespace sallyport::audit
