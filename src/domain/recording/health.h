#pragma once
// What the recorder's threads know in common about its health: poisoned or not, and the disk
// reserve. Thread-safe.

#include "domain/recording/disk.h"
#include "domain/recording/recorder.h"

#include <atomic>
#include <exception>
#include <mutex>
#include <string>

namespace sallyport::recording {

// An fsync error is final: the first one poisons, and nothing heals it but a new process.
class Health {
public:
    explicit Health(std::function<void(Trouble)> on_trouble) : on_trouble_(std::move(on_trouble)) {}

    void poison(const std::exception_ptr& why);

    [[nodiscard]] bool poisoned() const noexcept { return poisoned_; }

    // RecorderFailed that says why. Only once poisoned.
    [[nodiscard]] std::exception_ptr fault() const;
    // Tells whoever holds the visits.
    void report(Trouble trouble);

private:
    std::function<void(Trouble)> on_trouble_;
    std::atomic<bool> poisoned_{false};
    mutable std::mutex mutex_;
    std::exception_ptr fault_;
};

// Disk space held back in a file, given to the file system when a write of a running visit finds
// no room; new visits wait until it could be built up again.
class Reserve {
public:
    Reserve(Disk& disk, Health& health, const RecorderSettings& settings);

    // True if there is room for a new visit. Builds the reserve up again when it can.
    [[nodiscard]] bool admits();

    [[nodiscard]] bool in_use() const noexcept { return in_use_; }

    // Gives the reserve up; a no-op if that was done before.
    void release();

private:
    void build();

    Disk& disk_;
    Health& health_;
    std::string folder_;
    std::string path_;
    std::uint64_t bytes_;
    std::uint64_t free_bytes_min_;
    std::mutex mutex_;
    std::atomic<bool> in_use_{true};
};

// Runs `write`, and once more out of the reserve if the disk was full. `write` must bear being run
// again after it stopped half-way.
template <class Write>
void write_with(Reserve& reserve, Write write) {
    try {
        write();
        return;
    } catch (const DiskFull&) {
        // Another thread may have given the reserve up a moment ago: try again in any case.
        reserve.release();
    }
    write();
}

}  // namespace sallyport::recording
