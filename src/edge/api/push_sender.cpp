#include "edge/api/push_sender.h"

#include "base/core/log.h"
#include "domain/authn/push/phone_address.h"
#include "domain/authn/push/push_delivery.h"
#include "edge/http/client.h"

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace sallyport::api {

namespace {

using namespace std::chrono_literals;

// A question lives for a minute: a push service that is slower than this is of no use.
constexpr auto connect_max = 5s;
constexpr auto answer_max = 10s;
constexpr std::size_t answer_size_max = 16384;
constexpr http::WorkPool::Settings pool_settings{.threads = 2, .queue_max = 64};

// RFC 8030 §7.3: the subscription is no more.
bool is_gone(int status) {
    return status == 404 || status == 410;
}

}  // namespace

PushSender::PushSender(Services& services) : services_(services), pool_(pool_settings) {}

void PushSender::send(std::vector<authn::PushDelivery> messages) {
    for (auto& each : messages) {
        auto work = [this, message = std::make_shared<authn::PushDelivery>(std::move(each))] {
            try {
                deliver(*message);
            } catch (const std::exception& failed) {
                log::warning(
                    "a push message was not sent",
                    {{"host", message->to.endpoint.host}, {"fault", failed.what()}}
                );
            }
        };
        try {
            pool_.submit(std::move(work));
        } catch (const http::Overloaded&) {
            log::warning("push messages are dropped: too many wait", {});
            return;
        }
    }
}

void PushSender::deliver(const authn::PushDelivery& message) const {
    // The list may be shorter than when the phone was added.
    if (!authn::is_allowed(message.to.endpoint, services_.push.hosts)) return;
    const auto moment = services_.moments.now();
    auto made =
        authn::make_push_request(services_.keys, message.to, services_.push.contact, moment);
    http::HttpsClient client({
        .host = made.to.host,
        .port = made.to.port,
        .connect_to = {},
        .ca_file = services_.push.ca_file,
        .connect_max = connect_max,
        .answer_max = answer_max,
        .body_size_max = answer_size_max,
    });
    http::Request request;
    request.method = "POST";
    request.target = made.to.target;
    for (auto& [name, value] : made.headers) {
        request.headers.add(std::move(name), std::move(value));
    }
    request.body = std::move(made.body);
    const auto status = client.send(request).status;
    if (is_gone(status)) {
        services_.database.write([&](store::Tx& tx) {
            authn::drop_phone_address(tx, moment, services_.keys, message.phone);
        });
    } else if (status < 200 || status >= 300) {
        log::warning(
            "a push service refused a message",
            {{"host", made.to.host}, {"status", std::to_string(status)}}
        );
    }
}

}  // namespace sallyport::api
