#pragma once
// How much of request bodies the server holds at a time, over all connections: what one request
// may bring is bounded, and so is what thousands may bring together. Thread-safe.

#include <atomic>
#include <cstddef>

namespace sallyport::http {

class BodyBudget {
public:
    explicit BodyBudget(std::size_t size_max) : size_max_(size_max) {}

    // What one request holds; given back at its end.
    class Share {
    public:
        explicit Share(BodyBudget& budget) : budget_(budget) {}

        ~Share() { budget_.held_.fetch_sub(held_, std::memory_order_relaxed); }

        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;
        Share(Share&&) = delete;
        Share& operator=(Share&&) = delete;

        // False if there is no room for `size` bytes more.
        [[nodiscard]] bool grow(std::size_t size) noexcept {
            const auto before = budget_.held_.fetch_add(size, std::memory_order_relaxed);
            held_ += size;
            return before + size <= budget_.size_max_;
        }

    private:
        BodyBudget& budget_;
        std::size_t held_ = 0;
    };

private:
    const std::size_t size_max_;
    std::atomic<std::size_t> held_{0};
};

}  // namespace sallyport::http
