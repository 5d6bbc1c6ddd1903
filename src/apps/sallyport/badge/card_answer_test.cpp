#include "apps/sallyport/badge/card_answer.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace sallyport::cli {

namespace {

std::string said(std::string_view hex) {
    const auto uid = parse_uid_answer(from_hex(hex).value());
    return uid ? to_hex(*uid) : std::string(uid.error().reason);
}

TEST_CASE("a card's number is what stands before the status 9000") {
    CHECK(said("112233449000") == "11223344");
    CHECK(said("04a1b2c3d4e5f69000") == "04a1b2c3d4e5f6");
    CHECK(said("6a81") == "card.no_uid");  // "function not supported": a card with contacts
    CHECK(said("6300") == "card.no_uid");
    CHECK(said("112233446300") == "card.no_uid");
    CHECK(said("112233449001") == "card.no_uid");
    CHECK(said("9000") == "badge.uid_malformed");
    CHECK(said("1122339000") == "badge.uid_malformed");
    CHECK(said("081122339000") == "badge.uid_random");
    CHECK(said("") == "card.answer_malformed");
    CHECK(said("90") == "card.answer_malformed");
    CHECK(said(std::string(2 * card_answer_max, '1') + "9000") == "card.answer_malformed");
}

TEST_CASE("an answer to reset has the bounds of ISO 7816-3") {
    const auto checked = [](std::string_view hex) {
        return check_atr(from_hex(hex).value()).has_value();
    };
    CHECK(checked("3b80800101"));
    CHECK(checked("3f00"));
    CHECK_FALSE(checked(""));
    CHECK_FALSE(checked("3b"));
    CHECK_FALSE(checked("0000"));
    CHECK(checked("3b" + std::string(2 * (atr_size_max - 1), '0')));
    CHECK_FALSE(checked("3b" + std::string(2 * atr_size_max, '0')));
}

}  // namespace

}  // namespace sallyport::cli
