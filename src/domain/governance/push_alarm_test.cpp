#include "domain/governance/push_alarm.h"

#include "domain/authn/push/push_fixture.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace sallyport::governance {

namespace {

using authn::NoticeKind;
using authn::PushWard;

std::int64_t told(PushWard& ward, const test::TestPerson& who, NoticeKind kind) {
    const auto unread = ward.read([&](store::Tx& tx, const Moment&) {
        return authn::unread_notices(tx, who.account);
    });
    return std::ranges::count(unread, kind, &authn::PersonNotice::kind);
}

TEST_CASE("S1-25: once the third minute is over, the security officer hears of it from the job") {
    test::for_each_engine([](store::Database& database) {
        PushWard ward(database);
        const auto sam = ward.people.enrolled(ward.anna, "sam", "security_officer");
        const auto enrolled = ward.enrol(ward.phone);
        const auto job = [&] {
            end_overdue_pushes(database, ward.people.now(), ward.people.policy);
        };
        for (int i = 0; i < authn::push_unapproved_max; ++i) {
            REQUIRE(ward.ask(ward.first_form(ward.erik.passphrase)).has_value());
            job();
            CHECK(ward.state_of(enrolled.id) == authn::AuthenticatorState::active);
            ward.people.clock.advance(authn::push_attempt_max);
            job();
        }
        CHECK(ward.state_of(enrolled.id) == authn::AuthenticatorState::suspended);
        job();
        CHECK(told(ward, sam, NoticeKind::push_bombing) == 1);
        CHECK(told(ward, ward.erik, NoticeKind::push_bombing) == 0);
        const auto alerts = ward.people.events("detect.alert");
        REQUIRE(alerts.size() == 1);
        CHECK(alerts.front().leaf_json.contains("push.bombing"));
        CHECK(alerts.front().leaf_json.contains("people_told"));
    });
}

}  // namespace

}  // namespace sallyport::governance
