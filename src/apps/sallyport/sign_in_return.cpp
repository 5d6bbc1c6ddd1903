#include "apps/sallyport/sign_in_return.h"

#include "base/core/bytes.h"
#include "base/crypto/crypto.h"

#include <algorithm>

namespace sallyport::cli {

namespace {

bool is_word(std::string_view text) {
    return text.size() == return_word_size && from_base64url(text).has_value();
}

}  // namespace

// Nothing in it is ever escaped, so there is one way to read it.
Result<SignInReturn> parse_sign_in_return(std::string_view target) {
    const auto malformed = [] { return refuse(Refusal::invalid, "sign_in_return.malformed"); };
    constexpr std::string_view path = "/?";
    if (target.size() > return_target_size_max || !target.starts_with(path)) return malformed();
    target.remove_prefix(path.size());
    SignInReturn returned;
    while (!target.empty()) {
        const auto member = target.substr(0, target.find('&'));
        target.remove_prefix(std::min(target.size(), member.size() + 1));
        const auto equals = member.find('=');
        if (equals == std::string_view::npos) return malformed();
        const auto name = member.substr(0, equals);
        const auto value = member.substr(equals + 1);
        if (name != "code" && name != "state") return malformed();
        auto& place = name == "code" ? returned.code : returned.state;
        if (!place.empty() || !is_word(value)) return malformed();
        place = value;
    }
    if (returned.code.empty() || returned.state.empty()) return malformed();
    return returned;
}

bool is_of(const SignInReturn& returned, const crypto::Secret& state) {
    return crypto::constant_time_equal(as_bytes(returned.state), state.expose());
}

}  // namespace sallyport::cli
