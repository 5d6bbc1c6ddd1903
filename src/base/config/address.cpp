#include "base/config/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <vector>

namespace sallyport::config {
namespace {

std::unexpected<Refusal> malformed() {
    return refuse(Refusal::invalid, "address.malformed");
}

// A decimal number as people write it: digits, no sign, no leading zero.
Result<int> number(std::string_view text, int max) {
    const bool shaped = !text.empty() && text.size() <= 5 && (text == "0" || text.front() != '0') &&
                        std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    if (!shaped) return malformed();
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    if (value > max) return malformed();
    return value;
}

// The 4 or 16 bytes of an IP address.
Result<std::vector<unsigned>> address_bytes(std::string_view text) {
    // inet_pton wants an ending zero, and would stop at one inside.
    if (text.size() >= INET6_ADDRSTRLEN || text.contains('\0')) return malformed();
    const std::string spelt(text);
    std::array<unsigned char, 16> bytes{};
    if (inet_pton(AF_INET, spelt.c_str(), bytes.data()) == 1) {
        return std::vector<unsigned>(bytes.begin(), bytes.begin() + 4);
    }
    if (inet_pton(AF_INET6, spelt.c_str(), bytes.data()) == 1) {
        return std::vector<unsigned>(bytes.begin(), bytes.end());
    }
    return malformed();
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return malformed();
    auto host = text.substr(0, colon);
    const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    SP_TRY(const auto port, number(text.substr(colon + 1), 65535));
    SP_CHECK(address_bytes(host));
    if (host.contains(':') != bracketed) return malformed();
    return Endpoint{std::string(host), static_cast<std::uint16_t>(port)};
}

Result<void> check_network(std::string_view text) {
    const auto slash = text.find('/');
    SP_TRY(const auto bytes, address_bytes(text.substr(0, slash)));
    if (slash == std::string_view::npos) return {};
    SP_TRY(const int prefix, number(text.substr(slash + 1), static_cast<int>(bytes.size() * 8)));
    if (prefix == 0) return refuse(Refusal::invalid, "address.everybody");
    for (auto i = static_cast<std::size_t>(prefix); i < bytes.size() * 8; ++i) {
        if ((bytes[i / 8] >> (7 - i % 8) & 1U) != 0) return malformed();
    }
    return {};
}

bool is_loopback(std::string_view address) {
    const auto bytes = address_bytes(address);
    if (!bytes) return false;
    if (bytes->size() == 4) return bytes->front() == 127;
    return bytes->back() == 1 && std::ranges::count(*bytes, 0U) == 15;
}

}  // namespace sallyport::config
