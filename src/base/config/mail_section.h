#pragma once

#include "base/config/section.h"
#include "base/config/settings.h"

namespace sallyport::config {

// [mail]. Whom mails are handed to, and which languages they are written in.
void read_mail_section(Section section, MailSettings& to);

}  // namespace sallyport::config
