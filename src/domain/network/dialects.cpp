#include "domain/network/dialects.h"

#include <algorithm>
#include <array>

namespace sallyport::network {

namespace {

struct ProtocolNumber {
    std::string_view name;
    std::string_view number;
};

// What listings call by name (IANA's assigned internet protocol numbers). Those that stand in our
// own text under one name everywhere keep it.
constexpr std::array<ProtocolNumber, 9> protocol_numbers{{
    {"igmp", "2"},
    {"ipencap", "4"},
    {"gre", "47"},
    {"esp", "50"},
    {"ah", "51"},
    {"ahp", "51"},
    {"ospf", "89"},
    {"vrrp", "112"},
    {"sctp", "132"},
}};

}  // namespace

std::string remark(std::string_view purpose) {
    std::string plain;
    for (const char c : purpose) {
        const bool safe = c >= ' ' && c <= '~' && c != '"' && c != '\\' && c != '`' && c != '$';
        plain += safe ? c : '_';
    }
    return plain;
}

std::string protocol_number(std::string_view name) {
    const auto* const known = std::ranges::find(protocol_numbers, name, &ProtocolNumber::name);
    return std::string(known == protocol_numbers.end() ? name : known->number);
}

std::vector<std::string_view> words_of(std::string_view line) {
    constexpr std::string_view white_space = " \t\r";
    std::vector<std::string_view> words;
    for (;;) {
        const auto begin = line.find_first_not_of(white_space);
        if (begin == std::string_view::npos) return words;
        line.remove_prefix(begin);
        auto end = line.find_first_of(white_space);
        if (line.front() == '"') {
            const auto quote = line.find('"', 1);
            end = quote == std::string_view::npos ? quote : quote + 1;
        }
        words.push_back(line.substr(0, end));
        if (end == std::string_view::npos) return words;
        line.remove_prefix(end);
    }
}

std::string joined(std::span<const std::string> words) {
    std::string line;
    for (const auto& word : words) {
        if (!line.empty()) line += ' ';
        line += word;
    }
    return line;
}

}  // namespace sallyport::network
