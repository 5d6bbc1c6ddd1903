#pragma once
// How many exports are under way at a time. Each is bounded in memory; so is their number.

#include "edge/http/work_pool.h"

#include <atomic>
#include <memory>

namespace sallyport::api {

class ExportPlaces {
public:
    static constexpr int count_max = 4;

    // Given back with the last copy of the pointer, which the answer's pieces share. Throws
    // http::Overloaded (503) when all are taken.
    [[nodiscard]] std::shared_ptr<const void> take() {
        const bool there = taken_->fetch_add(1) < count_max;
        std::shared_ptr<const void> place(nullptr, [taken = taken_](const void*) {
            taken->fetch_sub(1);
        });
        if (there) return place;
        throw http::Overloaded("as many exports as may be at a time are under way");
    }

private:
    std::shared_ptr<std::atomic<int>> taken_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace sallyport::api
