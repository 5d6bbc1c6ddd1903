// How many decisions one core makes in a second: the question that every request to a device asks,
// and the lease bookkeeping of a visit.

#include "domain/policy/lease.h"
#include "domain/policy/permit.h"

#include <benchmark/benchmark.h>

#include <vector>

namespace {

using namespace sallyport;
using namespace std::chrono_literals;

const Time noon = from_micros(1'795'348'800'000'000);

template <class IdType>
IdType id(unsigned number) {
    return IdType::from_bytes(
        IdBytes{static_cast<std::byte>(number >> 8U), static_cast<std::byte>(number)}
    );
}

policy::Subject engineer() {
    return {
        .session = id<SessionId>(1),
        .account = id<AccountId>(2),
        .person = id<PersonId>(3),
        .role = "engineer",
        .scope = "gateway",
        .proven = policy::Strength::device_bound,
        .last_proof = noon,
        .ends_at = noon + 8h,
    };
}

policy::Question visit_by(const policy::Subject& subject, unsigned device) {
    return {
        .subject = subject,
        .action = policy::Permission::device_visit,
        .device = id<DeviceId>(device),
        .about = std::nullopt,
        .grant =
            policy::GrantFacts{
                .id = id<GrantId>(4),
                .requester = subject.account,
                .device = id<DeviceId>(device),
                .approved = true,
                .from = noon - 1h,
                .until = noon + 1h,
            },
    };
}

void decide_visit(benchmark::State& state) {
    const auto policy = policy::default_policy();
    const auto subject = engineer();
    const auto question = visit_by(subject, 5);
    for (auto _ : state) {
        auto permit = policy::decide(policy, question, noon);
        benchmark::DoNotOptimize(permit);
    }
    state.SetItemsProcessed(state.iterations());
}

BENCHMARK(decide_visit);

void refuse_without_grant(benchmark::State& state) {
    const auto policy = policy::default_policy();
    const auto subject = engineer();
    auto question = visit_by(subject, 5);
    question.grant.reset();
    for (auto _ : state) {
        auto refusal = policy::decide(policy, question, noon);
        benchmark::DoNotOptimize(refusal);
    }
    state.SetItemsProcessed(state.iterations());
}

BENCHMARK(refuse_without_grant);

// One sweep over so many open visits, none of which is over: it runs every 500 ms.
void sweep_leases(benchmark::State& state) {
    const auto policy = policy::default_policy();
    const auto subject = engineer();
    policy::Leases leases;
    std::vector<policy::Lease> held;
    for (unsigned i = 0; i < static_cast<unsigned>(state.range(0)); ++i) {
        const auto permit = policy::decide(policy, visit_by(subject, i), noon).value();
        held.push_back(leases.hold(permit, id<ConnectionId>(i), [](policy::CutCause) {}));
    }
    for (auto _ : state) {
        benchmark::DoNotOptimize(leases.cut_ended(noon, 1s));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(sweep_leases)->Arg(100)->Arg(10000);

}  // namespace

BENCHMARK_MAIN();
