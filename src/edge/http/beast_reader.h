#pragma once
// Beast's parser with its events kept: the head, and the last piece of the body as a view into what
// was put. Behind http1_codec.h only; its limits are off, since ours come first.

#include "base/core/result.h"
#include "edge/http/http1_codec.h"

#include <boost/beast/http/basic_parser.hpp>

#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>
#include <utility>

namespace sallyport::http {

template <bool IsRequest>
using Head = std::conditional_t<IsRequest, RequestHead, ResponseHead>;

template <bool IsRequest>
class BeastReader final : public boost::beast::http::basic_parser<IsRequest> {
public:
    BeastReader() {
        this->header_limit(std::numeric_limits<std::uint32_t>::max());  // HeadScanner's business
        this->body_limit(boost::none);                                  // the engine's
    }

    [[nodiscard]] Head<IsRequest>& head() noexcept { return head_; }

    [[nodiscard]] std::string_view take_piece() noexcept { return std::exchange(piece_, {}); }

    void head_done() noexcept { in_body_ = true; }

private:
    using View = boost::beast::string_view;
    using Error = boost::beast::error_code;

    void on_request_impl(boost::beast::http::verb, View method, View target, int version, Error&)
        final {
        if constexpr (IsRequest) {
            head_.method.assign(method.data(), method.size());
            head_.target.assign(target.data(), target.size());
            head_.version = version;
        }
    }

    void on_response_impl(int status, View reason, int version, Error&) final {
        if constexpr (!IsRequest) {
            head_.status = status;
            head_.reason.assign(reason.data(), reason.size());
            head_.version = version;
        }
    }

    void on_field_impl(boost::beast::http::field, View name, View value, Error&) final {
        if (in_body_) return;  // trailers: checked, and dropped
        head_.headers.add({name.data(), name.size()}, {value.data(), value.size()});
    }

    void on_header_impl(Error&) final {}

    void on_body_init_impl(boost::optional<std::uint64_t> const&, Error&) final {}

    std::size_t on_body_impl(View body, Error&) final {
        piece_ = {body.data(), body.size()};
        return body.size();
    }

    void on_chunk_header_impl(std::uint64_t, View, Error&) final {}

    std::size_t on_chunk_body_impl(std::uint64_t, View body, Error&) final {
        piece_ = {body.data(), body.size()};
        return body.size();
    }

    void on_finish_impl(Error&) final {}

    Head<IsRequest> head_;
    std::string_view piece_;
    bool in_body_ = false;
};

// Beast judges framing fields as it meets them (`headers` are those before); said in our words.
[[nodiscard]] std::unexpected<Refusal> beast_refused(
    boost::beast::error_code code, const Headers& headers
);

}  // namespace sallyport::http
