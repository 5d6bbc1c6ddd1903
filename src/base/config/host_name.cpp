#include "base/config/host_name.h"

#include <algorithm>
#include <array>

namespace sallyport::config {
namespace {

constexpr std::array<std::string_view, 26> two_label_suffixes = {
    "ac.at",  "ac.nz",  "ac.uk",  "asn.au", "co.at",  "co.il",  "co.jp",  "co.nz",  "co.uk",
    "com.au", "com.br", "com.sg", "com.tr", "edu.au", "gob.es", "gov.au", "gov.uk", "gv.at",
    "net.au", "nhs.uk", "or.at",  "or.jp",  "org.au", "org.nz", "org.uk", "ac.jp",
};

bool is_label(std::string_view text) {
    return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
           std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

// The last `count` labels, or all if there are fewer.
std::string_view last_labels(std::string_view host, int count) {
    auto dot = host.size();
    for (int i = 0; i < count; ++i) {
        if (dot == 0) return host;
        dot = host.rfind('.', dot - 1);
        if (dot == std::string_view::npos) return host;
    }
    return host.substr(dot + 1);
}

}  // namespace

bool is_host_name(std::string_view text) {
    if (text.size() > 253) return false;
    const auto last = last_labels(text, 1);
    if (std::ranges::all_of(last, [](char c) { return c >= '0' && c <= '9'; })) return false;
    while (true) {
        const auto dot = text.find('.');
        if (!is_label(text.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        text.remove_prefix(dot + 1);
    }
}

std::string registrable_domain(std::string_view host) {
    const auto two = last_labels(host, 2);
    const bool is_suffix = std::ranges::find(two_label_suffixes, two) != two_label_suffixes.end();
    return std::string(is_suffix ? last_labels(host, 3) : two);
}

}  // namespace sallyport::config
