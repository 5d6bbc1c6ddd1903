#pragma once
// The held connection: a phone asks whether there is a question, and the answer waits until there
// is one or ten seconds are over. At most held_max wait at a time; others are answered at once.

#include "edge/api/route.h"
#include "edge/api/services.h"

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <chrono>

namespace sallyport::api {

class HeldQuestion {
public:
    static constexpr int held_max = 200;
    static constexpr std::chrono::milliseconds look_again{500};
    static constexpr int looks_max = 20;

    // `services` must outlive it.
    explicit HeldQuestion(Services& services) : services_(services) {}

    // Refuses what authn::push_prompt() does.
    [[nodiscard]] boost::asio::awaitable<Result<Reply>> wait(LongCall call);

private:
    Services& services_;
    std::atomic<int> held_{0};
};

}  // namespace sallyport::api
