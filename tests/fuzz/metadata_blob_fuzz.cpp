// Whatever comes as FIDO's list: the payload is read or refused, and nothing unsigned is believed.
#include "domain/authn/webauthn/authenticator_metadata.h"
#include "domain/authn/webauthn/metadata_payload.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

// A self-signed certificate whose key is lost: whatever is signed is signed by somebody else.
constexpr std::string_view certificate =
    "308201383081eba003020102021452c5185ba6cae9445a39ca4194be5feffb1f482a300506032b6570301131"
    "0f300d06035504030c064e6f626f64793020170d3236313132323132343234375a180f323132363130323931"
    "32343234375a3011310f300d06035504030c064e6f626f6479302a300506032b6570032100ebd675d07f8356"
    "e55aac650b555cf9943ffeff1dba09380269d9f783491e1a66a3533051301d0603551d0e04160414b29aac24"
    "75d6228e5d41e8a59f1bd162ca1f5b00301f0603551d23041830168014b29aac2475d6228e5d41e8a59f1bd1"
    "62ca1f5b00300f0603551d130101ff040530030101ff300506032b65700341003482f27bc45242297d27f751"
    "17ca699d605ec76c38d1cd49110ef0150469e9aeb9afa285cb0576ac3c6461c343850252f3f0b9db4e00d267"
    "10a10e491783750f";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport;
    using namespace sallyport::authn::webauthn;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto blob = parse_metadata_payload(text);
    if (blob && blob->authenticators.size() > metadata_entries_max) std::abort();
    static const MetadataTrust stranger{
        .root = crypto::parse_attestation_certificate(from_hex(certificate).value()).value()
    };
    if (verify_metadata_blob(as_bytes(text), stranger, Time{})) std::abort();
    return 0;
}
