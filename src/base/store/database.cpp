#include "base/store/database.h"

#include "base/core/fault.h"
#include "base/store/work_queue.h"

#include <condition_variable>
#include <mutex>

namespace sallyport::store {

struct Database::Completion::State {
    std::mutex mutex;
    std::condition_variable changed;
    bool ended = false;
    std::exception_ptr error;
};

Database::Completion::Completion() : state_(std::make_shared<State>()) {
    if (is_database_thread()) {
        throw Fault("waiting for the database on one of its own threads would never end");
    }
}

Database::Done Database::Completion::done() const {
    // Shared, because the waiter may be gone before notify_one() has returned.
    return [state = state_](std::exception_ptr error) {
        {
            const std::lock_guard lock(state->mutex);
            state->error = std::move(error);
            state->ended = true;
        }
        state->changed.notify_one();
    };
}

void Database::Completion::wait() {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(lock, [this] { return state_->ended; });
    const auto error = std::exchange(state_->error, nullptr);
    lock.unlock();
    if (error) std::rethrow_exception(error);
}

}  // namespace sallyport::store
