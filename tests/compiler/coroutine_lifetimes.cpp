// A gate for the compiler, not for our code: everyday ways to hand values to a coroutine, each of
// which GCC 12.2 frees twice or leaks. Built with the compiler and flags that build Sallyport and
// run under AddressSanitizer: `coroutine_lifetimes N` runs case N, `coroutine_lifetimes count`
// prints the last one's number. See docs/adr/0002-clang.md.

#include <coroutine>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

// Counts its own lives, so that a copy that is destroyed twice or never shows.
struct Traced {
    static inline int alive = 0;
    std::string text;

    Traced(const char* t) : text(t) { ++alive; }

    Traced(const Traced& other) : text(other.text) { ++alive; }

    Traced(Traced&& other) noexcept : text(std::move(other.text)) { ++alive; }

    Traced& operator=(const Traced&) = default;
    Traced& operator=(Traced&&) noexcept = default;

    ~Traced() { --alive; }
};

struct Task {
    struct promise_type;
    using Handle = std::coroutine_handle<promise_type>;

    struct Final {
        bool await_ready() noexcept { return false; }

        std::coroutine_handle<> await_suspend(Handle handle) noexcept;

        void await_resume() noexcept {}
    };

    struct promise_type {
        std::optional<std::size_t> value;
        std::coroutine_handle<> next = std::noop_coroutine();

        Task get_return_object() { return Task(Handle::from_promise(*this)); }

        std::suspend_always initial_suspend() noexcept { return {}; }

        Final final_suspend() noexcept { return {}; }

        void return_value(std::size_t result) { value = result; }

        void unhandled_exception() { std::terminate(); }
    };

    explicit Task(Handle h) : handle(h) {}

    Task(Task&& other) noexcept : handle(std::exchange(other.handle, nullptr)) {}

    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;
    Task& operator=(Task&&) = delete;

    ~Task() {
        if (handle) handle.destroy();
    }

    bool await_ready() { return false; }

    std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) {
        handle.promise().next = caller;
        return handle;
    }

    std::size_t await_resume() { return handle.promise().value.value(); }

    Handle handle;
};

std::coroutine_handle<> Task::Final::await_suspend(Handle handle) noexcept {
    return handle.promise().next;
}

struct Pair {
    Traced first;
    Traced second;
    std::size_t more;
};

constexpr const char* text = "long enough to live on the heap, so that freeing twice shows";

Task by_value(Pair pair) {
    co_return pair.first.text.size() + pair.more;
}

Task by_const_reference(const Pair& pair) {
    co_return pair.second.text.size();
}

Task by_rvalue(Pair&& pair) {
    co_return pair.first.text.size();
}

Task one(Traced traced) {
    co_return traced.text.size();
}

Task one_by_reference(const Traced& traced) {
    co_return traced.text.size();
}

template <class F>
Task call(F function) {
    co_return function();
}

Task call_erased(std::function<std::size_t()> function) {
    co_return function();
}

Task maybe(std::optional<Traced> traced) {
    co_return traced ? traced->text.size() : 0;
}

Task owned(std::unique_ptr<Traced> traced) {
    co_return traced->text.size();
}

Task two_strings(std::string a, std::string b) {
    co_return a.size() + b.size();
}

Task aggregate_in_braces() {
    co_return co_await by_value({Traced(text), Traced(text), 1});
}

Task aggregate_named_type() {
    co_return co_await by_value(Pair{Traced(text), Traced(text), 1});
}

Task aggregate_designated() {
    co_return co_await by_value({.first = Traced(text), .second = Traced(text), .more = 1});
}

Task aggregate_to_const_reference() {
    co_return co_await by_const_reference({Traced(text), Traced(text), 1});
}

Task aggregate_to_rvalue() {
    co_return co_await by_rvalue({Traced(text), Traced(text), 1});
}

Task lambda_with_copy() {
    const Traced traced(text);
    co_return co_await call([traced] { return traced.text.size(); });
}

Task lambda_with_init() {
    co_return co_await call([traced = Traced(text)] { return traced.text.size(); });
}

Task lambda_erased() {
    const Traced traced(text);
    co_return co_await call_erased([traced] { return traced.text.size(); });
}

Task optional_built_in_place() {
    co_return co_await maybe(Traced(text));
}

Task unique_pointer_built_in_place() {
    co_return co_await owned(std::make_unique<Traced>(text));
}

Task strings_built_in_place() {
    co_return co_await two_strings(std::string(text) + "x", text);
}

Task choice_in_place() {
    const Traced traced(text);
    co_return co_await one_by_reference(traced.text.size() > 3 ? Traced(text) : Traced("b"));
}

Task await_inside_aggregate() {
    co_return co_await by_value(Pair{Traced(text), Traced(text), co_await one(Traced(text))});
}

Task loop_over_temporary() {
    std::vector<Traced> all;
    all.emplace_back(text);
    std::size_t sum = 0;
    for (const auto& traced : std::vector<Traced>(all)) {
        sum += co_await one_by_reference(traced);
    }
    co_return sum;
}

constexpr Task (*cases[])() = {
    aggregate_in_braces,
    aggregate_named_type,
    aggregate_designated,
    aggregate_to_const_reference,
    aggregate_to_rvalue,
    lambda_with_copy,
    lambda_with_init,
    lambda_erased,
    optional_built_in_place,
    unique_pointer_built_in_place,
    strings_built_in_place,
    choice_in_place,
    await_inside_aggregate,
    loop_over_temporary,
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    constexpr std::size_t count = std::size(cases);
    if (std::strcmp(argv[1], "count") == 0) {
        std::printf("%zu\n", count - 1);
        return 0;
    }
    const auto number = std::strtoul(argv[1], nullptr, 10);
    if (number >= count) return 2;
    {
        auto task = cases[number]();
        task.handle.resume();
    }
    if (Traced::alive == 0) return 0;
    std::fprintf(stderr, "case %lu: %d objects too many or too few\n", number, Traced::alive);
    return 1;
}
