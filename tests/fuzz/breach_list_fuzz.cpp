// Whatever lies where the breach list should be: it is opened within its bounds or refused, and
// questions end with an answer or a fault. The digests are mended, so that what is behind them is
// reached too.
#include "domain/authn/breach_list.h"

#include "base/core/fault.h"
#include "base/crypto/crypto.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

using namespace sallyport;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

void ask(const Bytes& file) {
    const auto read = [&](std::uint64_t offset, std::span<std::byte> out) -> std::size_t {
        if (offset >= file.size()) return 0;
        const auto size = std::min(out.size(), file.size() - static_cast<std::size_t>(offset));
        std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(offset), size, out.begin());
        return size;
    };
    const auto list = authn::BreachList::open("x", read, file.size());
    if (!list) return;
    require(list->size() == file.size());
    (void)list->verify();
    for (const std::uint64_t key : {std::uint64_t{0}, std::uint64_t{1} << 40U, ~std::uint64_t{0}}) {
        try {
            (void)list->contains(key);
        } catch (const Fault&) {
            require(!list->verify());
        }
    }
}

// Puts the digest of the table, of `part` and of the shards where they belong, as far as there is
// room.
void mend(Bytes& file) {
    constexpr std::size_t digest_size = 32;
    constexpr std::size_t table_digest_at = 35;
    constexpr std::size_t shard_bits_at = 10;
    if (file.size() < authn::breach_header_size) return;
    const auto bits = std::to_integer<unsigned>(file[shard_bits_at]) % 5;
    file[shard_bits_at] = static_cast<std::byte>(bits);
    const auto table_size = authn::breach_shard_line_size << bits;
    const BytesView bytes(file);
    if (file.size() >= authn::breach_header_size + table_size) {
        const auto table = bytes.subspan(authn::breach_header_size, table_size);
        std::ranges::copy(crypto::sha256(table), file.begin() + table_digest_at);
    }
    const auto covered = authn::breach_header_size - digest_size;
    std::ranges::copy(crypto::sha256(bytes.first(covered)), file.begin() + covered);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto given = std::as_bytes(std::span(data, size));
    Bytes file(given.begin(), given.end());
    ask(file);
    mend(file);
    ask(file);
    if (const auto facts = authn::decode_breach_header(given)) {
        require(std::ranges::equal(authn::encode_breach_header(*facts), given));
    }
    return 0;
}
