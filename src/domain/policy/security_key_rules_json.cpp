#include "domain/policy/security_key_rules_json.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace sallyport::policy {

namespace {

using directory::MemberReader;
using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t word_size_max = 32;
constexpr std::size_t aaguid_text_size = 36;
constexpr std::array<std::size_t, 4> dashes = {8, 13, 18, 23};
constexpr std::string_view no_model = "00000000-0000-0000-0000-000000000000";

// As FIDO's metadata writes it; all zeros are no model.
bool is_aaguid(std::string_view text) {
    if (text.size() != aaguid_text_size || text == no_model) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool wants_dash = std::ranges::find(dashes, i) != dashes.end();
        const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (wants_dash ? c != '-' : !digit) return false;
    }
    return true;
}

// One of two words: whether it is the second.
bool is_second(
    MemberReader& members, std::string_view name, std::string_view first, std::string_view second
) {
    const auto text = members.text(name, 1, word_size_max);
    if (text == second) return true;
    if (text != first) {
        members.complain(name, "must be " + std::string(first) + " or " + std::string(second));
    }
    return false;
}

std::set<std::string> models_in(MemberReader& members) {
    constexpr std::string_view name = "allowed_aaguids";
    std::set<std::string> models;
    for (const auto& each : members.array(name, key_models_max)) {
        const auto* const text = each.get_ptr<const std::string*>();
        if (text == nullptr || !is_aaguid(*text)) {
            members.complain(
                name, "must be AAGUIDs such as 08987058-cadc-4b81-b6e1-30de50dcbe96, in lower case"
            );
            return {};
        }
        if (!models.insert(*text).second) members.complain(name, "names a model twice");
    }
    return models;
}

}  // namespace

void add_security_key_json(OrderedJson& role_json, const SecurityKeyRules& rules) {
    if (rules.attested || !rules.models.empty()) {
        OrderedJson models{{"attestation", rules.attested ? "attested" : "none"}};
        if (!rules.models.empty()) models["allowed_aaguids"] = rules.models;
        role_json["authenticator_models"] = std::move(models);
    }
    if (rules.user_verification == KeyUserVerification::always) {
        role_json["key_user_verification"] = "always";
    }
}

SecurityKeyRules read_security_key_rules(
    MemberReader& role, const std::string& path, std::string& problem
) {
    SecurityKeyRules rules;
    if (role.has("authenticator_models")) {
        MemberReader members(
            role.object("authenticator_models"), path + ".authenticator_models", problem
        );
        rules.attested = is_second(members, "attestation", "none", "attested");
        if (members.has("allowed_aaguids")) rules.models = models_in(members);
        members.finish();
    }
    if (role.has("key_user_verification") &&
        is_second(role, "key_user_verification", "when_alone", "always")) {
        rules.user_verification = KeyUserVerification::always;
    }
    return rules;
}

}  // namespace sallyport::policy
