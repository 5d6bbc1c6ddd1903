#include "domain/session/session_cache.h"

#include "tests/support/clocks.h"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace sallyport::session {

namespace {

using namespace std::chrono_literals;

const Time start = from_micros(1'795'334'400'000'000);

TokenDigest digest(int number) {
    return digest_of(as_bytes("token " + std::to_string(number)));
}

Session session_of(Random& random, std::optional<SessionId> parent = std::nullopt) {
    return {
        .id = SessionId::fresh(start, random),
        .channel = parent ? Channel::host : Channel::web,
        .account = AccountId::fresh(start, random),
        .person = PersonId::fresh(start, random),
        .login_name = "erik.engineer",
        .role = "engineer",
        .scope = "gateway",
        .proven = policy::Strength::two_factors,
        .factor = {},
        .created_at = start,
        .ends_at = start + 8h,
        .idle_max = 15min,
        .last_active_at = start,
        .last_proof_at = start,
        .source = "192.0.2.7",
        .csrf_key = {},
        .host = parent ? "pump-07.gate.localhost" : "",
        .parent = parent,
    };
}

TEST_CASE("a clock that is set back takes what is known of activity with it") {
    test::ReplayedRandom random;
    SessionCache cache;
    auto session = session_of(random);
    cache.put(digest(1), session, cache.mark());
    cache.touch(digest(1), start + 3min);
    const auto early = cache.mark();
    cache.set_back(1h);
    CHECK(cache.find(digest(1)) == nullptr);
    cache.put(digest(1), session, early);  // read before the clock was set: says too much
    CHECK(cache.find(digest(1)) == nullptr);

    session.last_active_at = start - 1h;
    session.ends_at -= 1h;
    cache.put(digest(1), session, cache.mark());
    CHECK(cache.alive(digest(1), start - 1h + 18min - 1us) != nullptr);
    CHECK(cache.alive(digest(1), start - 1h + 18min) == nullptr);
}

TEST_CASE("what was put is found, with its latest activity") {
    test::ReplayedRandom random;
    SessionCache cache;
    CHECK(cache.find(digest(1)) == nullptr);
    const auto session = session_of(random);
    cache.put(digest(1), session, cache.mark());
    REQUIRE(cache.find(digest(1)) != nullptr);
    CHECK(cache.find(digest(1))->id == session.id);
    CHECK(cache.find(digest(1))->last_active_at == start);

    cache.touch(digest(1), start + 3min);
    CHECK(cache.find(digest(1))->last_active_at == start + 3min);
    // Requests of several connections come in any order.
    cache.touch(digest(1), start + 1min);
    CHECK(cache.find(digest(1))->last_active_at == start + 3min);
    cache.touch(digest(2), start);  // nobody there
    CHECK(cache.find(digest(2)) == nullptr);
}

TEST_CASE("alive() keeps the limits to the microsecond") {
    test::ReplayedRandom random;
    SessionCache cache;
    auto session = session_of(random);
    cache.put(digest(1), session, cache.mark());
    CHECK(cache.alive(digest(1), start + 15min - 1us) != nullptr);
    CHECK(cache.alive(digest(1), start + 15min) == nullptr);
    cache.touch(digest(1), start + 10min);
    CHECK(cache.alive(digest(1), start + 25min - 1us) != nullptr);
    CHECK(cache.alive(digest(1), start + 25min) == nullptr);
    cache.touch(digest(1), start + 8h - 1min);
    CHECK(cache.alive(digest(1), start + 8h - 1us) != nullptr);
    CHECK(cache.alive(digest(1), start + 8h) == nullptr);
    CHECK(cache.alive(digest(2), start) == nullptr);
    // It agrees with check_alive on what find() gives.
    for (const auto at : {start, start + 8h - 1us, start + 8h, start + 9h}) {
        CHECK(
            (cache.alive(digest(1), at) != nullptr) ==
            check_alive(*cache.find(digest(1)), at).has_value()
        );
    }
}

TEST_CASE("a sign-in and its hosts share one idle timer") {
    test::ReplayedRandom random;
    SessionCache cache;
    const auto parent = session_of(random);
    const auto child = session_of(random, parent.id);
    cache.put(digest(1), parent, cache.mark());
    cache.put(digest(2), child, cache.mark());
    cache.touch(digest(2), start + 10min);
    CHECK(cache.find(digest(1))->last_active_at == start + 10min);
    CHECK(cache.alive(digest(1), start + 20min) != nullptr);
    cache.touch(digest(1), start + 20min);
    CHECK(cache.find(digest(2))->last_active_at == start + 20min);
    // One timer, one thing to write.
    const auto unwritten = cache.take_unwritten();
    REQUIRE(unwritten.size() == 1);
    CHECK(unwritten[0].first == parent.id);
    CHECK(unwritten[0].second == start + 20min);
}

TEST_CASE("activity is handed out for writing once, and not lost with a dropped session") {
    test::ReplayedRandom random;
    SessionCache cache;
    const auto session = session_of(random);
    cache.put(digest(1), session, cache.mark());
    CHECK(cache.take_unwritten().empty());
    cache.touch(digest(1), start + 1s);
    CHECK(cache.take_unwritten().size() == 1);
    CHECK(cache.take_unwritten().empty());

    cache.touch(digest(1), start + 2s);
    cache.clear();
    const auto unwritten = cache.take_unwritten();
    REQUIRE(unwritten.size() == 1);
    CHECK(unwritten[0].second == start + 2s);
    CHECK(cache.take_unwritten().empty());
}

TEST_CASE("dropping a session drops its hosts, dropping an account drops all of its") {
    test::ReplayedRandom random;
    SessionCache cache;
    const auto parent = session_of(random);
    const auto child = session_of(random, parent.id);
    const auto other = session_of(random);
    const auto put_all = [&] {
        cache.put(digest(1), parent, cache.mark());
        cache.put(digest(2), child, cache.mark());
        cache.put(digest(3), other, cache.mark());
    };
    put_all();
    cache.drop(child.id);
    CHECK(cache.find(digest(1)) != nullptr);
    CHECK(cache.find(digest(2)) == nullptr);
    put_all();
    cache.drop(parent.id);
    CHECK(cache.find(digest(1)) == nullptr);
    CHECK(cache.find(digest(2)) == nullptr);
    CHECK(cache.find(digest(3)) != nullptr);
    cache.drop_account(other.account);
    CHECK(cache.find(digest(3)) == nullptr);
}

TEST_CASE("a session read before it was ended can't come back after it was dropped") {
    test::ReplayedRandom random;
    SessionCache cache;
    const auto session = session_of(random);
    const auto mark = cache.mark();
    // … read in a transaction here; meanwhile somebody ends it:
    cache.drop(session.id);
    cache.put(digest(1), session, mark);
    CHECK(cache.find(digest(1)) == nullptr);
    cache.put(digest(1), session, cache.mark());
    CHECK(cache.find(digest(1)) != nullptr);
}

TEST_CASE("the cache is bounded; what is forgotten keeps its activity") {
    test::ReplayedRandom random;
    SessionCache cache(64);
    for (int i = 0; i < 1000; ++i) {
        cache.put(digest(i), session_of(random), cache.mark());
        cache.touch(digest(i), start + 1s);
    }
    int found = 0;
    for (int i = 0; i < 1000; ++i) {
        if (cache.find(digest(i)) != nullptr) ++found;
    }
    CHECK(found <= 64);
    CHECK(found > 32);
    CHECK(cache.take_unwritten().size() == 1000);
}

TEST_CASE("many threads look, touch, put and drop at once") {
    test::ReplayedRandom random;
    SessionCache cache;
    std::vector<Session> sessions;
    for (int i = 0; i < 32; ++i) {
        sessions.push_back(session_of(random));
    }
    std::atomic<int> wrong = 0;
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&, thread] {
            for (int round = 0; round < 5000; ++round) {
                const auto at = static_cast<std::size_t>((round * 7 + thread) % 32);
                const auto key = digest(static_cast<int>(at));
                switch ((round + thread) % 5) {
                    case 0:
                        cache.put(key, sessions[at], cache.mark());
                        break;
                    case 1:
                        cache.touch(key, start + std::chrono::seconds(round));
                        break;
                    case 2:
                        if (const auto found = cache.find(key);
                            found && found->id != sessions[at].id) {
                            ++wrong;
                        }
                        break;
                    case 3:
                        if (const auto found = cache.alive(key, start);
                            found && found->id != sessions[at].id) {
                            ++wrong;
                        }
                        break;
                    default:
                        if (round % 50 == 0) cache.drop(sessions[at].id);
                        (void)cache.take_unwritten();
                }
            }
        });
    }
    threads.clear();
    CHECK(wrong == 0);
}

}  // namespace

}  // namespace sallyport::session
