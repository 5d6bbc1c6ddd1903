#include "edge/http/admission.h"

namespace sallyport::http {

namespace {

// Beyond count_max, so many more get an answer at a time; the rest is closed without one.
constexpr std::size_t told_max = 64;

}  // namespace

bool Admission::Place::charge(const std::string& peer) {
    const std::lock_guard lock(admission_.mutex_);
    if (!admission_.count_peer(peer)) return false;
    peer_ = peer;
    return true;
}

std::shared_ptr<Admission::Place> Admission::enter(const std::string& peer) {
    const std::lock_guard lock(mutex_);
    if (count_ >= count_max_ + told_max || !count_peer(peer)) return nullptr;
    ++count_;
    return std::make_shared<Place>(*this, peer, count_ > count_max_);
}

std::size_t Admission::count() const noexcept {
    const std::lock_guard lock(mutex_);
    return count_;
}

bool Admission::wait_until_empty(std::chrono::milliseconds time_max) {
    std::unique_lock lock(mutex_);
    return emptied_.wait_for(lock, time_max, [this] { return count_ == 0; });
}

bool Admission::count_peer(const std::string& peer) {
    if (peer.empty()) return true;
    auto& count = peers_[peer];
    if (count >= per_peer_max_) return false;
    ++count;
    return true;
}

void Admission::leave(const std::string& peer) {
    const std::lock_guard lock(mutex_);
    --count_;
    if (const auto found = peers_.find(peer); found != peers_.end() && --found->second == 0) {
        peers_.erase(found);
    }
    if (count_ == 0) emptied_.notify_all();
}

}  // namespace sallyport::http
