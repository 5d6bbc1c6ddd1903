#pragma once
// One request of a person to the device and its answer back: recorded, then forwarded, both ways.

#include "base/core/result.h"
#include "edge/gateway/http/command_log.h"
#include "edge/gateway/http/gateway_services.h"
#include "edge/gateway/http/http_dialogue.h"
#include "edge/gateway/http/lane.h"
#include "edge/gateway/http/request_wire.h"
#include "edge/gateway/http/visit_frames.h"
#include "edge/gateway/http/visit_recording.h"
#include "edge/http/http1_codec.h"
#include "edge/http/message.h"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace sallyport::gateway {

class Exchange {
public:
    // All of it outlives the exchange.
    Exchange(
        const Services& services,
        const GatewayLimits& limits,
        CommandLog& commands,
        Lane& lane,
        const http::RequestHead& head,
        const http::Request& request
    );
    // An exchange that was begun is recorded to some end.
    ~Exchange();
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    Exchange(Exchange&&) = delete;
    Exchange& operator=(Exchange&&) = delete;

    // True: the person's connection may carry another request. A refusal is to be answered with a
    // page: nothing of an answer has gone out. Throws what the recorder or the person's connection
    // failed with.
    [[nodiscard]] boost::asio::awaitable<Result<bool>> run();

    // Records that this request was not let through, for `why`.
    void record_refusal(const Refusal& why);

private:
    using Done = boost::asio::awaitable<Result<void>>;

    [[nodiscard]] boost::asio::awaitable<Result<bool>> attempt();
    [[nodiscard]] Done check_device();
    [[nodiscard]] Done send_request();
    [[nodiscard]] Done send_body();
    [[nodiscard]] boost::asio::awaitable<Result<bool>> receive_answer();
    [[nodiscard]] Done next_event(AnswerDialogue& dialogue);
    [[nodiscard]] boost::asio::awaitable<Result<std::size_t>> read_device();
    [[nodiscard]] boost::asio::awaitable<void> flush();
    [[nodiscard]] boost::asio::awaitable<void> relay_upgrade();
    [[nodiscard]] boost::asio::awaitable<Result<http::Framing>> gather_body();

    // The frame to be recorded first; begin_alone() records it, unless the exchange has begun.
    [[nodiscard]] VisitFrame begin();
    void begin_alone();
    void end(ExchangeOutcome outcome, std::string_view reason);

    [[nodiscard]] Time now() const { return services_.clock.now(); }

    const Services& services_;
    const GatewayLimits& limits_;
    CommandLog& commands_;
    Lane& lane_;
    const std::shared_ptr<Visit> visit_;
    const http::RequestHead& head_;
    const http::Request& request_;
    const directory::DeviceProfile& profile_;
    const Upgrade upgrade_;

    std::uint32_t id_;
    bool begun_ = false;
    bool retryable_ = false;   // nothing of an answer came, and asking twice does no harm
    bool bytes_came_ = false;  // from the device, in this attempt
    std::string gathered_;     // a body small enough, or chunked
    bool body_gathered_ = false;
    http::Framing framing_;  // of the body toward the device
    std::chrono::steady_clock::time_point answer_due_;
    AnswerDialogue::Actions waiting_;  // to be recorded and then sent
    ExchangeEnd summary_;
};

}  // namespace sallyport::gateway
