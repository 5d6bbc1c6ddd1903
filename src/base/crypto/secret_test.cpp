#include "base/crypto/secret.h"

#include "base/core/bytes.h"
#include "base/crypto/locked_memory.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <ostream>
#include <sstream>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

using namespace sallyport;
using namespace sallyport::crypto;

namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };
template <class T>
concept Comparable = requires(const T& a, const T& b) { a == b; };
template <class T>
concept ExposableWhenTemporary = requires(T value) { std::move(value).expose(); };

static_assert(!std::is_copy_constructible_v<Secret>);
static_assert(!std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret>);
static_assert(!std::is_default_constructible_v<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_constructible_v<std::string, Secret>);
static_assert(!std::is_convertible_v<Secret, BytesView>);
static_assert(!Printable<Secret>);
static_assert(!Comparable<Secret>);
static_assert(!ExposableWhenTemporary<Secret>);

Secret secret(std::string text) {
    return Secret::take(std::as_writable_bytes(std::span(text)));
}

// What is at an address, asked of the kernel, so that looking at released memory is no error of
// ours. Empty if nothing is there any more.
Bytes memory_at(const std::byte* address, std::size_t size) {
    Bytes copy(size);
    const iovec to{copy.data(), size};
    const iovec from{const_cast<std::byte*>(address), size};
    const ssize_t got = ::process_vm_readv(::getpid(), &to, 1, &from, 1, 0);
    copy.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return copy;
}

// The kernel's flags of the mapping that holds `address` (proc(5), VmFlags).
std::string flags_at(const void* address) {
    std::ifstream smaps("/proc/self/smaps");
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    bool inside = false;
    for (std::string line; std::getline(smaps, line);) {
        unsigned long start = 0;
        unsigned long end = 0;
        if (std::sscanf(line.c_str(), "%lx-%lx ", &start, &end) == 2) {
            inside = wanted >= start && wanted < end;
        } else if (inside && line.starts_with("VmFlags:")) {
            return line + " ";
        }
    }
    return {};
}

