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

std::string second_form_name(const std::string& name) {
    return "sign_in:" + name;
}

std::string place_of(const std::string& name, const std::string& source) {
    return name + "@" + source;
}

// Where anybody signed in, whoever it was.
std::string anybodys_place(const std::string& source) {
    return "place:" + source;
}

// A coin that only we can toss, and that falls the same way each time.
bool coin(const keys::KeyRing& keys, const std::string& place) {
    const auto mac = keys.mac(keys::Purpose::unknown_identifier, as_bytes(place));
    return (mac.front() & std::byte{1}) != std::byte{0};
}

bool is_counted(store::Tx& tx, ThrottleKind kind, const std::string& counter) {
    return !tx.query(
                  "SELECT 1 FROM throttle WHERE kind = ? AND subject = ?",
                  {std::string(to_text(kind)), counter}
    )
                .empty();
}

std::string counter_of(store::Tx& tx, ThrottleKind kind, const ThrottleSubject& subject) {
    if (subject.place.empty()) return subject.name;
    const bool there =
        is_counted(tx, kind, subject.place) ||
        (subject.place_assumed && is_counted(tx, kind, anybodys_place(subject.source)));
    return there ? subject.place : subject.name;
}

void remember_place(
    store::Tx& tx, const Moment& moment, ThrottleKind kind, const ThrottleSubject& subject
) {
    if (subject.place.empty()) return;
    for (const auto& place : {subject.place, anybodys_place(subject.source)}) {
        save(tx, kind, place, {.counted_at = moment.now, .blocked_until = moment.now});
    }
}

}  // namespace

std::string_view to_text(ThrottleKind kind) noexcept {
    constexpr std::array<std::string_view, 5> texts = {
        "passphrase", "totp", "ticket", "webauthn", "certificate"
    };
    return texts[static_cast<std::size_t>(kind)];
}

ThrottleSubject subject_of(const AccountId& account, const audit::Where& where) {
    auto name = account_name(account);
    auto source = source_bucket(where.source);
    auto place = place_of(name, source);
    return {.name = std::move(name), .source = std::move(source), .place = std::move(place)};
}

ThrottleSubject subject_of_unknown(
    const keys::KeyRing& keys, std::string_view identifier, const audit::Where& where
) {
    constexpr std::size_t bytes_kept = 16;
    const auto mac = keys.mac(keys::Purpose::unknown_identifier, as_bytes(identifier));
    auto name = "name:" + to_hex(BytesView(mac).first(bytes_kept));
    auto source = source_bucket(where.source);
    auto place = place_of(name, source);
    const bool assumed = coin(keys, place);
    return {
        .name = std::move(name),
        .source = std::move(source),
        .place = std::move(place),
        .place_assumed = assumed,
    };
}

ThrottleSubject subject_of_second_form(
    const keys::KeyRing& keys, const std::string& name, bool is_account, const audit::Where& where
) {
    auto source = source_bucket(where.source);
    const bool assumed = !is_account && coin(keys, place_of(name, source));
    auto form_name = second_form_name(name);
    auto place = place_of(form_name, source);
    return {
        .name = std::move(form_name),
        .source = std::move(source),
        .place = std::move(place),
        .place_assumed = assumed,
    };
}

std::optional<Blocked> charge(
    store::Tx& tx, const Moment& moment, ThrottleKind kind, const ThrottleSubject& subject
) {
    const auto now = moment.now;
    const auto source_name = source_subject(subject);
    auto source = run_down(load(tx, kind, source_name, now), now, source_rules);
    auto named = Throttle{.counted_at = now, .blocked_until = now};
    const auto counter = counter_of(tx, kind, subject);
    if (!counter.empty()) {
        named = run_down(load(tx, kind, counter, now), now, account_rules);
    }

    if (stopped(named, account_rules)) {
        return Blocked{.wait = account_rules.delay_max, .for_good = true, .by_source = false};
    }
    const auto wait = std::max(wait_of(named, now), wait_of(source, now));
    if (wait > Duration(0)) {
        return Blocked{.wait = wait, .for_good = false, .by_source = wait_of(named, now) < wait};
    }
    if (!counter.empty()) {
        save(tx, kind, counter, after_failure(named, now, account_rules));
    }
    save(tx, kind, source_name, after_failure(source, now, source_rules));
    return std::nullopt;
}

