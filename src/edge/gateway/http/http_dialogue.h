#pragma once
// One answer of a device on its way to a person: what the parser says goes in, what is to be
// recorded and then sent comes out. No socket, no clock.

#include "base/core/result.h"
#include "domain/directory/device.h"
#include "domain/recording/recorder.h"
#include "edge/gateway/http/credential_mask.h"
#include "edge/gateway/http/host_map.h"
#include "edge/gateway/http/request_rewrite.h"
#include "edge/http/http1_codec.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::gateway {

// What the answer's way depends on. All of it outlives the dialogue.
struct AnswerSetting {
    const HostMap& hosts;
    const directory::DeviceProfile& profile;
    std::shared_ptr<const CredentialPatterns> patterns;
    bool unmaskable = false;  // an answer with the credential in it is refused
    std::string_view method;  // of the request
    int person_version = 11;  // what the person's client speaks
    bool person_keep_alive = true;
    Upgrade upgrade = Upgrade::no;  // whether one was asked for and allowed
};

struct Recorded {
    recording::FrameKind kind;
    std::string bytes;
};

class AnswerDialogue {
public:
    enum class State : std::uint8_t {
        head,  // nothing has gone to the person yet
        body,
        done,      // the whole answer has been handed out
        switched,  // 101: another protocol begins behind it
    };

    // First `record`, durable, then `send`. If it is `refused`, nothing more of it may be sent: in
    // State::head the person can still be told, in State::body the connection can only be cut.
    struct Actions {
        std::vector<Recorded> record;
        std::string send;
        std::optional<Refusal> refused;
    };

    explicit AnswerDialogue(AnswerSetting setting);

    // Refused as response_rewrite.h's check_response refuses, and denied
    // "device.answer_unmaskable", invalid "device.garbage" (a switch that nobody asked for).
    [[nodiscard]] Actions on(const http::ResponseEvent& event);

    [[nodiscard]] State state() const noexcept { return state_; }

    [[nodiscard]] int status() const noexcept { return status_; }  // the device's; 0 before it

    [[nodiscard]] std::uint64_t body_bytes() const noexcept { return body_bytes_; }

    // Where the credential stood in the decoded body.
    [[nodiscard]] const std::vector<MaskedSpan>& masked() const noexcept { return masked_; }

    // Whether both ends let their connection go on after this answer.
    [[nodiscard]] bool person_may_go_on() const noexcept { return person_may_go_on_; }

    [[nodiscard]] bool device_may_go_on() const noexcept { return device_may_go_on_; }

private:
    [[nodiscard]] Actions on_head(const http::ResponseHead& head);
    [[nodiscard]] Actions on_piece(Masked piece);
    [[nodiscard]] Actions on_end();
    [[nodiscard]] Result<void> check_head(const http::ResponseHead& head, bool holds_credential)
        const;
    [[nodiscard]] http::Framing person_framing(const http::ResponseHead& head) const;

    AnswerSetting setting_;
    CredentialMask mask_;
    State state_ = State::head;
    int status_ = 0;
    std::uint64_t body_bytes_ = 0;
    std::vector<MaskedSpan> masked_;
    http::Framing::Kind framing_ = http::Framing::none;  // toward the person
    bool person_may_go_on_ = false;
    bool device_may_go_on_ = false;
};

}  // namespace sallyport::gateway
