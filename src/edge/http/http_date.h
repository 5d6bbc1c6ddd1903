#pragma once

#include <string>

namespace sallyport::http {

// IMF-fixdate (RFC 9110 §5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT". Asked anew once a second per
// thread; what the answer's Date says decides nothing, so it needs no Clock.
[[nodiscard]] std::string http_date_now();

}  // namespace sallyport::http
