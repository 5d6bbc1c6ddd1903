#include "domain/authn/passphrase.h"

#include "base/core/ascii.h"
#include "base/core/bytes.h"
#include "domain/authn/passphrase_strength.h"
#include "domain/authn/unicode.h"

#include <algorithm>
#include <cctype>
#include <ranges>
#include <set>
#include <unordered_set>
#include <utility>
#include <vector>

namespace sallyport::authn {

namespace {

using crypto::Secret;

// All ASCII and at least eight characters; made by CMakeLists.txt from data/common_passwords.txt.
constexpr std::string_view common_list[] = {
#include "common_passwords.inc"
};

// Likewise, from data/first_guesses.txt.
constexpr std::string_view first_guesses[] = {
#include "first_guesses.inc"
};

constexpr std::size_t distinct_characters_min = 4;
// A word of the context counts from this size on: a login name of two letters is in everything.
constexpr std::size_t context_word_min = 4;
constexpr std::string_view product_word = "sallyport";

bool is_common(std::string_view folded) {
    static const auto known = [] {
        std::unordered_set<std::string> set;
        for (const auto word : common_list) {
            std::string folded_word(word);
            std::ranges::transform(folded_word, folded_word.begin(), to_lower);
            set.insert(std::move(folded_word));
        }
        return set;
    }();
    // The one copy that leaves the Secret's memory is a probe of at most the longest common
    // password; anything longer is not on the list.
    static const auto size_max = std::ranges::max_element(known, {}, &std::string::size)->size();
    return folded.size() <= size_max && known.contains(std::string(folded));
}

// The shortest text whose repetition is `text` ("abcabc": "abc").
std::string_view repeated_unit(std::string_view text) {
    for (std::size_t size = 1; size <= text.size() / 2; ++size) {
        if (text.size() % size != 0) continue;
        if (text.substr(size) == text.substr(0, text.size() - size)) return text.substr(0, size);
    }
    return text;
}

bool is_too_common(std::string_view folded) {
    const std::set<char> distinct(folded.begin(), folded.end());
    if (distinct.size() < distinct_characters_min) return true;
    const auto unit = repeated_unit(folded);
    // A unit that nobody could use alone is no better for being repeated.
    const bool short_unit = unit.size() < folded.size() && unit.size() < passphrase_min_with_mfa;
    return short_unit || is_common(folded) || is_common(unit);
}

// How many bytes of `text` are left once every occurrence of the words is taken out.
std::size_t left_without(std::string_view text, std::span<const std::string> words) {
    std::size_t left = 0;
    while (!text.empty()) {
        const auto word = std::ranges::find_if(words, [&](const std::string& candidate) {
            return text.starts_with(candidate);
        });
        const bool found = word != words.end();
        if (!found) ++left;
        text.remove_prefix(found ? word->size() : 1);
    }
    return left;
}

std::string lowered(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), to_lower);
    return lower;
}

// Each name whole, and "Anna Maria Admin" as three words too.
std::vector<std::string> words_of_context(const PassphraseContext& context) {
    std::vector<std::string> words{
        std::string(product_word), lowered(context.login_name), lowered(context.display_name)
    };
    for (const auto& word : context.words) {
        words.push_back(lowered(word));
    }
    for (const auto part : std::views::split(lowered(context.display_name), ' ')) {
        words.emplace_back(part.begin(), part.end());
    }
    std::erase_if(words, [](const std::string& word) { return word.size() < context_word_min; });
    // The longest first, so that "saintmary" is not taken for "saint" and a rest.
    std::ranges::sort(words, std::ranges::greater{}, &std::string::size);
    return words;
}

bool is_guessable(
    const Secret& normalised, policy::Strength role_strength, std::vector<std::string> words
) {
    words.insert(words.end(), std::begin(first_guesses), std::end(first_guesses));
    return passphrase_bits(normalised, words) < passphrase_bits_min(role_strength);
}

}  // namespace

std::size_t passphrase_min(policy::Strength role_strength) noexcept {
    return role_strength == policy::Strength::one_factor ? passphrase_min_alone
                                                         : passphrase_min_with_mfa;
}

Result<Secret> normalised_passphrase(const Secret& typed) {
    if (typed.size() == 0) return refuse(Refusal::invalid, "passphrase.malformed");
    if (typed.size() > passphrase_typed_bytes_max) {
        return refuse(Refusal::invalid, "passphrase.too_long");
    }
    SP_TRY(auto normalised, nfc(typed, Fold::none));
    if (normalised.size() > passphrase_bytes_max) {
        return refuse(Refusal::invalid, "passphrase.too_long");
    }
    return normalised;
}

Result<void> check_new_passphrase(
    const Secret& normalised, policy::Strength role_strength, const PassphraseContext& context
) {
    if (character_count(normalised) < passphrase_min(role_strength)) {
        return refuse(Refusal::invalid, "passphrase.too_short");
    }
    SP_TRY(const auto folded_secret, nfc(normalised, Fold::case_folded));
    const auto folded = as_text(folded_secret.expose());
    if (is_too_common(folded)) return refuse(Refusal::invalid, "passphrase.common");

    auto words = words_of_context(context);
    const auto left = left_without(folded, words);
    if (left < folded.size() && left < passphrase_min_with_mfa) {
        return refuse(Refusal::invalid, "passphrase.context");
    }
    if (is_guessable(normalised, role_strength, std::move(words))) {
        return refuse(Refusal::invalid, "passphrase.guessable");
    }
    return {};
}

}  // namespace sallyport::authn
