#pragma once
// How many connections there are, all together and per peer, and who may still come in.
// Thread-safe.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace sallyport::http {

class Admission {
public:
    Admission(std::size_t count_max, std::size_t per_peer_max)
        : count_max_(count_max), per_peer_max_(per_peer_max) {}

    // One connection's place, given back when the last copy goes.
    class Place {
    public:
        Place(Admission& admission, std::string peer, bool over_limit)
            : admission_(admission), peer_(std::move(peer)), over_limit_(over_limit) {}

        ~Place() { admission_.leave(peer_); }

        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        Place(Place&&) = delete;
        Place& operator=(Place&&) = delete;

        // Let in to be told 503, and no more.
        [[nodiscard]] bool over_limit() const noexcept { return over_limit_; }

        // Puts the place on the account of whom a balancer speaks for; false if that one is full.
        [[nodiscard]] bool charge(const std::string& peer);

    private:
        Admission& admission_;
        std::string peer_;
        bool over_limit_;
    };

    // Null: full beyond being told so, or this peer has too many. An empty `peer` is not counted.
    [[nodiscard]] std::shared_ptr<Place> enter(const std::string& peer);
    [[nodiscard]] std::size_t count() const noexcept;
    [[nodiscard]] bool wait_until_empty(std::chrono::milliseconds time_max);

private:
    [[nodiscard]] bool count_peer(const std::string& peer);
    void leave(const std::string& peer);

    const std::size_t count_max_;
    const std::size_t per_peer_max_;
    mutable std::mutex mutex_;
    std::condition_variable emptied_;
    std::size_t count_ = 0;
    std::unordered_map<std::string, std::size_t> peers_;
};

}  // namespace sallyport::http
