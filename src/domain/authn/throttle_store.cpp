// The stored half of throttle.h.

#include "base/core/bytes.h"
#include "domain/audit/log.h"
#include "domain/authn/throttle.h"

#include <array>
#include <utility>

namespace sallyport::authn {

namespace {

using store::value;

Throttle load(store::Tx& tx, ThrottleKind kind, const std::string& subject, Time now) {
    const auto rows = tx.query(
        "SELECT failures, in_a_row, counted_at, blocked_until FROM throttle "
        "WHERE kind = ? AND subject = ?",
        {std::string(to_text(kind)), subject}
    );
    if (rows.empty()) return {.counted_at = now, .blocked_until = now};
    const auto& row = rows.front();
    return {row.integer(0), row.integer(1), row.time(2), row.time(3)};
}

void save(store::Tx& tx, ThrottleKind kind, const std::string& subject, const Throttle& throttle) {
    tx.execute(
        "INSERT INTO throttle (kind, subject, failures, in_a_row, counted_at, blocked_until) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (kind, subject) DO UPDATE SET "
        "failures = excluded.failures, in_a_row = excluded.in_a_row, "
        "counted_at = excluded.counted_at, blocked_until = excluded.blocked_until",
        {std::string(to_text(kind)),
         subject,
         throttle.failures,
         throttle.in_a_row,
         value(throttle.counted_at),
         value(throttle.blocked_until)}
    );
}

std::string source_subject(const ThrottleSubject& subject) {
    return "source:" + subject.source;
}

std::string account_name(const AccountId& account) {
    return "account:" + account.text();
}

}  // namespace

std::string_view to_text(ThrottleKind kind) noexcept {
    constexpr std::array<std::string_view, 3> texts = {"passphrase", "totp", "ticket"};
    return texts[static_cast<std::size_t>(kind)];
}

ThrottleSubject subject_of(const AccountId& account, const audit::Where& where) {
    return {.name = account_name(account), .source = source_bucket(where.source)};
}

ThrottleSubject subject_of_unknown(
    const keys::KeyRing& keys, std::string_view identifier, const audit::Where& where
) {
    constexpr std::size_t bytes_kept = 16;
    const auto mac = keys.mac(keys::Purpose::unknown_identifier, as_bytes(identifier));
    return {
        .name = "name:" + to_hex(BytesView(mac).first(bytes_kept)),
        .source = source_bucket(where.source),
    };
}

std::optional<Blocked> charge(
    store::Tx& tx, const Moment& moment, ThrottleKind kind, const ThrottleSubject& subject
) {
    const auto now = moment.now;
    const auto source_name = source_subject(subject);
    auto source = run_down(load(tx, kind, source_name, now), now, source_rules);
    auto named = Throttle{.counted_at = now, .blocked_until = now};
    if (!subject.name.empty()) {
        named = run_down(load(tx, kind, subject.name, now), now, account_rules);
    }

    if (stopped(named, account_rules)) {
        return Blocked{.wait = account_rules.delay_max, .for_good = true, .by_source = false};
    }
    const auto wait = std::max(wait_of(named, now), wait_of(source, now));
    if (wait > Duration(0)) {
        return Blocked{.wait = wait, .for_good = false, .by_source = wait_of(named, now) < wait};
    }
    if (!subject.name.empty()) {
        save(tx, kind, subject.name, after_failure(named, now, account_rules));
    }
    save(tx, kind, source_name, after_failure(source, now, source_rules));
    return std::nullopt;
}

void settle(store::Tx& tx, ThrottleKind kind, const ThrottleSubject& subject) {
    if (!subject.name.empty()) {
        tx.execute(
            "DELETE FROM throttle WHERE kind = ? AND subject = ?",
            {std::string(to_text(kind)), subject.name}
        );
    }
    const auto source_name = source_subject(subject);
    const auto source = load(tx, kind, source_name, Time{});
    save(tx, kind, source_name, after_success(source));
}

bool is_stopped(store::Tx& tx, ThrottleKind kind, const AccountId& account, Time now) {
    return stopped(load(tx, kind, account_name(account), now), account_rules);
}

void unlock(
    store::Tx& tx, const Moment& moment, const AccountId& account, const audit::Actor& actor
) {
    tx.execute("DELETE FROM throttle WHERE subject = ?", {account_name(account)});
    auto event = audit::event_by(actor, "authn.unlock", "unlock", account_name(account));
    event.reason = "ok";
    audit::append(tx, moment, event);
}

void sweep_throttles(store::Tx& tx, const Moment& moment) {
    using namespace std::chrono_literals;
    // Failures in a row against an account stay until a success or an administrator clears them;
    // for names that nobody has they are kept long enough that the two can't be told apart cheaply.
    constexpr auto source_kept = 24h;
    constexpr auto name_kept = 30 * 24h;
    tx.execute(
        "DELETE FROM throttle WHERE subject LIKE 'source:%' AND counted_at < ?",
        {value(moment.now - source_kept)}
    );
    tx.execute(
        "DELETE FROM throttle WHERE subject NOT LIKE 'account:%' AND counted_at < ?",
        {value(moment.now - name_kept)}
    );
}

}  // namespace sallyport::authn