// Runs `work` in a child, which may change what it can't change back. Its wait status.
template <class Work>
int status_of_child(Work work) {
    const pid_t child = ::fork();
    if (child == 0) {
        // What happens to the child is the parent's to judge, not a handler's to report.
        ::signal(SIGSEGV, SIG_DFL);
        ::_exit(work() ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
}

}  // namespace

TEST_CASE("S0-62: the source of a secret is wiped when it is taken") {
    std::string text = "correct horse";
    const auto taken = Secret::take(std::as_writable_bytes(std::span(text)));
    CHECK(as_text(taken.expose()) == "correct horse");
    CHECK(std::ranges::all_of(text, [](char c) { return c == '\0'; }));
}

TEST_CASE("S0-62: a secret's memory is wiped when it goes") {
    for (const std::size_t size : {1U, 31U, 32U, 33U, 100U, 4096U}) {
        const std::byte* where = nullptr;
        {
            const auto kept = Secret::make(size, [](std::span<std::byte> out) {
                std::ranges::fill(out, std::byte{0x5a});
            });
            where = kept.expose().data();
            REQUIRE(memory_at(where, size) == Bytes(size, std::byte{0x5a}));
        }
        CHECK(memory_at(where, size) == Bytes(size));
    }
    const std::byte* large = nullptr;
    {
        const auto kept = Secret::random(100'000);
        large = kept.expose().data();
    }
    CHECK(memory_at(large, 1).empty());  // given back to the kernel
}

TEST_CASE("S0-62: secret pages are locked and left out of core dumps") {
    for (const std::size_t size : {16U, 4096U, 100'000U}) {
        const auto kept = Secret::random(size);
        const auto flags = flags_at(kept.expose().data());
        CHECK(flags.contains(" dd "));
        // The system may allow nobody to lock; then the numbers must say so.
        const bool locked = flags.contains(" lo ");
        CHECK((locked || locked_memory().unlocked_bytes > 0));
    }
}

TEST_CASE("S0-62: where nothing can be locked, secrets work and the numbers say so") {
    CHECK(status_of_child([] {
              const rlimit none{0, 0};
              if (::setrlimit(RLIMIT_MEMLOCK, &none) != 0) return false;
              if (::geteuid() == 0 && ::setuid(65534) != 0)
                  return false;  // root may lock in spite of it
              const auto before = locked_memory();
              std::vector<Secret> many;
              for (int i = 0; i < 2000; ++i) {
                  many.push_back(Secret::random(32));
              }
              const auto large = Secret::random(50'000);
              const auto after = locked_memory();
              return large.size() == 50'000 && after.locked_bytes == before.locked_bytes &&
                     after.unlocked_bytes >= before.unlocked_bytes + 50'000;
          }) == 0);
}

TEST_CASE("S0-62: reading past a secret's pages ends the process") {
    const int status = status_of_child([] {
        const rlimit none{0, 0};
        ::setrlimit(RLIMIT_CORE, &none);
        const auto kept = Secret::random(100'000);
        const volatile std::byte* const bytes = kept.expose().data();
        static_cast<void>(bytes[-1]);
        return true;
    });
    CHECK((WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV));
}

TEST_CASE("a moved secret leaves nothing behind, a clone is another one") {
    auto first = secret("abc");
    const auto second = std::move(first);
    CHECK(first.size() == 0);  // NOLINT(bugprone-use-after-move): that is the question
    CHECK(second.size() == 3);
    const auto third = second.clone();
    CHECK(third.expose().data() != second.expose().data());
    CHECK(constant_time_equal(second, third));
    CHECK_FALSE(constant_time_equal(second, secret("abd")));
    CHECK_FALSE(constant_time_equal(second, secret("abcd")));
    CHECK(constant_time_equal(secret(""), secret("")));
}

TEST_CASE("random secrets have their size and do not repeat") {
    CHECK(Secret::random(0).size() == 0);
    CHECK(Secret::random(32).size() == 32);
    CHECK_FALSE(constant_time_equal(Secret::random(32), Secret::random(32)));
}

TEST_CASE("secrets of any sizes, kept at once, do not overlap") {
    const bool held = rc::check([](const std::vector<std::uint16_t>& sizes) {
        std::vector<Secret> kept;
        for (const auto size : sizes) {
            const auto mark = static_cast<std::byte>(kept.size());
            kept.push_back(Secret::make(size % 10'000, [mark](std::span<std::byte> out) {
                RC_ASSERT(std::ranges::count(out, std::byte{}) == std::ssize(out));
                std::ranges::fill(out, mark);
            }));
        }
        for (std::size_t i = 0; i < kept.size(); ++i) {
            const auto bytes = kept[i].expose();
            RC_ASSERT(std::ranges::count(bytes, static_cast<std::byte>(i)) == std::ssize(bytes));
        }
    });
    CHECK(held);
}

TEST_CASE("threads make and drop secrets at the same time") {
    std::atomic<int> wrong = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&wrong, i] {
                const auto mark = static_cast<std::byte>(i + 1);
                for (int j = 0; j < 2000; ++j) {
                    const auto kept = Secret::make(24, [mark](std::span<std::byte> out) {
                        std::ranges::fill(out, mark);
                    });
                    if (std::ranges::count(kept.expose(), mark) != 24) ++wrong;
                }
            });
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE("memory for secrets is used again") {
    const auto hold = [] {
        std::vector<Secret> kept;
        for (int i = 0; i < 5000; ++i) {
            kept.push_back(Secret::random(64));
        }
    };
    hold();
    const auto before = locked_memory();
    hold();
    const auto after = locked_memory();
    CHECK(after.locked_bytes + after.unlocked_bytes == before.locked_bytes + before.unlocked_bytes);
}
