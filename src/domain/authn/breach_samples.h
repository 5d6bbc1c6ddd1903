#pragma once
// Breach lists in memory, for tests.

#include "base/core/bytes.h"
#include "base/core/fault.h"
#include "base/crypto/crypto.h"
#include "domain/authn/breach_list.h"
#include "domain/authn/breach_list_source.h"

#include <algorithm>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::test {

inline authn::WriteAt write_into(Bytes& file) {
    return [&file](std::uint64_t offset, BytesView bytes) {
        const auto end = static_cast<std::size_t>(offset) + bytes.size();
        if (file.size() < end) file.resize(end);
        std::ranges::copy(bytes, file.begin() + static_cast<std::ptrdiff_t>(offset));
    };
}

inline authn::ReadAt read_from(Bytes file) {
    return [file = std::move(file)](std::uint64_t offset, std::span<std::byte> out) -> std::size_t {
        if (offset >= file.size()) return 0;
        const auto size = std::min(out.size(), file.size() - static_cast<std::size_t>(offset));
        std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(offset), size, out.begin());
        return size;
    };
}

inline Result<authn::BreachList> open_list(Bytes file) {
    const auto size = file.size();
    return authn::BreachList::open("breach-list", read_from(std::move(file)), size);
}

// The file of a list with these hashes, which are in order.
inline Bytes list_of_keys(const std::vector<std::uint64_t>& keys, unsigned shard_bits = 0) {
    Bytes file;
    authn::BreachListFacts planned;
    planned.shard_bits = shard_bits;
    planned.source = "test.txt";
    authn::BreachListBuilder builder(planned, write_into(file));
    for (const auto key : keys) {
        if (!builder.add(key)) throw Fault("the keys are not in order");
    }
    (void)builder.finish();
    return file;
}

// "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:1" and so on, as a download has them but unsorted.
inline std::string download_of(const std::vector<std::string>& passphrases) {
    std::string text;
    for (auto passphrase : passphrases) {
        const auto digest =
            crypto::sha1(crypto::Secret::take(std::as_writable_bytes(std::span(passphrase))));
        text += to_hex(digest.expose()) + ":1\n";
    }
    return text;
}

inline std::shared_ptr<const authn::BreachList> list_of(const std::vector<std::string>& passphrases
) {
    std::istringstream text(download_of(passphrases));
    Bytes file;
    const authn::BreachSource source{
        .text = text, .size = text.view().size(), .name = "test.txt", .count_min = 1
    };
    const auto built = authn::build_breach_list(
        source, from_micros(0), write_into(file), [](const auto&) { return true; }
    );
    if (!built) throw Fault("no list of it: " + built.error().detail);
    return std::make_shared<const authn::BreachList>(open_list(std::move(file)).value());
}

}  // namespace sallyport::test
