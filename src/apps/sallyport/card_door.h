#pragma once
// The listener of the card host: TLS that demands a client certificate, one request for each
// handshake, and behind it edge/api/card_host.h. Runs beside the server of everybody.

#include "apps/sallyport/card_trust_files.h"

#include "base/config/settings.h"
#include "edge/api/card_host.h"
#include "edge/http/server.h"
#include "edge/http/tls.h"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace sallyport::cli {

class CardDoor {
public:
    // `settings.card.listen` is given. `limits` are those of the server of everybody; the rest must
    // outlive it. Throws Fault or CommandFailed naming the file or the address that can't be had.
    CardDoor(
        const config::Settings& settings,
        const http::ServerSettings& limits,
        recording::Disk& disk,
        api::Services& services,
        const authn::Context& authn
    );

    // Reads its own certificate and the names of the issuers again; on a Fault both stay.
    void reload() { tls_->reload(); }

    [[nodiscard]] std::vector<http::CertificateInfo> certificates() const {
        return tls_->certificates();
    }

    // Those that are known by a certificate, as authn::judge_workstations() does.
    void judge_workstations(const std::atomic<bool>& stopping);

    void start() { server_.start(); }

    void stop() { server_.stop(); }

private:
    api::Services& services_;
    CardTrustFiles trust_;
    api::CardHost host_;
    std::shared_ptr<http::TlsServer> tls_;
    http::Server server_;
};

// What `config check` says of the files that the card host is opened with. Throws as CardDoor does.
struct CardFiles {
    std::vector<http::CertificateInfo> certificates;
    std::vector<std::string> unusable_lists;
};

[[nodiscard]] CardFiles read_card_files(const config::CardSettings& settings);

[[nodiscard]] bool asks_responders(const config::CardSettings& settings);
// "https://card.example.org:8444"; empty where no cards are taken.
[[nodiscard]] std::string card_origin(const config::CardSettings& settings);

}  // namespace sallyport::cli
