// The stored half of throttle.h.

#include "base/core/bytes.h"
#include "domain/audit/log.h"
#include "domain/authn/throttle.h"

#include <array>
#include <utility>

namespace sallyport::authn {

namespace {

using store::value;

Throttle load(store::Tx& tx, ThrottleKind kind, const std::string& counter, Time now) {
    const auto rows = tx.query(
        "SELECT failures, in_a_row, counted_at, blocked_until, last_name FROM throttle "
        "WHERE kind = ? AND subject = ?",
        {std::string(to_text(kind)), counter}
    );
    if (rows.empty()) return {.counted_at = now, .blocked_until = now};
    const auto& row = rows.front();
    return {row.integer(0), row.integer(1), row.time(2), row.time(3), row.text(4)};
}

void save(store::Tx& tx, ThrottleKind kind, const std::string& counter, const Throttle& throttle) {
    tx.execute(
        "INSERT INTO throttle (kind, subject, failures, in_a_row, counted_at, blocked_until, "
        "last_name) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, subject) DO UPDATE SET "
        "failures = excluded.failures, in_a_row = excluded.in_a_row, "
        "counted_at = excluded.counted_at, blocked_until = excluded.blocked_until, "
        "last_name = excluded.last_name",
        {std::string(to_text(kind)),
         counter,
         throttle.failures,
         throttle.in_a_row,
         value(throttle.counted_at),
         value(throttle.blocked_until),
         throttle.last_name}
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

enum class From : std::uint8_t { elsewhere, known_source };

// Attempts from elsewhere can't fill the counters of those who are where people are known to be.
std::string shared_counter(const keys::KeyRing& keys, const std::string& key, From from) {
    constexpr std::size_t half = shared_counters_max / 2;
    const auto mac = keys.mac(keys::Purpose::unknown_identifier, as_bytes("counter:" + key));
    const auto number =
        std::to_integer<std::size_t>(mac[0]) << 8U | std::to_integer<std::size_t>(mac[1]);
    return "names:" + std::to_string(number % half + (from == From::elsewhere ? 0 : half));
}

bool is_counted(store::Tx& tx, ThrottleKind kind, const std::string& counter) {
    return !tx.query(
                  "SELECT 1 FROM throttle WHERE kind = ? AND subject = ?",
                  {std::string(to_text(kind)), counter}
    )
                .empty();
}

struct Counters {
    std::string own;     // empty: only the source counts
    std::string shared;  // counted beside it; or empty
};

Counters counters_of(store::Tx& tx, ThrottleKind kind, const ThrottleSubject& subject) {
    if (!subject.place.empty()) {
        const auto& there = subject.nobodys ? anybodys_place(subject.source) : subject.place;
        const bool asked = is_counted(tx, kind, there);
        if (asked && (!subject.nobodys || subject.place_assumed)) return {subject.place, {}};
    }
    if (!subject.known.empty()) return {subject.known, {}};
    if (subject.nobodys) return {subject.shared, {}};
    return {subject.name, subject.shared};
}

// What is counted in a row in a shared counter is of one name: others begin anew.
Throttle after_failure_of(
    const ThrottleSubject& subject, const std::string& counter, Throttle throttle, Time now
) {
    const bool shared = subject.nobodys || counter == subject.shared;
    if (shared && throttle.last_name != subject.typed) {
        throttle.in_a_row = 0;
        throttle.last_name = subject.typed;
    }
    return after_failure(std::move(throttle), now, account_rules);
}

bool stops(const ThrottleSubject& subject, const Throttle& throttle) {
    const bool its_own = !subject.nobodys || throttle.last_name == subject.typed;
    return its_own && stopped(throttle, account_rules);
}

void remember_place(
    store::Tx& tx, const Moment& moment, ThrottleKind kind, const ThrottleSubject& subject
) {
    if (subject.place.empty() || subject.nobodys) return;
    for (const auto& place : {subject.place, anybodys_place(subject.source)}) {
        save(tx, kind, place, {.counted_at = moment.now, .blocked_until = moment.now});
    }
}

}  // namespace

std::string_view to_text(ThrottleKind kind) noexcept {
    constexpr std::array<std::string_view, 4> texts = {"passphrase", "totp", "ticket", "webauthn"};
    return texts[static_cast<std::size_t>(kind)];
}

std::string source_class(const policy::Policy& policy, const audit::Where& where) {
    constexpr std::string_view none = "unregistered";
    if (!where.workstation.empty() && where.workstation != none) {
        return "workstation:" + where.workstation;
    }
    const auto segment = policy::segment_of(policy, where.source);
    const bool in_the_house = segment.kinds.any() && !segment.is(policy::ZoneKind::remote);
    return in_the_house ? "zone:" + segment.zone : std::string();
}

std::string name_of(const keys::KeyRing& keys, std::string_view identifier) {
    constexpr std::size_t bytes_kept = 16;
    const auto mac = keys.mac(keys::Purpose::unknown_identifier, as_bytes(identifier));
    return "name:" + to_hex(BytesView(mac).first(bytes_kept));
}

ThrottleSubject subject_of(
    const AccountId& account, const audit::Where& where, std::string_view source_class
) {
    ThrottleSubject subject{.name = account_name(account), .source = source_bucket(where.source)};
    subject.place = place_of(subject.name, subject.source);
    if (!source_class.empty()) subject.known = place_of(subject.name, std::string(source_class));
    return subject;
}

ThrottleSubject subject_of_name(
    const keys::KeyRing& keys,
    const std::string& typed,
    const std::optional<AccountId>& account,
    const audit::Where& where,
    std::string_view source_class
) {
    // The same work, whether somebody has it or not.
    const auto source = source_bucket(where.source);
    const auto place = place_of(typed, source);
    ThrottleSubject nobodys{
        .name = typed,
        .source = source,
        .place = shared_counter(keys, place, From::known_source),
        .place_assumed = coin(keys, place),
        .known =
            shared_counter(keys, place_of(typed, std::string(source_class)), From::known_source),
        .shared = shared_counter(keys, typed, From::elsewhere),
        .typed = typed,
        .nobodys = true,
    };
    if (source_class.empty()) nobodys.known.clear();
    if (!account) return nobodys;
    auto subject = subject_of(*account, where, source_class);
    subject.shared = std::move(nobodys.shared);
    subject.typed = typed;
    return subject;
}

ThrottleSubject subject_of_second_form(ThrottleSubject first) {
    for (auto* const counter : {&first.name, &first.place, &first.known, &first.shared}) {
        if (!counter->empty()) *counter = second_form_name(*counter);
    }
    return first;
}

std::optional<Blocked> charge(
    store::Tx& tx, const Moment& moment, ThrottleKind kind, const ThrottleSubject& subject
) {
    const auto now = moment.now;
    const auto source_name = source_subject(subject);
    auto source = run_down(load(tx, kind, source_name, now), now, source_rules);
    const auto counters = counters_of(tx, kind, subject);
    const auto state_of = [&](const std::string& counter) {
        if (counter.empty()) return Throttle{.counted_at = now, .blocked_until = now};
        return run_down(load(tx, kind, counter, now), now, account_rules);
    };
    const auto own = state_of(counters.own);
    const auto shared = state_of(counters.shared);

    if (stops(subject, own)) {
        return Blocked{.wait = account_rules.delay_max, .for_good = true, .by_source = false};
    }
    const auto named_wait = std::max(wait_of(own, now), wait_of(shared, now));
    const auto wait = std::max(named_wait, wait_of(source, now));
    if (wait > Duration(0)) {
        return Blocked{.wait = wait, .for_good = false, .by_source = named_wait < wait};
    }
    for (const auto& [counter, state] : {std::pair(counters.own, own), {counters.shared, shared}}) {
        if (counter.empty()) continue;
        save(tx, kind, counter, after_failure_of(subject, counter, state, now));
    }
    save(tx, kind, source_name, after_failure(source, now, source_rules));
    return std::nullopt;
}

void count_failure(
    store::Tx& tx, const Moment& moment, ThrottleKind kind, const ThrottleSubject& subject
) {
    const auto counter = counters_of(tx, kind, subject).own;
    const auto before = load(tx, kind, counter, moment.now);
    save(tx, kind, counter, after_failure_of(subject, counter, before, moment.now));
}

void settle_account(
    store::Tx& tx, const Moment& moment, ThrottleKind kind, const ThrottleSubject& subject
) {
    if (subject.name.empty()) return;
    const auto counters = counters_of(tx, kind, subject);
    tx.execute(
        "DELETE FROM throttle WHERE kind = ? AND subject = ?",
        {std::string(to_text(kind)), counters.own}
    );
    if (!counters.shared.empty()) {
        const auto shared = load(tx, kind, counters.shared, moment.now);
        save(tx, kind, counters.shared, after_success(shared));
    }
    remember_place(tx, moment, kind, subject);
}

void settle(
    store::Tx& tx, const Moment& moment, ThrottleKind kind, const ThrottleSubject& subject
) {
    settle_account(tx, moment, kind, subject);
    const auto source_name = source_subject(subject);
    const auto source = load(tx, kind, source_name, Time{});
    save(tx, kind, source_name, after_success(source));
}

void start_anew(
    store::Tx& tx, const Moment& moment, const AccountId& account, const audit::Where& where
) {
    const auto first = subject_of(account, where);
    const auto second = subject_of_second_form(first);
    for (const auto& name : {first.name, second.name}) {
        tx.execute(
            "DELETE FROM throttle WHERE subject = ? OR subject LIKE ?", {name, place_of(name, "%")}
        );
    }
    remember_place(tx, moment, ThrottleKind::passphrase, first);
    for (const auto kind : {ThrottleKind::totp, ThrottleKind::webauthn}) {
        remember_place(tx, moment, kind, first);
        remember_place(tx, moment, kind, second);
    }
}

bool is_stopped(store::Tx& tx, ThrottleKind kind, const ThrottleSubject& subject) {
    return stops(subject, load(tx, kind, counters_of(tx, kind, subject).own, Time{}));
}

std::vector<ThrottleKind> stops_of(store::Tx& tx, const AccountId& account) {
    std::vector<ThrottleKind> found;
    for (const auto kind : {ThrottleKind::passphrase, ThrottleKind::totp, ThrottleKind::webauthn}) {
        const auto first = account_name(account);
        const auto second = second_form_name(first);
        const auto rows = tx.query(
            "SELECT 1 FROM throttle WHERE kind = ? AND in_a_row >= ? AND (subject = ? OR subject "
            "LIKE ? OR subject = ? OR subject LIKE ?) LIMIT 1",
            {std::string(to_text(kind)),
             std::int64_t{account_rules.in_a_row_max},
             first,
             place_of(first, "%"),
             second,
             place_of(second, "%")}
        );
        if (!rows.empty()) found.push_back(kind);
    }
    return found;
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
