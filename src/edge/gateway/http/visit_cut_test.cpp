// What cuts a visit, and what can't slip between deciding and opening it.

#include "domain/session/session.h"
#include "edge/gateway/http/gateway_fixture.h"
#include "edge/gateway/lease_review.h"

#include <doctest/doctest.h>

#include <future>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::gateway::test_gate {

namespace {

using namespace std::chrono_literals;

// A kept connection of this cookie's holder, with one answer behind it.
Client keep_open(Gate& gate, const std::string& cookie) {
    auto kept = gate.client();
    kept.send(
        "GET /infusion HTTP/1.1\r\nHost: " + std::string(device_host) + "\r\n" +
        cookie_field(cookie) + "\r\n"
    );
    REQUIRE(kept.receive().status() == 200);
    return kept;
}

Client open_console(Gate& gate, const std::string& cookie) {
    auto console = gate.client();
    console.send(
        "GET /console HTTP/1.1\r\nHost: " + std::string(device_host) +
        "\r\nConnection: Upgrade\r\nUpgrade: emp-console\r\n" + cookie_field(cookie) + "\r\n"
    );
    REQUIRE(console.receive().status() == 101);
    REQUIRE(console.read_until("> ").contains("EMP-3200 console"));
    return console;
}

GateOptions with_console() {
    return {.profile = [](directory::DeviceProfile& profile) { profile.upgrade_allowed = true; }};
}

void take_visits_from_engineers(policy::Policy& policy) {
    for (auto& role : policy.roles) {
        if (role.name != "engineer" && role.narrows != "engineer") continue;
        role.permissions.reset(static_cast<std::size_t>(policy::Permission::device_visit));
    }
}

void change_nothing(policy::Policy& /*policy*/) {}

// Every lease of an older policy decided anew, to the end.
void review(Gate& gate) {
    LeaseReview once(gate.store.database(), gate.policy, gate.leases, gate.moments);
    once.step();
}

std::string disconnect_causes(Gate& gate) {
    gate.end_visits();
    std::string causes;
    for (const auto& event : gate.events("pam.disconnect")) {
        causes += event.leaf_json;
    }
    return causes;
}

// Takes every read and answers none, or fails it.
class SilentReads final : public store::Database {
public:
    explicit SilentReads(store::Database& inner) : inner_(inner) {}

    [[nodiscard]] store::Engine engine() const noexcept override { return inner_.engine(); }

    [[nodiscard]] bool healthy() const noexcept override { return true; }

    void submit_write(Work work, Done done) override {
        inner_.submit_write(std::move(work), std::move(done));
    }

    void submit_read(Work /*work*/, Done done) override { waiting.push_back(std::move(done)); }

    void fail_all() {
        for (auto& done : std::exchange(waiting, {})) {
            done(std::make_exception_ptr(std::runtime_error("the store is gone")));
        }
    }

    std::vector<Done> waiting;

private:
    store::Database& inner_;
};

}  // namespace

