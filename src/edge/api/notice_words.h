#pragma once
// What people are told about their account, as they read it on their pages.

#include "domain/authn/person_notice.h"
#include "edge/api/pages/html.h"

#include <string>
#include <string_view>

namespace sallyport::api {

// Our words around what the notice is about, which is somebody else's and stays as it is in every
// language.
struct NoticeWords {
    std::string_view before;
    std::string about;
    std::string_view after;

    [[nodiscard]] std::string text() const;  // in English
    [[nodiscard]] Html html() const;
};

[[nodiscard]] NoticeWords notice_words(const authn::PersonNotice& notice);

}  // namespace sallyport::api
