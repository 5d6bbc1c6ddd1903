#pragma once
// What the routes work with. Built by apps/sallyport and outliving the server.

#include "base/core/moment.h"
#include "base/keys/key_ring.h"
#include "base/store/database.h"
#include "domain/audit/repeats.h"
#include "domain/authn/push/push_endpoint.h"
#include "domain/directory/device_address.h"
#include "domain/policy/current_policy.h"
#include "domain/policy/lease.h"
#include "domain/policy/places.h"
#include "domain/recording/disk.h"
#include "domain/session/session_cache.h"
#include "domain/vault/vault.h"
#include "edge/api/export_places.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace sallyport::api {

// Where people find this server.
struct Site {
    std::string sign_in_host;   // "sallyport.localhost"
    std::string device_suffix;  // "gate.localhost"
    std::uint16_t port = 443;   // as people see it
    bool demo = false;
    std::string card_origin = {};    // "https://card.example.org:8444"; empty: no cards are taken
    bool card_status_asked = false;  // of responders, and not read from lists alone

    [[nodiscard]] std::string origin() const { return "https://" + authority(sign_in_host); }

    [[nodiscard]] std::string device_origin(const std::string& device_name) const {
        return "https://" + authority(device_name + "." + device_suffix);
    }

private:
    [[nodiscard]] std::string authority(const std::string& host) const {
        constexpr std::uint16_t https_port = 443;
        return port == https_port ? host : host + ":" + std::to_string(port);
    }
};

// Push messages to phones. No host: none are sent, and phones ask for themselves.
struct PushSettings {
    authn::PushHosts hosts;
    std::string contact;  // domain/authn/push/vapid.h
    std::string ca_file;  // of a push service of one's own; empty: the system's authorities
};

struct Services {
    store::Database& database;
    session::SessionCache& sessions;
    policy::CurrentPolicy& policy;
    const policy::Places& places;
    policy::Leases& leases;
    const vault::Vault& vault;
    const keys::KeyRing& keys;
    const MomentSource& moments;
    Site site;
    std::vector<directory::Listener> listeners;  // our own: no device can be registered there
    std::string recordings_dir;
    std::string backups_dir;
    std::string database_file;  // SQLite's; empty on PostgreSQL
    std::string log_dir;        // of the published audit log
    recording::Disk& disk;
    // Set when the audit log was found broken or rolled back: nothing may change any more.
    const std::atomic<bool>& read_only;
    audit::Repeats repeats = {};  // of what strangers can cause without end
    ExportPlaces exports = {};
    PushSettings push = {};
    bool sends_mail = false;  // else nobody recovers by mail
};

}  // namespace sallyport::api