TEST_SUITE("a sign-in and its visits") {
    TEST_CASE("S0-09 (part): the end of the sign-in cuts every visit that grew from it, at once") {
        Gate gate(with_console());
        (void)gate.grant();
        const auto web = gate.signed_in(*gate.erin).session;
        const auto first = gate.cookie_for(web);
        const auto second = gate.cookie_for(web);
        const auto elsewhere = gate.cookie_of(*gate.erin);
        auto console = open_console(gate, first);
        auto kept = keep_open(gate, second);
        auto other = keep_open(gate, elsewhere);
        REQUIRE(gate.gateway->list().size() == 3);

        // No tick: the lease itself knows its sign-in.
        CHECK(gate.leases.cut_session(web.id, policy::CutCause::logout) == 2);

        CHECK(console.read_to_end().empty());
        CHECK(kept.read_to_end().empty());
        CHECK(gate.gateway->list().size() == 1);
        other.send(
            "GET /infusion HTTP/1.1\r\nHost: " + std::string(device_host) + "\r\n" +
            cookie_field(elsewhere) + "\r\n"
        );
        CHECK(other.receive().status() == 200);
        CHECK(disconnect_causes(gate).contains("\"logout\""));
        CHECK(gate.leases.list().empty());
    }

    TEST_CASE("the end of a device host's session cuts its own visit and no other") {
        Gate gate;
        (void)gate.grant();
        const auto web = gate.signed_in(*gate.erin).session;
        auto kept = keep_open(gate, gate.cookie_for(web));
        const auto visit = gate.gateway->list().at(0);
        auto other = keep_open(gate, gate.cookie_for(web));
        REQUIRE(gate.leases.list().size() == 2);

        CHECK(gate.leases.cut_session(visit.session, policy::CutCause::session_ended) == 1);

        CHECK(kept.read_to_end().empty());
        REQUIRE(gate.gateway->list().size() == 1);
        CHECK(gate.gateway->list()[0].connection != visit.connection);
    }

    TEST_CASE("no lease outlives its visit") {
        Gate gate;
        (void)gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        (void)keep_open(gate, cookie);
        CHECK(gate.leases.list().size() == 1);
        gate.people.clock.advance(14min);
        CHECK(gate.ask("GET", "/infusion", cookie_field(cookie)).status() == 200);
        CHECK(gate.leases.list().size() == 1);
        gate.end_visits();
        CHECK(gate.leases.list().empty());
    }
}

TEST_SUITE("a change of the policy") {
    TEST_CASE("a visit that the new policy still allows goes on, its stream unbroken") {
        Gate gate(with_console());
        (void)gate.grant();
        auto console = open_console(gate, gate.cookie_of(*gate.erin));
        gate.gateway->tick();

        gate.change_policy(change_nothing);
        CHECK(gate.leases.decided_before(2).size() == 1);
        review(gate);

        CHECK(gate.leases.decided_before(2).empty());
        REQUIRE(gate.leases.list().size() == 1);
        CHECK(gate.leases.list()[0].policy_version == 2);
        console.send("rate 12\n");
        CHECK(console.read_until("ok\r\n> ").contains("ok"));
    }

    TEST_CASE("a visit that it no longer allows is cut by the next tick") {
        Gate gate(with_console());
        (void)gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        auto console = open_console(gate, cookie);
        auto kept = keep_open(gate, cookie);

        gate.change_policy(take_visits_from_engineers);
        gate.gateway->tick();

        CHECK(console.read_to_end().empty());
        CHECK(kept.read_to_end().empty());
        const auto before = gate.pump->bytes_received();
        CHECK(gate.ask("GET", "/infusion", cookie_field(cookie)).status() == 403);
        CHECK(gate.pump->bytes_received() == before);
        CHECK(disconnect_causes(gate).contains("\"policy_changed\""));
    }

    TEST_CASE("a shorter longest visit shortens those that run") {
        Gate gate;
        (void)gate.grant(8h - 1min);
        auto kept = keep_open(gate, gate.cookie_of(*gate.erin));
        const auto began = gate.leases.list().at(0).decided_at;
        gate.gateway->tick();
        gate.change_policy([](policy::Policy& policy) { policy.visit_max = 10min; });
        review(gate);
        CHECK(gate.gateway->list().at(0).ends_at == began + 10min);
        gate.people.clock.advance(began + 10min - gate.people.clock.now());
        gate.gateway->tick();
        CHECK(kept.read_to_end().empty());
    }

    TEST_CASE("while the store does not answer, an old decision stands for 2 seconds and no more") {
        Gate gate;
        (void)gate.grant();
        auto kept = keep_open(gate, gate.cookie_of(*gate.erin));
        SilentReads silent(gate.store.database());
        gate.change_policy(change_nothing);
        {
            LeaseReview review(silent, gate.policy, gate.leases, gate.moments);
            review.step();
            gate.people.clock.advance(2s - 1us);
            review.step();
            CHECK(silent.waiting.size() == 1);  // asked once
            CHECK(gate.leases.list().size() == 1);
            gate.people.clock.advance(1us);
            review.step();
            CHECK(gate.leases.list().empty());
            silent.fail_all();
        }
        CHECK(kept.read_to_end().empty());
        CHECK(disconnect_causes(gate).contains("\"policy_changed\""));
    }

    TEST_CASE("who can't be decided anew because the store fails is not let go on") {
        Gate gate;
        (void)gate.grant();
        auto kept = keep_open(gate, gate.cookie_of(*gate.erin));
        SilentReads silent(gate.store.database());
        gate.change_policy(change_nothing);
        LeaseReview review(silent, gate.policy, gate.leases, gate.moments);
        review.step();
        CHECK(gate.leases.list().size() == 1);
        silent.fail_all();
        CHECK(gate.leases.list().empty());
        CHECK(kept.read_to_end().empty());
    }
}

