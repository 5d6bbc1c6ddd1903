#pragma once
// Questions to a person's phones. One is asked for one sign-in, is answered once, within 60
// seconds, and only by typing the number that the sign-in page shows (S1-20, L-05; SP 800-63B-4
// §3.1.3). Who is asked too often is not asked again (push_guard.h).
//
// Whoever stands at the sign-in page sees the same number and the same waiting, whether anybody is
// asked or not: a name that nobody has, a wrong passphrase, an account without a phone, one that is
// suspended, and one whose holder said no all look like a phone that nobody picks up.

#include "base/core/bytes.h"
#include "base/core/id.h"
#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/context.h"
#include "domain/authn/push/push_alert.h"
#include "domain/authn/push/push_statement.h"
#include "domain/authn/push/push_store.h"
#include "domain/directory/account.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::authn {

inline constexpr std::chrono::seconds push_attempt_max{60};

// What the sign-in page shows.
struct PushWaiting {
    int number;
    Time ends_at;
    bool approved = false;
};

struct PushAsked {
    PushWaiting waiting;
    std::vector<PushDelivery> wake;  // to whom a push message goes, once this is committed
    std::vector<PushAlert> alerts;
};

// Asks the phones of `account`, or nobody. `flow` is the digest of the sign-in's token: asking
// again in the same flow asks nothing new. A question that is still open in another flow of the
// account ends unanswered. Writes authn.push_sent; where push_guard.h suspends the phones,
// cred.suspended instead.
[[nodiscard]] PushAsked ask_phones(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    BytesView flow,
    const std::optional<directory::Account>& account,
    std::string_view application,
    const audit::Where& where
);

// How it stands for that flow; nothing if it asked nothing.
[[nodiscard]] std::optional<PushWaiting> push_waiting(store::Tx& tx, BytesView flow, Time now);

// Uses up the approval of that flow's question; the phone that gave it. Nothing if there is none or
// its time is over.
[[nodiscard]] std::optional<AuthenticatorId> use_approval(
    store::Tx& tx, const Moment& moment, BytesView flow
);

// What the phone shows: application, place and time, never the number.
struct PushPrompt {
    PushAttemptId attempt;
    std::string application;
    std::string place;
    Time asked_at;
    Time ends_at;
};

// The question that waits for the phone with this token, if one does. Refuses unauthenticated
// "push.phone_unknown" (no such phone, or not usable now).
[[nodiscard]] Result<std::optional<PushPrompt>> push_prompt(
    store::Tx& tx, const Moment& moment, BytesView token
);

// An answer can be refused and still have ended the question, and been one too many.
struct PushAnswerTaken {
    Result<void> result;
    std::vector<PushAlert> alerts = {};
};

// The phone's answer, signed at `origin`. Refuses unauthenticated "push.phone_unknown",
// "push.signature_wrong" (the question stays), "push.number_wrong" (the question is over), expired
// "push.attempt_over" (too late, answered, somebody else's). Writes authn.push_approved or
// authn.push_denied; the first "it wasn't me" in push_window alerts and tells the person. Whoever
// denied or reported ends that sign-in: no factor helps it any more.
[[nodiscard]] PushAnswerTaken answer_push(
    store::Tx& tx,
    const Moment& moment,
    BytesView token,
    const PushAnswer& answer,
    std::string_view origin,
    const audit::Where& where
);

// Whether a question's time is over that nobody put on record yet.
[[nodiscard]] bool is_push_overdue(store::Tx& tx, Time now);
// Puts on record what nobody answered, and suspends where that was one too many. For a job, every
// second.
[[nodiscard]] std::vector<PushAlert> end_overdue_pushes(store::Tx& tx, const Moment& moment);
// Forgets questions that count no more. For a job.
void forget_pushes(store::Tx& tx, Time now);

// Where a sign-in comes from, in words: "192.0.2.7", "WS-12 in ward-3 (192.0.2.7)"; with the
// country of the address where that is known (ISO 3166-1): "198.51.100.7, DE".
[[nodiscard]] std::string place_words(const audit::Where& where);

}  // namespace sallyport::authn
