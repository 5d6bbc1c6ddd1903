#pragma once
// The Merkle tree of RFC 6962 §2.1 (and RFC 9162 §2.1): hashes, the tree as it grows, and the two
// proofs. Leaves are counted from 0. A node (level, index) is the root of the complete subtree over
// the leaves [index << level, (index + 1) << level).

#include "base/core/bytes.h"
#include "base/core/result.h"
#include "base/crypto/crypto.h"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace sallyport::audit {

using Hash = crypto::Sha256Digest;

[[nodiscard]] Hash leaf_hash(BytesView entry);
[[nodiscard]] Hash node_hash(const Hash& left, const Hash& right);
// The root of the tree of size 0.
[[nodiscard]] Hash empty_root();

// The growing tree: the roots of the complete subtrees that its size is the sum of, largest first.
// At most 63 of them, whatever its size.
class GrowingTree {
public:
    GrowingTree() = default;
    // Refuses "merkle.subtrees" if a tree of this size has not that many subtrees.
    [[nodiscard]] static Result<GrowingTree> restore(
        std::uint64_t size, std::vector<Hash> subtrees
    );

    void append(const Hash& leaf) {
        append(leaf, [](unsigned, const Hash&) {});
    }

    // Calls `node(level, hash)` for each complete subtree that the leaf completes, itself (level 0)
    // first. No other hashing is done twice for it.
    template <class Node>
    void append(const Hash& leaf, Node node) {
        auto hash = leaf;
        unsigned level = 0;
        node(level, hash);
        // Each trailing 1 of the size is a complete subtree that pairs with what has just grown.
        for (auto rest = size_; (rest & 1U) != 0; rest >>= 1U) {
            hash = node_hash(subtrees_.back(), hash);
            subtrees_.pop_back();
            node(++level, hash);
        }
        subtrees_.push_back(hash);
        ++size_;
    }

    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    [[nodiscard]] const std::vector<Hash>& subtrees() const noexcept { return subtrees_; }

    [[nodiscard]] Hash root() const;

private:
    std::uint64_t size_ = 0;
    std::vector<Hash> subtrees_;
};

// Where proofs take their nodes from.
using NodeSource = std::function<Hash(unsigned level, std::uint64_t index)>;

// The root over the leaves [0, size), from the nodes of complete subtrees.
[[nodiscard]] Hash root_of(std::uint64_t size, const NodeSource& node);
// `index` < `size`.
[[nodiscard]] std::vector<Hash> inclusion_proof(
    std::uint64_t index, std::uint64_t size, const NodeSource& node
);
// `size1` <= `size2`.
[[nodiscard]] std::vector<Hash> consistency_proof(
    std::uint64_t size1, std::uint64_t size2, const NodeSource& node
);

// RFC 9162 §2.1.3.2. Refuses "merkle.not_included".
[[nodiscard]] Result<void> verify_inclusion(
    std::uint64_t index,
    std::uint64_t size,
    const Hash& leaf,
    std::span<const Hash> proof,
    const Hash& root
);
// RFC 9162 §2.1.4.2. Refuses "merkle.not_consistent". A tree of size 0 says nothing about another,
// so it is refused too.
[[nodiscard]] Result<void> verify_consistency(
    std::uint64_t size1,
    std::uint64_t size2,
    std::span<const Hash> proof,
    const Hash& root1,
    const Hash& root2
);

}  // namespace sallyport::audit
