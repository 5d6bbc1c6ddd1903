#include "domain/authn/push/push_attempt.h"

#include "base/crypto/browser_key.h"
#include "domain/authn/person_notice.h"
#include "domain/authn/push/push_events.h"
#include "domain/authn/push/push_guard.h"

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

using Alerts = std::vector<PushAlert>;

void add(Alerts& alerts, std::optional<PushAlert> one) {
    if (one) alerts.push_back(*std::move(one));
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
    store::Tx& tx,
    const Moment& moment,
    const PushAttemptId& id,
    const AccountId& account_id,
    Alerts& alerts
) {
    end_attempt(tx, id, "unanswered", std::nullopt);
    const auto account = directory::find_account(tx, account_id).value();
    const auto count = unapproved_pushes(tx, account_id, moment.now);
    write_push_timeout(tx, moment, account, id, count);
    add(alerts, guard_phones(tx, moment, account));
}

// The account's open question, if there is one: another is about to take its place.
void end_pending_of(store::Tx& tx, const Moment& moment, const AccountId& account, Alerts& alerts) {
    const auto rows = tx.query(
        "SELECT id FROM push_attempt WHERE account_id = ? AND state = 'pending'", {value(account)}
    );
    for (const auto& row : rows) {
        end_unanswered(tx, moment, row.id<PushAttemptId>(0), account, alerts);
    }
}

// Whom to ask: nobody if the account has no phone, or was asked too often.
std::vector<UsablePhone> phones_to_ask(
    store::Tx& tx,
    const Moment& moment,
    const keys::KeyRing& keys,
    const Account& account,
    Alerts& alerts
) {
    if (account.state != directory::AccountState::active) return {};
    end_pending_of(tx, moment, account.id, alerts);
    // A phone that was added since the last question ended is not a way around the limit.
    add(alerts, guard_phones(tx, moment, account));
    return usable_phones(tx, keys, account.id, moment.now);
}

// Whoever goes on asking does not make the same alert again and again; but the next one is due ten
// minutes after the last that was raised, not after the last report.
bool was_told_lately(store::Tx& tx, const AccountId& account, Time now) {
    return !tx.query(
                  "SELECT 1 FROM person_notice "
                  "WHERE account_id = ? AND kind = ? AND written_at > ? LIMIT 1",
                  {value(account),
                   std::string(to_text(NoticeKind::sign_in_reported)),
                   value(now - push_window)}
    )
                .empty();
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
        return {.waiting = *waiting, .wake = {}, .alerts = {}};
    }
    Alerts alerts;
    auto phones =
        account ? phones_to_ask(tx, moment, keys, *account, alerts) : std::vector<UsablePhone>();
    const auto id = PushAttemptId::fresh(moment.now, moment.random);
    PushAsked asked{
        .waiting = {.number = draw_number(moment.random), .ends_at = moment.now + push_attempt_max},
        .wake = {},
        .alerts = std::move(alerts),
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

namespace {

struct Answering {
    PhoneRow phone;
    OpenAttempt attempt;
};

Result<Answering> check_answer(
    store::Tx& tx, Time now, BytesView token, const PushAnswer& answer, std::string_view origin
) {
    auto phone = find_phone(tx, token, now);
    if (!phone) return refuse(Refusal::unauthenticated, "push.phone_unknown");
    const auto key = read_phone_key(phone->public_key).value();
    if (!crypto::is_signed_by(key, push_answer_message(answer, origin), answer.signature)) {
        return refuse(Refusal::unauthenticated, "push.signature_wrong");
    }
    auto attempt = open_attempt(tx, answer.attempt, phone->account, now);
    if (!attempt) return refuse(Refusal::expired, "push.attempt_over");
    return Answering{.phone = *std::move(phone), .attempt = *std::move(attempt)};
}

}  // namespace

PushAnswerTaken answer_push(
    store::Tx& tx,
    const Moment& moment,
    BytesView token,
    const PushAnswer& answer,
    std::string_view origin,
    const audit::Where& where
) {
    const auto checked = check_answer(tx, moment.now, token, answer, origin);
    if (!checked) return {.result = std::unexpected(checked.error())};
    const auto& [phone, attempt] = *checked;
    const auto account = directory::find_account(tx, phone.account).value();
    const PushAnswered answered{
        .attempt = attempt.id, .phone = phone.authenticator, .where = where
    };
    const bool approves = answer.decision == PushDecision::approve;
    if (approves && answer.number == attempt.number) {
        end_attempt(tx, attempt.id, "approved", phone.authenticator);
        write_push_approved(tx, moment, account, answered);
        return {.result = {}};
    }
    const bool reports = answer.decision == PushDecision::report;
    const std::string_view state = approves ? "wrong" : reports ? "reported" : "denied";
    end_attempt(tx, attempt.id, state, phone.authenticator);
    if (!approves) spoil_flow(tx, attempt.flow);
    const auto count = unapproved_pushes(tx, account.id, moment.now);
    write_push_denied(tx, moment, account, answered, approves ? "wrong_number" : state, count);

    PushAnswerTaken taken{.result = {}};
    if (approves) taken.result = refuse(Refusal::unauthenticated, "push.number_wrong");
    if (reports && !was_told_lately(tx, account.id, moment.now)) {
        taken.alerts.push_back(
            {.kind = PushAlertKind::reported,
             .account = account.id,
             .login_name = account.login_name.text()}
        );
        notify(tx, moment, account.id, NoticeKind::sign_in_reported, "Passphrase");
    }
    add(taken.alerts, guard_phones(tx, moment, account));
    return taken;
}

bool is_push_overdue(store::Tx& tx, Time now) {
    return !tx.query(
                  "SELECT 1 FROM push_attempt "
                  "WHERE state = 'pending' AND account_id IS NOT NULL AND ends_at <= ? LIMIT 1",
                  {value(now)}
    )
                .empty();
}

std::vector<PushAlert> end_overdue_pushes(store::Tx& tx, const Moment& moment) {
    const auto rows = tx.query(
        "SELECT id, account_id FROM push_attempt "
        "WHERE state = 'pending' AND account_id IS NOT NULL AND ends_at <= ? LIMIT 500",
        {value(moment.now)}
    );
    Alerts alerts;
    for (const auto& row : rows) {
        end_unanswered(tx, moment, row.id<PushAttemptId>(0), row.id<AccountId>(1), alerts);
    }
    return alerts;
}

void forget_pushes(store::Tx& tx, Time now) {
    // Not what the other job has yet to put on record.
    tx.execute(
        "DELETE FROM push_attempt "
        "WHERE asked_at <= ? AND (state <> 'pending' OR account_id IS NULL)",
        {value(now - push_window)}
    );
}

std::string place_words(const audit::Where& where) {
    const audit::Where unknown;
    auto address = where.country.empty() ? where.source : where.source + ", " + where.country;
    if (where.workstation == unknown.workstation) return address;
    auto words = where.workstation;
    if (where.zone != unknown.zone) words += " in " + where.zone;
    return words + " (" + address + ")";
}

}  // namespace sallyport::authn
