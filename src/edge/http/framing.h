#pragma once
// What the fields of a head say about the message's end and the connection's. One reading, and a
// refusal where two are possible (RFC 9112 §6).

#include "base/core/result.h"
#include "edge/http/http1_codec.h"

#include <string_view>
#include <vector>

namespace sallyport::http {

// Fills framing, keep_alive, upgrade and expects_continue of `head` from its fields.
[[nodiscard]] Result<void> derive_request_framing(RequestHead& head);
// The same; `method` is the request's.
[[nodiscard]] Result<void> derive_response_framing(ResponseHead& head, std::string_view method);

// The comma-separated members of all fields of that name, in lower case (RFC 9110 §5.6.1).
[[nodiscard]] std::vector<std::string> list_members(const Headers& headers, std::string_view name);

}  // namespace sallyport::http
