#pragma once
// A few threads for slow, CPU-bound work (password hashing), with a bounded queue before them.

#include "base/core/fault.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace sallyport::http {

// The queue in front of a pool is full; nothing was done. Answered with 503.
class Overloaded final : public Fault {
public:
    using Fault::Fault;
};

// Who comes first. Whoever unlocks at a registered workstation is known to be there and waits with
// a patient beside them; strangers can make as many sign-ins wait as they like.
enum class Turn : std::uint8_t { usual, first };

class WorkPool {
public:
    struct Settings {
        int threads = 0;              // 0: one less than the machine's cores, at least one
        std::size_t queue_max = 256;  // waiting works of each turn, not those running
    };

    explicit WorkPool(const Settings& settings);

    WorkPool() : WorkPool(Settings{}) {}

    // Finishes what was submitted.
    ~WorkPool();
    WorkPool(const WorkPool&) = delete;
    WorkPool& operator=(const WorkPool&) = delete;
    WorkPool(WorkPool&&) = delete;
    WorkPool& operator=(WorkPool&&) = delete;

    // Throws Overloaded if the queue of that turn is full. `work` must not throw.
    void submit(std::move_only_function<void()> work, Turn turn = Turn::usual);
    [[nodiscard]] int threads() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::http
