#include "apps/sallyport/listener_settings.h"

#include "apps/sallyport/card_door.h"
#include "apps/sallyport/command.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace sallyport::cli {

namespace {

http::Endpoint endpoint(const config::Endpoint& from) {
    return {.address = from.address, .port = from.port};
}

}  // namespace

http::ServerSettings listener_settings(const config::Settings& given) {
    http::ServerSettings settings;
    settings.tls = {endpoint(given.listen.https)};
    if (given.listen.http_redirect) {
        settings.redirect = {endpoint(*given.listen.http_redirect)};
    }
    settings.public_port = given.server.public_port;
    // Ten seconds for the gateway and twice this: within the unit's TimeoutStopSec=45.
    settings.drain_max = std::chrono::seconds(15);
    settings.connections_max = given.limits.connections;
    settings.body_size_max = given.limits.body_bytes;
    auto& limits = settings.rules.limits;
    limits.head_max = given.limits.header_timeout;
    limits.idle_max = given.limits.idle_timeout;
    limits.handshake_max = given.limits.handshake_timeout;
    limits.codec.head_size_max = given.limits.header_bytes;
    settings.security.hsts = !given.server.demo;
    settings.rules.hsts = !given.server.demo;
    settings.security.form_action_also = "https://*." + given.server.device_suffix;
    if (constexpr std::uint16_t https_port = 443; given.server.public_port != https_port) {
        settings.security.form_action_also += fmt::format(":{}", given.server.public_port);
    }
    if (given.card.listen) {
        settings.security.form_action_also += " " + card_origin(given.card);
    }
    auto proxies = http::IpSet::parse(given.listen.trusted_proxies);
    if (!proxies) throw CommandFailed("trusted_proxies: " + proxies.error().detail);
    settings.rules.forwarded_peers = *proxies;
    if (given.listen.proxy_protocol) settings.proxy_protocol_peers = *proxies;
    return settings;
}

std::vector<http::CertificateFiles> certificate_files(const config::Settings& given) {
    std::vector<http::CertificateFiles> files;
    for (const auto& certificate : given.tls.certificates) {
        files.push_back({certificate.certificate, certificate.key});
    }
    return files;
}

std::vector<directory::Listener> own_listeners(const config::Settings& given) {
    std::vector<directory::Listener> own{{given.listen.https.address, given.listen.https.port}};
    if (const auto& redirect = given.listen.http_redirect) {
        own.push_back({redirect->address, redirect->port});
    }
    if (const auto& card = given.card.listen) {
        own.push_back({card->address, card->port});
    }
    return own;
}

}  // namespace sallyport::cli
