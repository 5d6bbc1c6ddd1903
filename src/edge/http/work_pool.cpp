#include "edge/http/work_pool.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace sallyport::http {

struct WorkPool::Impl {
    using Queue = std::deque<std::move_only_function<void()>>;

    explicit Impl(std::size_t size_max) : queue_max(size_max) {}

    void run() {
        for (;;) {
            std::move_only_function<void()> work;
            {
                std::unique_lock lock(mutex);
                wake.wait(lock, [this] { return stopping || next() != nullptr; });
                auto* const queue = next();
                if (queue == nullptr) return;
                work = std::move(queue->front());
                queue->pop_front();
            }
            work();
        }
    }

    // Of those that wait, or none.
    Queue* next() {
        for (auto* const queue : {&first, &usual}) {
            if (!queue->empty()) return queue;
        }
        return nullptr;
    }

    const std::size_t queue_max;
    std::mutex mutex;
    std::condition_variable wake;
    Queue first;
    Queue usual;
    bool stopping = false;
    std::vector<std::jthread> threads;
};

WorkPool::WorkPool(const Settings& settings) : impl_(std::make_unique<Impl>(settings.queue_max)) {
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    const int wanted = settings.threads > 0 ? settings.threads : std::max(1, cores - 1);
    for (int i = 0; i < wanted; ++i) {
        impl_->threads.emplace_back([impl = impl_.get()] { impl->run(); });
    }
}

WorkPool::~WorkPool() {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->stopping = true;
    }
    impl_->wake.notify_all();
    impl_->threads.clear();  // joins
}

void WorkPool::submit(std::move_only_function<void()> work, Turn turn) {
    {
        const std::lock_guard lock(impl_->mutex);
        auto& queue = turn == Turn::first ? impl_->first : impl_->usual;
        if (queue.size() >= impl_->queue_max) throw Overloaded("the work pool is full");
        queue.push_back(std::move(work));
    }
    impl_->wake.notify_one();
}

int WorkPool::threads() const noexcept {
    return static_cast<int>(impl_->threads.size());
}

}  // namespace sallyport::http
