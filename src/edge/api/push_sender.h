#pragma once
// Sends push messages (RFC 8030) over a pool of its own, with time limits, following no redirect:
// what an endpoint says is never read, but for its status. A message that can't be sent is lost;
// the phone's open page has the question all the same.

#include "domain/authn/push/push_store.h"
#include "edge/api/services.h"
#include "edge/http/work_pool.h"

#include <vector>

namespace sallyport::api {

class PushSender {
public:
    // `services` must outlive it.
    explicit PushSender(Services& services);

    // Returns at once; throws nothing. Where too many wait, these are dropped.
    void send(std::vector<authn::PushDelivery> messages);

private:
    void deliver(const authn::PushDelivery& message) const;

    Services& services_;
    http::WorkPool pool_;
};

}  // namespace sallyport::api
