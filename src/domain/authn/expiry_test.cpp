#include "domain/authn/expiry.h"

#include "tests/support/databases.h"
#include "tests/support/people.h"

#include "domain/authn/authenticator.h"
#include "domain/authn/authenticator_store.h"
#include "domain/authn/mail_outbox.h"
#include "domain/authn/person_notice.h"
#include "domain/authn/step_up.h"
#include "domain/directory/person_mail.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sallyport::authn {

namespace {

using namespace std::chrono_literals;
using test::People;
using test::TestPerson;

std::string reason_of(const auto& result) {
    return result ? "ok" : std::string(result.error().reason);
}

struct Ward {
    explicit Ward(store::Database& database) : people(database) {}

    People people;
    TestPerson anna = people.first_administrator();
    TestPerson erik = people.enrolled(anna, "erik", "engineer");

    [[nodiscard]] Authenticator first_of(AuthenticatorKind kind) {
        return people.database().read([&](store::Tx& tx) {
            const auto all = list_authenticators(tx, erik.account);
            return *std::ranges::find(all, kind, &Authenticator::kind);
        });
    }

    [[nodiscard]] Authenticator app() { return first_of(AuthenticatorKind::totp); }

    [[nodiscard]] Authenticator find(const AuthenticatorId& id) {
        return people.database().read([&](store::Tx& tx) { return find_authenticator(tx, id); }
        ).value();
    }

    Result<void> set_end(AuthenticatorId id, std::optional<Time> end) {
        return people.database().write([&](store::Tx& tx) {
            return set_expiry(tx, people.now(), id, end, people.acting(anna));
        });
    }

    std::size_t turn() {
        return people.database().write([&](store::Tx& tx) {
            return expire_authenticators(tx, people.now());
        });
    }

    [[nodiscard]] std::vector<std::int64_t> days_warned() {
        std::vector<std::int64_t> days;
        for (const auto& event : people.events("cred.expiring")) {
            const auto at = event.leaf_json.find("\"days_left\":");
            REQUIRE(at != std::string::npos);
            days.push_back(std::stoll(event.leaf_json.substr(at + 12)));
        }
        std::ranges::sort(days, std::ranges::greater());
        return days;
    }

    Result<AuthenticationProof> sign_in() { return people.sign_in(erik); }

    // Why not, as the log hears it.
    std::string sign_in_with(const std::string& code) {
        const auto form = people.first_form(erik.login_name, erik.passphrase);
        REQUIRE(form.has_value());
        const auto proof = people.second_form(form->token, code);
        return proof ? "ok" : proof.error().detail;
    }

    std::string step_up(const std::string& code) {
        auto actor = people.acting(erik);
        actor.session = SessionId::fresh(people.clock.now(), people.random);
        const StepUp flow(people.context);
        const auto proof = people.database().write([&](store::Tx& tx) {
            const StepUp::Shown shown{.passphrase = std::nullopt, .code = code};
            return flow.finish(
                tx, people.now(), people.policy, erik.account, shown, actor, "pwd+otp"
            );
        });
        return proof ? "ok" : proof.error().detail;
    }

    void give_mail_address() {
        people.database().write([&](store::Tx& tx) {
            const auto address = MailAddress::parse("erik@hospital.example").value();
            directory::set_person_mail(tx, people.now(), erik.person, address);
        });
    }

    // On the engineer's pages; seen by that.
    std::vector<NoticeKind> notices_since_last() {
        return people.database().write([&](store::Tx& tx) {
            std::vector<NoticeKind> kinds;
            for (const auto& notice : unread_notices(tx, erik.account)) {
                kinds.push_back(notice.kind);
            }
            mark_notices_read(
                tx, people.now(), erik.account, people.clock.now(), people.acting(erik)
            );
            return kinds;
        });
    }

