#pragma once
// The bounded queue in front of the database threads, shared by both drivers.

#include "base/store/database.h"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <vector>

namespace sallyport::store {

enum class Access : std::uint8_t { write, read };

// One piece of work and whom to tell how it ended.
struct Job {
    Access access;
    Database::Work work;
    Database::Done done;
};

// Tells the submitter. What `done` itself throws is logged and goes no further: a database thread
// outlives its callers' mistakes.
void finish(Job& job, std::exception_ptr error) noexcept;
void finish(std::vector<Job>& jobs, const std::exception_ptr& error) noexcept;

// Thread-safe, first in, first out.
class WorkQueue {
public:
    explicit WorkQueue(std::size_t size_max) : size_max_(size_max) {}

    // Takes the job, or leaves it where it is and returns false when there is no room.
    [[nodiscard]] bool push(Job& job);
    // Waits for a job; none once the queue is closed and drained.
    [[nodiscard]] std::optional<Job> take();
    // What is there now, without waiting.
    [[nodiscard]] std::optional<Job> take_waiting();
    [[nodiscard]] std::vector<Job> take_all();
    // Takers go on until the queue is empty and then stop.
    void close();

private:
    [[nodiscard]] std::optional<Job> pop();

    const std::size_t size_max_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> jobs_;
    bool closed_ = false;
};

// Pushes, or calls `job.done` at once with Overloaded.
void push_or_refuse(WorkQueue& queue, Job job);

// Marks the current thread as one of the database's own for as long as it lives; Database::write
// and read refuse to wait there, where nobody would be left to wait for.
class DatabaseThread {
public:
    DatabaseThread() noexcept;
    ~DatabaseThread();
    DatabaseThread(const DatabaseThread&) = delete;
    DatabaseThread& operator=(const DatabaseThread&) = delete;
};

[[nodiscard]] bool is_database_thread() noexcept;

}  // namespace sallyport::store
