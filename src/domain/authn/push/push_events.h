#pragma once
// What the log says about questions to phones.

#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/directory/account.h"

#include <cstdint>
#include <string_view>

namespace sallyport::authn {

struct PushShown {
    PushAttemptId attempt;
    std::string_view application;
    std::string_view place;
};

void write_push_sent(
    store::Tx& tx,
    const Moment& moment,
    const directory::Account& account,
    const audit::Where& where,
    const PushShown& shown
);

struct PushAnswered {
    PushAttemptId attempt;
    AuthenticatorId phone;
    audit::Where where;  // of the phone
};

// authn.push_approved: the number was right. That somebody is signed in by it is authn.success.
void write_push_approved(
    store::Tx& tx,
    const Moment& moment,
    const directory::Account& account,
    const PushAnswered& answered
);
// authn.push_denied. `answer` is denied, reported or wrong_number; `in_window` how many questions
// of the last ten minutes were not approved, this one among them.
void write_push_denied(
    store::Tx& tx,
    const Moment& moment,
    const directory::Account& account,
    const PushAnswered& answered,
    std::string_view answer,
    std::int64_t in_window
);
// The same, with the answer "timeout".
void write_push_timeout(
    store::Tx& tx,
    const Moment& moment,
    const directory::Account& account,
    const PushAttemptId& attempt,
    std::int64_t in_window
);

}  // namespace sallyport::authn
