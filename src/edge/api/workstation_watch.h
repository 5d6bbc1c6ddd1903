#pragma once
// The held connections of a workstation's browser: it asks whether its session is locked, or which
// tap waits for a PIN, and the answer waits until that changes or ten seconds are over. So a screen
// goes, and the PIN is asked for, within half a second of the badge, without a page that asks all
// the time.

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

    // Until this browser's session is locked. Answers at once, with held false, where there is no
    // badge reader to wait for.
    [[nodiscard]] boost::asio::awaitable<Result<Reply>> wait(LongCall call);
    // Until another tap than `seen` (its id; empty: none) waits at this workstation, or none does.
    // Likewise.
    [[nodiscard]] boost::asio::awaitable<Result<Reply>> wait_for_tap(LongCall call);

private:
    Services& services_;
    std::atomic<int> held_{0};
};

}  // namespace sallyport::api
