#pragma once
// The row of an enrolment in progress.

#include "domain/authn/enrolment.h"

namespace sallyport::authn {

struct EnrolmentRow {
    EnrolmentKind kind;
    std::optional<AccountId> account;
    std::optional<TicketId> ticket;
    std::string login_name;
    std::string display_name;
    std::string role;
    std::optional<std::string> verifier;
    AuthenticatorId authenticator;  // the id that the seed is sealed for
    std::optional<Bytes> sealed_seed;
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
void store_seed(store::Tx& tx, BytesView token, const Bytes& sealed);
void store_user_handle(store::Tx& tx, BytesView token, const Bytes& handle);
void forget_enrolment(store::Tx& tx, BytesView token);

}  // namespace sallyport::authn
