#include "base/store/work_queue.h"

#include "base/core/log.h"
#include "base/store/faults.h"

#include <fmt/format.h>

#include <utility>

namespace sallyport::store {

namespace {

thread_local bool on_database_thread = false;

}  // namespace

void finish(Job& job, std::exception_ptr error) noexcept {
    try {
        // Moved all the way: it is then the submitter's alone, and ends on the submitter's thread.
        job.done(std::move(error));
    } catch (const std::exception& mistake) {
        log::error("a store completion threw", {{"error", mistake.what()}});
    } catch (...) {
        log::error("a store completion threw something that is no exception");
    }
}

void finish(std::vector<Job>& jobs, const std::exception_ptr& error) noexcept {
    for (auto& job : jobs) {
        finish(job, error);
    }
    jobs.clear();
}

bool WorkQueue::push(Job& job) {
    {
        const std::lock_guard lock(mutex_);
        if (closed_ || jobs_.size() >= size_max_) return false;
        jobs_.push_back(std::move(job));
    }
    changed_.notify_one();
    return true;
}

std::optional<Job> WorkQueue::take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
    return pop();
}

std::optional<Job> WorkQueue::take_waiting() {
    const std::lock_guard lock(mutex_);
    return pop();
}

std::vector<Job> WorkQueue::take_all() {
    const std::lock_guard lock(mutex_);
    std::vector<Job> all;
    all.reserve(jobs_.size());
    while (auto job = pop()) {
        all.push_back(*std::move(job));
    }
    return all;
}

void WorkQueue::close() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    changed_.notify_all();
}

std::optional<Job> WorkQueue::pop() {
    if (jobs_.empty()) return std::nullopt;
    std::optional<Job> job(std::move(jobs_.front()));
    jobs_.pop_front();
    return job;
}

void push_or_refuse(WorkQueue& queue, Job job) {
    if (queue.push(job)) return;
    finish(
        job,
        std::make_exception_ptr(
            Overloaded("the queue in front of the database is full; nothing was done")
        )
    );
}

DatabaseThread::DatabaseThread() noexcept {
    on_database_thread = true;
}

DatabaseThread::~DatabaseThread() {
    on_database_thread = false;
}

bool is_database_thread() noexcept {
    return on_database_thread;
}

}  // namespace sallyport::store
