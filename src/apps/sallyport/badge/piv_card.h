#pragma once
// The dialogue with a PIV card on the reader (NIST SP 800-73-4 part 2). No PIN, and no secure
// channel: the Card Authentication Key signs for whoever asks, also without contacts.

#include "base/core/bytes.h"
#include "base/core/result.h"

#include <functional>

namespace sallyport::cli {

// Sends a command to the card; its answer with the status word. Refuses not_found "card.gone".
using Transmit = std::function<Result<Bytes>(BytesView command)>;

// Whether the card says that it is one.
[[nodiscard]] bool is_piv_card(const Transmit& transmit);

struct CardSignature {
    Bytes certificate;  // DER, of the key that signed; not looked at
    Bytes signature;
};

// Refuses what transmit() and the parsers of piv_answer.h do.
[[nodiscard]] Result<CardSignature> sign_with_piv(const Transmit& transmit, BytesView message);

}  // namespace sallyport::cli
