#pragma once
// A ward with workstations, badge readers and people, for tests.

#include "tests/support/databases.h"
#include "tests/support/people.h"

#include "domain/authn/badge/badge_pin.h"
#include "domain/authn/badge/badge_unlock.h"
#include "domain/authn/badge/own_badges.h"
#include "domain/directory/workstation.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sallyport::authn {

inline constexpr std::string_view at_ward = "10.3.0.5";

inline std::string reason_of(const auto& result) {
    return result ? "ok" : std::string(result.error().reason);
}

// Why it was refused, as the log hears it.
inline std::string detail_of(const auto& result) {
    return result ? "ok" : result.error().detail;
}

inline const Bytes nora_card = from_hex("04a1b2c3d4e5f6").value();
inline const Bytes otto_card = from_hex("04ffeeddccbbaa").value();
inline const Bytes other_card = from_hex("11223344").value();
inline constexpr std::string_view nora_pin = "274916";

// Ward 3, and a nurse.
class BadgeWard {
public:
    explicit BadgeWard(store::Database& database) : people(database) {
        people.policy.zones = {
            zone("ward-3", policy::ZoneKind::ward, "10.3.0.0/16"),
            zone("offices", policy::ZoneKind::admin, "10.5.0.0/16"),
        };
        people.where = test::from_web(std::string(at_ward));
    }

    static policy::Zone zone(std::string name, policy::ZoneKind kind, std::string_view network) {
        return {
            .name = std::move(name), .kind = kind, .networks = {IpNetwork::parse(network).value()}
        };
    }

    template <class Body>
    static void on_each_engine(Body body) {
        test::for_each_engine([&](store::Database& database) {
            BadgeWard ward(database);
            body(ward);
        });
    }

    template <class F>
    auto write(F work) {
        return people.database().write(std::move(work));
    }

    directory::RegisteredWorkstation workstation(
        const std::string& name, const std::string& zone = "ward-3"
    ) {
        auto made = write([&](store::Tx& tx) {
            return directory::register_workstation(
                tx, people.now(), name, zone, people.acting(administrator)
            );
        });
        REQUIRE(made.has_value());
        return *std::move(made);
    }

    void remove(const directory::Workstation& workstation) {
        const auto removed = write([&](store::Tx& tx) {
            return directory::remove_workstation(
                tx, people.now(), workstation.id, people.acting(administrator)
            );
        });
        REQUIRE(removed.has_value());
    }

    std::string reader_ticket(const directory::Workstation& at, ReaderMode mode = ReaderMode::tap) {
        const auto issued = write([&](store::Tx& tx) {
            return issue_reader_ticket(tx, people.now(), at.id, mode, people.acting(administrator));
        });
        REQUIRE(issued.has_value());
        return test::shown(*issued);
    }

    Result<RegisteredReader> register_with(std::string_view ticket) {
        return write([&](store::Tx& tx) {
            return register_reader(tx, people.now(), ticket, people.where);
        });
    }

    BadgeReader reader(const directory::Workstation& at, ReaderMode mode = ReaderMode::tap) {
        auto registered = register_with(reader_ticket(at, mode));
        REQUIRE(registered.has_value());
        return std::move(registered)->reader;
    }

    Result<BadgeTap> tap(
        const BadgeReader& at, BytesView uid, std::optional<CardProof> proof = std::nullopt
    ) {
        const CardSeen card{.uid = Bytes(uid.begin(), uid.end()), .proof = std::move(proof)};
        return write([&](store::Tx& tx) {
            return record_tap(tx, people.now(), people.keys, at, card, people.where);
        });
    }

    Result<BadgeTap> pending(const BadgeReader& at) {
        return write([&](store::Tx& tx) {
            return pending_tap(tx, at.workstation.id, people.clock.now());
        });
    }

    std::string verifier(std::string_view pin) {
        return make_pin_verifier(people.context.keys, test::secret(pin));
    }

    Result<AuthenticatorId> bind(
        const test::TestPerson& person,
        const BadgeReader& at,
        const NewBadge& wanted,
        std::string_view pin = nora_pin
    ) {
        return write([&, kept = verifier(pin)](store::Tx& tx) {
            return bind_badge(
                tx,
                people.now(),
                people.policy,
                {person.account, at.workstation.id},
                wanted,
                kept,
                people.acting(person)
            );
        });
    }

    // The card on the reader, and bound.
    AuthenticatorId badge(
        const test::TestPerson& person,
        const BadgeReader& at,
        BytesView uid,
        std::string_view pin = nora_pin
    ) {
        const auto tapped = tap(at, uid);
        REQUIRE(tapped.has_value());
        const auto bound = bind(person, at, {.label = "My badge", .tap = tapped->id}, pin);
        REQUIRE_MESSAGE(bound.has_value(), reason_of(bound));
        return *bound;
    }

    // A PIN typed for the tap, through both transactions.
    Result<AuthenticationProof> pin(const BadgeTap& tap, std::string_view typed) {
        auto question = write([&](store::Tx& tx) {
            return begin_badge_pin(tx, people.now(), tap, people.where);
        });
        if (!question) return std::unexpected(question.error());
        const auto answered = answer(people.context, *question, test::secret(typed));
        return write([&](store::Tx& tx) {
            return finish_badge_pin(tx, people.now(), tap, answered, people.where);
        });
    }

    Authenticator authenticator(const AuthenticatorId& id) {
        return write([&](store::Tx& tx) { return find_authenticator(tx, id); }).value();
    }

    test::People people;
    test::TestPerson administrator = people.first_administrator();
    test::TestPerson nora = people.enrolled(administrator, "nora.nurse", "clinician");
};

}  // namespace sallyport::authn
