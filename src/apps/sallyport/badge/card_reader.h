#pragma once
// The seam to a card reader: what happened at it since it was asked last.

#include "apps/sallyport/badge/piv_card.h"

#include "base/core/bytes.h"
#include "base/core/result.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace sallyport::cli {

struct CardChange {
    enum Kind : std::uint8_t {
        placed,      // a card with a UID
        unreadable,  // a card that says none
        removed,
        reader_found,
        reader_lost,  // unplugged, or the service behind it is gone; so is the card that was on it
    };

    Kind kind;
    Bytes uid = {};           // of `placed`
    bool has_key = false;     // of `placed`: the card can sign
    std::string detail = {};  // the reader's name, or why it is unreadable
};

class CardReader {
public:
    virtual ~CardReader() = default;
    // The next change; none after `time_max`. Never throws for what a reader or a card does.
    [[nodiscard]] virtual std::optional<CardChange> next(std::chrono::milliseconds time_max) = 0;
    // By the card that lies there now, which must have a key. Refuses not_found "card.gone", and
    // what sign_with_piv() does.
    [[nodiscard]] virtual Result<CardSignature> sign(BytesView message) = 0;
};

}  // namespace sallyport::cli
