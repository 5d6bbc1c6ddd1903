#include "edge/api/notice_words.h"

namespace sallyport::api {

std::string NoticeWords::text() const {
    return std::string(before) + about + std::string(after);
}

Html NoticeWords::html() const {
    return Html(Text::ours(before), about, Text::ours(after));
}

NoticeWords notice_words(const authn::PersonNotice& notice) {
    using Kind = authn::NoticeKind;
    const auto quoted = "“" + notice.subject + "”";
    switch (notice.kind) {
        case Kind::authenticator_bound:
            return {"", quoted, " was added to your account."};
        case Kind::authenticator_expiring:
            return {"", quoted, " will soon stop working. Add another in its place."};
        case Kind::authenticator_expired:
            return {"", quoted, " has stopped working: its time is over."};
        case Kind::authenticator_revoked:
            return {"", quoted, " was removed from your account."};
        case Kind::authenticator_suspended:
            return {"", quoted, " was suspended."};
        case Kind::recovery_codes_renewed:
            return {
                "Your recovery codes were made anew; the earlier ones are worth nothing.", {}, ""
            };
        case Kind::recovery_asked:
            return {
                "The help desk asked for the recovery of your account. If you did not call them, "
                "say so below: it will be refused. Who asked: ",
                notice.subject,
                "."
            };
        case Kind::recovery_approved:
            return {
                "The recovery of your account was approved. If you did not ask for it, say so "
                "below at once. Approved by: ",
                notice.subject,
                "."
            };
        case Kind::recovery_refused:
            return {"A recovery of your account was refused.", {}, ""};
        case Kind::recovery_completed:
            return {
                "Your account was recovered: everything that it was signed in with before is worth "
                "nothing now.",
                {},
                ""
            };
        case Kind::recovery_alarm:
            return {
                "Somebody on the server's host asked for the recovery of an administrator's "
                "account. Approve or refuse it under Recovery. The account: ",
                notice.subject,
                "."
            };
        case Kind::incident_reported:
            return {
                "",
                quoted,
                " reported that something is wrong with their account. Look under Reports."
            };
        case Kind::incident_closed:
            return {"Your report was looked into: ", notice.subject, ""};
        case Kind::passphrase_compromised:
            return {
                "Your passphrase was in somebody else's hands; you have set a new one.", {}, ""
            };
        case Kind::extra_codes_asked:
            return {
                "New recovery codes were asked for in your name. If that was not you, say so "
                "below.",
                {},
                ""
            };
        case Kind::extra_codes_approved:
            return {"", notice.subject, " agreed to new recovery codes for you: make them below."};
        case Kind::extra_codes_refused:
            return {"", notice.subject, " refused you new recovery codes."};
        case Kind::sign_in_reported:
            return {
                "A sign-in was refused on your phone as not yours. Somebody knows your passphrase: "
                "change it now.",
                {},
                ""
            };
        case Kind::mail_address_changed:
            return {
                "An administrator changed the mail address that you are told things at.", {}, ""
            };
        case Kind::recovery_by_mail_asked:
            return {
                "Somebody asked for a code to recover your account with; it was sent to your mail "
                "address.",
                {},
                ""
            };
        case Kind::second_factor_due:
            return {
                "Soon signing in takes two factors for everybody. Add an authenticator app or a "
                "passkey before that. From: ",
                notice.subject,
                "."
            };
    }
    return {"", quoted, ""};
}

}  // namespace sallyport::api
