#include "edge/gateway/http/http_dialogue.h"

#include "edge/gateway/http/response_rewrite.h"
#include "edge/gateway/http/visit_frames.h"
#include "edge/http/ascii.h"

#include <algorithm>
#include <utility>

namespace sallyport::gateway {

namespace {

http::AnswerTo answer_to(std::string_view method) {
    return method == "HEAD" ? http::AnswerTo::head : http::AnswerTo::other;
}

}  // namespace

AnswerDialogue::AnswerDialogue(AnswerSetting setting)
    : setting_(std::move(setting)), mask_(setting_.patterns) {}

AnswerDialogue::Actions AnswerDialogue::on(const http::ResponseEvent& event) {
    if (const auto* const head = std::get_if<http::ResponseHead>(&event)) return on_head(*head);
    if (const auto* const body = std::get_if<http::Body>(&event)) {
        body_bytes_ += body->bytes.size();
        return on_piece(mask_.push(body->bytes));
    }
    if (std::holds_alternative<http::End>(event)) return on_end();
    return Actions{};
}

AnswerDialogue::Actions AnswerDialogue::on_head(const http::ResponseHead& head) {
    Actions actions;
    std::optional<http::ResponseHead> masked;
    if (may_hold_credential(head, setting_.patterns)) masked = head;
    const bool holds_credential = masked && mask_head(*masked, setting_.patterns);
    actions.record.push_back(
        {recording::FrameKind::from_device,
         http::serialise(masked ? *masked : head, answer_to(setting_.method))}
    );
    const bool interim = head.status >= 100 && head.status < 200 && head.status != 101;
    if (interim) return actions;  // ours to answer, not the person's to see

    status_ = head.status;
    if (auto allowed = check_head(head, holds_credential); !allowed) {
        actions.refused = std::move(allowed).error();
        return actions;
    }
    auto rewritten = rewrite_response(head, setting_.hosts, setting_.profile);
    (void)mask_head(rewritten, setting_.patterns);
    rewritten.framing = person_framing(head);
    framing_ = rewritten.framing.kind;
    device_may_go_on_ = head.keep_alive && head.framing.kind != http::Framing::until_close;
    person_may_go_on_ = setting_.person_keep_alive && framing_ != http::Framing::until_close;
    if (head.status == 101) {
        state_ = State::switched;
        device_may_go_on_ = person_may_go_on_ = false;
        rewritten.headers.add("Connection", "Upgrade");
        if (const auto protocol = head.headers.only("Upgrade")) {
            rewritten.headers.add("Upgrade", std::string(*protocol));
        }
    } else {
        state_ = State::body;
        rewritten.headers.add("Connection", person_may_go_on_ ? "keep-alive" : "close");
    }
    actions.send = http::serialise(rewritten, answer_to(setting_.method));
    actions.record.push_back({recording::FrameKind::to_person, actions.send});
    return actions;
}

AnswerDialogue::Actions AnswerDialogue::on_piece(Masked piece) {
    Actions actions;
    if (!piece.spans.empty() && setting_.unmaskable) {
        actions.refused = Refusal{Refusal::denied, "device.answer_unmaskable", {}};
        return actions;
    }
    const std::size_t room = masked_spans_max - std::min(masked_spans_max, masked_.size());
    const auto kept = static_cast<std::ptrdiff_t>(std::min(room, piece.spans.size()));
    masked_.insert(masked_.end(), piece.spans.begin(), piece.spans.begin() + kept);
    if (piece.bytes.empty()) return actions;
    if (framing_ == http::Framing::chunked) {
        actions.send = http::chunk_line(piece.bytes.size()) + piece.bytes;
        actions.send += http::chunk_end;
    } else {
        actions.send = piece.bytes;
    }
    actions.record.push_back({recording::FrameKind::from_device, std::move(piece.bytes)});
    return actions;
}

AnswerDialogue::Actions AnswerDialogue::on_end() {
    auto actions = on_piece(mask_.finish());
    if (actions.refused) return actions;
    if (framing_ == http::Framing::chunked) actions.send += http::last_chunk;
    state_ = State::done;
    return actions;
}

Result<void> AnswerDialogue::check_head(const http::ResponseHead& head, bool holds_credential)
    const {
    if (holds_credential && setting_.unmaskable) {
        return refuse(Refusal::denied, "device.answer_unmaskable");
    }
    SP_CHECK(check_response(head));
    if (head.status == 101 && setting_.upgrade == Upgrade::no) {
        return refuse(Refusal::invalid, "device.garbage", "101 unasked");
    }
    return {};
}

// The device's length stays, since masking keeps it; what has none is chunked, or for an old client
// ends with the connection.
http::Framing AnswerDialogue::person_framing(const http::ResponseHead& head) const {
    const bool bodiless = setting_.method == "HEAD" || !http::status_has_body(head.status);
    const bool endless = head.framing.kind == http::Framing::chunked ||
                         head.framing.kind == http::Framing::until_close;
    if (!endless) return head.framing;
    if (bodiless) return {};
    return {setting_.person_version >= 11 ? http::Framing::chunked : http::Framing::until_close, 0};
}

}  // namespace sallyport::gateway
