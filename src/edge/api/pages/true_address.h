#pragma once
// What the address bar must show where people type what signs them in (S1-71). It is the
// configuration's word, not the request's: whoever stands between can send any name there.

#include "domain/authn/context.h"
#include "edge/api/pages/html.h"

namespace sallyport::api {

[[nodiscard]] Html true_address(const authn::RelyingParty& relying_party);

}  // namespace sallyport::api
