#include "domain/authn/certificate/card_presentation.h"

#include "base/crypto/crypto.h"
#include "domain/audit/log.h"
#include "domain/authn/authn_events.h"
#include "domain/authn/certificate/certificate_lines.h"
#include "domain/authn/throttle.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace sallyport::authn {

namespace {

using crypto::Secret;
using store::value;

constexpr std::size_t token_size = 32;

constexpr std::array<std::string_view, 6> purpose_texts = {
    "sign_in", "second_factor", "step_up", "enrolment", "workstation", "recognition"
};

CardPurpose purpose_of(std::string_view text) {
    const auto found = std::ranges::find(purpose_texts, text);
    return static_cast<CardPurpose>(found - purpose_texts.begin());
}

Bytes digest_of(BytesView bytes) {
    const auto digest = crypto::sha256(bytes);
    return {digest.begin(), digest.end()};
}

ThrottleSubject source_of(const audit::Where& where) {
    return {.name = {}, .source = source_bucket(where.source)};
}

audit::Actor nobody_at(const audit::Where& where) {
    return {.who = {}, .where = where, .factor = std::nullopt, .session = std::nullopt};
}

// Codes that lead nowhere can be sent without end.
void write_stray_code(
    store::Tx& tx,
    const Moment& moment,
    const Context& context,
    const audit::Where& where,
    std::string_view reason
) {
    auto event = audit::event_by(nobody_at(where), "authn.failure", "authenticate", "card");
    event.outcome = audit::Outcome::refused;
    event.reason = reason;
    event.fields = {{.name = "stage", .value = std::string("card")}};
    context.repeats.append(tx, moment, event, event.reason, source_bucket(where.source));
}

std::string certificate_object(const PresentedCard& card) {
    return "certificate:" + to_hex(card.fingerprint);
}

struct Stored {
    Bytes token_digest;
    CardPurpose purpose;
    Bytes holder;
    std::string label;
    std::string zone;
    bool shown;
    Time code_ends_at;
    std::optional<PresentedCard> card;
};

// By the code that is on its way back.
std::optional<Stored> find_returning(store::Tx& tx, BytesView code) {
    const auto rows = tx.query(
        "SELECT token_digest, purpose, holder, label, zone, stage, code_ends_at, fingerprint, "
        "key_digest, issuer_key, serial, subject, valid_until, key_in_hardware, pin_asked, "
        "certificates FROM card_presentation WHERE code_digest = ? AND stage IN ('shown', "
        "'refused')",
        {digest_of(code)}
    );
    if (rows.empty()) return std::nullopt;
    const auto& row = rows.front();
    Stored stored{
        .token_digest = row.blob(0),
        .purpose = purpose_of(row.text(1)),
        .holder = row.blob(2),
        .label = row.text(3),
        .zone = row.text(4),
        .shown = row.text(5) == "shown",
        .code_ends_at = row.time(6),
        .card = std::nullopt,
    };
    if (stored.shown) {
        stored.card = PresentedCard{
            .fingerprint = row.blob(7),
            .key_digest = row.blob(8),
            .issuer_key = row.blob(9),
            .serial = row.blob(10),
            .subject = row.text(11),
            .valid_until = row.time(12),
            .key_in_hardware = row.integer(13) != 0,
            .pin_asked = row.integer(14) != 0,
            .shown = certificates_in(row.text(15)),
        };
    }
    return stored;
}

// Why what came back is not what was asked for, or nothing.
std::string_view stray_reason(
    const std::optional<Stored>& stored,
    const CardAnswer& answer,
    CardPurpose purpose,
    BytesView holder,
    Time now
) {
    if (!stored) return "card.code_unknown";
    if (!crypto::constant_time_equal(digest_of(answer.token), stored->token_digest)) {
        return "card.other_browser";
    }
    if (stored->purpose != purpose) return "card.other_purpose";
    if (!crypto::constant_time_equal(holder, stored->holder)) return "card.other_flow";
    if (now >= stored->code_ends_at) return "card.code_over";
    return {};
}

}  // namespace

std::string_view to_text(CardPurpose purpose) noexcept {
    return purpose_texts[static_cast<std::size_t>(purpose)];
}

Result<CardAsked> ask_for_card(
    store::Tx& tx,
    const Moment& moment,
    const Context& context,
    CardQuestion question,
    const audit::Actor& actor
) {
    if (moment.clock == ClockState::behind) return refuse(Refusal::denied, "clock.behind");
    const auto source = source_of(actor.where);
    if (const auto blocked = charge(tx, moment, ThrottleKind::certificate, source)) {
        write_throttled(
            context.repeats, tx, moment, actor, ThrottleKind::certificate, source.name, *blocked
        );
        return refuse(Refusal::throttled, "authn.throttled");
    }
    if (question.next.size() > card_next_max) question.next.clear();
    CardAsked asked{.token = Secret::random(token_size), .code = Secret::random(token_size)};
    const std::string purpose(to_text(question.purpose));
    tx.execute(
        "INSERT INTO card_presentation (token_digest, purpose, holder, next, label, zone, stage, "
        "code_digest, code_ends_at, ends_at) VALUES (?, ?, ?, ?, ?, ?, 'asked', ?, ?, ?)",
        {digest_of(asked.token.expose()),
         purpose,
         question.holder,
         question.next,
         question.label,
         question.zone,
         digest_of(asked.code.expose()),
         value(moment.now + card_code_life),
         value(moment.now + card_presentation_max)}
    );
    auto event = audit::event_by(actor, "authn.card_asked", "ask", "card");
    event.fields = {{.name = "purpose", .value = purpose}};
    audit::append(tx, moment, event);
    return asked;
}

