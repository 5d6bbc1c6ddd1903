#include "apps/sallyport/badge/piv_card.h"

#include "apps/sallyport/badge/piv_answer.h"

#include <utility>

namespace sallyport::cli {

namespace {

Result<Bytes> ask(const Transmit& transmit, BytesView command) {
    AnswerParts parts;
    SP_TRY(auto answer, transmit(command));
    for (;;) {
        SP_TRY(const auto next, parts.take(answer));
        if (!next) return parts.whole();
        SP_TRY(answer, transmit(*next));
    }
}

}  // namespace

bool is_piv_card(const Transmit& transmit) {
    return ask(transmit, select_piv_command).has_value();
}

Result<CardSignature> sign_with_piv(const Transmit& transmit, BytesView message) {
    SP_CHECK(ask(transmit, select_piv_command));
    SP_TRY(const auto object, ask(transmit, get_card_certificate_command));
    SP_TRY(auto certificate, parse_piv_certificate(object));
    SP_TRY(const auto algorithm, piv_algorithm(certificate));
    Bytes answer;
    for (const auto& command : piv_sign_commands(algorithm, message)) {
        SP_TRY(answer, ask(transmit, command));
    }
    SP_TRY(auto signature, parse_piv_signature(answer));
    return CardSignature{.certificate = std::move(certificate), .signature = std::move(signature)};
}

}  // namespace sallyport::cli
