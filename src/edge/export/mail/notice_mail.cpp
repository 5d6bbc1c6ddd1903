#include "edge/export/mail/notice_mail.h"

namespace sallyport::mail {

namespace {

constexpr Words about_sign_in{
    "Something about how you sign in has changed",
    "An Ihrer Anmeldung hat sich etwas geändert",
};
constexpr Words about_recovery{
    "Your account's recovery",
    "Wiederherstellung Ihres Kontos",
};
constexpr Words about_task{
    "Something needs you to look at it",
    "Bitte sehen Sie sich etwas an",
};

constexpr NoticeMail authenticator_bound{
    about_sign_in,
    {"“{}” was added to your account: it signs in as you from now on.",
     "„{}“ wurde Ihrem Konto hinzugefügt: Damit kann man sich von jetzt an als Sie anmelden."},
};
constexpr NoticeMail authenticator_expiring{
    {"Something that you sign in with will soon stop working",
     "Eines Ihrer Anmeldemittel gilt bald nicht mehr"},
    {"“{}” will soon stop working. Add another in its place.",
     "„{}“ gilt bald nicht mehr. Fügen Sie stattdessen ein anderes Anmeldemittel hinzu."},
};
constexpr NoticeMail authenticator_expired{
    about_sign_in,
    {"“{}” has stopped working: its time is over.",
     "„{}“ gilt nicht mehr: Die Zeit dafür ist abgelaufen."},
};
constexpr NoticeMail authenticator_revoked{
    about_sign_in,
    {"“{}” was removed from your account.", "„{}“ wurde aus Ihrem Konto entfernt."},
};
constexpr NoticeMail authenticator_suspended{
    about_sign_in,
    {"“{}” was suspended.", "„{}“ wurde gesperrt."},
};
constexpr NoticeMail authenticator_resumed{
    about_sign_in,
    {"“{}” is no longer suspended: it signs in as you again.",
     "„{}“ ist nicht mehr gesperrt: Damit kann man sich wieder als Sie anmelden."},
};
constexpr NoticeMail authenticator_expiry_changed{
    about_sign_in,
    {"“{}” has another end: an administrator changed the day on which it stops working.",
     "„{}“ läuft zu einem anderen Zeitpunkt ab: Die Administration hat ihn geändert."},
};
constexpr NoticeMail recovery_codes_renewed{
    about_sign_in,
    {"Your recovery codes were made anew; the earlier ones are worth nothing.",
     "Ihre Wiederherstellungscodes wurden neu erstellt; die früheren sind ungültig."},
};
constexpr NoticeMail recovery_asked{
    about_recovery,
    {"The help desk asked for your account's recovery. If you did not call them, sign in and say "
     "so: it will be refused.",
     "Der Helpdesk hat die Wiederherstellung Ihres Kontos beantragt. Wenn Sie dort nicht angerufen "
     "haben, melden Sie sich an und sagen Sie es: Dann wird sie abgelehnt."},
};
constexpr NoticeMail recovery_approved{
    about_recovery,
    {"The recovery of your account was approved. If you did not ask for it, sign in and say so at "
     "once.",
     "Die Wiederherstellung Ihres Kontos wurde genehmigt. Wenn Sie nicht darum gebeten haben, "
     "melden Sie sich an und sagen Sie es sofort."},
};
constexpr NoticeMail recovery_refused{
    about_recovery,
    {"A recovery of your account was refused.",
     "Eine Wiederherstellung Ihres Kontos wurde abgelehnt."},
};
constexpr NoticeMail recovery_completed{
    about_recovery,
    {"Your account was recovered. What it was signed in with before does not work any more, and "
     "all its sessions have ended.",
     "Ihr Konto wurde wiederhergestellt. Womit Sie sich vorher angemeldet haben, gilt nicht mehr, "
     "und alle Sitzungen sind beendet."},
};
constexpr NoticeMail recovery_alarm{
    about_task,
    {"Somebody on the server's host asked for the recovery of an administrator's account. Approve "
     "or refuse it under Recovery.",
     "Auf dem Server selbst wurde die Wiederherstellung eines Administrationskontos beantragt. "
     "Genehmigen Sie sie unter „Wiederherstellung“ oder lehnen Sie sie dort ab."},
};
constexpr NoticeMail incident_reported{
    about_task,
    {"Somebody reported that something is wrong with their account. Look under Reports.",
     "Jemand hat gemeldet, dass mit dem eigenen Konto etwas nicht stimmt. Sehen Sie unter "
     "„Meldungen“ nach."},
};
constexpr NoticeMail incident_closed{
    {"Your report was looked into", "Ihre Meldung wurde geprüft"},
    {"Your report was looked into. What was found is on your page.",
     "Ihre Meldung wurde geprüft. Was sich ergeben hat, steht auf Ihrer Seite."},
};
constexpr NoticeMail passphrase_compromised{
    about_sign_in,
    {"Your passphrase was in somebody else's hands; a new one has been set.",
     "Ihre Passphrase war in fremden Händen; es wurde eine neue festgelegt."},
};
constexpr NoticeMail sign_in_reported{
    {"A sign-in to your account was refused", "Eine Anmeldung an Ihrem Konto wurde abgelehnt"},
    {"A sign-in was refused on your phone as not yours. Somebody knows your passphrase: change it "
     "now.",
     "Auf Ihrem Smartphone wurde eine Anmeldung abgelehnt, die nicht von Ihnen kam. Jemand kennt "
     "Ihre Passphrase: Ändern Sie sie jetzt."},
};
constexpr NoticeMail extra_codes_asked{
    about_recovery,
    {"New recovery codes were asked for in your name. If that was not you, sign in and say so.",
     "In Ihrem Namen wurden neue Wiederherstellungscodes beantragt. Wenn Sie das nicht waren, "
     "melden Sie sich an und sagen Sie es."},
};
constexpr NoticeMail extra_codes_approved{
    about_recovery,
    {"New recovery codes for you were approved. Make them on your page.",
     "Neue Wiederherstellungscodes für Sie wurden genehmigt. Erzeugen Sie sie auf Ihrer Seite."},
};
constexpr NoticeMail extra_codes_refused{
    about_recovery,
    {"New recovery codes for you were refused.",
     "Neue Wiederherstellungscodes für Sie wurden abgelehnt."},
};
constexpr NoticeMail mail_address_changed{
    {"Your mail address was changed", "Ihre Mailadresse wurde geändert"},
    {"An administrator changed the mail address that your account is told things at. The new one "
     "gets these mails from now on.",
     "Die Administration hat die Mailadresse geändert, an die Sie zu Ihrem Konto benachrichtigt "
     "werden. Von jetzt an gehen diese Mails an die neue."},
};
constexpr NoticeMail recovery_by_mail_asked{
    about_recovery,
    {"Somebody asked for a code to recover your account with.",
     "Jemand hat einen Code angefordert, um Ihr Konto wiederherzustellen."},
};
constexpr NoticeMail push_reported{
    about_task,
    {"Somebody said on their phone that a sign-in was not theirs. Whose it is, is on your page.",
     "Jemand hat auf dem Smartphone angegeben, dass eine Anmeldung nicht die eigene war. Um wen es "
     "geht, steht auf Ihrer Seite."},
};
constexpr NoticeMail push_bombing{
    about_task,
    {"Somebody's phones were suspended, because nobody approved three questions in ten minutes. "
     "Whose they are, is on your page.",
     "Die Smartphones von jemandem wurden gesperrt, weil in zehn Minuten drei Anfragen ohne "
     "Zustimmung blieben. Um wen es geht, steht auf Ihrer Seite."},
};
constexpr NoticeMail second_factor_due{
    {"You will soon need two factors to sign in",
     "Für die Anmeldung brauchen Sie bald zwei Faktoren"},
    {"From {} on, signing in takes two factors for everybody. Add an authenticator app or a "
     "passkey now, on your page.",
     "Ab {} braucht die Anmeldung für alle zwei Faktoren. Fügen Sie jetzt auf Ihrer Seite eine "
     "Authenticator-App oder einen Passkey hinzu."},
};

}  // namespace

const NoticeMail& notice_mail(authn::NoticeKind kind) noexcept {
    using authn::NoticeKind;
    // Without a default: a kind that nobody wrote words for does not compile.
    switch (kind) {
        case NoticeKind::authenticator_bound:
            return authenticator_bound;
        case NoticeKind::authenticator_expiring:
            return authenticator_expiring;
        case NoticeKind::authenticator_expired:
            return authenticator_expired;
        case NoticeKind::authenticator_revoked:
            return authenticator_revoked;
        case NoticeKind::authenticator_suspended:
            return authenticator_suspended;
        case NoticeKind::authenticator_resumed:
            return authenticator_resumed;
        case NoticeKind::authenticator_expiry_changed:
            return authenticator_expiry_changed;
        case NoticeKind::recovery_codes_renewed:
            return recovery_codes_renewed;
        case NoticeKind::recovery_asked:
            return recovery_asked;
        case NoticeKind::recovery_approved:
            return recovery_approved;
        case NoticeKind::recovery_refused:
            return recovery_refused;
        case NoticeKind::recovery_completed:
            return recovery_completed;
        case NoticeKind::recovery_alarm:
            return recovery_alarm;
        case NoticeKind::incident_reported:
            return incident_reported;
        case NoticeKind::incident_closed:
            return incident_closed;
        case NoticeKind::passphrase_compromised:
            return passphrase_compromised;
        case NoticeKind::sign_in_reported:
            return sign_in_reported;
        case NoticeKind::extra_codes_asked:
            return extra_codes_asked;
        case NoticeKind::extra_codes_approved:
            return extra_codes_approved;
        case NoticeKind::extra_codes_refused:
            return extra_codes_refused;
        case NoticeKind::mail_address_changed:
            return mail_address_changed;
        case NoticeKind::recovery_by_mail_asked:
            return recovery_by_mail_asked;
        case NoticeKind::push_reported:
            return push_reported;
        case NoticeKind::push_bombing:
            return push_bombing;
        case NoticeKind::second_factor_due:
            return second_factor_due;
    }
    return authenticator_bound;
}

}  // namespace sallyport::mail
