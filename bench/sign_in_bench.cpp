// Sign-ins a second and core, beside the bare password hash of the same cost in the same run. A
// sign-in is all of it: two forms, four transactions (throttle, outcome, code, session) that are
// durable, their audit events, and the hash on the pool. Eight people at a time, one hash thread:
// while one waits for the disk, another is hashed.
//
//   sign_in_bench [ROUNDS]
#define DOCTEST_CONFIG_IMPLEMENT  // people.h asserts with it; there is no test runner here
#include "bench/verdict.h"
#include "tests/support/databases.h"
#include "tests/support/people.h"

#include "domain/authn/authenticator.h"
#include "domain/session/session.h"
#include "edge/http/work_pool.h"

#include <cstdio>
#include <cstdlib>
#include <future>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace sallyport;

constexpr std::size_t browsers = 8;
constexpr std::size_t people_each = 3;

// What one round needed: CPU time of the whole process, and time on the wall.
struct Spent {
    double cpu = 0;
    double wall = 0;
};

template <class Work>
Spent measured(const Work& work) {
    const bench::Stopwatch cpu(CLOCK_PROCESS_CPUTIME_ID);
    const bench::Stopwatch wall(CLOCK_MONOTONIC);
    work();
    return {cpu.seconds(), wall.seconds()};
}

class House {
public:
    explicit House(const crypto::PasswordCost& cost)
        : people_(store_.database()),
          context_(authn::make_context(people_.keys, cost)),
          sign_in_(context_),
          pool_(http::WorkPool::Settings{.threads = 1, .queue_max = 256}) {
        const auto admin = people_.first_administrator();
        for (std::size_t i = 0; i < browsers * people_each; ++i) {
            engineers_.push_back(
                people_.enrolled(admin, "engineer." + std::to_string(i), "engineer")
            );
        }
        upgrade_verifiers();
    }

    [[nodiscard]] std::size_t count() const { return engineers_.size(); }

    void sign_everybody_in() {
        people_.clock.advance(std::chrono::seconds(31));  // a fresh code for each
        std::vector<std::jthread> threads;
        for (std::size_t browser = 0; browser < browsers; ++browser) {
            threads.emplace_back([this, browser] {
                for (std::size_t i = 0; i < people_each; ++i) {
                    sign_in(engineers_[browser * people_each + i]);
                }
            });
        }
    }

    // As many bare hashes, on the same thread.
    void hash_as_often() {
        const auto typed = test::secret("seven grey herons engineer.0");
        const auto& pepper = people_.keys.key(keys::Purpose::password_pepper);
        const auto verifier = crypto::hash_password(typed, pepper, context_.cost);
        on_pool([&] {
            for (std::size_t i = 1; i < count(); ++i) {  // the first one made the verifier
                if (!crypto::verify_password(typed, pepper, verifier)) std::abort();
            }
        });
    }

private:
    template <class Work>
    void on_pool(const Work& work) {
        std::promise<void> done;
        pool_.submit([&] {
            work();
            done.set_value();
        });
        done.get_future().wait();
    }

    void sign_in(const test::TestPerson& person) {
        auto& database = store_.database();
        auto begun = database.write([&](store::Tx& tx) {
            const authn::SignIn::Typed typed{.identifier = person.login_name};
            return sign_in_.begin(tx, people_.now(), people_.policy, typed, people_.where);
        });
        if (!begun) std::abort();
        authn::PassphraseAnswer answer;
        on_pool([&] {
            answer = authn::answer(context_, begun->question, test::secret(person.passphrase));
        });
        const auto token = begun->token.expose();
        const auto next = database.write([&](store::Tx& tx) {
            return sign_in_.record(tx, people_.now(), people_.policy, token, answer, people_.where);
        });
        if (!answer.correct || answer.outdated || !next) std::abort();
        const auto opened = database.write([&](store::Tx& tx) -> Result<session::Opened> {
            SP_TRY(
                auto admitted,
                sign_in_.submit_code(
                    tx, people_.now(), people_.policy, token, people_.code(person), people_.where
                )
            );
            return session::open(
                tx,
                people_.now(),
                people_.policy,
                *std::move(admitted.proof),
                people_.where,
                session::Channel::web
            );
        });
        if (!opened) std::abort();
    }

    // People were enrolled at the lowest cost; from here on their hashes cost what they are to.
    void upgrade_verifiers() {
        for (const auto& person : engineers_) {
            people_.clock.advance(std::chrono::seconds(31));
            const auto first = people_.first_form(person.login_name, person.passphrase).value();
            const auto made =
                authn::make_verifier(context_, test::secret(person.passphrase)).value();
            store_.database().write([&](store::Tx& tx) {
                const auto all = authn::list_authenticators(tx, person.account);
                for (const auto& each : all) {
                    if (each.kind != authn::AuthenticatorKind::passphrase) continue;
                    sign_in_.upgrade_verifier(tx, each.id, first.verifier, made);
                }
            });
            if (!people_.second_form(first.token, people_.code(person))) std::abort();
        }
    }

    test::SqliteFixture store_;
    test::People people_;
    authn::Context context_;
    authn::SignIn sign_in_;
    http::WorkPool pool_;
    std::vector<test::TestPerson> engineers_;
};

void measure(const char* name, const crypto::PasswordCost& cost, int rounds) {
    House house(cost);
    Spent sign_ins;
    Spent hashes;
    for (int round = 0; round < rounds; ++round) {
        const auto one = measured([&] { house.sign_everybody_in(); });
        const auto other = measured([&] { house.hash_as_often(); });
        sign_ins = {sign_ins.cpu + one.cpu, sign_ins.wall + one.wall};
        hashes = {hashes.cpu + other.cpu, hashes.wall + other.wall};
    }
    const double count = rounds * static_cast<double>(house.count());
    std::printf(
        "%s (%zu MiB, %llu passes): %.2f sign-ins/s and core, bare hash %.2f/s and core (CPU "
        "time); %.2f and %.2f/s on the wall, one hash thread\n",
        name,
        cost.memory_bytes >> 20U,
        static_cast<unsigned long long>(cost.passes),
        count / sign_ins.cpu,
        count / hashes.cpu,
        count / sign_ins.wall,
        count / hashes.wall
    );
    bench::note(
        std::string("sign-ins a second and core, ") + name,
        {hashes.cpu / sign_ins.cpu, bench::Bound::at_least, 0.95, "of the bare hash rate", {}}
    );
}

}  // namespace

int main(int argc, char** argv) {
    doctest::Context asserts;
    asserts.setAsDefaultForAssertsOutOfTestCases();
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 5;
    measure("cost as tuned to this machine", sallyport::crypto::tune_password_cost(), rounds);
    measure("lowest cost that is allowed", sallyport::crypto::PasswordCost{}, rounds);
    sallyport::bench::print_verdicts();
    return 0;
}
