#include "domain/authn/badge/badge_reader.h"

#include "base/core/fault.h"
#include "base/crypto/crypto.h"
#include "domain/audit/log.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace sallyport::authn {

using store::value;

namespace {

using crypto::Secret;
using directory::Workstation;
using directory::WorkstationId;

constexpr std::size_t token_size = 32;
constexpr std::size_t ticket_size = 20;  // 160 bits: nobody guesses it, so nothing counts guesses
constexpr std::array<std::string_view, 2> mode_texts = {"tap", "stay"};

Bytes digest_of(BytesView secret) {
    const auto digest = crypto::sha256(secret);
    return {digest.begin(), digest.end()};
}

Secret ticket_text(const Secret& ticket) {
    const auto text = to_base32(ticket.expose());
    return Secret::make(text.size(), [&](std::span<std::byte> out) {
        std::ranges::copy(as_bytes(text), out.begin());
    });
}

void write_event(
    store::Tx& tx,
    const Moment& moment,
    const audit::Actor& actor,
    std::string_view type,
    std::string verb,
    const BadgeReader& reader
) {
    const auto& workstation = reader.workstation;
    auto event =
        audit::event_by(actor, type, std::move(verb), "workstation:" + workstation.id.text());
    event.fields = {
        {.name = "name", .value = workstation.name},
        {.name = "mode", .value = std::string(to_text(reader.mode))},
    };
    audit::append(tx, moment, event);
}

ReaderMode stored_mode(const std::string& text) {
    const auto mode = reader_mode(text);
    if (!mode) throw Fault("a badge reader's row has a mode that is not known");
    return *mode;
}

}  // namespace

std::string_view to_text(ReaderMode mode) noexcept {
    return mode_texts[static_cast<std::size_t>(mode)];
}

Result<ReaderMode> reader_mode(std::string_view text) {
    const auto found = std::ranges::find(mode_texts, text);
    if (found == mode_texts.end()) return refuse(Refusal::invalid, "badge_reader.mode");
    return static_cast<ReaderMode>(found - mode_texts.begin());
}

Result<Secret> issue_reader_ticket(
    store::Tx& tx,
    const Moment& moment,
    const WorkstationId& id,
    ReaderMode mode,
    const audit::Actor& actor
) {
    const auto workstation = directory::find_workstation(tx, id);
    if (!workstation) return refuse(Refusal::not_found, "workstation.unknown");
    auto text = ticket_text(Secret::random(ticket_size));
    tx.execute("DELETE FROM badge_reader_ticket WHERE workstation_id = ?", {value(id)});
    tx.execute(
        "INSERT INTO badge_reader_ticket (workstation_id, mode, code_digest, ends_at) "
        "VALUES (?, ?, ?, ?)",
        {value(id),
         std::string(to_text(mode)),
         digest_of(text.expose()),
         value(moment.now + reader_ticket_life)}
    );
    write_event(
        tx, moment, actor, "workstation.reader_ticket_issued", "issue_ticket", {*workstation, mode}
    );
    return text;
}

Result<RegisteredReader> register_reader(
    store::Tx& tx, const Moment& moment, std::string_view ticket, const audit::Where& where
) {
    const auto digest = digest_of(as_bytes(ticket));
    const auto rows = tx.query(
        "SELECT workstation_id, mode FROM badge_reader_ticket "
        "WHERE code_digest = ? AND ends_at > ?",
        {digest, value(moment.now)}
    );
    auto workstation = rows.empty()
                           ? std::nullopt
                           : directory::find_workstation(tx, rows.front().id<WorkstationId>(0));
    if (!workstation) return refuse(Refusal::unauthenticated, "badge_reader.ticket_refused");
    BadgeReader reader{*std::move(workstation), stored_mode(rows.front().text(1))};
    tx.execute("DELETE FROM badge_reader_ticket WHERE code_digest = ?", {digest});
    tx.execute("DELETE FROM badge_reader WHERE workstation_id = ?", {value(reader.workstation.id)});
    auto token = Secret::random(token_size);
    tx.execute(
        "INSERT INTO badge_reader (workstation_id, mode, token_digest, registered_at) "
        "VALUES (?, ?, ?, ?)",
        {value(reader.workstation.id),
         std::string(to_text(reader.mode)),
         digest_of(token.expose()),
         value(moment.now)}
    );
    const auto actor = reader_actor(reader, where);
    write_event(tx, moment, actor, "workstation.reader_registered", "register_reader", reader);
    return RegisteredReader{std::move(reader), std::move(token)};
}

Result<BadgeReader> find_reader(store::Tx& tx, BytesView token) {
    const auto rows = tx.query(
        "SELECT workstation_id, mode FROM badge_reader WHERE token_digest = ?", {digest_of(token)}
    );
    auto workstation = rows.empty()
                           ? std::nullopt
                           : directory::find_workstation(tx, rows.front().id<WorkstationId>(0));
    if (!workstation) return refuse(Refusal::unauthenticated, "badge_reader.unknown");
    return BadgeReader{*std::move(workstation), stored_mode(rows.front().text(1))};
}

std::optional<ReaderMode> reader_mode_at(store::Tx& tx, const WorkstationId& workstation) {
    const auto rows =
        tx.query("SELECT mode FROM badge_reader WHERE workstation_id = ?", {value(workstation)});
    if (rows.empty()) return std::nullopt;
    return stored_mode(rows.front().text(0));
}

audit::Actor reader_actor(const BadgeReader& reader, audit::Where where) {
    auto actor = audit::system_actor("badge-reader");
    actor.where = std::move(where);
    actor.where.workstation = reader.workstation.name;
    return actor;
}

}  // namespace sallyport::authn
