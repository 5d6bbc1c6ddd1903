#pragma once
// What a security group lets through, one peer a line: "in tcp 8080-8080 10.20.0.5/32".

#include "base/core/result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::network {

inline constexpr std::size_t deployed_json_size_max = std::size_t{1} << 20;

// One group, or the answer of describe-security-groups. Refuses invalid
// "network.deployed_malformed".
[[nodiscard]] Result<std::vector<std::string>> aws_lines(std::string_view text);

}  // namespace sallyport::network
