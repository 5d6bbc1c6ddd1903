#pragma once
// The row of an enrolment in progress.

#include "domain/authn/enrolment.h"
#include "domain/authn/totp.h"

namespace sallyport::authn {

// A seed that was shown and waits for its first code, with what was shown beside it.
struct ShownSeed {
    Bytes sealed;
    crypto::HashAlgorithm algorithm;
};

struct EnrolmentRow {
    EnrolmentKind kind;
    std::optional<AccountId> account;
    std::optional<TicketId> ticket;
    std::string login_name;
    std::string display_name;
    std::string role;
    std::optional<std::string> verifier;
    AuthenticatorId authenticator;  // the id that the seed is sealed for
    std::optional<ShownSeed> seed;
    // During bootstrap, once a key was asked for.
    std::optional<Bytes> user_handle = std::nullopt;
    Time ends_at;
};

void insert_enrolment(store::Tx& tx, BytesView token, const EnrolmentRow& row);
// Refuses expired "enrolment.over".
[[nodiscard]] Result<EnrolmentRow> load_enrolment(
    store::Tx& tx, const Moment& moment, BytesView token
);
void store_verifier(store::Tx& tx, BytesView token, const std::string& verifier);
void store_seed(store::Tx& tx, BytesView token, const ShownSeed& seed);
void store_user_handle(store::Tx& tx, BytesView token, const Bytes& handle);
void forget_enrolment(store::Tx& tx, BytesView token);

}  // namespace sallyport::authn