void count_failure(
    store::Tx& tx, const Moment& moment, ThrottleKind kind, const ThrottleSubject& subject
) {
    const auto before = load(tx, kind, subject.name, moment.now);
    save(tx, kind, subject.name, after_failure(before, moment.now, account_rules));
}

void forget_failures(store::Tx& tx, ThrottleKind kind, const ThrottleSubject& subject) {
    tx.execute(
        "DELETE FROM throttle WHERE kind = ? AND subject = ?",
        {std::string(to_text(kind)), counter_of(tx, kind, subject)}
    );
}

void settle(
    store::Tx& tx, const Moment& moment, ThrottleKind kind, const ThrottleSubject& subject
) {
    if (!subject.name.empty()) {
        forget_failures(tx, kind, subject);
        remember_place(tx, moment, kind, subject);
    }
    const auto source_name = source_subject(subject);
    const auto source = load(tx, kind, source_name, Time{});
    save(tx, kind, source_name, after_success(source));
}

void start_anew(
    store::Tx& tx, const Moment& moment, const AccountId& account, const audit::Where& where
) {
    const auto first = subject_of(account, where);
    const auto source = first.source;
    const auto form_name = second_form_name(first.name);
    for (const auto& name : {first.name, form_name}) {
        tx.execute(
            "DELETE FROM throttle WHERE subject = ? OR subject LIKE ?", {name, place_of(name, "%")}
        );
    }
    remember_place(tx, moment, ThrottleKind::passphrase, first);
    remember_place(
        tx,
        moment,
        ThrottleKind::totp,
        {.name = form_name, .source = source, .place = place_of(form_name, source)}
    );
}

Stop stop_of(store::Tx& tx, ThrottleKind kind, const ThrottleSubject& subject) {
    const auto counter = counter_of(tx, kind, subject);
    if (!stopped(load(tx, kind, counter, Time{}), account_rules)) return Stop::none;
    if (subject.place.empty() || counter == subject.place) return Stop::whole;
    const bool has_places = !tx.query(
                                   "SELECT 1 FROM throttle WHERE kind = ? AND subject LIKE ? "
                                   "LIMIT 1",
                                   {std::string(to_text(kind)), place_of(subject.name, "%")}
    )
                                 .empty();
    return has_places ? Stop::elsewhere : Stop::whole;
}

bool unlock(
    store::Tx& tx, const Moment& moment, const AccountId& account, const audit::Actor& actor
) {
    std::int64_t cleared = 0;
    for (const auto& name : {account_name(account), second_form_name(account_name(account))}) {
        cleared += tx.execute("DELETE FROM throttle WHERE subject = ?", {name});
        // Places stay known, with nothing against them.
        cleared += tx.execute(
            "UPDATE throttle SET failures = 0, in_a_row = 0, blocked_until = counted_at "
            "WHERE subject LIKE ? AND in_a_row > 0",
            {place_of(name, "%")}
        );
    }
    if (cleared == 0) return false;
    auto event = audit::event_by(actor, "authn.unlock", "unlock", account_name(account));
    event.reason = "ok";
    audit::append(tx, moment, event);
    return true;
}

void sweep_throttles(store::Tx& tx, const Moment& moment) {
    using namespace std::chrono_literals;
    // Failures in a row against an account stay until a success or an administrator clears them;
    // for names that nobody has they are kept long enough that the two can't be told apart cheaply.
    // A place is forgotten when its holder has not been there for as long.
    constexpr auto source_kept = 24h;
    constexpr auto name_kept = 30 * 24h;
    tx.execute(
        "DELETE FROM throttle WHERE subject LIKE 'source:%' AND counted_at < ?",
        {value(moment.now - source_kept)}
    );
    tx.execute(
        "DELETE FROM throttle WHERE (subject NOT LIKE 'account:%' OR subject LIKE '%@%') "
        "AND counted_at < ?",
        {value(moment.now - name_kept)}
    );
}

}  // namespace sallyport::authn
