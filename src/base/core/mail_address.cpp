#include "base/core/mail_address.h"

#include "base/core/ascii.h"

#include <algorithm>

namespace sallyport {

namespace {

constexpr std::size_t label_size_max = 63;  // RFC 1035 §2.3.4

// RFC 5322 §3.2.3.
bool is_atom_character(char c) noexcept {
    constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~";
    return is_alpha(c) || is_digit(c) || others.contains(c);
}

bool is_label_character(char c) noexcept {
    return is_alpha(c) || is_digit(c) || c == '-';
}

bool is_atom(std::string_view part) {
    return !part.empty() && std::ranges::all_of(part, is_atom_character);
}

bool is_label(std::string_view part) {
    return !part.empty() && part.size() <= label_size_max && part.front() != '-' &&
           part.back() != '-' && std::ranges::all_of(part, is_label_character);
}

// Whether each part between two dots is one.
template <class Rule>
bool is_dotted(std::string_view text, Rule is_part) {
    for (;;) {
        const auto dot = text.find('.');
        if (!is_part(text.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        text.remove_prefix(dot + 1);
    }
}

}  // namespace

Result<MailAddress> MailAddress::parse(std::string_view text) {
    const auto at = text.rfind('@');
    const bool sized = text.size() <= size_max && at != std::string_view::npos;
    if (!sized || at > local_size_max || !is_dotted(text.substr(0, at), is_atom) ||
        !is_dotted(text.substr(at + 1), is_label)) {
        return refuse(Refusal::invalid, "mail_address.malformed");
    }
    std::string kept(text);
    std::ranges::transform(
        kept.begin() + static_cast<std::ptrdiff_t>(at),
        kept.end(),
        kept.begin() + static_cast<std::ptrdiff_t>(at),
        to_lower
    );
    return MailAddress(std::move(kept));
}

}  // namespace sallyport
