#pragma once
// What a mail says of each kind of notice. Whoever reads mail with others about them, or on a
// machine of somebody else's, learns what happened to an account, and not to whom.

#include "domain/authn/person_notice.h"
#include "edge/export/mail/words.h"

namespace sallyport::mail {

struct NoticeMail {
    Words subject;   // no place: nothing that people typed reaches a header
    Words happened;  // its place is for what the notice is about
};

[[nodiscard]] const NoticeMail& notice_mail(authn::NoticeKind kind) noexcept;

}  // namespace sallyport::mail
