#pragma once
// Reads a breach list (breach_list_format.h): was this passphrase in a breach? Keeps the table in
// memory, 40 bytes for about 50,000 entries, and reads the one shard that a question is about.

#include "base/core/bytes.h"
#include "base/core/result.h"
#include "base/crypto/secret.h"
#include "domain/authn/breach_list_format.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace sallyport::authn {

// A file at an offset; fewer bytes than asked at its end only. Called from several threads at once.
using ReadAt = std::function<std::size_t(std::uint64_t offset, std::span<std::byte> out)>;

class BreachList {
public:
    // `name` is the file's, for what goes wrong later. Refuses what the decoders of the format do,
    // and "breach_list.damaged" if `size` (bytes) is not what header and table ask for.
    [[nodiscard]] static Result<BreachList> open(std::string name, ReadAt read, std::uint64_t size);

    [[nodiscard]] const BreachListFacts& facts() const noexcept { return facts_; }

    // In bytes, of the file.
    [[nodiscard]] std::uint64_t size() const noexcept { return places_.back(); }

    // Reads it all. Refuses "breach_list.damaged".
    [[nodiscard]] Result<void> verify() const;

    // By the SHA-1 of its bytes, as the list was made; never a wrong no, a wrong yes for one in
    // 65,536. Takes what normalised_passphrase() gave. A fault if the shard is damaged.
    [[nodiscard]] bool contains(const crypto::Secret& normalised) const;
    // The same for the first 64 bits of a hash.
    [[nodiscard]] bool contains(std::uint64_t key) const;

private:
    BreachList(
        std::string name, ReadAt read, BreachListFacts facts, std::vector<BreachShard> shards
    );
    // Refuses "breach_list.damaged".
    [[nodiscard]] Result<Bytes> read_shard(std::size_t index) const;

    std::string name_;
    ReadAt read_;
    BreachListFacts facts_;
    std::vector<BreachShard> shards_;
    std::vector<std::uint64_t> places_;  // where each shard begins, and the end
};

}  // namespace sallyport::authn
