#include "domain/authn/badge/badge_uid.h"

#include <algorithm>
#include <array>

namespace sallyport::authn {

namespace {

constexpr std::size_t single_size = 4;
constexpr std::array sizes{single_size, std::size_t{7}, badge_uid_size_max};
constexpr std::byte random_mark{0x08};

}  // namespace

Result<void> check_badge_uid(BytesView uid) {
    const auto all = [&](std::byte value) {
        return std::ranges::all_of(uid, [&](std::byte each) { return each == value; });
    };
    const bool sized = std::ranges::find(sizes, uid.size()) != sizes.end();
    if (!sized || all(std::byte{0}) || all(std::byte{0xFF})) {
        return refuse(Refusal::invalid, "badge.uid_malformed");
    }
    if (uid.size() == single_size && uid.front() == random_mark) {
        return refuse(Refusal::invalid, "badge.uid_random");
    }
    return {};
}

Result<Bytes> parse_badge_uid(std::string_view hex) {
    if (hex.size() > 2 * badge_uid_size_max) return refuse(Refusal::invalid, "badge.uid_malformed");
    auto uid = from_hex(hex);
    if (!uid) return refuse(Refusal::invalid, "badge.uid_malformed");
    SP_CHECK(check_badge_uid(*uid));
    return uid;
}

}  // namespace sallyport::authn
