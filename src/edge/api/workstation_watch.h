#pragma once
// The held connection of a workstation's browser: it asks whether its session is locked, and the
// answer waits until it is or ten seconds are over. So a screen goes within half a second of the
// badge, without a page that asks all the time.

#include "edge/api/route.h"
#include "edge/api/services.h"

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <chrono>

namespace sallyport::api {

class WorkstationWatch {
public:
    static constexpr int held_max = 400;
    static constexpr std::chrono::milliseconds look_again{400};
    static constexpr int looks_max = 25;

    // `services` must outlive it.
    explicit WorkstationWatch(Services& services) : services_(services) {}

    // Answers at once, with held false, where there is no badge reader to wait for.
    [[nodiscard]] boost::asio::awaitable<Result<Reply>> wait(LongCall call);

private:
    Services& services_;
    std::atomic<int> held_{0};
};

}  // namespace sallyport::api
