#include "domain/authn/own_authenticators.h"

#include "tests/support/databases.h"
#include "tests/support/people.h"

#include "domain/authn/authenticator.h"
#include "domain/authn/person_notice.h"
#include "domain/authn/step_up.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::authn {

namespace {

using namespace std::chrono_literals;
using test::People;
using test::TestPerson;

std::string reason_of(const auto& result) {
    return result ? "ok" : std::string(result.error().reason);
}

// An administrator and an engineer, and what the engineer does with their own authenticators.
struct Ward {
    explicit Ward(store::Database& database) : people(database) { people.clock.advance(10min); }

    People people;
    TestPerson anna = people.first_administrator();
    TestPerson erik = people.enrolled(anna, "erik", "engineer");
    OwnAuthenticators own{people.context};

    template <class Work>
    auto write(Work work) {
        return people.database().write([&](store::Tx& tx) { return work(tx, people.now()); });
    }

    [[nodiscard]] std::vector<Authenticator> of(const TestPerson& person) {
        return people.database().read([&](store::Tx& tx) {
            return list_authenticators(tx, person.account);
        });
    }

    [[nodiscard]] AuthenticatorId id_of(const TestPerson& person, AuthenticatorKind kind) {
        const auto all = of(person);
        const auto found = std::ranges::find_if(all, [&](const Authenticator& each) {
            return each.kind == kind && each.state != AuthenticatorState::revoked;
        });
        REQUIRE(found != all.end());
        return found->id;
    }

    [[nodiscard]] Authenticator find(const AuthenticatorId& id) {
        return people.database().read([&](store::Tx& tx) { return find_authenticator(tx, id); }
        ).value();
    }

    // A second app, proven; its seed.
    struct App {
        AuthenticatorId id;
        crypto::Secret seed;
    };

    App second_app(const std::string& label) {
        auto made = write([&](store::Tx& tx, const Moment& moment) {
            return own.add_totp(tx, moment, erik.account, label, people.acting(erik));
        });
        REQUIRE(made.has_value());
        auto seed = test::seed_typed_in(as_text(made->text.expose()));
        CHECK(reason_of(confirm(made->id, seed)) == "ok");
        return {made->id, std::move(seed)};
    }

    Result<void> confirm(const AuthenticatorId& id, const crypto::Secret& seed) {
        return write([&](store::Tx& tx, const Moment& moment) {
            const auto code = totp_code(seed, totp_step(moment.now));
            return own.confirm_totp(tx, moment, erik.account, id, code, people.acting(erik));
        });
    }

    Result<void> suspend(const AuthenticatorId& id) {
        return write([&](store::Tx& tx, const Moment& moment) {
            return own.suspend(tx, moment, people.policy, erik.account, id, people.acting(erik));
        });
    }

    Result<void> resume(const AuthenticatorId& id) {
        return write([&](store::Tx& tx, const Moment& moment) {
            return own.resume(tx, moment, erik.account, id, people.acting(erik));
        });
    }

    Result<void> revoke(const AuthenticatorId& id) {
        return write([&](store::Tx& tx, const Moment& moment) {
            return own.revoke(tx, moment, people.policy, erik.account, id, people.acting(erik));
        });
    }

    // By the administrator: its holder phoned in.
    void suspend_for_erik(const AuthenticatorId& id) {
        const auto suspended = write([&](store::Tx& tx, const Moment& moment) {
            return suspend_authenticator(tx, moment, id, people.acting(anna), anna.account);
        });
        REQUIRE(reason_of(suspended) == "ok");
    }

    void resume_for_erik(const AuthenticatorId& id) {
        const auto resumed = write([&](store::Tx& tx, const Moment& moment) {
            return resume_authenticator(tx, moment, id, people.acting(anna));
        });
        REQUIRE(reason_of(resumed) == "ok");
    }

    [[nodiscard]] std::vector<PersonNotice> unread() {
        return people.database().read([&](store::Tx& tx) {
            return unread_notices(tx, erik.account);
        });
    }

    Result<void> rename(const AuthenticatorId& id, const std::string& label) {
        return write([&](store::Tx& tx, const Moment& moment) {
            return own.rename(tx, moment, erik.account, id, label, people.acting(erik));
        });
    }

