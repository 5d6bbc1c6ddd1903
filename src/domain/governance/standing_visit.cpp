#include "domain/governance/standing_visit.h"

#include "domain/directory/device.h"
#include "domain/governance/grants.h"
#include "domain/governance/notice.h"
#include "domain/session/session.h"

#include <optional>

namespace sallyport::governance {

namespace {

Result<void> check_device(store::Tx& tx, const DeviceId& id) {
    const auto device = directory::find_device(tx, id);
    if (!device) return refuse(Refusal::not_found, "device.unknown");
    if (device->state == directory::DeviceState::retired) {
        return refuse(Refusal::denied, "device.retired");
    }
    return {};
}

}  // namespace

Result<policy::Permit> decide_anew(
    store::Tx& tx, const Moment& moment, const policy::Policy& policy, const policy::HeldLease& held
) {
    const auto session = session::find(tx, held.session);
    if (!session) return refuse(Refusal::unauthenticated, "session.ended");
    if (held.device) SP_CHECK(check_device(tx, *held.device));
    const Time now = held.now(moment.now, moment.monotonic);
    auto subject = session->subject();
    subject.ends_at += now - moment.now;  // it moves with the wall clock, see session::set_back
    policy::Question question{
        .subject = subject,
        .action = held.action,
        .needs_step_up = false,
        .device = held.device,
        .about = std::nullopt,
        .grant = std::nullopt,
        .visit_since = held.decided_at,
        // It began under a clock that could be trusted, and goes on by the later of two.
        .clock_trustworthy = true,
    };
    const auto grant = held.grant ? find_grant(tx, *held.grant) : std::nullopt;
    if (grant) question.grant = grant->facts();
    SP_TRY(auto permit, policy::decide(policy, question, now));
    if (!notice_accepted(tx, held.account, policy.notice_version)) {
        return refuse(Refusal::denied, "notice.not_accepted");
    }
    return permit;
}

}  // namespace sallyport::governance
