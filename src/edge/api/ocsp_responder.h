#pragma once
// Carries OCSP requests to responders (RFC 6960 appendix A): by POST, over plain HTTP, since
// answers carry their own signature. Follows no redirect.

#include "base/core/bytes.h"

#include <optional>
#include <string>

namespace sallyport::api {

// Blocks, for a few seconds at most. Nothing if `url` is no http: address, or where no answer of
// that size came in that time; the log says why.
[[nodiscard]] std::optional<Bytes> ask_ocsp_responder(const std::string& url, BytesView request);

}  // namespace sallyport::api
