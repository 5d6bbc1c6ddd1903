#pragma once
// What is kept of a certificate that was verified and whose key was at hand: enough to say whose it
// is, on another host and half a minute later.

#include "base/core/bytes.h"
#include "base/core/time.h"

#include <string>
#include <vector>

namespace sallyport::authn {

struct PresentedCard {
    Bytes fingerprint;    // SHA-256 of the certificate
    Bytes key_digest;     // SHA-256 of its SubjectPublicKeyInfo
    Bytes issuer_key;     // the same, of who signed it: two issuers can bear one name
    Bytes serial;         // big-endian, unique for one issuer (RFC 5280 §4.1.2.2)
    std::string subject;  // for people and the log (RFC 4514); names nobody
    Time valid_until;
    // Said by the operator of all certificates of these issuers: a certificate says neither.
    bool key_in_hardware = false;
    bool pin_asked = false;         // the card asks for its PIN before it signs
    std::vector<Bytes> shown = {};  // DER, as TLS gave them, its own first: to judge it by again
};

}  // namespace sallyport::authn
