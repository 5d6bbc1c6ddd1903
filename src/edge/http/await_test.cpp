#include "edge/http/await.h"

#include "tests/support/databases.h"
#include "tests/support/http_lab.h"

#include <doctest/doctest.h>

#include <future>
#include <thread>

namespace sallyport::http {

namespace asio = boost::asio;
using test::run;

TEST_SUITE("await") {
    TEST_CASE("a callback of another thread takes the coroutine up where it was") {
        asio::io_context context;
        std::jthread other;
        auto start = [&](auto done) {
            other = std::jthread([done = std::move(done)]() mutable { done(nullptr, 42); });
        };
        auto body = [&]() -> asio::awaitable<int> {
            const auto home = std::this_thread::get_id();
            const int answer = co_await await_callback<int>(start);
            CHECK(std::this_thread::get_id() == home);
            co_return answer;
        };
        CHECK(run(context, body()) == 42);
    }

    TEST_CASE("what fails in a callback, or before it, is thrown where it is awaited") {
        asio::io_context context;
        auto fails = [](auto done) { done(std::make_exception_ptr(Fault("late"))); };
        auto throws = [](auto) { throw Fault("early"); };
        CHECK_THROWS_WITH_AS(run(context, await_callback<void>(fails)), "late", Fault);
        CHECK_THROWS_WITH_AS(run(context, await_callback<void>(throws)), "early", Fault);
    }

    TEST_CASE("a callback at once is a callback") {
        asio::io_context context;
        auto now = [](auto done) { done(nullptr, std::string("x")); };
        CHECK(run(context, await_callback<std::string>(now)) == "x");
    }

    TEST_CASE("work on the database answers, refuses, and fails") {
        asio::io_context context;
        test::SqliteFixture fixture;
        auto& database = fixture.database();
        auto make = [](store::Tx& tx) { tx.execute("CREATE TABLE t (a INTEGER)"); };
        run(context, http::write(database, make));
        auto insert = [](store::Tx& tx) -> Result<std::int64_t> {
            return tx.execute("INSERT INTO t (a) VALUES (7)");
        };
        CHECK(run(context, http::write(database, insert)).value() == 1);
        auto say_no = [](store::Tx&) -> Result<int> { return refuse(Refusal::denied, "test.no"); };
        CHECK(run(context, http::write(database, say_no)).error().reason == "test.no");
        auto count = [](store::Tx& tx) { return tx.query("SELECT a FROM t").size(); };
        CHECK(run(context, http::read(database, count)) == 1);
        auto fail = [](store::Tx&) -> int { throw Fault("broken"); };
        CHECK_THROWS_AS(run(context, http::read(database, fail)), Fault);
    }

    TEST_CASE("slow work runs on the pool, and a full pool says so at once") {
        // Before the pool, whose thread outlives what is declared behind it.
        std::promise<void> running;
        std::promise<void> gate;
        asio::io_context context;
        WorkPool pool({.threads = 1, .queue_max = 1});
        const auto home = std::this_thread::get_id();
        auto work = [home] { return std::this_thread::get_id() != home; };
        CHECK(run(context, run_on(pool, work)));
        auto broken = [] { throw Fault("broken"); };
        CHECK_THROWS_AS(run(context, run_on(pool, broken)), Fault);

        pool.submit([&] {
            running.set_value();
            gate.get_future().wait();
        });
        running.get_future().wait();
        pool.submit([] {});  // waits; the queue is full now
        CHECK_THROWS_AS(run(context, run_on(pool, work)), Overloaded);
        gate.set_value();
    }

    TEST_CASE("a pool finishes what it took and leaves a core to others") {
        std::atomic<int> done{0};
        {
            WorkPool pool;
            CHECK(pool.threads() >= 1);
            CHECK(
                pool.threads() <=
                std::max(1, static_cast<int>(std::thread::hardware_concurrency()) - 1)
            );
            for (int i = 0; i < 100; ++i) {
                pool.submit([&] { ++done; });
            }
        }
        CHECK(done == 100);
    }
}

}  // namespace sallyport::http
