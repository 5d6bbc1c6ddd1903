#include "domain/directory/person_mail.h"

#include "base/core/fault.h"

#include <utility>

namespace sallyport::directory {

using store::value;

std::optional<PersonMail> find_person_mail(store::Tx& tx, const PersonId& person) {
    const auto rows = tx.query(
        "SELECT address, usable_for_codes_from FROM mail_address "
        "WHERE person_id = ? AND address IS NOT NULL",
        {value(person)}
    );
    if (rows.empty()) return std::nullopt;
    auto address = MailAddress::parse(rows.front().text(0));
    if (!address) throw Fault("the stored mail address of a person is malformed");
    return PersonMail{
        .address = *std::move(address), .usable_for_codes_from = rows.front().time(1)
    };
}

void set_person_mail(
    store::Tx& tx,
    const Moment& moment,
    const PersonId& person,
    const std::optional<MailAddress>& address
) {
    // The first one is where the person was known from the start; whatever follows rests.
    tx.execute(
        "INSERT INTO mail_address (person_id, address, usable_for_codes_from) VALUES (?, ?, ?) "
        "ON CONFLICT (person_id) DO UPDATE SET address = excluded.address, "
        "usable_for_codes_from = ?",
        {value(person),
         address ? store::Value(address->text()) : store::Value(nullptr),
         value(moment.now),
         value(moment.now + replaced_address_rests)}
    );
}

}  // namespace sallyport::directory
