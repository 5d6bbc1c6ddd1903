#include "domain/authn/enrolment_store.h"

#include "base/core/fault.h"

#include <algorithm>
#include <array>

namespace sallyport::authn {

using store::value;

namespace {

constexpr std::array<std::string_view, 3> kind_texts = {"bootstrap", "first", "reset"};

EnrolmentKind read_kind(std::string_view text) {
    const auto found = std::ranges::find(kind_texts, text);
    if (found == kind_texts.end()) throw Fault("an enrolment row has a kind that is not known");
    return static_cast<EnrolmentKind>(found - kind_texts.begin());
}

std::optional<ShownSeed> seed_in(const store::Row& row) {
    if (row.is_null(8)) return std::nullopt;
    return ShownSeed{.sealed = row.blob(8), .algorithm = totp_algorithm(row.text(11))};
}

Bytes digest_of_token(BytesView token) {
    const auto digest = crypto::sha256(token);
    return {digest.begin(), digest.end()};
}

}  // namespace

void insert_enrolment(store::Tx& tx, BytesView token, const EnrolmentRow& row) {
    tx.execute(
        "INSERT INTO enrolment (token_digest, kind, account_id, ticket_id, login_name, "
        "display_name, role, authenticator_id, ends_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {digest_of_token(token),
         std::string(kind_texts[static_cast<std::size_t>(row.kind)]),
         value(row.account),
         value(row.ticket),
         row.login_name,
         row.display_name,
         row.role,
         value(row.authenticator),
         value(row.ends_at)}
    );
}

Result<EnrolmentRow> load_enrolment(store::Tx& tx, const Moment& moment, BytesView token) {
    const auto rows = tx.query(
        "SELECT kind, account_id, ticket_id, login_name, display_name, role, verifier, "
        "authenticator_id, sealed_seed, ends_at, user_handle, seed_algorithm FROM enrolment "
        "WHERE token_digest = ?",
        {digest_of_token(token)}
    );
    if (rows.empty() || moment.now >= rows.front().time(9)) {
        return refuse(Refusal::expired, "enrolment.over");
    }
    const auto& row = rows.front();
    return EnrolmentRow{
        .kind = read_kind(row.text(0)),
        .account = row.maybe_id<AccountId>(1),
        .ticket = row.maybe_id<TicketId>(2),
        .login_name = row.text(3),
        .display_name = row.text(4),
        .role = row.text(5),
        .verifier = row.maybe_text(6),
        .authenticator = row.id<AuthenticatorId>(7),
        .seed = seed_in(row),
        .user_handle = row.is_null(10) ? std::nullopt : std::optional(row.blob(10)),
        .ends_at = row.time(9),
    };
}

void store_verifier(store::Tx& tx, BytesView token, const std::string& verifier) {
    tx.execute(
        "UPDATE enrolment SET verifier = ? WHERE token_digest = ?",
        {verifier, digest_of_token(token)}
    );
}

void store_seed(store::Tx& tx, BytesView token, const ShownSeed& seed) {
    tx.execute(
        "UPDATE enrolment SET sealed_seed = ?, seed_algorithm = ? WHERE token_digest = ?",
        {seed.sealed, std::string(to_text(seed.algorithm)), digest_of_token(token)}
    );
}

void store_user_handle(store::Tx& tx, BytesView token, const Bytes& handle) {
    tx.execute(
        "UPDATE enrolment SET user_handle = ? WHERE token_digest = ?",
        {handle, digest_of_token(token)}
    );
}

void forget_enrolment(store::Tx& tx, BytesView token) {
    tx.execute("DELETE FROM enrolment WHERE token_digest = ?", {digest_of_token(token)});
}

}  // namespace sallyport::authn
