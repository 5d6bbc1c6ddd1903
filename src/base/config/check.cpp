#include "base/config/config.h"
#include "base/config/host_name.h"
#include "base/core/private_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

namespace sallyport::config {
namespace {

namespace fs = std::filesystem;

class Findings {
public:
    void error(std::string text) { found_.push_back({Finding::error, std::move(text)}); }

    void warning(std::string text) { found_.push_back({Finding::warning, std::move(text)}); }

    [[nodiscard]] std::vector<Finding> take() && { return std::move(found_); }

private:
    std::vector<Finding> found_;
};

bool is_below(std::string_view host, std::string_view suffix) {
    return host == suffix ||
           (host.ends_with(suffix) && host[host.size() - suffix.size() - 1] == '.');
}

// A device's page is a hostile neighbour: what it may share with the console is decided by names.
void check_hosts(const ServerSettings& server, Findings& findings) {
    const auto& console = server.sign_in_host;
    const auto& devices = server.device_suffix;
    if (is_below(console, devices)) {
        findings.error(fmt::format(
            "server.sign_in_host {} lies within server.device_suffix {}, so that it would be taken "
            "for a device; choose another name for one of them",
            console,
            devices
        ));
        return;
    }
    const auto domain = registrable_domain(console);
    if (domain != registrable_domain(devices)) return;
    const auto text = fmt::format(
        "server.device_suffix {} shares the registrable domain {} with server.sign_in_host {}: a "
        "device's page could set cookies for the console; use a domain of its own for devices",
        devices,
        domain,
        console
    );
    server.demo ? findings.warning(text + " (accepted, since server.demo is on)")
                : findings.error(text);
}

// Null, and a finding, if it is no directory.
std::optional<struct stat> directory(
    std::string_view setting, const std::string& path, Findings& findings
) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) {
        findings.error(fmt::format(
            "{} {} does not exist or can't be reached; make the folder, owned by the server's user",
            setting,
            path
        ));
        return std::nullopt;
    }
    if (!S_ISDIR(status.st_mode)) {
        findings.error(fmt::format("{} {} is not a folder; correct the path", setting, path));
        return std::nullopt;
    }
    return status;
}

void check_own_directory(std::string_view setting, const std::string& path, Findings& findings) {
    const auto status = directory(setting, path, findings);
    if (!status) return;
    const unsigned mode = status->st_mode & 07777U;
    if ((mode & 0022U) != 0) {
        findings.error(fmt::format(
            "{} {} has mode {:04o}, so that others can change what is in it; chmod 0700 it",
            setting,
            path,
            mode
        ));
    } else if ((mode & 0055U) != 0) {
        findings.warning(fmt::format(
            "{} {} has mode {:04o}, so that others can look into it; chmod 0700 it",
            setting,
            path,
            mode
        ));
    }
    if (::access(path.c_str(), W_OK | X_OK) != 0) {
        findings.error(fmt::format(
            "{} {} can't be written by user id {}; chown it to the server's user",
            setting,
            path,
            ::geteuid()
        ));
    }
}

bool is_inside(const std::string& path, const std::string& folder) {
    const auto relative = fs::absolute(path).lexically_normal().lexically_relative(
        fs::absolute(folder).lexically_normal()
    );
    return !relative.empty() && *relative.begin() != "..";
}

void check_private(
    std::string_view setting,
    const std::string& path,
    const std::optional<std::string>& credentials_dir,
    Findings& findings
) {
    const bool credential = credentials_dir && is_inside(path, *credentials_dir);
    const auto kind = credential ? PrivateFileKind::systemd_credential : PrivateFileKind::own;
    const auto file = open_private_file(path, kind);
    if (!file) findings.error(fmt::format("{}: {}", setting, file.error().detail));
}

void check_keys(const Settings& settings, Findings& findings) {
    const auto& keys = settings.keys;
    auto master = keys.master_key;
    if (keys.credentials_dir && fs::exists(*keys.credentials_dir + "/master.key")) {
        master = *keys.credentials_dir + "/master.key";
    }
    check_private("keys.master_key", master, keys.credentials_dir, findings);
    check_private("keys.log_key", keys.log_key, keys.credentials_dir, findings);
    if (is_inside(master, settings.server.data_dir)) {
        findings.warning(fmt::format(
            "keys.master_key {} lies in server.data_dir: whoever copies the folder has database "
            "and key; keep it elsewhere",
            master
        ));
    }
}

void check_tls(const Settings& settings, Findings& findings) {
    if (settings.tls.certificates.empty()) {
        findings.error(
            "tls.certificates is empty, so that nothing can be served; add [[tls.certificates]] "
            "with certificate and key"
        );
    }
    for (const auto& pair : settings.tls.certificates) {
        if (::access(pair.certificate.c_str(), R_OK) != 0) {
            findings.error(fmt::format(
                "tls.certificates: file {} can't be read; make it or correct the path",
                pair.certificate
            ));
        }
        check_private("tls.certificates", pair.key, settings.keys.credentials_dir, findings);
    }
}

