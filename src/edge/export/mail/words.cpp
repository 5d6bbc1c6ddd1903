#include "edge/export/mail/words.h"

namespace sallyport::mail {

std::string Words::in(Language language, std::string_view filling) const {
    std::string text(language == Language::german ? german_ : english_);
    const auto at = text.find(place);
    if (at != std::string::npos) text.replace(at, place.size(), filling);
    return text;
}

}  // namespace sallyport::mail
