#include "apps/sallyport/badge/card_answer.h"

#include "domain/authn/badge/badge_uid.h"

namespace sallyport::cli {

namespace {

constexpr std::size_t status_size = 2;
constexpr std::byte direct_convention{0x3B};
constexpr std::byte inverse_convention{0x3F};
constexpr std::byte success_1{0x90};
constexpr std::byte success_2{0x00};

}  // namespace

Result<void> check_atr(BytesView atr) {
    const bool sized = atr.size() >= atr_size_min && atr.size() <= atr_size_max;
    if (!sized || (atr.front() != direct_convention && atr.front() != inverse_convention)) {
        return refuse(Refusal::invalid, "card.atr_malformed");
    }
    return {};
}

Result<Bytes> parse_uid_answer(BytesView answer) {
    if (answer.size() < status_size || answer.size() > card_answer_max) {
        return refuse(Refusal::invalid, "card.answer_malformed");
    }
    const auto status = answer.last(status_size);
    if (status[0] != success_1 || status[1] != success_2) {
        return refuse(Refusal::not_found, "card.no_uid");
    }
    const auto uid = answer.first(answer.size() - status_size);
    SP_CHECK(authn::check_badge_uid(uid));
    return Bytes(uid.begin(), uid.end());
}

}  // namespace sallyport::cli
