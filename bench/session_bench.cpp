// What one request costs before anything is forwarded: the session by its token from memory, its
// limits, and one decision.
#include "bench/verdict.h"
#include "tests/support/clocks.h"

#include "domain/policy/permit.h"
#include "domain/session/session_cache.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using namespace sallyport;
using namespace std::chrono_literals;

const Time start = from_micros(1'795'334'400'000'000);
constexpr std::size_t session_count = 10'000;

struct Holder {
    crypto::Secret token;
    session::Session session;
    policy::GrantFacts grant;
};

// As many signed-in engineers, each with an approved grant.
struct Ward {
    session::SessionCache cache;
    std::vector<Holder> holders;

    Ward() {
        test::ReplayedRandom random;
        for (std::size_t i = 0; i < session_count; ++i) {
            holders.push_back(holder(random));
            const auto& made = holders.back();
            const auto digest = session::digest_of(made.token.expose());
            cache.put(digest, made.session, cache.mark());
        }
    }

    static Holder holder(Random& random) {
        session::Session session{
            .id = SessionId::fresh(start, random),
            .channel = session::Channel::web,
            .account = AccountId::fresh(start, random),
            .person = PersonId::fresh(start, random),
            .login_name = "erik.engineer",
            .role = "engineer",
            .scope = "gateway",
            .proven = policy::Strength::device_bound,
            .factor =
                {.amr = "pwd+otp",
                 .aal = 2,
                 .authenticator_id = std::string(73, 'x'),
                 .age = std::nullopt},
            .created_at = start,
            .ends_at = start + 8h,
            .idle_max = 15min,
            .last_active_at = start,
            .last_proof_at = start,
            .source = "192.0.2.7",
            .csrf_key = std::string(43, 'x'),
            .host = {},
            .parent = std::nullopt,
        };
        const policy::GrantFacts grant{
            .id = GrantId::fresh(start, random),
            .requester = session.account,
            .device = DeviceId::fresh(start, random),
            .approved = true,
            .from = start,
            .until = start + 4h,
        };
        return {crypto::Secret::random(32), std::move(session), grant};
    }
};

Ward& ward() {
    static Ward made;
    return made;
}

// The token's bytes in, a Permit out: digest, look-up, limits, activity, decision.
void check_and_decide(benchmark::State& state) {
    auto& cache = ward().cache;
    const auto& holders = ward().holders;
    static const auto policy = policy::default_policy();
    const auto now = start + 1min;
    std::size_t next = static_cast<std::size_t>(state.thread_index()) * 997;
    const bench::Stopwatch cpu(CLOCK_THREAD_CPUTIME_ID);
    for (auto _ : state) {
        const auto& holder = holders[next++ % session_count];
        const auto digest = session::digest_of(holder.token.expose());
        const auto session = cache.alive(digest, now);
        if (!session) {
            state.SkipWithError("a session is gone");
            break;
        }
        cache.touch(digest, now);
        const auto subject = session->subject();
        const policy::Question question{
            .subject = subject,
            .action = policy::Permission::device_visit,
            .device = holder.grant.device,
            .about = std::nullopt,
            .grant = holder.grant,
        };
        auto permit = policy::decide(policy, question, now);
        if (!permit) {
            state.SkipWithError("refused");
            break;
        }
        benchmark::DoNotOptimize(permit);
    }
    state.SetItemsProcessed(state.iterations());
    if (state.threads() > 1) return;
    bench::note(
        "session check plus decision, in process",
        {static_cast<double>(state.iterations()) / cpu.seconds(),
         bench::Bound::at_least,
         1e6,
         "a second and core",
         {}}
    );
}

BENCHMARK(check_and_decide);
BENCHMARK(check_and_decide)->Threads(2)->UseRealTime();

// The same when the digest is known (a connection keeps it between its requests).
void decide_on_known_digest(benchmark::State& state) {
    auto& cache = ward().cache;
    static const auto policy = policy::default_policy();
    const auto& holder = ward().holders.front();
    const auto digest = session::digest_of(holder.token.expose());
    const auto now = start + 1min;
    for (auto _ : state) {
        const auto session = cache.alive(digest, now);
        const auto subject = session->subject();
        const policy::Question question{
            .subject = subject,
            .action = policy::Permission::device_visit,
            .device = holder.grant.device,
            .about = std::nullopt,
            .grant = holder.grant,
        };
        auto permit = policy::decide(policy, question, now);
        benchmark::DoNotOptimize(permit);
    }
    state.SetItemsProcessed(state.iterations());
}

BENCHMARK(decide_on_known_digest);

}  // namespace

int main(int argc, char** argv) {
    return sallyport::bench::run(argc, argv);
}
