#pragma once
// How many exchanges run, so that a stop can let them finish.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace sallyport::gateway {

// Thread-safe. Must outlive its Marks.
class UnderWay {
public:
    // One exchange, for as long as this lives.
    class Mark {
    public:
        explicit Mark(UnderWay& all) : all_(all) { all_.add(); }

        ~Mark() { all_.remove(); }

        Mark(const Mark&) = delete;
        Mark& operator=(const Mark&) = delete;
        Mark(Mark&&) = delete;
        Mark& operator=(Mark&&) = delete;

    private:
        UnderWay& all_;
    };

    // True once none runs.
    [[nodiscard]] bool wait_until_none(std::chrono::milliseconds time_max) {
        std::unique_lock lock(mutex_);
        return none_.wait_for(lock, time_max, [this] { return count_ == 0; });
    }

private:
    void add() {
        const std::lock_guard lock(mutex_);
        ++count_;
    }

    void remove() {
        const std::lock_guard lock(mutex_);
        if (--count_ == 0) none_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable none_;
    std::size_t count_ = 0;
};

}  // namespace sallyport::gateway
