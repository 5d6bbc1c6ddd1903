#pragma once
// Fields that mean one hop only and are never passed on (RFC 9110 §7.6.1).

#include "edge/http/message.h"

#include <string_view>
#include <vector>

namespace sallyport::gateway {

class HopByHop {
public:
    // Views into `headers`, which must outlive it.
    explicit HopByHop(const http::Headers& headers);

    // A standard one, or one that Connection names.
    [[nodiscard]] bool is(std::string_view field) const noexcept;

private:
    std::vector<std::string_view> named_;
};

}  // namespace sallyport::gateway
