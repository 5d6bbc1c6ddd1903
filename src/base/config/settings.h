#pragma once
// What the operator's file says, typed and within bounds: whoever holds Settings has nothing left
// to validate but the outside world (check.h). Paths are absolute or relative to the working
// directory; in the file, relative ones are relative to the file's folder.

#include "base/config/address.h"
#include "base/core/language.h"
#include "base/core/log.h"
#include "base/crypto/crypto.h"
#include "base/crypto/password_hash.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::config {

struct ServerSettings {
    std::string node;           // this machine's name in audit events
    std::string data_dir;       // database, journal, recordings
    std::string sign_in_host;   // e.g. "sallyport.localhost"; sign-in, console and API live here
    std::string device_suffix;  // e.g. "gate.localhost"; devices are hosts below it
    bool demo = false;
    std::uint16_t public_port = 443;  // in addresses that people see
};

struct ListenSettings {
    Endpoint https;
    std::optional<Endpoint> http_redirect;     // answers nothing but redirects to https
    std::vector<std::string> trusted_proxies;  // whose Forwarded and PROXY headers are believed
    bool proxy_protocol = false;               // PROXY v2, from trusted proxies only
};

struct CertificateSettings {
    std::string certificate;  // PEM, the chain from leaf on
    std::string key;          // PEM, private file
};

struct TlsSettings {
    std::vector<CertificateSettings> certificates;  // chosen by SNI; the first is the default
};

enum class StoreEngine : std::uint8_t { sqlite, postgres };

struct StoreSettings {
    StoreEngine engine = StoreEngine::sqlite;
    std::string path;      // SQLite's file
    std::string conninfo;  // libpq keywords; never with a password
    // The same for the role that owns the schema and brings it forward; empty: the server's own.
    std::string owner_conninfo;
    int readers = 2;      // SQLite
    int connections = 8;  // PostgreSQL
    std::size_t queue_max = 4096;
};

struct KeySettings {
    std::string master_key;
    std::string log_key;
    // systemd's folder of credentials, if it gave one; its master.key goes before master_key.
    std::optional<std::string> credentials_dir;
};

struct AuditSettings {
    std::string anchor_dir;  // empty: checkpoints are kept beside the log only
    std::string origin;      // the log's name in its checkpoints (C2SP)
};

struct RecordingSettings {
    std::string dir;
    std::uint64_t reserve_bytes = std::uint64_t{128} << 20;  // kept free for running visits to end
    std::uint64_t segment_bytes = std::uint64_t{64} << 20;
};

// Of every connection from outside.
struct LimitSettings {
    std::size_t header_bytes = std::size_t{32} << 10;
    std::size_t body_bytes = std::size_t{1} << 20;
    std::size_t connections = 10'000;
    std::chrono::seconds header_timeout{10};
    std::chrono::seconds idle_timeout{75};
    std::chrono::seconds handshake_timeout{10};
};

struct PasswordSettings {
    std::optional<crypto::PasswordCost> cost;  // none: measured at the start
};

// What a passphrase may be. (PasswordSettings is what hashing one costs.)
struct PassphraseSettings {
    std::string breach_list;                 // by default in data_dir
    bool breach_list_is_named = false;       // so that it must be there
    std::vector<std::string> context_words;  // the hospital's name and such
};

// What is known of where people are (domain/policy/context.h).
struct ContextSettings {
    std::string place_file;  // MaxMind DB; empty: no address's country is known
};

// Who vouches for what a security key says of itself (domain/authn/webauthn).
struct AuthenticatorSettings {
    std::string metadata_root;                   // PEM: FIDO's list is signed under it; or empty
    std::vector<std::string> attestation_roots;  // PEM files: makers' roots, beside that list's
};

// Codes of authenticator apps (RFC 6238).
struct TotpSettings {
    int window = 1;  // steps of 30 s that an app's clock may be off, either way: 0 or 1
    // Of seeds made from now on; each app keeps the one that it was given.
    crypto::HashAlgorithm algorithm = crypto::HashAlgorithm::sha1;
};

// Push messages to phones (RFC 8030). Without hosts none are sent: phones keep their page open.
struct PushSettings {
    std::vector<std::string>
        hosts;            // of push services: "a.example", "a.example:8443", "*.a.example"
    std::string contact;  // mailto: or https:, for whoever runs the push service
    std::string ca_file;  // PEM; empty: the system's authorities
};

enum class CardRevocation : std::uint8_t { crl, ocsp, crl_or_ocsp, crl_and_ocsp, none };
enum class CardRevocationScope : std::uint8_t { whole_path, leaf };

// Smart cards and workstations' certificates, on a listener and a host of their own. Without
// `listen` none are taken.
struct CardSettings {
    std::optional<Endpoint> listen;
    std::string host;
    std::uint16_t public_port = 443;  // in addresses that browsers are sent to
    CertificateSettings certificate;
    std::string anchors;            // PEM: whose certificates are taken
    std::string intermediates;      // PEM, for clients that send only their own; may be empty
    std::vector<std::string> crls;  // PEM or DER; read again when they change
    CardRevocation revocation = CardRevocation::crl_or_ocsp;
    CardRevocationScope revocation_scope = CardRevocationScope::whole_path;
    std::string ocsp_url;               // instead of those in the certificates
    bool ocsp_nonce = true;             // demanded
    std::vector<std::string> policies;  // OIDs, of which each certificate must be valid for one
    bool smart_card_logon = false;      // Microsoft's purpose is enough
    bool key_in_hardware = false;
    bool pin_asked = false;
};

enum class MailTls : std::uint8_t { starttls, implicit, none };

// Notices and recovery codes by mail. Without a server none are sent.
struct MailSettings {
    std::string server;
    std::uint16_t port = 587;
    MailTls tls = MailTls::starttls;  // none only towards this machine
    std::string from;
    std::string user;
    std::string password;  // the path of its file
    std::string ca_file;   // PEM; empty: the system's authorities
    // What every mail says, in this order: nobody's language is guessed. Each once, at least one.
    std::vector<Language> languages = {Language::english, Language::german};
};

struct LogSettings {
    log::Level level = log::Level::info;
};

struct Settings {
    ServerSettings server;
    ListenSettings listen;
    TlsSettings tls;
    StoreSettings store;
    KeySettings keys;
    AuditSettings audit;
    RecordingSettings recording;
    LimitSettings limits;
    PasswordSettings password;
    PassphraseSettings passphrase;
    ContextSettings context;
    AuthenticatorSettings authenticators;
    TotpSettings totp;
    PushSettings push;
    CardSettings card;
    MailSettings mail;
    LogSettings log;
};

}  // namespace sallyport::config