Result<Bytes> redeem_card_code(
    store::Tx& tx,
    const Moment& moment,
    const Context& context,
    BytesView code,
    const audit::Where& where
) {
    const auto rows = tx.query(
        "SELECT token_digest, code_ends_at FROM card_presentation "
        "WHERE code_digest = ? AND stage = 'asked'",
        {digest_of(code)}
    );
    if (rows.empty()) {
        write_stray_code(tx, moment, context, where, "card.code_unknown");
        return refuse(Refusal::denied, "card.code_refused", "unknown, or used");
    }
    auto presentation = rows.front().blob(0);
    tx.execute(
        "UPDATE card_presentation SET stage = 'looking', code_digest = NULL WHERE token_digest = ?",
        {presentation}
    );
    if (moment.now >= rows.front().time(1)) {
        write_stray_code(tx, moment, context, where, "card.code_over");
        return refuse(Refusal::denied, "card.code_refused", "over");
    }
    return presentation;
}

Result<CardSettled> settle_card(
    store::Tx& tx,
    const Moment& moment,
    const Bytes& presentation,
    const Result<PresentedCard>& found,
    const audit::Where& where
) {
    const auto rows = tx.query(
        "SELECT purpose, next FROM card_presentation "
        "WHERE token_digest = ? AND stage = 'looking' AND ends_at > ?",
        {presentation, value(moment.now)}
    );
    if (rows.empty()) return refuse(Refusal::expired, "card.over");
    CardSettled settled{
        .purpose = purpose_of(rows.front().text(0)),
        .next = rows.front().text(1),
        .code = Secret::random(token_size),
    };
    tx.execute(
        "UPDATE card_presentation SET stage = ?, code_digest = ?, code_ends_at = ? "
        "WHERE token_digest = ?",
        {std::string("refused"),
         digest_of(settled.code.expose()),
         value(moment.now + card_return_life),
         presentation}
    );
    if (!found) {
        write_failure(tx, moment, nobody_at(where), "card", "card", found.error().reason);
        return settled;
    }
    tx.execute(
        "UPDATE card_presentation SET stage = 'shown', fingerprint = ?, key_digest = ?, "
        "issuer_key = ?, serial = ?, subject = ?, valid_until = ?, key_in_hardware = ?, "
        "pin_asked = ?, certificates = ? WHERE token_digest = ?",
        {found->fingerprint,
         found->key_digest,
         found->issuer_key,
         found->serial,
         found->subject,
         value(found->valid_until),
         std::int64_t{found->key_in_hardware},
         std::int64_t{found->pin_asked},
         certificate_lines(found->shown),
         presentation}
    );
    auto event =
        audit::event_by(nobody_at(where), "authn.card_shown", "show", certificate_object(*found));
    event.fields = {{.name = "purpose", .value = std::string(to_text(settled.purpose))}};
    audit::append(tx, moment, event);
    return settled;
}

Result<TakenCard> take_card(
    store::Tx& tx,
    const Moment& moment,
    const Context& context,
    const CardAnswer& answer,
    CardPurpose purpose,
    BytesView holder,
    const audit::Where& where
) {
    if (moment.clock == ClockState::behind) return refuse(Refusal::denied, "clock.behind");
    auto stored = find_returning(tx, answer.code);
    // Shown once, and be it in the wrong place: used up.
    tx.execute(
        "UPDATE card_presentation SET stage = 'over', code_digest = NULL WHERE code_digest = ?",
        {digest_of(answer.code)}
    );
    if (const auto stray = stray_reason(stored, answer, purpose, holder, moment.now);
        !stray.empty()) {
        write_stray_code(tx, moment, context, where, stray);
        return refuse(Refusal::expired, "card.over", std::string(stray));
    }
    if (!stored->card) return refuse(Refusal::denied, "card.not_accepted");
    settle(tx, moment, ThrottleKind::certificate, source_of(where));
    return TakenCard{
        .card = *std::move(stored->card),
        .label = std::move(stored->label),
        .zone = std::move(stored->zone),
    };
}

void sweep_card_presentations(store::Tx& tx, const Moment& moment) {
    tx.execute("DELETE FROM card_presentation WHERE ends_at <= ?", {value(moment.now)});
}

}  // namespace sallyport::authn
