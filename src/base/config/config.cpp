#include "base/config/config.h"

#include "base/config/card_section.h"
#include "base/config/host_name.h"
#include "base/config/literal_secret.h"
#include "base/config/mail_section.h"
#include "base/config/section.h"
#include "base/crypto/password_verifier.h"

#include <algorithm>
#include <string>

namespace sallyport::config {
namespace {

constexpr std::int64_t kibibyte = 1 << 10;
constexpr std::int64_t mebibyte = 1 << 20;
constexpr std::int64_t gibibyte = 1 << 30;

const char* node_name(std::string_view text) {
    const bool good = !text.empty() && text.size() <= 63 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
    return good ? nullptr : "must be 1 to 63 of a-z 0-9 - .";
}

const char* host_name(std::string_view text) {
    return is_host_name(text)
               ? nullptr
               : "must be a host name in lower case, such as sallyport.example.org, without a port";
}

const char* network(std::string_view text) {
    const auto checked = check_network(text);
    if (checked) return nullptr;
    return checked.error().reason == "address.everybody"
               ? "must not list everybody: anyone could claim any address; list the proxies"
               : "must be an IP address or a network such as 10.0.0.0/8, with no bits behind it";
}

const char* connection_string(std::string_view text) {
    const bool keywords = text.contains('=') && !text.contains("://");
    return keywords ? nullptr
                    : "must be libpq keywords such as \"host=/run/postgresql dbname=sallyport\"";
}

const char* origin_name(std::string_view text) {
    const bool good = !text.empty() && text.size() <= 255 && std::ranges::all_of(text, [](char c) {
        return c > ' ' && c < '\x7f' && c != '+';
    });
    return good ? nullptr : "must be 1 to 255 printable ASCII characters without spaces or +";
}

void read_endpoint(Section& section, std::string_view key, Need need, Endpoint& to) {
    std::string text;
    section.text(key, text, need, [](std::string_view given) -> const char* {
        return parse_endpoint(given) ? nullptr
                                     : "must be an IP address and a port, such as 0.0.0.0:443 or "
                                       "[::]:443";
    });
    if (!text.empty()) to = *parse_endpoint(text);
}

void read(Section section, ServerSettings& to) {
    section.text("node", to.node, Need::required, node_name);
    section.path("data_dir", to.data_dir, Need::required);
    section.text("sign_in_host", to.sign_in_host, Need::required, host_name);
    section.text("device_suffix", to.device_suffix, Need::required, host_name);
    section.boolean("demo", to.demo);
    section.integer("public_port", to.public_port, 1, 65535);
    section.finish();
}

void read(Section section, ListenSettings& to) {
    read_endpoint(section, "https", Need::required, to.https);
    if (section.find("http_redirect") != nullptr) {
        Endpoint redirect;
        read_endpoint(section, "http_redirect", Need::required, redirect);
        to.http_redirect = redirect;
    }
    section.texts("trusted_proxies", to.trusted_proxies, network);
    section.boolean("proxy_protocol", to.proxy_protocol);
    if (to.proxy_protocol && to.trusted_proxies.empty()) {
        section.mistake(
            "proxy_protocol", "needs trusted_proxies: the header is believed from listed peers only"
        );
    }
    if (to.http_redirect && *to.http_redirect == to.https && to.https.port != 0) {
        section.mistake("http_redirect", "must be another address or port than https");
    }
    section.finish();
}

void read(Section section, TlsSettings& to) {
    const auto* list = section.find("certificates");
    const auto* pairs = list == nullptr ? nullptr : list->as<toml::Array>();
    if (list != nullptr && pairs == nullptr) {
        section.mistake("certificates", "must be [[tls.certificates]] with certificate and key");
    }
    if (pairs != nullptr) {
        for (const auto& element : *pairs) {
            const auto* table = element.as<toml::Table>();
            if (table == nullptr) {
                section.mistake("certificates", "must hold tables with certificate and key");
                continue;
            }
            CertificateSettings pair;
            auto inner = section.inner("certificates", *table);
            inner.path("certificate", pair.certificate, Need::required);
            inner.path("key", pair.key, Need::required);
            inner.finish();
            to.certificates.push_back(std::move(pair));
        }
    }
    section.finish();
}

void read(Section section, const ServerSettings& server, StoreSettings& to) {
    to.path = server.data_dir + "/sallyport.db";
    section.choice<StoreEngine>(
        "engine", to.engine, {{"sqlite", StoreEngine::sqlite}, {"postgres", StoreEngine::postgres}}
    );
    const bool has_path = section.find("path") != nullptr;
    const bool has_conninfo = section.find("conninfo") != nullptr;
    const bool has_owner = section.find("owner_conninfo") != nullptr;
    section.path("path", to.path, Need::optional);
    section.text("conninfo", to.conninfo, Need::optional, connection_string);
    section.text("owner_conninfo", to.owner_conninfo, Need::optional, connection_string);
    section.integer("readers", to.readers, 1, 64);
    section.integer("connections", to.connections, 1, 256);
    section.integer("queue_max", to.queue_max, 16, 1'000'000);
    if (to.engine == StoreEngine::sqlite && has_conninfo) {
        section.mistake("conninfo", "is for engine = \"postgres\"; remove it or change the engine");
    }
    if (to.engine == StoreEngine::sqlite && has_owner) {
        section.mistake(
            "owner_conninfo", "is for engine = \"postgres\"; remove it or change the engine"
        );
    }
    if (has_owner && to.owner_conninfo == to.conninfo) {
        section.mistake(
            "owner_conninfo", "must name another role than conninfo, which must not own the tables"
        );
    }
    if (to.engine == StoreEngine::postgres && has_path) {
        section.mistake("path", "is for engine = \"sqlite\"; remove it or change the engine");
    }
    if (to.engine == StoreEngine::postgres && !has_conninfo) {
        section.mistake("conninfo", "is missing; engine = \"postgres\" needs it");
    }
    section.finish();
}

void read(Section section, KeySettings& to) {
    section.path("master_key", to.master_key, Need::required);
    section.path("log_key", to.log_key, Need::required);
    section.finish();
}

void read(Section section, const ServerSettings& server, AuditSettings& to) {
    to.origin = server.sign_in_host + "/audit";
    section.path("anchor_dir", to.anchor_dir, Need::optional);
    section.text("origin", to.origin, Need::optional, origin_name);
    section.finish();
}

void read(Section section, const ServerSettings& server, RecordingSettings& to) {
    to.dir = server.data_dir + "/recordings";
    section.path("dir", to.dir, Need::optional);
    section.integer("reserve_bytes", to.reserve_bytes, 16 * mebibyte, 1024 * gibibyte);
    section.integer("segment_bytes", to.segment_bytes, mebibyte, gibibyte);
    section.finish();
}

void read(Section section, LimitSettings& to) {
    section.integer("header_bytes", to.header_bytes, 4 * kibibyte, mebibyte);
    section.integer("body_bytes", to.body_bytes, 16 * kibibyte, gibibyte);
    section.integer("connections", to.connections, 16, 1'000'000);
    section.seconds("header_seconds", to.header_timeout, 1, 120);
    section.seconds("idle_seconds", to.idle_timeout, 5, 3600);
    section.seconds("handshake_seconds", to.handshake_timeout, 1, 60);
    section.finish();
}

void read(Section section, PasswordSettings& to) {
    const auto* cost = section.find("cost");
    if (cost == nullptr) return section.finish();
    if (const auto* table = cost->as<toml::Table>()) {
        const crypto::PasswordCost floor;
        constexpr auto memory_max = crypto::PasswordVerifier::memory_bytes_max / mebibyte;
        std::size_t memory_mib = floor.memory_bytes / mebibyte;
        crypto::PasswordCost given = floor;
        auto inner = section.inner("cost", *table);
        inner.integer("memory_mib", memory_mib, static_cast<std::int64_t>(memory_mib), memory_max);
        inner.integer(
            "passes",
            given.passes,
            static_cast<std::int64_t>(floor.passes),
            crypto::PasswordVerifier::passes_max
        );
        inner.finish();
        given.memory_bytes = memory_mib * mebibyte;
        to.cost = given;
    } else {
        bool automatic = true;
        section.choice<bool>("cost", automatic, {{"auto", true}});
    }
    section.finish();
}

const char* context_word(std::string_view text) {
    return text.size() >= 4 && text.size() <= 100 ? nullptr : "must be names of 4 to 100 bytes";
}

void read(Section section, const ServerSettings& server, PassphraseSettings& to) {
    to.breach_list = server.data_dir + "/breach-list";
    to.breach_list_is_named = section.find("breach_list") != nullptr;
    section.path("breach_list", to.breach_list, Need::optional);
    section.texts("context_words", to.context_words, context_word);
    section.finish();
}

void read(Section section, ContextSettings& to) {
    section.path("place_file", to.place_file, Need::optional);
    section.finish();
}

void read(Section section, AuthenticatorSettings& to) {
    section.path("metadata_root", to.metadata_root, Need::optional);
    section.paths("attestation_roots", to.attestation_roots);
    section.finish();
}

void read(Section section, TotpSettings& to) {
    section.integer("window", to.window, 0, 1);
    section.choice<crypto::HashAlgorithm>(
        "algorithm",
        to.algorithm,
        {{"SHA1", crypto::HashAlgorithm::sha1},
         {"SHA256", crypto::HashAlgorithm::sha256},
         {"SHA512", crypto::HashAlgorithm::sha512}}
    );
    section.finish();
}

const char* push_host(std::string_view text) {
    const bool below = text.starts_with("*.");
    if (below) text.remove_prefix(2);
    const auto host = text.substr(0, text.find(':'));
    auto port = text.substr(host.size());
    if (!port.empty()) port.remove_prefix(1);
    const bool digits = std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
    const bool has_port = host.size() < text.size();
    const bool good = is_host_name(host) && (!below || host.contains('.')) && digits &&
                      (!has_port || (!port.empty() && port.size() <= 5 && port.front() != '0'));
    return good ? nullptr
                : "must be hosts such as push.example, push.example:8443 or *.push.example";
}

const char* contact_uri(std::string_view text) {
    const bool good = (text.starts_with("mailto:") || text.starts_with("https://")) &&
                      text.size() <= 255 &&
                      std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
    return good ? nullptr : "must be a mailto: or https: address of whoever runs this server";
}

void read(Section section, PushSettings& to) {
    section.texts("hosts", to.hosts, push_host);
    const auto need = to.hosts.empty() ? Need::optional : Need::required;
    section.text("contact", to.contact, need, contact_uri);
    section.path("ca_file", to.ca_file, Need::optional);
    section.finish();
}

void read(Section section, LogSettings& to) {
    section.choice<log::Level>(
        "level",
        to.level,
        {{"debug", log::Level::debug},
         {"info", log::Level::info},
         {"warning", log::Level::warning},
         {"error", log::Level::error}}
    );
    section.finish();
}

Settings read_settings(
    const toml::Table& file, const Origin& origin, std::vector<Mistake>& mistakes
) {
    Section root({}, &file, origin, mistakes);
    const auto section = [&](std::string_view name) {
        const auto* value = root.find(name);
        const auto* table = value == nullptr ? nullptr : value->as<toml::Table>();
        if (value != nullptr && table == nullptr) {
            root.mistake(name, "must be a section in brackets");
        }
        return Section(std::string(name), table, origin, mistakes);
    };
    Settings settings;
    read(section("server"), settings.server);
    read(section("listen"), settings.listen);
    read(section("tls"), settings.tls);
    read(section("store"), settings.server, settings.store);
    read(section("keys"), settings.keys);
    read(section("audit"), settings.server, settings.audit);
    read(section("recording"), settings.server, settings.recording);
    read(section("limits"), settings.limits);
    read(section("password"), settings.password);
    read(section("passphrase"), settings.server, settings.passphrase);
    read(section("context"), settings.context);
    read(section("authenticators"), settings.authenticators);
    read(section("totp"), settings.totp);
    read(section("push"), settings.push);
    read_card_section(section("card"), settings.card);
    read_mail_section(section("mail"), settings.mail);
    read(section("log"), settings.log);
    root.finish();
    settings.keys.credentials_dir = origin.credentials_dir;
    return settings;
}

}  // namespace

Result<Settings> parse_settings(std::string_view text, const Origin& origin) {
    std::vector<Mistake> mistakes;
    const auto file = toml::parse(text);
    if (!file) {
        mistakes.push_back(file.error());
        return refuse(Refusal::invalid, "config.refused", to_text(mistakes, origin.file));
    }
    find_literal_secrets(*file, mistakes);
    auto settings = read_settings(*file, origin, mistakes);
    if (!mistakes.empty()) {
        return refuse(Refusal::invalid, "config.refused", to_text(mistakes, origin.file));
    }
    return settings;
}

}  // namespace sallyport::config
