#include "domain/audit/merkle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace sallyport::audit {

namespace {

constexpr std::byte leaf_prefix{0x00};
constexpr std::byte node_prefix{0x01};

// The largest power of two smaller than `size` (> 1): where RFC 6962 splits a tree.
std::uint64_t split(std::uint64_t size) {
    return std::bit_floor(size - 1);
}

unsigned level_of(std::uint64_t power) {
    return static_cast<unsigned>(std::countr_zero(power));
}

// The root over `size` leaves from `first` on; `first` is a multiple of the next power of two.
Hash range_root(std::uint64_t first, std::uint64_t size, const NodeSource& node) {
    if (std::has_single_bit(size)) return node(level_of(size), first >> level_of(size));
    const auto left = split(size);
    return node_hash(range_root(first, left, node), range_root(first + left, size - left, node));
}

void path(
    std::vector<Hash>& proof,
    std::uint64_t index,
    std::uint64_t first,
    std::uint64_t size,
    const NodeSource& node
) {
    if (size == 1) return;
    const auto left = split(size);
    if (index < left) {
        path(proof, index, first, left, node);
        proof.push_back(range_root(first + left, size - left, node));
    } else {
        path(proof, index - left, first + left, size - left, node);
        proof.push_back(range_root(first, left, node));
    }
}

// RFC 6962 §2.1.2: SUBPROOF(m, D[n], b).
void subproof(
    std::vector<Hash>& proof,
    std::uint64_t m,
    std::uint64_t first,
    std::uint64_t size,
    bool whole,
    const NodeSource& node
) {
    if (m == size) {
        if (!whole) proof.push_back(range_root(first, size, node));
        return;
    }
    const auto left = split(size);
    if (m <= left) {
        subproof(proof, m, first, left, whole, node);
        proof.push_back(range_root(first + left, size - left, node));
    } else {
        subproof(proof, m - left, first + left, size - left, false, node);
        proof.push_back(range_root(first, left, node));
    }
}

std::unexpected<Refusal> not_consistent() {
    return refuse(Refusal::invalid, "merkle.not_consistent");
}

}  // namespace

Hash leaf_hash(BytesView entry) {
    crypto::Sha256 hash;
    hash.update({&leaf_prefix, 1});
    hash.update(entry);
    return hash.digest();
}

Hash node_hash(const Hash& left, const Hash& right) {
    std::array<std::byte, 65> message{node_prefix};
    std::ranges::copy(left, message.begin() + 1);
    std::ranges::copy(right, message.begin() + 33);
    return crypto::sha256(message);
}

Hash empty_root() {
    return crypto::sha256({});
}

Result<GrowingTree> GrowingTree::restore(std::uint64_t size, std::vector<Hash> subtrees) {
    if (subtrees.size() != static_cast<std::size_t>(std::popcount(size))) {
        return refuse(Refusal::invalid, "merkle.subtrees");
    }
    GrowingTree tree;
    tree.size_ = size;
    tree.subtrees_ = std::move(subtrees);
    return tree;
}

Hash GrowingTree::root() const {
    if (subtrees_.empty()) return empty_root();
    auto hash = subtrees_.back();
    for (auto left = subtrees_.rbegin() + 1; left != subtrees_.rend(); ++left) {
        hash = node_hash(*left, hash);
    }
    return hash;
}

Hash root_of(std::uint64_t size, const NodeSource& node) {
    return size == 0 ? empty_root() : range_root(0, size, node);
}

std::vector<Hash> inclusion_proof(std::uint64_t index, std::uint64_t size, const NodeSource& node) {
    std::vector<Hash> proof;
    if (index < size) path(proof, index, 0, size, node);
    return proof;
}

std::vector<Hash> consistency_proof(
    std::uint64_t size1, std::uint64_t size2, const NodeSource& node
) {
    std::vector<Hash> proof;
    if (size1 > 0 && size1 < size2) subproof(proof, size1, 0, size2, true, node);
    return proof;
}

Result<void> verify_inclusion(
    std::uint64_t index,
    std::uint64_t size,
    const Hash& leaf,
    std::span<const Hash> proof,
    const Hash& root
) {
    const auto no = [] { return refuse(Refusal::invalid, "merkle.not_included"); };
    if (index >= size) return no();
    auto fn = index;
    auto sn = size - 1;
    auto hash = leaf;
    for (const auto& step : proof) {
        if (sn == 0) return no();
        if ((fn & 1U) != 0 || fn == sn) {
            hash = node_hash(step, hash);
            while ((fn & 1U) == 0 && fn != 0) {
                fn >>= 1U;
                sn >>= 1U;
            }
        } else {
            hash = node_hash(hash, step);
        }
        fn >>= 1U;
        sn >>= 1U;
    }
    if (sn != 0 || hash != root) return no();
    return {};
}

Result<void> verify_consistency(
    std::uint64_t size1,
    std::uint64_t size2,
    std::span<const Hash> proof,
    const Hash& root1,
    const Hash& root2
) {
    if (size1 == 0) return not_consistent();
    if (size1 == size2) {
        if (!proof.empty() || root1 != root2) return not_consistent();
        return {};
    }
    if (size1 > size2 || proof.empty()) return not_consistent();

    auto fn = size1 - 1;
    auto sn = size2 - 1;
    while ((fn & 1U) != 0) {
        fn >>= 1U;
        sn >>= 1U;
    }
    // A complete first tree is a node of the second, so the proof does not repeat it.
    const bool complete = std::has_single_bit(size1);
    auto first = complete ? root1 : proof.front();
    auto second = first;
    for (const auto& step : proof.subspan(complete ? 0 : 1)) {
        if (sn == 0) return not_consistent();
        if ((fn & 1U) != 0 || fn == sn) {
            first = node_hash(step, first);
            second = node_hash(step, second);
            while ((fn & 1U) == 0 && fn != 0) {
                fn >>= 1U;
                sn >>= 1U;
            }
        } else {
            second = node_hash(second, step);
        }
        fn >>= 1U;
        sn >>= 1U;
    }
    if (sn != 0 || first != root1 || second != root2) return not_consistent();
    return {};
}

}  // namespace sallyport::audit
