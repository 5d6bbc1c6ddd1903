#include "domain/authn/push/push_statement.h"

#include "base/crypto/browser_key.h"

#include <algorithm>
#include <array>
#include <string>

namespace sallyport::authn {

namespace {

constexpr std::string_view answer_purpose = "sallyport push answer v1";
constexpr std::string_view enrolment_purpose = "sallyport push enrolment v1";
constexpr std::size_t signature_text_size = 86;  // in base64url
constexpr std::array<std::string_view, 3> decision_texts = {"approve", "deny", "report"};

std::string number_text(const PushAnswer& answer) {
    return answer.decision == PushDecision::approve ? std::to_string(answer.number) : "";
}

std::unexpected<Refusal> malformed() {
    return refuse(Refusal::invalid, "push.answer_malformed");
}

// 10 to 99 as they are shown; 0 if it is none of them.
int number_of(std::string_view text) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.size() != 2 || !std::ranges::all_of(text, is_digit) || text.front() == '0') return 0;
    return (text[0] - '0') * 10 + (text[1] - '0');
}

}  // namespace

std::string_view to_text(PushDecision decision) noexcept {
    return decision_texts[static_cast<std::size_t>(decision)];
}

Result<PushAnswer> parse_push_answer(
    std::string_view attempt,
    std::string_view decision,
    std::string_view number,
    std::string_view signature
) {
    const auto id = PushAttemptId::parse(attempt);
    const auto* const found = std::ranges::find(decision_texts, decision);
    if (!id || found == decision_texts.end()) return malformed();
    const auto decided = static_cast<PushDecision>(found - decision_texts.begin());
    const bool approves = decided == PushDecision::approve;
    const int typed = number_of(number);
    if (approves ? typed == 0 : !number.empty()) return malformed();
    if (signature.size() != signature_text_size) return malformed();
    auto bytes = from_base64url(signature);
    if (!bytes || bytes->size() != crypto::browser_signature_size) return malformed();
    return PushAnswer{
        .attempt = *id,
        .decision = decided,
        .number = approves ? typed : 0,
        .signature = *std::move(bytes),
    };
}

Bytes push_answer_message(const PushAnswer& answer, std::string_view origin) {
    const auto attempt = answer.attempt.text();
    const auto number = number_text(answer);
    return crypto::statement(
        {as_bytes(answer_purpose),
         as_bytes(attempt),
         as_bytes(to_text(answer.decision)),
         as_bytes(number),
         as_bytes(origin)}
    );
}

Bytes push_enrolment_message(
    const AuthenticatorId& authenticator, BytesView challenge, std::string_view origin
) {
    const auto id = authenticator.text();
    return crypto::statement(
        {as_bytes(enrolment_purpose), as_bytes(id), challenge, as_bytes(origin)}
    );
}

Result<crypto::PublicKey> read_phone_key(BytesView spki) {
    auto key = crypto::read_browser_key(spki);
    if (!key) return refuse(Refusal::invalid, "push.key_malformed");
    return key;
}

}  // namespace sallyport::authn
