// Whatever an authenticator sends: attestation objects and authenticator data are read or refused,
// a registration holds what the object says, and no assertion comes out of it.
#include "domain/authn/webauthn/attestation_object.h"
#include "domain/authn/webauthn/authentication.h"
#include "domain/authn/webauthn/authenticator_data.h"
#include "domain/authn/webauthn/registration.h"

#include <cstdint>
#include <cstdlib>

namespace {

using namespace sallyport;
using namespace sallyport::authn::webauthn;

constexpr std::string_view created =
    R"({"type":"webauthn.create","challenge":"WlpaWlpaWlpaWlpaWlpaWg","origin":"https://example.org"})";
constexpr std::string_view asserted =
    R"({"type":"webauthn.get","challenge":"WlpaWlpaWlpaWlpaWlpaWg","origin":"https://example.org"})";

const Expectation expected{
    .rp_id = "example.org",
    .origins = {"https://example.org"},
    .challenge = Bytes(16, std::byte{0x5A}),
    .user_verification = false,
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = as_bytes({reinterpret_cast<const char*>(data), size});
    static_cast<void>(parse_authenticator_data(input));
    const auto object = parse_attestation_object(input);
    if (!object) return 0;
    const auto parsed = parse_authenticator_data(object->authenticator_data);
    if (!parsed || !parsed->credential) return 0;
    const auto registration = verify_registration(
        {.credential_id = parsed->credential->id,
         .client_data_json = as_bytes(created),
         .attestation_object = input},
        expected
    );
    if (!registration) return 0;
    if (!parsed->user_present || registration->credential_id != parsed->credential->id)
        std::abort();
    const auto assertion = verify_assertion(
        {.credential_id = registration->credential_id,
         .client_data_json = as_bytes(asserted),
         .authenticator_data = object->authenticator_data,
         .signature = input,
         .user_handle = {}},
        expected,
        {.id = registration->credential_id,
         .public_key = registration->public_key,
         .sign_count = registration->sign_count,
         .backup_eligible = registration->backup_eligible}
    );
    if (assertion) std::abort();
    return 0;
}
