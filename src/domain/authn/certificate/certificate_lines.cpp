#include "domain/authn/certificate/certificate_lines.h"

#include "base/core/fault.h"

#include <utility>

namespace sallyport::authn {

std::string certificate_lines(std::span<const Bytes> shown) {
    std::string lines;
    for (const auto& der : shown) {
        lines += to_base64url(der) + '\n';
    }
    return lines;
}

std::vector<Bytes> certificates_in(std::string_view lines) {
    std::vector<Bytes> shown;
    while (!lines.empty()) {
        const auto end = lines.find('\n');
        auto der = from_base64url(lines.substr(0, end));
        if (end == std::string_view::npos || !der) throw Fault("stored certificates are damaged");
        shown.push_back(*std::move(der));
        lines.remove_prefix(end + 1);
    }
    return shown;
}

}  // namespace sallyport::authn
