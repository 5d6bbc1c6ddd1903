#include "domain/authn/push/push_attempt.h"

#include "base/crypto/browser_key.h"
#include "domain/authn/authenticator.h"
#include "domain/authn/authenticator_store.h"
#include "domain/authn/person_notice.h"
#include "domain/authn/push/push_events.h"

#include <array>
#include <cstdint>

namespace sallyport::authn {

using store::value;

namespace {

using directory::Account;

Bytes bytes_of(BytesView view) {
    return {view.begin(), view.end()};
}

// Each of the ninety as likely as the other.
int draw_number(Random& random) {
    constexpr int count = push_number_max - push_number_min + 1;
    constexpr int fair_max = 256 / count * count;
    for (;;) {
        std::array<std::byte, 1> drawn{};
        random.fill(drawn);
        const auto die = std::to_integer<int>(drawn.front());
        if (die < fair_max) return push_number_min + die % count;
    }
}

std::int64_t unapproved_in_window(store::Tx& tx, const AccountId& account, Time now) {
    return tx
        .query(
            "SELECT COUNT(*) FROM push_attempt WHERE account_id = ? AND asked_at > ? "
            "AND state IN ('wrong', 'denied', 'reported', 'unanswered')",
            {value(account), value(now - push_window)}
        )
        .front()
        .integer(0);
}

void end_attempt(
    store::Tx& tx,
    const PushAttemptId& id,
    std::string_view state,
    const std::optional<AuthenticatorId>& by
) {
    tx.execute(
        "UPDATE push_attempt SET state = ?, answered_by = ? WHERE id = ?",
        {std::string(state), value(by), value(id)}
    );
}

void end_unanswered(
    store::Tx& tx, const Moment& moment, const PushAttemptId& id, const AccountId& account_id
) {
    end_attempt(tx, id, "unanswered", std::nullopt);
    const auto account = directory::find_account(tx, account_id);
    const auto count = unapproved_in_window(tx, account_id, moment.now);
    write_push_timeout(tx, moment, account.value(), id, count);
}

// The account's open question, if there is one: another is about to take its place.
void end_pending_of(store::Tx& tx, const Moment& moment, const AccountId& account) {
    const auto rows = tx.query(
        "SELECT id FROM push_attempt WHERE account_id = ? AND state = 'pending'", {value(account)}
    );
    for (const auto& row : rows) {
        end_unanswered(tx, moment, row.id<PushAttemptId>(0), account);
    }
}

void suspend_phones(
    store::Tx& tx,
    const Moment& moment,
    const Account& account,
    const std::vector<UsablePhone>& phones,
    const audit::Where& where
) {
    const auto guard = audit::system_actor("push-guard");
    for (const auto& phone : phones) {
        const auto found = find_authenticator(tx, phone.authenticator);
        if (!suspend_authenticator(tx, moment, phone.authenticator, guard)) continue;
        notify(tx, moment, account.id, NoticeKind::authenticator_suspended, found.value().label);
    }
    write_push_alert(tx, moment, account, where, "push.bombing");
}

// Whom to ask: nobody if the account has no phone, or was asked too often.
std::vector<UsablePhone> phones_to_ask(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const Account& account,
    const audit::Where& where
) {
    auto phones = usable_phones(tx, keys, account.id, moment.now);
    if (phones.empty() || account.state != directory::AccountState::active) return {};
    end_pending_of(tx, moment, account.id);
    if (unapproved_in_window(tx, account.id, moment.now) < push_unapproved_max) return phones;
    suspend_phones(tx, moment, account, phones, where);
    return {};
}

struct OpenAttempt {
    PushAttemptId id;
    Bytes flow;
    int number;
};

std::optional<OpenAttempt> open_attempt(
    store::Tx& tx, const PushAttemptId& id, const AccountId& account, Time now
) {
    const auto rows = tx.query(
        "SELECT flow_digest, number FROM push_attempt "
        "WHERE id = ? AND account_id = ? AND state = 'pending' AND ends_at > ?",
        {value(id), value(account), value(now)}
    );
    if (rows.empty()) return std::nullopt;
    return OpenAttempt{
        .id = id,
        .flow = rows.front().blob(0),
        .number = static_cast<int>(rows.front().integer(1)),
    };
}

// From now on the flow fails like one whose passphrase was wrong.
void spoil_flow(store::Tx& tx, const Bytes& flow) {
    tx.execute("UPDATE sign_in SET first_factor_right = 0 WHERE token_digest = ?", {flow});
}

}  // namespace

PushAsked ask_phones(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    BytesView flow,
    const std::optional<Account>& account,
    std::string_view application,
    const audit::Where& where
) {
    if (const auto waiting = push_waiting(tx, flow, moment.now)) {
        return {.waiting = *waiting, .wake = {}};
    }
    auto phones =
        account ? phones_to_ask(tx, moment, keys, *account, where) : std::vector<UsablePhone>();
    const auto id = PushAttemptId::fresh(moment.now, moment.random);
    PushAsked asked{
        .waiting = {.number = draw_number(moment.random), .ends_at = moment.now + push_attempt_max},
        .wake = {},
    };
    const auto place = place_words(where);
    tx.execute(
        "INSERT INTO push_attempt (id, flow_digest, account_id, number, state, application, place, "
        "asked_at, ends_at) VALUES (?, ?, ?, ?, 'pending', ?, ?, ?, ?)",
        {value(id),
         bytes_of(flow),
         phones.empty() ? store::Value(nullptr) : value(account->id),
         std::int64_t{asked.waiting.number},
         std::string(application),
         place,
         value(moment.now),
         value(asked.waiting.ends_at)}
    );
    if (phones.empty()) return asked;
    write_push_sent(tx, moment, *account, where, {id, application, place});
    for (auto& phone : phones) {
        if (!phone.subscription) continue;
        asked.wake.push_back({phone.authenticator, *std::move(phone.subscription)});
    }
    return asked;
}

std::optional<PushWaiting> push_waiting(store::Tx& tx, BytesView flow, Time now) {
    const auto rows = tx.query(
        "SELECT number, ends_at, state FROM push_attempt WHERE flow_digest = ?", {bytes_of(flow)}
    );
    if (rows.empty()) return std::nullopt;
    const auto& row = rows.front();
    return PushWaiting{
        .number = static_cast<int>(row.integer(0)),
        .ends_at = row.time(1),
        .approved = row.text(2) == "approved" && now < row.time(1),
    };
}

std::optional<AuthenticatorId> use_approval(store::Tx& tx, const Moment& moment, BytesView flow) {
    const auto digest = bytes_of(flow);
    const auto rows = tx.query(
        "SELECT answered_by FROM push_attempt "
        "WHERE flow_digest = ? AND state = 'approved' AND ends_at > ?",
        {digest, value(moment.now)}
    );
    if (rows.empty()) return std::nullopt;
    const auto used = tx.execute(
        "UPDATE push_attempt SET state = 'used' WHERE flow_digest = ? AND state = 'approved'",
        {digest}
    );
    if (used != 1) return std::nullopt;
    return rows.front().id<AuthenticatorId>(0);
}

Result<std::optional<PushPrompt>> push_prompt(
    store::Tx& tx, const Moment& moment, BytesView token
) {
    const auto phone = find_phone(tx, token, moment.now);
    if (!phone) return refuse(Refusal::unauthenticated, "push.phone_unknown");
    const auto rows = tx.query(
        "SELECT id, application, place, asked_at, ends_at FROM push_attempt "
        "WHERE account_id = ? AND state = 'pending' AND ends_at > ?",
        {value(phone->account), value(moment.now)}
    );
    if (rows.empty()) return std::optional<PushPrompt>();
    const auto& row = rows.front();
    return PushPrompt{
        .attempt = row.id<PushAttemptId>(0),
        .application = row.text(1),
        .place = row.text(2),
        .asked_at = row.time(3),
        .ends_at = row.time(4),
    };
}

Result<void> answer_push(
    store::Tx& tx,
    const Moment& moment,
    BytesView token,
    const PushAnswer& answer,
    std::string_view origin,
    const audit::Where& where
) {
    const auto phone = find_phone(tx, token, moment.now);
    if (!phone) return refuse(Refusal::unauthenticated, "push.phone_unknown");
    const auto key = read_phone_key(phone->public_key).value();
    if (!crypto::is_signed_by(key, push_answer_message(answer, origin), answer.signature)) {
        return refuse(Refusal::unauthenticated, "push.signature_wrong");
    }
    const auto attempt = open_attempt(tx, answer.attempt, phone->account, moment.now);
    if (!attempt) return refuse(Refusal::expired, "push.attempt_over");

    const auto account = directory::find_account(tx, phone->account).value();
    const PushAnswered answered{
        .attempt = attempt->id, .phone = phone->authenticator, .where = where
    };
    const auto write_denied = [&](std::string_view what) {
        const auto count = unapproved_in_window(tx, account.id, moment.now);
        write_push_denied(tx, moment, account, answered, what, count);
    };
    if (answer.decision == PushDecision::approve) {
        const bool right = answer.number == attempt->number;
        end_attempt(tx, attempt->id, right ? "approved" : "wrong", phone->authenticator);
        if (right) {
            write_push_approved(tx, moment, account, answered);
            return {};
        }
        write_denied("wrong_number");
        return refuse(Refusal::unauthenticated, "push.number_wrong");
    }
    const bool reports = answer.decision == PushDecision::report;
    end_attempt(tx, attempt->id, reports ? "reported" : "denied", phone->authenticator);
    spoil_flow(tx, attempt->flow);
    write_denied(reports ? "reported" : "denied");
    if (reports) {
        write_push_alert(tx, moment, account, where, "push.reported");
        notify(tx, moment, account.id, NoticeKind::sign_in_reported, "Passphrase");
    }
    return {};
}

void sweep_push(store::Tx& tx, const Moment& moment) {
    const auto rows = tx.query(
        "SELECT id, account_id FROM push_attempt "
        "WHERE state = 'pending' AND account_id IS NOT NULL AND ends_at <= ? LIMIT 500",
        {value(moment.now)}
    );
    for (const auto& row : rows) {
        end_unanswered(tx, moment, row.id<PushAttemptId>(0), row.id<AccountId>(1));
    }
    tx.execute("DELETE FROM push_attempt WHERE asked_at <= ?", {value(moment.now - push_window)});
}

std::string place_words(const audit::Where& where) {
    const audit::Where unknown;
    if (where.workstation == unknown.workstation) return where.source;
    auto words = where.workstation;
    if (where.zone != unknown.zone) words += " in " + where.zone;
    return words + " (" + where.source + ")";
}

}  // namespace sallyport::authn
