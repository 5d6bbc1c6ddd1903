#include "edge/gateway/http/lane.h"

#include <boost/asio/post.hpp>

#include <utility>

namespace sallyport::gateway {

std::shared_ptr<Lane> Lane::enter(
    std::shared_ptr<Visit> visit,
    std::shared_ptr<http::Connection> person,
    std::chrono::milliseconds cut_grace
) {
    const std::shared_ptr<Lane> lane(new Lane(std::move(visit), std::move(person), cut_grace));
    auto on_end = [weak = std::weak_ptr(lane), executor = lane->person_->stream().executor()] {
        boost::asio::post(executor, [weak] {
            if (const auto cut = weak.lock()) cut->cut();
        });
    };
    lane->number_ = lane->visit_->enter(std::move(on_end));
    return lane->number_ == 0 ? nullptr : lane;
}

Lane::Lane(
    std::shared_ptr<Visit> visit,
    std::shared_ptr<http::Connection> person,
    std::chrono::milliseconds cut_grace
)
    : visit_(std::move(visit)),
      person_(std::move(person)),
      cut_grace_(cut_grace),
      grace_(person_->stream().executor()) {}

Lane::~Lane() {
    close_device();
    if (number_ != 0) visit_->leave(number_);
}

void Lane::close_device() {
    if (device_) device_->stream->close();
    device_.reset();
}

// Not a byte more to the device. The person is told if nothing was said yet, and then closed too:
// at once if there is nothing to tell, after a grace if telling takes too long.
void Lane::cut() {
    if (device_) device_->stream->close();
    if (phase_ != Phase::asking) {
        person_->stream().close();
        return;
    }
    grace_.expires_after(cut_grace_);
    grace_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
        const auto lane = error ? nullptr : weak.lock();
        if (lane) lane->person_->stream().close();
    });
}

}  // namespace sallyport::gateway
