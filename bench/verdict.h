#pragma once
// What a benchmark was to prove, said at its end beside what it found: target and ratio. A missed
// target is told, not failed: a busy machine is no bug.

#include <benchmark/benchmark.h>
#include <time.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <string>

namespace sallyport::bench {

enum class Bound : char { at_least, at_most };

struct Verdict {
    double measured;
    Bound bound;
    double target;
    std::string unit;
    std::string beside;  // the peer in the same run
};

inline std::map<std::string, Verdict>& verdicts() {
    static std::map<std::string, Verdict> all;
    return all;
}

// The last one of a name counts: benchmarks warm up before they measure.
inline void note(const std::string& what, Verdict verdict) {
    verdicts().insert_or_assign(what, std::move(verdict));
}

inline void print_verdicts() {
    for (const auto& [what, verdict] : verdicts()) {
        const bool least = verdict.bound == Bound::at_least;
        const bool met =
            least ? verdict.measured >= verdict.target : verdict.measured <= verdict.target;
        std::printf(
            "%s  %s: %.4g %s, target at %s %.4g%s%s\n",
            met ? "met   " : "missed",
            what.c_str(),
            verdict.measured,
            verdict.unit.c_str(),
            least ? "least" : "most",
            verdict.target,
            verdict.beside.empty() ? "" : "; beside it ",
            verdict.beside.c_str()
        );
    }
}

// For BENCHMARK_MAIN's place.
inline int run(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    print_verdicts();
    return 0;
}

inline double seconds_of(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// Time that passed since it was made, on whichever clock: CPU time says what a core was needed for,
// whoever else is on the machine.
class Stopwatch {
public:
    explicit Stopwatch(clockid_t clock) : clock_(clock), begin_(seconds_of(clock)) {}

    [[nodiscard]] double seconds() const { return seconds_of(clock_) - begin_; }

private:
    clockid_t clock_;
    double begin_;
};

}  // namespace sallyport::bench
