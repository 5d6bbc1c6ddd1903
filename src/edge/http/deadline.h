#pragma once
// One deadline per stream, moved with every step at the price of an assignment: the timer is
// armed once and looks, when it fires, whether the deadline has moved on meanwhile.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace sallyport::http {

class Deadline {
public:
    // `expire` is called once on the executor, when the deadline passes.
    Deadline(const boost::asio::any_io_executor& executor, std::function<void()> expire)
        : state_(std::make_shared<State>(executor, std::move(expire))) {}

    ~Deadline() { stop(); }

    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;
    Deadline(Deadline&&) = delete;
    Deadline& operator=(Deadline&&) = delete;

    void expires_after(std::chrono::milliseconds from_now) {
        const auto now = std::chrono::steady_clock::now();
        state_->due = now + from_now;
        if (!state_->armed || state_->due < state_->wakes) State::arm(state_);
    }

    void stop() noexcept {
        state_->expire = nullptr;
        boost::system::error_code ignored;
        static_cast<void>(state_->timer.cancel(ignored));
    }

    [[nodiscard]] bool passed() const noexcept { return state_->passed; }

private:
    struct State {
        State(const boost::asio::any_io_executor& executor, std::function<void()> on_expiry)
            : timer(executor), expire(std::move(on_expiry)) {}

        static void arm(const std::shared_ptr<State>& state) {
            state->armed = true;
            state->wakes = state->due;
            state->timer.expires_at(state->wakes);
            state->timer.async_wait([state](boost::system::error_code error) {
                if (error || !state->expire) return;  // moved to an earlier time, or stopped
                if (std::chrono::steady_clock::now() < state->due) return arm(state);
                state->passed = true;
                std::exchange(state->expire, nullptr)();
            });
        }

        boost::asio::steady_timer timer;
        std::function<void()> expire;
        std::chrono::steady_clock::time_point due;
        std::chrono::steady_clock::time_point wakes;
        bool armed = false;
        bool passed = false;
    };

    std::shared_ptr<State> state_;
};

}  // namespace sallyport::http
