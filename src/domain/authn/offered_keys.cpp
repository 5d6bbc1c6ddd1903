#include "domain/authn/offered_keys.h"

#include "base/core/bytes.h"

#include <algorithm>
#include <array>
#include <string>

namespace sallyport::authn {

namespace {

// As common keys have them.
constexpr std::array<std::size_t, 4> usual_sizes = {64, 48, 32, 16};

Bytes stream_of(const keys::KeyRing& keys, const std::string& seed, std::size_t size) {
    Bytes bytes;
    for (int block = 0; bytes.size() < size; ++block) {
        const auto mac = keys.mac(
            keys::Purpose::unknown_identifier, as_bytes(seed + "#" + std::to_string(block))
        );
        bytes.insert(bytes.end(), mac.begin(), mac.end());
    }
    bytes.resize(size);
    return bytes;
}

CredentialDescriptor decoy(const keys::KeyRing& keys, std::string_view subject, std::size_t i) {
    const auto seed = "key:" + std::string(subject) + ":" + std::to_string(i);
    const auto choice = std::to_integer<std::size_t>(stream_of(keys, seed + ":size", 1).front());
    return {
        .id = stream_of(keys, seed, usual_sizes[choice % usual_sizes.size()]),
        .transports = {},
    };
}

}  // namespace

std::vector<CredentialDescriptor> offered_keys(
    store::Tx& tx,
    const keys::KeyRing& keys,
    const std::optional<AccountId>& account,
    std::string_view subject,
    Time now
) {
    auto offered = usable_security_keys(tx, account, now);
    for (std::size_t i = offered.size(); i < security_keys_max; ++i) {
        offered.push_back(decoy(keys, subject, i));
    }
    for (auto& each : offered) {
        each.transports.clear();  // which only real ones have
    }
    std::ranges::sort(offered, {}, [&](const CredentialDescriptor& each) {
        return keys.mac(keys::Purpose::unknown_identifier, each.id);
    });
    return offered;
}

}  // namespace sallyport::authn
