#include "domain/authn/context.h"

#include "domain/authn/passphrase.h"

namespace sallyport::authn {

namespace {

using crypto::Secret;
using keys::Purpose;

constexpr std::size_t decoy_size = 32;

}  // namespace

Context make_context(
    const keys::KeyRing& keys,
    const crypto::PasswordCost& cost,
    std::string issuer,
    std::vector<std::string> context_words
) {
    const auto unknown = Secret::random(decoy_size);
    return {
        .keys = keys,
        .cost = cost,
        .totp = {},
        .issuer = std::move(issuer),
        .context_words = std::move(context_words),
        .decoy_verifier = crypto::hash_password(unknown, keys.key(Purpose::password_pepper), cost),
    };
}

policy::Strength role_strength(const policy::Policy& policy, std::string_view role_name) {
    const auto* role = policy.role(role_name);
    return role == nullptr ? policy::Strength::two_factors : role->strength;
}

PassphraseAnswer answer(
    const Context& context, const PassphraseQuestion& question, const Secret& typed
) {
    const auto& pepper = context.keys.key(Purpose::password_pepper);
    const auto normalised = normalised_passphrase(typed);
    if (!normalised) {
        // The same work for what can't be right.
        (void)crypto::verify_password(Secret::random(decoy_size), pepper, question.verifier);
        return {};
    }
    const bool correct = crypto::verify_password(*normalised, pepper, question.verifier);
    return {
        .correct = correct,
        .outdated = correct && crypto::needs_rehash(question.verifier, context.cost),
    };
}

Result<std::string> make_verifier(const Context& context, const Secret& typed) {
    SP_TRY(const auto normalised, normalised_passphrase(typed));
    const auto& pepper = context.keys.key(Purpose::password_pepper);
    return crypto::hash_password(normalised, pepper, context.cost);
}

}  // namespace sallyport::authn