void check_folders(const Settings& settings, Findings& findings) {
    const auto& data_dir = settings.server.data_dir;
    check_own_directory("server.data_dir", data_dir, findings);
    // The recorder makes its folder, the store its file; what is around them must be there.
    const auto parent_of = [](const std::string& path) {
        const auto parent = fs::path(path).parent_path();
        return parent.empty() ? std::string(".") : parent.string();
    };
    if (parent_of(settings.recording.dir) != data_dir) {
        directory("the folder of recording.dir", parent_of(settings.recording.dir), findings);
    }
    if (settings.store.engine == StoreEngine::sqlite &&
        parent_of(settings.store.path) != data_dir) {
        check_own_directory("the folder of store.path", parent_of(settings.store.path), findings);
    }
    const auto& anchors = settings.audit.anchor_dir;
    if (anchors.empty()) {
        findings.warning(
            "audit.anchor_dir is not set: without an anchor nobody can exclude that the audit log "
            "was rolled back; set it to a folder on another machine or disk"
        );
        return;
    }
    check_own_directory("audit.anchor_dir", anchors, findings);
    if (is_inside(anchors, data_dir)) {
        findings.warning(fmt::format(
            "audit.anchor_dir {} lies in server.data_dir, so that one rollback takes both; use "
            "another machine or disk",
            anchors
        ));
    }
}

// Its bytes are looked at when the server starts, or by `breach-list show`.
void check_breach_list(const PassphraseSettings& passphrase, Findings& findings) {
    if (!passphrase.breach_list_is_named) return;
    if (::access(passphrase.breach_list.c_str(), R_OK) == 0) return;
    findings.error(fmt::format(
        "passphrase.breach_list {} can't be read; make it with `sallyport breach-list import`, or "
        "correct the path",
        passphrase.breach_list
    ));
}

void check_readable(std::string_view setting, const std::string& path, Findings& findings) {
    if (path.empty() || ::access(path.c_str(), R_OK) == 0) return;
    findings.error(
        fmt::format("{}: file {} can't be read; make it or correct the path", setting, path)
    );
}

void check_card(const Settings& settings, Findings& findings) {
    const auto& card = settings.card;
    if (!card.listen) return;
    if (card.host == settings.server.sign_in_host ||
        is_below(card.host, settings.server.device_suffix)) {
        findings.error(fmt::format(
            "card.host {} must be neither server.sign_in_host nor a device's; give it a name of "
            "its own",
            card.host
        ));
    }
    check_readable("card.certificate", card.certificate.certificate, findings);
    check_private("card.key", card.certificate.key, settings.keys.credentials_dir, findings);
    check_readable("card.anchors", card.anchors, findings);
    check_readable("card.intermediates", card.intermediates, findings);
    for (const auto& crl : card.crls) {
        check_readable("card.crls", crl, findings);
    }
    if (card.revocation == CardRevocation::none) {
        findings.warning(
            "card.revocation is \"none\": a revoked certificate signs in until a list here names it"
        );
    }
}

void check_mail(const Settings& settings, Findings& findings) {
    const auto& mail = settings.mail;
    if (mail.server.empty()) return;
    if (!mail.password.empty()) {
        check_private("mail.password", mail.password, settings.keys.credentials_dir, findings);
    }
    if (!mail.ca_file.empty() && ::access(mail.ca_file.c_str(), R_OK) != 0) {
        findings.error(
            fmt::format("mail.ca_file {} can't be read; make it or correct the path", mail.ca_file)
        );
    }
    if (mail.tls == MailTls::none) {
        findings.warning(
            "mail.tls is none: mails, with recovery codes in them, are handed to the relay on this "
            "machine unencrypted; see to it that the relay encrypts them from there on"
        );
    }
}

// The file that libpq keywords name for the password; empty if they name none. Keywords may have
// blanks around their equals sign, and values quotes.
std::string passfile_of(std::string_view conninfo) {
    constexpr std::string_view keyword = "passfile";
    constexpr std::string_view blanks = " \t";
    auto rest = conninfo;
    for (auto at = rest.find(keyword); at != std::string_view::npos; at = rest.find(keyword)) {
        const bool whole = at == 0 || blanks.contains(rest[at - 1]);
        rest.remove_prefix(at + keyword.size());
        const auto equals = rest.find_first_not_of(blanks);
        if (!whole || equals == std::string_view::npos || rest[equals] != '=') continue;
        const auto start = rest.find_first_not_of(blanks, equals + 1);
        if (start == std::string_view::npos) return {};
        rest.remove_prefix(start);
        if (rest.front() != '\'') return std::string(rest.substr(0, rest.find_first_of(blanks)));
        rest.remove_prefix(1);
        return std::string(rest.substr(0, rest.find('\'')));
    }
    return {};
}

// libpq ignores a password file that is too open, and then fails without saying why.
void check_passfiles(const Settings& settings, Findings& findings) {
    const auto check = [&](std::string_view setting, std::string_view conninfo) {
        const auto path = passfile_of(conninfo);
        if (path.empty()) return;
        check_private(
            fmt::format("{} passfile", setting), path, settings.keys.credentials_dir, findings
        );
    };
    check("store.conninfo", settings.store.conninfo);
    check("store.owner_conninfo", settings.store.owner_conninfo);
}

}  // namespace

std::vector<Finding> check_settings(const Settings& settings) {
    Findings findings;
    check_hosts(settings.server, findings);
    check_folders(settings, findings);
    check_keys(settings, findings);
    check_tls(settings, findings);
    check_passfiles(settings, findings);
    check_breach_list(settings.passphrase, findings);
    check_readable("context.place_file", settings.context.place_file, findings);
    check_readable("authenticators.metadata_root", settings.authenticators.metadata_root, findings);
    for (const auto& roots : settings.authenticators.attestation_roots) {
        check_readable("authenticators.attestation_roots", roots, findings);
    }
    check_card(settings, findings);
    check_mail(settings, findings);
    if (settings.server.demo && !is_loopback(settings.listen.https.address)) {
        findings.warning(fmt::format(
            "server.demo is on, but listen.https {} is reachable from other machines; the demo is "
            "not made for that",
            settings.listen.https.address
        ));
    }
    return std::move(findings).take();
}

}  // namespace sallyport::config
