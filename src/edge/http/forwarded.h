#pragma once
// Who is behind a proxy, as told by X-Forwarded-For or Forwarded (RFC 7239). Believed only from
// listed peers, and only as far as the chain consists of listed peers: the list is empty by
// default, since a header that anybody may send is no evidence.

#include "edge/http/ip_set.h"
#include "edge/http/message.h"

#include <string>
#include <string_view>

namespace sallyport::http {

// The right-most address that is not a listed proxy. `peer` itself if it is not listed, if there
// is no such header, both kinds, or one that does not parse.
[[nodiscard]] std::string client_address(
    const Headers& headers, std::string_view peer, const IpSet& listed
);

}  // namespace sallyport::http
