#include "domain/session/unlock.h"

#include "tests/support/browser_key.h"

#include "domain/session/sender_key.h"
#include "domain/session/ward_fixture.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <string>

namespace sallyport::session {

namespace {

using namespace std::chrono_literals;

TEST_CASE("S1-33 (part): what idleness locked at a ward's workstation, the passphrase unlocks") {
    on_each_ward([](Ward& ward) {
        const auto [here, token] = ward.workstation("ward-3-a", "ward-3");
        const auto opened = ward.signed_in(ward.nora, here);
        CHECK(opened.session.idle_max == 30min);
        CHECK_FALSE(ward.locked(opened).has_value());  // it is still open
        ward.idle_out(opened);
        CHECK(ward.people.events("session.locked").size() == 1);
        const auto locked = ward.locked(opened);
        REQUIRE(locked.has_value());

        CHECK(reason_of(ward.unlock_with(*locked, here, false)) == "step_up.refused");
        const auto unlocked = ward.unlock_with(*locked, here);

        REQUIRE(unlocked.has_value());
        CHECK(unlocked->session.ends_at == opened.session.ends_at);  // the hard cap stays
        CHECK(unlocked->session.proven == policy::Strength::two_factors);
        CHECK(unlocked->session.last_proof_at == opened.session.last_proof_at);
        CHECK(unlocked->session.factor.amr == "pwd");
        CHECK(unlocked->session.id != opened.session.id);
        const auto events = ward.people.events("session.unlocked");
        REQUIRE(events.size() == 1);
        const auto leaf = nlohmann::json::parse(events.front().leaf_json);
        CHECK(leaf["where"]["workstation"] == "ward-3-a");
        CHECK(leaf["where"]["zone"] == "ward-3");
        CHECK(leaf["fields"]["from_session"] == opened.session.id.text());
        // Once.
        CHECK_FALSE(ward.locked(opened).has_value());
    });
}

TEST_CASE("S2-23 (part): what is unlocked goes on with the key of its sign-in, and has none without"
) {
    on_each_ward([](Ward& ward) {
        const auto [here, token] = ward.workstation("ward-3-a", "ward-3");
        const auto spki = test::BrowserKey().spki();
        const auto key_after = [&](bool with_key) {
            const auto opened = ward.signed_in(ward.nora, here);
            if (with_key) {
                ward.write([&](store::Tx& tx) {
                    bind_sender_key(tx, ward.people.now(), opened, spki);
                });
            }
            ward.idle_out(opened);
            const auto unlocked = ward.unlock_with(ward.locked(opened).value(), here);
            REQUIRE(unlocked.has_value());
            return ward.write([&](store::Tx& tx) { return sender_key_of(tx, unlocked->session.id); }
            );
        };
        CHECK(key_after(true) == spki);
        CHECK_FALSE(key_after(false).has_value());
    });
}

TEST_CASE("S1-33 (part): four hours after all factors were shown, one is not enough any more") {
    on_each_ward([](Ward& ward) {
        const auto [here, token] = ward.workstation("ward-3-a", "ward-3");
        auto opened = ward.signed_in(ward.nora, here);
        const auto proven_at = opened.session.last_proof_at;
        // Unlocked again and again, which makes nothing younger.
        while (ward.people.clock.now() + 30min < proven_at + 4h) {
            ward.idle_out(opened);
            auto unlocked = ward.unlock_with(ward.locked(opened).value(), here);
            REQUIRE(unlocked.has_value());
            opened = *std::move(unlocked);
        }
        ward.idle_out(opened);
        const auto locked = ward.locked(opened).value();
        const auto at = [&](Time now) {
            return reason_of(check_unlock(ward.people.policy, locked, here, at_ward, now));
        };
        CHECK(at(proven_at + 4h) == "ok");
        CHECK(at(proven_at + 4h + 1us) == "unlock.too_old");
        CHECK(at(proven_at - 1us) == "unlock.too_old");
        CHECK(at(locked.session.ends_at) == "unlock.over");

        // As long as the policy says, for the roles of which it says so.
        const auto under = [&](std::chrono::seconds unlock, Time now) {
            auto policy = ward.people.policy;
            std::ranges::find(policy.roles, "clinician", &policy::RoleRules::name)->unlock = unlock;
            return reason_of(check_unlock(policy, locked, here, at_ward, now));
        };
        CHECK(under(90min, proven_at + 90min) == "ok");
        CHECK(under(90min, proven_at + 90min + 1us) == "unlock.too_old");
        CHECK(under(6h, proven_at + 6h) == "ok");
        CHECK(under(0s, proven_at + 1min) == "unlock.role");
    });
}

TEST_CASE("S1-33 (part): elsewhere, or at a workstation that was removed, all factors are asked for"
) {
    on_each_ward([](Ward& ward) {
        const auto [here, token] = ward.workstation("ward-3-a", "ward-3");
        const auto [other, other_token] = ward.workstation("ward-3-b", "ward-3");
        const auto opened = ward.signed_in(ward.nora, here);
        ward.idle_out(opened);
        const auto locked = ward.locked(opened).value();
        const auto from = [&](const directory::Workstation& workstation, std::string_view address) {
            const auto now = ward.people.clock.now();
            return reason_of(check_unlock(ward.people.policy, locked, workstation, address, now));
        };
        CHECK(from(here, at_ward) == "ok");
        CHECK(from(other, at_ward) == "unlock.elsewhere");
        CHECK(from(here, "10.5.0.5") == "unlock.elsewhere");
        CHECK(from(here, "192.0.2.7") == "unlock.elsewhere");
        CHECK(from(here, "nowhere") == "unlock.elsewhere");
        // A zone that is an office by now.
        auto policy = ward.people.policy;
        policy.zones[0].kind = policy::ZoneKind::admin;
        const auto now = ward.people.clock.now();
        CHECK(reason_of(check_unlock(policy, locked, here, at_ward, now)) == "unlock.elsewhere");

        const auto removed = ward.write([&, id = here.id](store::Tx& tx) {
            const auto by = ward.people.acting(ward.administrator);
            return directory::remove_workstation(tx, ward.people.now(), id, by);
        });
        CHECK(removed.has_value());
        CHECK_FALSE(ward.write([&, &secret = token](store::Tx& tx) {
                            return directory::find_workstation(tx, secret.expose(), now);
                        }
        ).has_value());
    });
}

TEST_CASE("S1-33 (part): a session that somebody ended, or another role's, is not unlocked") {
    on_each_ward([](Ward& ward) {
        const auto [here, token] = ward.workstation("ward-3-a", "ward-3");
        const auto left = ward.signed_in(ward.nora, here);
        const auto by = ward.people.acting(ward.nora);
        ward.write([&](store::Tx& tx) {
            return end(tx, ward.people.now(), left.session, EndCause::logout, by);
        });
        CHECK_FALSE(ward.locked(left).has_value());

        // Locked, and then an administrator ends whatever the person has.
        const auto idle = ward.signed_in(ward.nora, here);
        ward.idle_out(idle);
        REQUIRE(ward.locked(idle).has_value());
        ward.write([&](store::Tx& tx) {
            return end_all(tx, ward.people.now(), ward.nora.account, EndCause::admin, by);
        });
        CHECK_FALSE(ward.locked(idle).has_value());

        const auto erik = ward.people.enrolled(ward.administrator, "erik.engineer", "engineer");
        const auto others = ward.signed_in(erik, here);
        ward.idle_out(others);
        CHECK_FALSE(ward.locked(others).has_value());
    });
}

TEST_CASE("a clock that is set back unlocks nothing") {
    on_each_ward([](Ward& ward) {
        const auto [here, token] = ward.workstation("ward-3-a", "ward-3");
        const auto opened = ward.signed_in(ward.nora, here);
        ward.idle_out(opened);
        REQUIRE(ward.locked(opened).has_value());
        ward.write([&](store::Tx& tx) { set_back(tx, 1h); });
        CHECK_FALSE(ward.locked(opened).has_value());
    });
}

TEST_CASE("a workstation's name is taken once, and its browser's token is in no table") {
    on_each_ward([](Ward& ward) {
        const auto made = ward.workstation("ward-3-a", "ward-3");
        const auto again = [&](const std::string& name) {
            return reason_of(ward.write([&](store::Tx& tx) {
                const auto by = ward.people.acting(ward.administrator);
                return directory::register_workstation(tx, ward.people.now(), name, "ward-3", by);
            }));
        };
        CHECK(again("ward-3-a") == "workstation.name_taken");
        CHECK(again("") == "workstation.name");
        CHECK(again("Ward 3") == "workstation.name");
        CHECK(again(std::string(65, 'a')) == "workstation.name");
        ward.write([&](store::Tx& tx) {
            const auto& secret = made.token.expose();
            const auto now = ward.people.clock.now();
            CHECK(directory::find_workstation(tx, secret, now)->name == "ward-3-a");
            const Bytes plain(secret.begin(), secret.end());
            CHECK(tx.query("SELECT 1 FROM workstation WHERE token_digest = ?", {plain}).empty());
        });
    });
}

}  // namespace

}  // namespace sallyport::session