TEST_SUITE("between the decision and the lease") {
    TEST_CASE("what is revoked just then lets not a byte through, and the visit ends") {
        struct Way {
            std::string_view cause;
            std::function<void(Gate&, store::Tx&)> revoke;
        };

        const std::vector<Way> ways{
            {"grant_revoked",
             [](Gate&, store::Tx& tx) { tx.execute("UPDATE access_grant SET state = 'revoked'"); }},
            {"session_ended",
             [](Gate& gate, store::Tx& tx) {
                 for (const auto& open : session::list_open(tx, gate.erin->account)) {
                     const auto by = gate.people.acting(*gate.erin);
                     session::end(tx, gate.people.now(), open, session::EndCause::logout, by);
                 }
             }},
            {"device_retired",
             [](Gate&, store::Tx& tx) { tx.execute("UPDATE device SET state = 'retired'"); }},
        };
        for (const auto& way : ways) {
            CAPTURE(way.cause);
            Gate gate;
            (void)gate.grant();
            const auto cookie = gate.cookie_of(*gate.erin);
            gate.database.in_the_next_gap([&](store::Tx& tx) { way.revoke(gate, tx); });

            CHECK(gate.ask("GET", "/infusion", cookie_field(cookie)).status() == 403);

            CHECK(gate.pump->bytes_received() == 0);
            CHECK(gate.events("rec.started").size() == 1);  // it had been let in
            CHECK(disconnect_causes(gate).contains('"' + std::string(way.cause) + '"'));
            CHECK(gate.leases.list().empty());
        }
    }

    TEST_CASE("a policy that is applied just then is asked before a byte goes out") {
        Gate gate;
        (void)gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        gate.database.in_the_next_gap([&](store::Tx& tx) {
            gate.policy.set(gate.store_policy(tx, take_visits_from_engineers));
        });

        CHECK(gate.ask("GET", "/infusion", cookie_field(cookie)).status() == 403);

        CHECK(gate.pump->bytes_received() == 0);
        // Held after the change, decided before it: found by its version.
        CHECK(gate.leases.decided_before(2).size() == 1);
        review(gate);
        CHECK(gate.leases.list().empty());
        CHECK(gate.gateway->list().empty());
        CHECK(disconnect_causes(gate).contains("\"policy_changed\""));
    }

    TEST_CASE("a policy that is in the store and not yet in memory lets nobody in") {
        Gate gate;
        (void)gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        gate.store.database().write([&](store::Tx& tx) {
            (void)gate.store_policy(tx, take_visits_from_engineers);
        });

        CHECK(gate.ask("GET", "/infusion", cookie_field(cookie)).status() == 403);

        CHECK(gate.pump->bytes_received() == 0);
        CHECK(gate.events("rec.started").empty());
        CHECK(gate.gateway->list().empty());
    }
}

TEST_SUITE("an untrustworthy audit log") {
    TEST_CASE("ends the visits that run and lets none begin") {
        Gate gate;
        (void)gate.grant();
        const auto cookie = gate.cookie_of(*gate.erin);
        auto kept = keep_open(gate, cookie);
        gate.alarm = true;
        gate.gateway->tick();
        CHECK(kept.read_to_end().empty());
        CHECK(gate.gateway->list().empty());
        const auto before = gate.pump->bytes_received();
        CHECK(gate.ask("GET", "/infusion", cookie_field(cookie)).status() == 503);
        CHECK(gate.pump->bytes_received() == before);
    }
}

}  // namespace sallyport::gateway::test_gate
