#pragma once
// Certificates as TLS showed them, kept as text: Base64url of DER, a line each.

#include "base/core/bytes.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::authn {

[[nodiscard]] std::string certificate_lines(std::span<const Bytes> shown);
// Throws Fault on what certificate_lines() does not write.
[[nodiscard]] std::vector<Bytes> certificates_in(std::string_view lines);

}  // namespace sallyport::authn
