// Whatever a card says: no object, certificate or signature over its bound comes out of it, and
// each is a part of what was said. What a reader reports of a proof is read back as it was.
#include "apps/sallyport/badge/piv_answer.h"

#include "domain/authn/badge/card_proof.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace sallyport;

void check_part(BytesView part, BytesView whole, std::size_t size_max) {
    const auto found = std::ranges::search(whole, part);
    if (part.empty() || part.size() > size_max || found.empty()) std::abort();
}

void check_parts(BytesView said) {
    cli::AnswerParts parts;
    while (!said.empty()) {
        const auto size = std::min<std::size_t>(std::to_integer<std::size_t>(said[0]), said.size());
        const auto next = parts.take(said.first(size));
        if (parts.whole().size() > cli::piv_object_max) std::abort();
        if (!next || !*next) return;
        said = said.subspan(std::max<std::size_t>(size, 1));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto bytes = as_bytes(text);
    check_parts(bytes);
    if (const auto certificate = cli::parse_piv_certificate(bytes)) {
        check_part(*certificate, bytes, authn::card_certificate_max);
        (void)cli::piv_algorithm(*certificate);
    }
    if (const auto signature = cli::parse_piv_signature(bytes)) {
        check_part(*signature, bytes, authn::card_signature_max);
    }
    if (const auto proof = authn::parse_card_proof(text, text, text)) {
        if (to_hex(proof->signature).size() != size) std::abort();
        (void)authn::proven_card_key(*proof, bytes);
    }
    return 0;
}
