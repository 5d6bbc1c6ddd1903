#pragma once
// The page between a link to a device and the device: its script signs the challenge and goes on
// (assets/handoff.js), with nothing to click. Without scripts it says why it stays.

#include "base/core/bytes.h"
#include "domain/session/handoff_proof.h"
#include "domain/session/session.h"

#include <string>

namespace sallyport::api {

struct HandoffOffer {
    session::HandoffTarget target;
    Bytes challenge;
    Bytes sender_key;     // tells the browser which of its keys is this session's
    std::string address;  // of this page, to try once more
    std::string action;   // where the proof goes to
};

[[nodiscard]] std::string handoff_page(const HandoffOffer& offer, const session::Session& session);

}  // namespace sallyport::api
