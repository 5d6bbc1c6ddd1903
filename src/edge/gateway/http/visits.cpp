#include "edge/gateway/http/visits.h"

#include <algorithm>

namespace sallyport::gateway {

std::shared_ptr<Visit> Visits::find(const VisitKey& key) const {
    const std::lock_guard lock(mutex_);
    for (const auto& entry : entries_) {
        if (entry.key == key && !entry.visit->ended()) return entry.visit;
    }
    return nullptr;
}

bool Visits::begin_opening(const VisitKey& key) {
    const std::lock_guard lock(mutex_);
    return opening_.try_emplace(key).second;
}

void Visits::wait(
    const VisitKey& key, std::move_only_function<void(std::exception_ptr, Opened)> done
) {
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = opening_.find(key); found != opening_.end()) {
            found->second.push_back(std::move(done));
            return;
        }
    }
    done(nullptr, std::shared_ptr<Visit>());
}

void Visits::finish_opening(
    const VisitKey& key, const std::exception_ptr& fault, const Opened& opened
) {
    std::vector<std::move_only_function<void(std::exception_ptr, Opened)>> waiting;
    {
        const std::lock_guard lock(mutex_);
        const auto found = opening_.find(key);
        if (found == opening_.end()) return;
        waiting = std::move(found->second);
        opening_.erase(found);
    }
    for (auto& done : waiting) {
        done(fault, opened);
    }
}

Result<void> Visits::add(const VisitKey& key, std::shared_ptr<Visit> visit) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return refuse(Refusal::denied, "gateway.stopping");
    if (entries_.size() >= count_max_) return refuse(Refusal::denied, "gateway.visits_full");
    entries_.push_back({key, std::move(visit)});
    return {};
}

void Visits::remove(const ConnectionId& id) {
    const std::lock_guard lock(mutex_);
    std::erase_if(entries_, [&](const Entry& entry) { return entry.visit->facts().id == id; });
    if (entries_.empty()) emptied_.notify_all();
}

std::vector<std::shared_ptr<Visit>> Visits::all() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<Visit>> visits;
    visits.reserve(entries_.size());
    for (const auto& entry : entries_) {
        visits.push_back(entry.visit);
    }
    return visits;
}

void Visits::stop_adding() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
}

bool Visits::wait_until_empty(std::chrono::milliseconds time_max) {
    std::unique_lock lock(mutex_);
    return emptied_.wait_for(lock, time_max, [this] { return entries_.empty(); });
}

}  // namespace sallyport::gateway