    Result<AuthenticationProof> sign_in_with(const std::string& code) {
        auto form = people.first_form(erik.login_name, erik.passphrase);
        if (!form) return std::unexpected(form.error());
        return people.second_form(form->token, code);
    }

    [[nodiscard]] std::string code_of(const crypto::Secret& seed) {
        people.clock.advance(30s);
        return totp_code(seed, totp_step(people.clock.now()));
    }
};

template <class Body>
void on_each_engine(Body body) {
    test::for_each_engine([&](store::Database& database) {
        Ward ward(database);
        body(ward);
    });
}

TEST_CASE("a second authenticator app signs in beside the first, once it was proven") {
    on_each_engine([](Ward& ward) {
        const auto app = ward.second_app("My tablet");
        CHECK(ward.find(app.id).label == "My tablet");
        CHECK(ward.find(app.id).source == "self");
        CHECK(ward.sign_in_with(ward.code_of(app.seed)).has_value());
        CHECK(ward.sign_in_with(ward.code_of(ward.erik.seed)).has_value());
        CHECK(ward.people.events("cred.bound").front().leaf_json.find("self") != std::string::npos);
    });
}

TEST_CASE("an app that was not proven opens nothing, and is forgotten after half an hour") {
    on_each_engine([](Ward& ward) {
        const auto made = ward.write([&](store::Tx& tx, const Moment& moment) {
            return ward.own.add_totp(
                tx, moment, ward.erik.account, "Unproven", ward.people.acting(ward.erik)
            );
        });
        REQUIRE(made.has_value());
        const auto seed = test::seed_typed_in(as_text(made->text.expose()));
        CHECK_FALSE(ward.sign_in_with(ward.code_of(seed)).has_value());

        ward.people.clock.advance(30min);
        CHECK(reason_of(ward.confirm(made->id, seed)) == "authenticator.issue_over");
        ward.write([&](store::Tx& tx, const Moment& moment) {
            sweep_issued(tx, moment);
            return 0;
        });
        CHECK(ward.people.database().read([&](store::Tx& tx) {
            return !find_authenticator(tx, made->id).has_value();
        }));
    });
}

TEST_CASE("wrong first codes of a new app are refused, recorded and slowed down") {
    on_each_engine([](Ward& ward) {
        const auto made = ward.write([&](store::Tx& tx, const Moment& moment) {
            return ward.own.add_totp(
                tx, moment, ward.erik.account, "Mine", ward.people.acting(ward.erik)
            );
        });
        REQUIRE(made.has_value());
        const auto wrong = crypto::Secret::random(totp_seed_size);
        for (int i = 0; i < 5; ++i) {
            CHECK(reason_of(ward.confirm(made->id, wrong)) == "totp.wrong");
        }
        CHECK(reason_of(ward.confirm(made->id, wrong)) == "authn.throttled");
        CHECK(ward.people.events("authn.failure").size() == 5);
    });
}

TEST_CASE("a suspended app opens nothing until it is resumed") {
    on_each_engine([](Ward& ward) {
        const auto app = ward.second_app("Mislaid");
        REQUIRE(reason_of(ward.suspend(app.id)) == "ok");
        CHECK_FALSE(ward.sign_in_with(ward.code_of(app.seed)).has_value());
        CHECK(ward.sign_in_with(ward.code_of(ward.erik.seed)).has_value());
        CHECK(reason_of(ward.suspend(app.id)) == "authenticator.not_active");

        REQUIRE(reason_of(ward.resume(app.id)) == "ok");
        CHECK(reason_of(ward.resume(app.id)) == "authenticator.not_suspended");
        CHECK(ward.sign_in_with(ward.code_of(app.seed)).has_value());
        CHECK(ward.people.events("cred.suspended").size() == 1);
        CHECK(ward.people.events("cred.resumed").size() == 1);
    });
}

TEST_CASE("whoever takes a suspended app up again is told, so that they learn if it was not them") {
    on_each_engine([](Ward& ward) {
        const auto app = ward.second_app("Mislaid");
        REQUIRE(reason_of(ward.suspend(app.id)) == "ok");
        ward.people.clock.advance(1s);
        REQUIRE(reason_of(ward.resume(app.id)) == "ok");
        const auto notices = ward.unread();
        REQUIRE_FALSE(notices.empty());
        CHECK(notices.front().kind == NoticeKind::authenticator_resumed);
        CHECK(notices.front().subject == "Mislaid");
    });
}

TEST_CASE("what an administrator suspended its holder alone does not take up again") {
    on_each_engine([](Ward& ward) {
        const auto app = ward.second_app("Mislaid");
        ward.suspend_for_erik(app.id);
        CHECK(ward.find(app.id).suspended_by == ward.anna.account);
        CHECK(reason_of(ward.resume(app.id)) == "authenticator.suspended_by_administrator");
        CHECK_FALSE(ward.sign_in_with(ward.code_of(app.seed)).has_value());
        ward.resume_for_erik(app.id);
        CHECK_FALSE(ward.find(app.id).suspended_by.has_value());
        CHECK(ward.sign_in_with(ward.code_of(app.seed)).has_value());

        // Suspended by its holder first, it is the administrator's once they say so.
        REQUIRE(reason_of(ward.suspend(app.id)) == "ok");
        ward.suspend_for_erik(app.id);
        CHECK(reason_of(ward.resume(app.id)) == "authenticator.suspended_by_administrator");
        // Given up it may be by its holder.
        CHECK(reason_of(ward.revoke(app.id)) == "ok");
    });
}

TEST_CASE("a suspended passphrase opens nothing until it is taken up again") {
    on_each_engine([](Ward& ward) {
        const auto passphrase = ward.id_of(ward.erik, AuthenticatorKind::passphrase);
        REQUIRE(ward.sign_in_with(ward.code_of(ward.erik.seed)).has_value());
        ward.suspend_for_erik(passphrase);
        CHECK_FALSE(ward.sign_in_with(ward.code_of(ward.erik.seed)).has_value());
        CHECK_FALSE(ward.sign_in_with(ward.erik.recovery_codes.front()).has_value());
        ward.resume_for_erik(passphrase);
        CHECK(ward.sign_in_with(ward.code_of(ward.erik.seed)).has_value());
    });
}

TEST_CASE("suspended recovery codes open nothing until they are taken up again") {
    on_each_engine([](Ward& ward) {
        const auto codes = ward.id_of(ward.erik, AuthenticatorKind::recovery_codes);
        REQUIRE(reason_of(ward.suspend(codes)) == "ok");
        CHECK_FALSE(ward.sign_in_with(ward.erik.recovery_codes.front()).has_value());
        REQUIRE(reason_of(ward.resume(codes)) == "ok");
        // None was used up by the attempt.
        CHECK(ward.find(codes).left == 10);
        CHECK(ward.sign_in_with(ward.erik.recovery_codes.front()).has_value());
    });
}

TEST_CASE("a revoked app is dead for good, and its row stays") {
    on_each_engine([](Ward& ward) {
        const auto app = ward.second_app("Old phone");
        REQUIRE(reason_of(ward.revoke(app.id)) == "ok");
        CHECK_FALSE(ward.sign_in_with(ward.code_of(app.seed)).has_value());
        CHECK(reason_of(ward.resume(app.id)) == "authenticator.not_suspended");
        CHECK(reason_of(ward.revoke(app.id)) == "authenticator.revoked");
        CHECK(reason_of(ward.rename(app.id, "New name")) == "authenticator.revoked");
        CHECK(ward.find(app.id).state == AuthenticatorState::revoked);
    });
}

TEST_CASE("nobody takes the last way in away from themselves") {
    on_each_engine([](Ward& ward) {
        const auto passphrase = ward.id_of(ward.erik, AuthenticatorKind::passphrase);
        const auto totp = ward.id_of(ward.erik, AuthenticatorKind::totp);
        CHECK(reason_of(ward.revoke(passphrase)) == "authenticator.last");
        CHECK(reason_of(ward.suspend(passphrase)) == "authenticator.last");
        CHECK(reason_of(ward.revoke(totp)) == "authenticator.last");
        // Mislaid is another matter: the recovery codes let them in until it is found.
        CHECK(reason_of(ward.suspend(totp)) == "ok");
        CHECK(ward.sign_in_with(ward.erik.recovery_codes.front()).has_value());
        // But then those are the last.
        const auto codes = ward.id_of(ward.erik, AuthenticatorKind::recovery_codes);
        CHECK(reason_of(ward.suspend(codes)) == "authenticator.last");
    });
}

TEST_CASE("somebody else's authenticators are not there") {
    on_each_engine([](Ward& ward) {
        const auto annas = ward.id_of(ward.anna, AuthenticatorKind::totp);
        for (const auto& tried :
             {ward.suspend(annas), ward.revoke(annas), ward.resume(annas), ward.rename(annas, "x")
             }) {
            CHECK(reason_of(tried) == "authenticator.unknown");
        }
        CHECK(ward.find(annas).state == AuthenticatorState::active);
    });
}

TEST_CASE("a label is text that can be shown, and not too long") {
    on_each_engine([](Ward& ward) {
        const auto totp = ward.id_of(ward.erik, AuthenticatorKind::totp);
        CHECK(reason_of(ward.rename(totp, "Das Telefon im Kittel")) == "ok");
        CHECK(ward.find(totp).label == "Das Telefon im Kittel");
        CHECK(reason_of(ward.rename(totp, "")) == "authenticator.label_malformed");
        CHECK(reason_of(ward.rename(totp, "a\nb")) == "authenticator.label_malformed");
        CHECK(reason_of(ward.rename(totp, std::string(64, 'x'))) == "ok");
        CHECK(
            reason_of(ward.rename(totp, std::string(65, 'x'))) == "authenticator.label_malformed"
        );
    });
}

TEST_CASE("fresh recovery codes replace the earlier ones") {
    on_each_engine([](Ward& ward) {
        const auto codes = ward.write([&](store::Tx& tx, const Moment& moment) {
            return ward.own.renew_recovery_codes(
                tx, moment, ward.erik.account, ward.people.acting(ward.erik)
            );
        });
        REQUIRE(codes.size() == 10);
        CHECK_FALSE(ward.sign_in_with(ward.erik.recovery_codes.front()).has_value());
        CHECK(ward.sign_in_with(test::shown(codes.front())).has_value());
    });
}

TEST_CASE("what is done to somebody's authenticators is told to them until they have seen it") {
    on_each_engine([](Ward& ward) {
        const auto app = ward.second_app("Tablet");
        ward.people.clock.advance(1s);
        REQUIRE(reason_of(ward.revoke(app.id)) == "ok");
        const auto unread = [&] {
            return ward.people.database().read([&](store::Tx& tx) {
                return unread_notices(tx, ward.erik.account);
            });
        };
        auto notices = unread();
        REQUIRE(notices.size() == 2);
        CHECK(notices.at(0).kind == NoticeKind::authenticator_revoked);
        CHECK(notices.at(1).kind == NoticeKind::authenticator_bound);
        CHECK(notices.at(0).subject == "Tablet");

        // What came after the page was made is not yet seen.
        ward.write([&](store::Tx& tx, const Moment& moment) {
            mark_notices_read(
                tx,
                moment,
                ward.erik.account,
                notices.at(1).written_at,
                ward.people.acting(ward.erik)
            );
            return 0;
        });
        CHECK(unread().size() == 1);
        CHECK(ward.people.events("notice.seen").size() == 1);
    });
}

TEST_CASE("twenty authenticators are enough for anybody") {
    on_each_engine([](Ward& ward) {
        const auto present = ward.of(ward.erik).size();
        for (auto i = present; i < authenticators_max; ++i) {
            (void)ward.second_app("App");
        }
        const auto one_more = ward.write([&](store::Tx& tx, const Moment& moment) {
            return ward.own.add_totp(
                tx, moment, ward.erik.account, "One more", ward.people.acting(ward.erik)
            );
        });
        CHECK(reason_of(one_more) == "authenticator.too_many");
    });
}

}  // namespace

}  // namespace sallyport::authn
