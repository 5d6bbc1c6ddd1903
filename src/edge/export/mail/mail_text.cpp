#include "edge/export/mail/mail_text.h"

#include <string>
#include <variant>

namespace sallyport::mail {

namespace {

using authn::NoticeKind;

constexpr std::string_view about_sign_in = "Something about how you sign in has changed";
constexpr std::string_view about_recovery = "Your account's recovery";
constexpr std::string_view about_task = "Something needs you to look at it";

std::string_view subject_of(NoticeKind kind) {
    switch (kind) {
        case NoticeKind::authenticator_expiring:
            return "Something that you sign in with will soon stop working";
        case NoticeKind::recovery_asked:
        case NoticeKind::recovery_approved:
        case NoticeKind::recovery_refused:
        case NoticeKind::recovery_completed:
        case NoticeKind::recovery_by_mail_asked:
        case NoticeKind::extra_codes_asked:
        case NoticeKind::extra_codes_approved:
        case NoticeKind::extra_codes_refused:
            return about_recovery;
        case NoticeKind::recovery_alarm:
        case NoticeKind::incident_reported:
            return about_task;
        case NoticeKind::incident_closed:
            return "Your report was looked into";
        case NoticeKind::sign_in_reported:
            return "A sign-in to your account was refused";
        case NoticeKind::mail_address_changed:
            return "Your mail address was changed";
        case NoticeKind::second_factor_due:
            return "You will soon need two factors to sign in";
        case NoticeKind::authenticator_bound:
        case NoticeKind::authenticator_expired:
        case NoticeKind::authenticator_revoked:
        case NoticeKind::authenticator_suspended:
        case NoticeKind::recovery_codes_renewed:
        case NoticeKind::passphrase_compromised:
            return about_sign_in;
    }
    return about_sign_in;
}

// Whoever reads mail with others about them, or on a machine of somebody else's, learns what
// happened to an account, and not to whom.
std::string happened(const authn::PersonNotice& notice) {
    auto named = "“" + notice.subject + "” ";
    switch (notice.kind) {
        case NoticeKind::authenticator_bound:
            return named + "was added to your account: it signs in as you from now on.";
        case NoticeKind::authenticator_expiring:
            return named + "will soon stop working. Add another in its place.";
        case NoticeKind::authenticator_expired:
            return named + "has stopped working: its time is over.";
        case NoticeKind::authenticator_revoked:
            return named + "was removed from your account.";
        case NoticeKind::authenticator_suspended:
            return named + "was suspended.";
        case NoticeKind::recovery_codes_renewed:
            return "Your recovery codes were made anew; the earlier ones are worth nothing.";
        case NoticeKind::recovery_asked:
            return "The help desk asked for your account's recovery. If you did not call them, "
                   "sign in and say so: it will be refused.";
        case NoticeKind::recovery_approved:
            return "The recovery of your account was approved. If you did not ask for it, sign in "
                   "and say so at once.";
        case NoticeKind::recovery_refused:
            return "A recovery of your account was refused.";
        case NoticeKind::recovery_completed:
            return "Your account was recovered. What it was signed in with before does not work "
                   "any more, and all its sessions have ended.";
        case NoticeKind::recovery_alarm:
            return "Somebody on the server's host asked for the recovery of an administrator's "
                   "account. Approve or refuse it under Recovery.";
        case NoticeKind::incident_reported:
            return "Somebody reported that something is wrong with their account. Look under "
                   "Reports.";
        case NoticeKind::incident_closed:
            return "Your report was looked into. What was found is on your page.";
        case NoticeKind::passphrase_compromised:
            return "Your passphrase was in somebody else's hands; a new one has been set.";
        case NoticeKind::sign_in_reported:
            return "A sign-in was refused on your phone as not yours. Somebody knows your "
                   "passphrase: change it now.";
        case NoticeKind::mail_address_changed:
            return "An administrator changed the mail address that your account is told things "
                   "at. The new one gets these mails from now on.";
        case NoticeKind::recovery_by_mail_asked:
            return "Somebody asked for a code to recover your account with.";
        case NoticeKind::extra_codes_asked:
            return "New recovery codes were asked for in your name. If that was not you, sign in "
                   "and say so.";
        case NoticeKind::extra_codes_approved:
            return "New recovery codes for you were approved. Make them on your page.";
        case NoticeKind::extra_codes_refused:
            return "New recovery codes for you were refused.";
        case NoticeKind::second_factor_due:
            return "From " + notice.subject +
                   " on, signing in takes two factors for everybody. Add an authenticator app or "
                   "a passkey now, on your page.";
    }
    return named;
}

MailText text_of(const authn::PersonNotice& notice, const std::string& origin) {
    return {
        .subject = subject_of(notice.kind),
        .body = happened(notice) + "\n\nWhen: " + to_text(notice.written_at) +
                "\n\nIf this wasn't you, or you did not expect it, sign in and say so under \"Your "
                "security\":\n" +
                origin +
                "/security\nIf you can't sign in, call your help desk.\n\nThis mail was sent by a "
                "program. No one will ever ask you for your passphrase or a code by mail.\n",
    };
}

MailText text_of(const authn::MailedCode& mailed, const std::string& origin) {
    return {
        .subject = "Your recovery code",
        .body =
            "Somebody, most likely you, asked to recover an account with this mail address.\n\n"
            "The code is:\n\n    " +
            std::string(as_text(mailed.code.expose())) + "\n\nType it in here:\n" + origin +
            "/forgot/code\n\nIt works once, until " + to_text(mailed.ends_at) +
            ". If you use a second factor, you will need that too.\n\nIf you did not ask for "
            "it, do nothing: without the code nothing changes. Tell nobody the code; no one "
            "will ever ask you for it.\n",
    };
}

}  // namespace

MailText mail_text(const authn::Mail& mail, const std::string& origin) {
    return std::visit([&](const auto& content) { return text_of(content, origin); }, mail.content);
}

}  // namespace sallyport::mail
