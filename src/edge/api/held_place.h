#pragma once
// One of the places in which a request may be held until there is something to answer. Whoever gets
// none is answered at once.

#include <atomic>

namespace sallyport::api {

class HeldPlace {
public:
    // `held` counts the places that are taken, and must outlive it.
    HeldPlace(std::atomic<int>& held, int held_max)
        : held_(held), free_(held.fetch_add(1) < held_max) {}

    ~HeldPlace() { held_.fetch_sub(1); }

    HeldPlace(const HeldPlace&) = delete;
    HeldPlace& operator=(const HeldPlace&) = delete;
    HeldPlace(HeldPlace&&) = delete;
    HeldPlace& operator=(HeldPlace&&) = delete;

    [[nodiscard]] bool is_free() const noexcept { return free_; }

private:
    std::atomic<int>& held_;
    bool free_;
};

}  // namespace sallyport::api
