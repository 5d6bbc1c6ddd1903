#include "apps/sallyport/card_door.h"

#include "domain/authn/certificate/card_presentation.h"
#include "domain/authn/certificate/workstation_standing.h"
#include "edge/api/ocsp_responder.h"
#include "edge/http/origin_check.h"

#include <utility>
#include <vector>

namespace sallyport::cli {

namespace {

http::ServerSettings narrowed(http::ServerSettings settings, const config::CardSettings& card) {
    settings.tls = {{.address = card.listen->address, .port = card.listen->port}};
    settings.redirect.clear();
    settings.public_port = card.public_port;
    settings.cores = 1;
    // A handshake shows the card once: the next request has to show it again.
    settings.rules.limits.requests_max = 1;
    // People type the card's PIN while the handshake waits.
    settings.rules.limits.handshake_max = authn::card_code_life;
    settings.rules.forwarded_peers = {};  // TLS ends here, so nobody rewrote the request
    settings.security.form_action_also.clear();
    return settings;
}

std::vector<http::CertificateFiles> files_of(const config::CardSettings& card) {
    return {{.certificate = card.certificate.certificate, .key = card.certificate.key}};
}

}  // namespace

CardDoor::CardDoor(
    const config::Settings& settings,
    const http::ServerSettings& limits,
    recording::Disk& disk,
    api::Services& services,
    const authn::Context& authn
)
    : services_(services),
      trust_(disk, settings.card),
      host_(
          services, authn, [this] { return trust_.current(); }, &api::ask_ocsp_responder
      ),
      tls_(std::make_shared<http::TlsServer>(
          files_of(settings.card), http::ClientCertificates{settings.card.anchors}
      )),
      server_(
          narrowed(limits, settings.card),
          http::one_site(
              settings.card.host,
              [this](http::Request request) { return host_.handle(std::move(request)); }
          ),
          tls_
      ) {}

void CardDoor::judge_workstations(const std::atomic<bool>& stopping) {
    authn::judge_workstations(
        services_.database, services_.moments, *trust_.current(), &api::ask_ocsp_responder, stopping
    );
}

CardFiles read_card_files(const config::CardSettings& settings) {
    recording::PosixDisk disk;
    CardTrustFiles trust(disk, settings);
    const http::TlsServer tls(files_of(settings), http::ClientCertificates{settings.anchors});
    return {.certificates = tls.certificates(), .unusable_lists = trust.unusable_lists()};
}

bool asks_responders(const config::CardSettings& settings) {
    return settings.revocation != config::CardRevocation::crl &&
           settings.revocation != config::CardRevocation::none;
}

std::string card_origin(const config::CardSettings& settings) {
    if (!settings.listen) return {};
    return http::site_origin(settings.host, settings.public_port);
}

}  // namespace sallyport::cli
