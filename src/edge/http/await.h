#pragma once
// Where coroutines meet what is not one: the database, the pool for slow work, and callbacks. The
// coroutine goes on on its own executor; no lock and no Tx lives across the wait.

#include "base/store/database.h"
#include "edge/http/work_pool.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace sallyport::http {

namespace detail {

struct Nothing {};

template <class T>
using Slot = std::optional<std::conditional_t<std::is_void_v<T>, Nothing, T>>;

// Threads that are handing an answer to an io_context. The coroutine may run, and its server may be
// stopped, before such a thread is done with the context: who destroys one waits until this is 0.
inline std::atomic<int> callbacks_under_way{0};

// Takes a suspended coroutine up again on its own executor, whose context it keeps running.
template <class Handler>
class Resume {
public:
    explicit Resume(Handler handler)
        : guard_(boost::asio::make_work_guard(boost::asio::get_associated_executor(handler))),
          handler_(std::move(handler)) {}

    void post() {
        callbacks_under_way.fetch_add(1);
        {
            const auto executor = guard_->get_executor();
            auto go_on = [guard = std::move(*guard_), handler = std::move(*handler_)]() mutable {
                guard.reset();
                std::move(handler)();
            };
            guard_.reset();
            handler_.reset();
            boost::asio::post(executor, std::move(go_on));
        }
        callbacks_under_way.fetch_sub(1);
    }

private:
    std::optional<boost::asio::executor_work_guard<boost::asio::associated_executor_t<Handler>>>
        guard_;
    std::optional<Handler> handler_;
};

}  // namespace detail

// Waits for a callback that some other thread calls once: `start` is handed a
// move_only_function<void(std::exception_ptr, T)> (without T for void). What `start` throws is
// thrown here. The caller's io_context is kept running meanwhile. Not cancelled by the caller's
// cancellation: what was started is finished.
//
//     auto start = [&recording, frame = std::move(frame)](auto done) mutable {
//         recording.submit(std::move(frame), std::move(done));
//     };
//     const auto sequence = co_await await_callback<std::uint64_t>(std::move(start));
template <class T, class Start>
[[nodiscard]] boost::asio::awaitable<T> await_callback(Start start) {
    detail::Slot<T> answer;
    std::exception_ptr error;
    // Whoever calls back writes into this frame, which is suspended until then.
    auto initiate = [&](auto handler) {
        auto resume = std::make_shared<detail::Resume<decltype(handler)>>(std::move(handler));
        try {
            if constexpr (std::is_void_v<T>) {
                start(std::move_only_function<void(std::exception_ptr)>(
                    [&error, resume](std::exception_ptr failed) {
                        error = std::move(failed);
                        resume->post();
                    }
                ));
            } else {
                start(std::move_only_function<void(std::exception_ptr, T)>(
                    [&answer, &error, resume](std::exception_ptr failed, T value) {
                        error = std::move(failed);
                        if (!error) answer.emplace(std::move(value));
                        resume->post();
                    }
                ));
            }
        } catch (...) {
            error = std::current_exception();
            resume->post();
        }
    };
    co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(
        std::move(initiate), boost::asio::use_awaitable
    );
    if (error) std::rethrow_exception(error);
    if constexpr (!std::is_void_v<T>) co_return *std::move(answer);
}

namespace detail {

template <class F>
[[nodiscard]] boost::asio::awaitable<std::invoke_result_t<F&, store::Tx&>> run_in(
    store::Database& database,
    void (store::Database::*submit)(store::Database::Work, store::Database::Done),
    F work
) {
    using Answer = std::invoke_result_t<F&, store::Tx&>;
    Slot<Answer> answer;
    auto start = [&](std::move_only_function<void(std::exception_ptr)> done) {
        auto run = [&](store::Tx& tx) {
            if constexpr (std::is_void_v<Answer>) {
                work(tx);
            } else {
                answer.emplace(work(tx));
            }
        };
        (database.*submit)(std::move(run), std::move(done));
    };
    co_await await_callback<void>(std::move(start));
    if constexpr (!std::is_void_v<Answer>) co_return *std::move(answer);
}

}  // namespace detail

// `work(tx)` in one transaction on a database thread; goes on once the commit is durable. The
// answer is what `work` returned, a refusal included. Throws what failed; store::Overloaded at once
// if the database's queue is full. `work` may run more than once (store::Database).
template <class F>
[[nodiscard]] boost::asio::awaitable<std::invoke_result_t<F&, store::Tx&>> write(
    store::Database& database, F work
) {
    return detail::run_in(database, &store::Database::submit_write, std::move(work));
}

template <class F>
[[nodiscard]] boost::asio::awaitable<std::invoke_result_t<F&, store::Tx&>> read(
    store::Database& database, F work
) {
    return detail::run_in(database, &store::Database::submit_read, std::move(work));
}

// `work()` on a thread of the pool. Throws http::Overloaded at once if its queue is full.
template <class F>
[[nodiscard]] boost::asio::awaitable<std::invoke_result_t<F&>> run_on(
    WorkPool& pool, F work, Turn turn = Turn::usual
) {
    using Answer = std::invoke_result_t<F&>;
    detail::Slot<Answer> answer;
    auto start = [&](std::move_only_function<void(std::exception_ptr)> done) {
        auto run = [&, done = std::move(done)]() mutable {
            std::exception_ptr failed;
            try {
                if constexpr (std::is_void_v<Answer>) {
                    work();
                } else {
                    answer.emplace(work());
                }
            } catch (...) {
                failed = std::current_exception();
            }
            done(failed);
        };
        pool.submit(std::move(run), turn);
    };
    co_await await_callback<void>(std::move(start));
    if constexpr (!std::is_void_v<Answer>) co_return *std::move(answer);
}

}  // namespace sallyport::http
