#include "edge/api/pages/true_address.h"

#include <string_view>

namespace sallyport::api {

Html true_address(const authn::RelyingParty& relying_party) {
    if (relying_party.origins.empty()) return {};
    std::string_view address = relying_party.origins.front();
    // Browsers hide the scheme.
    constexpr std::string_view scheme = "https://";
    if (address.starts_with(scheme)) address.remove_prefix(scheme.size());
    return Html(
        "<p id=\"true-address\">Before you type, look at the address bar. It must begin with "
        "<strong>",
        address,
        "</strong>. If it shows anything else, close this page.</p>"
    );
}

}  // namespace sallyport::api
