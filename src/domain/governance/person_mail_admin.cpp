#include "domain/governance/person_mail_admin.h"

#include "domain/audit/log.h"
#include "domain/authn/mail_outbox.h"
#include "domain/directory/person_mail.h"
#include "domain/governance/user_admin.h"

#include <string>

namespace sallyport::governance {

Result<directory::Account> change_person_mail(
    store::Tx& tx,
    const Moment& moment,
    const policy::Policy& policy,
    const policy::Permit& permit,
    const AccountId& id,
    const std::optional<MailAddress>& address,
    const audit::Actor& actor
) {
    SP_TRY(auto account, administrable_account(tx, policy, permit, id, actor));
    if (account.state == directory::AccountState::tombstoned) {
        return refuse(Refusal::conflict, "user.deleted");
    }
    const auto before = directory::find_person_mail(tx, account.person);
    const auto old = before ? std::optional(before->address) : std::nullopt;
    if (old == address) return refuse(Refusal::conflict, "mail_address.same");

    if (old) {
        const authn::PersonNotice changed{
            .kind = authn::NoticeKind::mail_address_changed,
            .subject = {},
            .written_at = moment.now,
        };
        authn::post_notice_to(tx, moment, *old, changed);
    }
    directory::set_person_mail(tx, moment, account.person, address);
    authn::notify(tx, moment, id, authn::NoticeKind::mail_address_changed, "");

    auto event =
        audit::event_by(actor, "user.modified", "change_mail_address", "account:" + id.text());
    event.fields = {
        {"login_name", account.login_name.text(), true},
        {"person", account.person.text()},
        {"changed_fields", std::string("mail_address")},
    };
    if (old) event.fields.push_back({"before", old->text(), true});
    if (address) event.fields.push_back({"after", address->text(), true});
    audit::append(tx, moment, event);
    return account;
}

}  // namespace sallyport::governance
