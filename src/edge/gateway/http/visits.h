#pragma once
// The open visits of this process, bounded; what a request looks up, and what the approver who
// watches sees.

#include "base/core/result.h"
#include "edge/gateway/http/visit.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace sallyport::gateway {

// Whose visit to what. A session belongs to one device host, so this names one device.
using VisitKey = std::pair<SessionId, std::string>;

// Thread-safe.
class Visits {
public:
    explicit Visits(std::size_t count_max) : count_max_(count_max) {}

    // The running visit of this key; null if there is none or it has ended.
    [[nodiscard]] std::shared_ptr<Visit> find(const VisitKey& key) const;

    // A browser asks for many things at once, and one visit is to come of it: true for the one
    // request that may open it. The others wait().
    [[nodiscard]] bool begin_opening(const VisitKey& key);
    using Opened = Result<std::shared_ptr<Visit>>;
    // Called at once, or when opened() or opening_failed() is; with a null visit if nobody is
    // opening any more: then start over.
    void wait(const VisitKey& key, std::move_only_function<void(std::exception_ptr, Opened)> done);
    void finish_opening(const VisitKey& key, const std::exception_ptr& fault, const Opened& opened);

    // Refuses denied "gateway.visits_full", "gateway.stopping".
    [[nodiscard]] Result<void> add(const VisitKey& key, std::shared_ptr<Visit> visit);
    // When it is closed and recorded to its end.
    void remove(const ConnectionId& id);

    [[nodiscard]] std::vector<std::shared_ptr<Visit>> all() const;
    void stop_adding();
    // True once all are removed.
    [[nodiscard]] bool wait_until_empty(std::chrono::milliseconds time_max);

private:
    struct Entry {
        VisitKey key;
        std::shared_ptr<Visit> visit;
    };

    const std::size_t count_max_;
    mutable std::mutex mutex_;
    std::condition_variable emptied_;
    bool stopping_ = false;
    std::vector<Entry> entries_;
    std::map<VisitKey, std::vector<std::move_only_function<void(std::exception_ptr, Opened)>>>
        opening_;
};

}  // namespace sallyport::gateway
