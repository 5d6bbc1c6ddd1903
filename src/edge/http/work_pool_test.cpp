#include "edge/http/work_pool.h"

#include <doctest/doctest.h>

#include <functional>
#include <latch>
#include <mutex>
#include <string>

namespace sallyport::http::test {

namespace {

// One thread, held up until everything has been handed in.
class HeldPool {
public:
    explicit HeldPool(std::size_t queue_max) : pool_({.threads = 1, .queue_max = queue_max}) {
        pool_.submit([this] {
            taken_.count_down();
            held_.wait();
        });
        taken_.wait();
    }

    void submit(char name, Turn turn) {
        auto work = [this, name] {
            const std::lock_guard lock(mutex_);
            done_ += name;
        };
        pool_.submit(work, turn);
    }

    void release() { held_.count_down(); }

    // In the order in which it was done.
    std::string let_go() {
        release();
        std::latch over(1);
        pool_.submit([&over] { over.count_down(); });
        over.wait();
        const std::lock_guard lock(mutex_);
        return done_;
    }

private:
    std::latch taken_{1};
    std::latch held_{1};
    std::mutex mutex_;
    std::string done_;
    WorkPool pool_;
};

TEST_CASE("who unlocks at a workstation does not wait behind those who sign in") {
    HeldPool pool(8);
    pool.submit('a', Turn::usual);
    pool.submit('b', Turn::usual);
    pool.submit('N', Turn::first);
    pool.submit('c', Turn::usual);
    pool.submit('M', Turn::first);
    CHECK(pool.let_go() == "NMabc");
}

TEST_CASE("a full queue of sign-ins turns nobody away who unlocks") {
    HeldPool pool(2);
    pool.submit('a', Turn::usual);
    pool.submit('b', Turn::usual);
    CHECK_THROWS_AS(pool.submit('c', Turn::usual), Overloaded);
    pool.submit('N', Turn::first);
    pool.submit('M', Turn::first);
    CHECK_THROWS_AS(pool.submit('O', Turn::first), Overloaded);
    pool.release();
}

}  // namespace

}  // namespace sallyport::http::test
