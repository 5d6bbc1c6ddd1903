#include "base/config/card_section.h"

#include "base/config/host_name.h"

#include <algorithm>
#include <string>

namespace sallyport::config {

namespace {

const char* endpoint(std::string_view text) {
    return parse_endpoint(text) ? nullptr
                                : "must be an IP address and a port, such as 0.0.0.0:8444";
}

const char* host_name(std::string_view text) {
    return is_host_name(text) ? nullptr
                              : "must be a host name in lower case, such as card.example.org, "
                                "without a port";
}

const char* responder_url(std::string_view text) {
    constexpr std::string_view scheme = "http://";
    const bool good = text.starts_with(scheme) && text.size() > scheme.size() &&
                      text.size() <= 255 &&
                      std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
    return good ? nullptr : "must be an http: address; its answers carry their own signature";
}

const char* dotted_oid(std::string_view text) {
    const bool good = text.contains('.') && !text.contains("..") && text.size() <= 100 &&
                      text.front() != '.' && text.back() != '.' &&
                      text.find_first_not_of("0123456789.") == std::string_view::npos;
    return good ? nullptr : "must hold OIDs such as 1.3.6.1.4.1.99999.1";
}

void read_files(Section& section, CardSettings& to) {
    section.path("certificate", to.certificate.certificate, Need::required);
    section.path("key", to.certificate.key, Need::required);
    section.path("anchors", to.anchors, Need::required);
    section.path("intermediates", to.intermediates, Need::optional);
    section.paths("crls", to.crls);
}

}  // namespace

void read_card_section(Section section, CardSettings& to) {
    if (section.empty()) return;
    std::string listen;
    section.text("listen", listen, Need::required, endpoint);
    if (!listen.empty()) to.listen = *parse_endpoint(listen);
    if (to.listen && to.listen->port != 0) to.public_port = to.listen->port;
    section.integer("public_port", to.public_port, 1, 65535);
    section.text("host", to.host, Need::required, host_name);
    read_files(section, to);
    section.choice<CardRevocation>(
        "revocation",
        to.revocation,
        {{"crl", CardRevocation::crl},
         {"ocsp", CardRevocation::ocsp},
         {"crl_or_ocsp", CardRevocation::crl_or_ocsp},
         {"crl_and_ocsp", CardRevocation::crl_and_ocsp},
         {"none", CardRevocation::none}}
    );
    section.choice<CardRevocationScope>(
        "revocation_scope",
        to.revocation_scope,
        {{"whole_path", CardRevocationScope::whole_path}, {"leaf", CardRevocationScope::leaf}}
    );
    section.text("ocsp_url", to.ocsp_url, Need::optional, responder_url);
    section.boolean("ocsp_nonce", to.ocsp_nonce);
    section.texts("policies", to.policies, dotted_oid);
    section.boolean("smart_card_logon", to.smart_card_logon);
    section.boolean("key_in_hardware", to.key_in_hardware);
    section.boolean("pin_asked", to.pin_asked);
    section.finish();
}

}  // namespace sallyport::config
