#include "domain/authn/webauthn/android_key_description.h"

#include "base/crypto/der_reader.h"

namespace sallyport::authn::webauthn {

namespace {

using crypto::DerReader;

constexpr std::size_t purposes_max = 16;

// Tags of AuthorizationList.
constexpr std::uint32_t tag_purpose = 1;
constexpr std::uint32_t tag_all_applications = 600;
constexpr std::uint32_t tag_origin = 702;

std::unexpected<Refusal> malformed() {
    return refuse(Refusal::invalid, "webauthn.android_key_description");
}

Result<std::vector<std::uint32_t>> purposes_in(BytesView content) {
    DerReader tagged(content);
    SP_TRY(const auto set, tagged.next(crypto::der_set));
    if (!tagged.at_end()) return malformed();
    std::vector<std::uint32_t> purposes;
    for (DerReader reader(set); !reader.at_end();) {
        SP_TRY(const auto integer, reader.next(crypto::der_integer));
        SP_TRY(const auto purpose, crypto::der_small_number(integer));
        if (purposes.size() == purposes_max) return malformed();
        purposes.push_back(purpose);
    }
    return purposes;
}

Result<std::uint32_t> origin_in(BytesView content) {
    DerReader tagged(content);
    SP_TRY(const auto integer, tagged.next(crypto::der_integer));
    if (!tagged.at_end()) return malformed();
    return crypto::der_small_number(integer);
}

Result<AndroidAuthorizations> authorizations(BytesView content) {
    AndroidAuthorizations out;
    std::int64_t last = -1;
    for (DerReader reader(content); !reader.at_end();) {
        SP_TRY(const auto element, reader.next());
        // In rising order, so that none stands twice.
        if (element.tag_class != crypto::DerClass::context || element.tag <= last) {
            return malformed();
        }
        last = element.tag;
        if (element.tag == tag_purpose) {
            SP_TRY(out.purposes, purposes_in(element.content));
        } else if (element.tag == tag_origin) {
            SP_TRY(out.origin, origin_in(element.content));
        } else if (element.tag == tag_all_applications) {
            out.all_applications = true;
        }
    }
    return out;
}

Result<AndroidKeyDescription> description(BytesView der) {
    DerReader outer(der);
    SP_TRY(const auto sequence, outer.next(crypto::der_sequence));
    if (!outer.at_end()) return malformed();
    DerReader in(sequence);
    AndroidKeyDescription out;
    // Version and security level, of the attestation and of the key store.
    for (const auto tag :
         {crypto::der_integer, crypto::der_enumerated, crypto::der_integer, crypto::der_enumerated
         }) {
        SP_CHECK(in.next(tag));
    }
    SP_TRY(out.challenge, in.next(crypto::der_octet_string));
    SP_CHECK(in.next(crypto::der_octet_string));  // uniqueId
    SP_TRY(const auto software, in.next(crypto::der_sequence));
    SP_TRY(out.software, authorizations(software));
    SP_TRY(const auto hardware, in.next(crypto::der_sequence));
    SP_TRY(out.hardware, authorizations(hardware));
    return out;
}

}  // namespace

Result<AndroidKeyDescription> parse_android_key_description(BytesView der) {
    auto parsed = description(der);
    if (!parsed) return malformed();
    return parsed;
}

}  // namespace sallyport::authn::webauthn