    // On their way to the engineer; sent by that.
    std::vector<NoticeKind> mails() {
        return people.database().write([&](store::Tx& tx) {
            std::vector<NoticeKind> kinds;
            for (const auto& mail : take_due_mails(tx, people.now(), people.keys, 100)) {
                CHECK(mail.to.text() == "erik@hospital.example");
                kinds.push_back(std::get<PersonNotice>(mail.content).kind);
                remove_mail(tx, mail.id);
            }
            return kinds;
        });
    }
};

template <class Body>
void on_each_engine(Body body) {
    test::for_each_engine([&](store::Database& database) {
        Ward ward(database);
        body(ward);
    });
}

// Everything but a passphrase, which does not grow old (S0-85), with the serial that its kind has:
// of a key its model (AAGUID), of a card its certificate's.
struct Ageing {
    AuthenticatorKind kind;
    std::string_view serial;
};

constexpr std::array<Ageing, 6> all_that_ages = {{
    {AuthenticatorKind::totp, ""},
    {AuthenticatorKind::webauthn, "2fc0579f-8113-47ea-b116-bb5a8db9202a"},
    {AuthenticatorKind::push, ""},
    {AuthenticatorKind::certificate, "1001"},
    {AuthenticatorKind::badge, "9f86d081884c7d65"},
    {AuthenticatorKind::recovery_codes, ""},
}};

// Bound to the engineer by the administrator; used once.
AuthenticatorId bind(Ward& ward, const Ageing& ageing, Time end) {
    const auto id = AuthenticatorId::fresh(ward.people.clock.now(), ward.people.random);
    ward.people.database().write([&](store::Tx& tx) {
        const NewAuthenticator row{
            .id = id,
            .account = ward.erik.account,
            .kind = ageing.kind,
            .state = AuthenticatorState::active,
            .bound_by = ward.anna.account,
            .source = "enrolment",
            .serial = std::string(ageing.serial),
            .expires_at = end,
        };
        insert_authenticator(tx, ward.people.now(), row, ward.people.acting(ward.erik));
        note_used(tx, id, ward.people.clock.now() + 1s);
    });
    return id;
}

TEST_CASE("S1-28: type, serial, bound-by, bound-at, expiry, last use and state of each are stored"
) {
    on_each_engine([](Ward& ward) {
        const auto now = ward.people.clock.now();
        for (const auto& ageing : all_that_ages) {
            CAPTURE(to_text(ageing.kind));
            const auto stored = ward.find(bind(ward, ageing, now + 31 * 24h));
            CHECK(stored.kind == ageing.kind);
            CHECK(stored.serial == ageing.serial);
            CHECK(stored.bound_by == ward.anna.account);
            CHECK(stored.bound_at == now);
            CHECK(stored.expires_at == now + 31 * 24h);
            CHECK(stored.last_used_at == now + 1s);
            CHECK(stored.state == AuthenticatorState::active);
            const auto told = ward.people.events("cred.bound").front().leaf_json;
            CHECK(told.contains(to_text(ageing.kind)));
            CHECK(told.contains(ageing.serial));
            CHECK(told.contains(sallyport::to_text(now + 31 * 24h)));
        }
    });
}

TEST_CASE(
    "S1-28: 30, 7 and 1 days before its end each holder is told, on their pages and by mail, once"
) {
    on_each_engine([](Ward& ward) {
        ward.give_mail_address();
        const auto end = ward.people.clock.now() + 31 * 24h;
        std::vector<AuthenticatorId> bound;
        for (const auto& ageing : all_that_ages) {
            bound.push_back(bind(ward, ageing, end));
        }
        CHECK(ward.turn() == 0);
        CHECK(ward.notices_since_last().empty());
        // Just before and at each day that is named; twice, since a job comes round again.
        for (const auto [days, told] : {std::pair{30, 1U}, {7, 2U}, {1, 3U}}) {
            CAPTURE(days);
            ward.people.clock.advance(end - 24h * days - 1s - ward.people.clock.now());
            ward.turn();
            CHECK(ward.people.events("cred.expiring").size() == bound.size() * (told - 1));
            ward.people.clock.advance(1s);
            ward.turn();
            ward.turn();
            CHECK(ward.people.events("cred.expiring").size() == bound.size() * told);
            const std::vector expected(bound.size(), NoticeKind::authenticator_expiring);
            CHECK(ward.notices_since_last() == expected);
            CHECK(ward.mails() == expected);
        }
        for (const auto days : {30, 7, 1}) {
            CHECK(std::ranges::count(ward.days_warned(), days) == std::ssize(bound));
        }
        ward.people.clock.advance(24h);
        ward.turn();
        ward.turn();
        const std::vector over(bound.size(), NoticeKind::authenticator_expired);
        CHECK(ward.notices_since_last() == over);
        CHECK(ward.mails() == over);
        CHECK(ward.people.events("cred.expired").size() == bound.size());
        for (const auto& id : bound) {
            CHECK(ward.find(id).state == AuthenticatorState::expired);
        }
    });
}

TEST_CASE("S1-28: an expired app opens nothing from that second on, job or no job") {
    on_each_engine([](Ward& ward) {
        const auto end = ward.people.clock.now() + 48h;
        REQUIRE(reason_of(ward.set_end(ward.app().id, end)) == "ok");
        ward.people.clock.advance(end - 31s - ward.people.clock.now());
        CHECK(ward.sign_in().has_value());  // which takes 30 s: the last second
        CHECK(ward.app().state == AuthenticatorState::active);
        CHECK_FALSE(ward.sign_in().has_value());
        CHECK(ward.step_up(ward.people.code(ward.erik)) == "totp.none");

        ward.turn();
        CHECK(ward.app().state == AuthenticatorState::expired);
        CHECK(ward.people.events("cred.expired").size() == 1);
        CHECK_FALSE(ward.sign_in().has_value());
        CHECK(ward.step_up(ward.people.code(ward.erik)) == "totp.none");
        CHECK(ward.turn() == 0);
    });
}

TEST_CASE("S1-28: expired recovery codes open nothing from that second on, job or no job") {
    on_each_engine([](Ward& ward) {
        const auto end = ward.people.clock.now() + 48h;
        const auto codes = ward.first_of(AuthenticatorKind::recovery_codes).id;
        REQUIRE(reason_of(ward.set_end(codes, end)) == "ok");
        // (They step nobody up at any time: a code elevates nothing.)
        ward.people.clock.advance(end - 1s - ward.people.clock.now());
        CHECK(ward.sign_in_with(ward.erik.recovery_codes[0]) == "ok");
        ward.people.clock.advance(1s);
        for (const bool marked : {false, true}) {
            if (marked) ward.turn();
            CHECK(ward.sign_in_with(ward.erik.recovery_codes[1]) == "recovery_code.wrong");
        }
        CHECK(ward.find(codes).state == AuthenticatorState::expired);
        CHECK(ward.find(codes).left == 9);
    });
}

TEST_CASE("a later date makes an expired authenticator work again, and the warnings begin anew") {
    on_each_engine([](Ward& ward) {
        const auto id = ward.app().id;
        REQUIRE(reason_of(ward.set_end(id, ward.people.clock.now() + 12h)) == "ok");
        ward.turn();
        ward.people.clock.advance(12h);
        ward.turn();
        REQUIRE(ward.app().state == AuthenticatorState::expired);
        REQUIRE(reason_of(ward.set_end(id, ward.people.clock.now() + 12h)) == "ok");
        CHECK(ward.sign_in().has_value());
        ward.turn();
        CHECK(ward.people.events("cred.expiring").size() == 2);
        REQUIRE(reason_of(ward.set_end(id, std::nullopt)) == "ok");
        ward.people.clock.advance(1000h);
        CHECK(ward.turn() == 0);
    });
}

TEST_CASE("S0-85 (part): no passphrase can be given an end by its age") {
    on_each_engine([](Ward& ward) {
        const auto passphrase = ward.first_of(AuthenticatorKind::passphrase);
        CHECK_FALSE(passphrase.expires_at.has_value());
        const auto set = ward.set_end(passphrase.id, ward.people.clock.now() + 24h * 90);
        CHECK(reason_of(set) == "authenticator.never_expires");
        ward.people.clock.advance(24h * 365 * 10);
        ward.turn();
        CHECK(ward.sign_in().has_value());
    });
}

TEST_CASE("an end in the past is refused") {
    on_each_engine([](Ward& ward) {
        const auto set = ward.set_end(ward.app().id, ward.people.clock.now());
        CHECK(reason_of(set) == "authenticator.expiry_past");
    });
}

}  // namespace

}  // namespace sallyport::authn
