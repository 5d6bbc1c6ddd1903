// Whatever a browser sends as its key and as its proof, its fields one a line: what is read has the
// sizes that it must have, and no other key's signature holds.
#include "domain/session/handoff_proof.h"

#include "tests/support/browser_key.h"

#include "base/crypto/browser_key.h"
#include "domain/session/sender_key.h"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport;
    using namespace sallyport::session;
    static const auto other_key = crypto::read_browser_key(test::BrowserKey().spki()).value();
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    std::array<std::string_view, 3> fields;
    for (auto& field : fields) {
        const auto end = rest.find('\n');
        field = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    if (const auto key = parse_sender_key(fields[0])) {
        if (key->size() != crypto::browser_key_size) std::abort();
        if (to_base64url(*key) != fields[0]) std::abort();  // one spelling
    }
    const auto proof = parse_handoff_proof(fields[1], fields[2]);
    if (!proof) return 0;
    if (proof->signature.size() != crypto::browser_signature_size) std::abort();
    if (to_base64url(proof->challenge) != fields[1]) std::abort();
    const HandoffAsked asked{.target = {.host = "pump", .nonce_digest = {}}, .proof = *proof};
    if (is_handoff_signed(other_key, asked, "https://o")) std::abort();
    return 0;
}
