#pragma once
// A text of ours in each language that mails are written in. One that lacks a translation does not
// compile, nor does one whose translation has another number of places to fill in.

#include "base/core/fault.h"
#include "base/core/language.h"

#include <string>
#include <string_view>

namespace sallyport::mail {

class Words {
public:
    // At most one place, "{}".
    consteval Words(std::string_view english, std::string_view german)
        : english_(english), german_(german) {
        if (english.empty() || german.empty()) throw Fault("a mail's text lacks a language");
        if (places(english) != places(german)) throw Fault("a mail's texts differ in places");
        if (places(english) > 1) throw Fault("a mail's text has one place at most");
    }

    // `filling`, somebody else's words, stands at the place as it is.
    [[nodiscard]] std::string in(Language language, std::string_view filling = {}) const;

private:
    static constexpr std::string_view place = "{}";

    static consteval int places(std::string_view text) {
        int count = 0;
        for (auto at = text.find(place); at != text.npos; at = text.find(place, at + 1)) {
            ++count;
        }
        return count;
    }

    std::string_view english_;
    std::string_view german_;
};

}  // namespace sallyport::mail
