#include "edge/api/notice_words.h"

#include "base/core/fault.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace sallyport::api {

namespace {

using Kind = authn::NoticeKind;

enum class About : std::uint8_t { nothing, plain, quoted };

struct Pattern {
    Kind kind;
    std::string_view before;
    About about;
    std::string_view after;
};

constexpr auto patterns = std::to_array<Pattern>({
    {Kind::authenticator_bound, "", About::quoted, " was added to your account."},
    {Kind::authenticator_expiring,
     "",
     About::quoted,
     " will soon stop working. Add another in its place."},
    {Kind::authenticator_expired, "", About::quoted, " has stopped working: its time is over."},
    {Kind::authenticator_revoked, "", About::quoted, " was removed from your account."},
    {Kind::authenticator_suspended, "", About::quoted, " was suspended."},
    {Kind::authenticator_resumed, "", About::quoted, " is no longer suspended."},
    {Kind::authenticator_expiry_changed,
     "",
     About::quoted,
     " has another end: an administrator changed the day on which it stops working."},
    {Kind::recovery_codes_renewed,
     "Your recovery codes were made anew; the earlier ones are worth nothing.",
     About::nothing,
     ""},
    {Kind::recovery_asked,
     "The help desk asked for the recovery of your account. If you did not call them, "
     "say so below: it will be refused. Who asked: ",
     About::plain,
     "."},
    {Kind::recovery_approved,
     "The recovery of your account was approved. If you did not ask for it, say so "
     "below at once. Approved by: ",
     About::plain,
     "."},
    {Kind::recovery_refused, "A recovery of your account was refused.", About::nothing, ""},
    {Kind::recovery_completed,
     "Your account was recovered: everything that it was signed in with before is worth "
     "nothing now.",
     About::nothing,
     ""},
    {Kind::recovery_alarm,
     "Somebody on the server's host asked for the recovery of an administrator's "
     "account. Approve or refuse it under Recovery. The account: ",
     About::plain,
     "."},
    {Kind::incident_reported,
     "",
     About::quoted,
     " reported that something is wrong with their account. Look under Reports."},
    {Kind::incident_closed, "Your report was looked into: ", About::plain, ""},
    {Kind::passphrase_compromised,
     "Your passphrase was in somebody else's hands; you have set a new one.",
     About::nothing,
     ""},
    {Kind::extra_codes_asked,
     "New recovery codes were asked for in your name. If that was not you, say so "
     "below.",
     About::nothing,
     ""},
    {Kind::extra_codes_approved,
     "",
     About::plain,
     " agreed to new recovery codes for you: make them below."},
    {Kind::extra_codes_refused, "", About::plain, " refused you new recovery codes."},
    {Kind::sign_in_reported,
     "A sign-in was refused on your phone as not yours. Somebody knows your passphrase: "
     "change it now.",
     About::nothing,
     ""},
    {Kind::mail_address_changed,
     "An administrator changed the mail address that you are told things at.",
     About::nothing,
     ""},
    {Kind::recovery_by_mail_asked,
     "Somebody asked for a code to recover your account with; it was sent to your mail "
     "address.",
     About::nothing,
     ""},
    {Kind::push_reported,
     "",
     About::quoted,
     " said on their phone that a sign-in was not theirs: somebody knows their passphrase. Speak "
     "to them, and look in the audit log where it came from."},
    {Kind::push_bombing,
     "",
     About::quoted,
     " got three questions on their phone in ten minutes and approved none: their phones are "
     "suspended. Speak to them, and look in the audit log where the questions came from."},
    {Kind::second_factor_due,
     "Soon signing in takes two factors for everybody. Add an authenticator app or a "
     "passkey before that. From: ",
     About::plain,
     "."},
});

std::string shown_subject(About about, const std::string& subject) {
    switch (about) {
        case About::plain:
            return subject;
        case About::quoted:
            return "“" + subject + "”";
        case About::nothing:
            return {};
    }
    return {};
}

}  // namespace

std::string NoticeWords::text() const {
    return std::string(before) + about + std::string(after);
}

Html NoticeWords::html() const {
    return Html(Text::ours(before), about, Text::ours(after));
}

NoticeWords notice_words(const authn::PersonNotice& notice) {
    const auto* const found = std::ranges::find(patterns, notice.kind, &Pattern::kind);
    if (found == patterns.end()) throw Fault("a kind of notice has no words");
    return {found->before, shown_subject(found->about, notice.subject), found->after};
}

}  // namespace sallyport::api
