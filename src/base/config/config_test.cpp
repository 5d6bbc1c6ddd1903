#include "base/config/config.h"

#include "tests/support/checkout.h"
#include "tests/support/temporary_folder.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <fstream>
#include <sstream>
#include <string>

using namespace sallyport;
using namespace sallyport::config;
using namespace std::chrono_literals;

namespace {

const std::string server = R"(
[server]
node = "gate-1"
data_dir = "/var/lib/sallyport"
sign_in_host = "sallyport.example.org"
device_suffix = "gate.example.net"
)";
const std::string listen = R"(
[listen]
https = "127.0.0.1:8443"
)";
const std::string keys = R"(
[keys]
master_key = "/etc/sallyport/master.key"
log_key = "/etc/sallyport/log.key"
)";
const std::string minimal = server + listen + keys;
const Origin origin{"/etc/sallyport/sallyport.toml", std::nullopt};

Settings parsed(const std::string& text) {
    auto settings = parse_settings(text, origin);
    REQUIRE_MESSAGE(settings.has_value(), settings.error().detail);
    return *settings;
}

// The lines of the refusal; "accepted" if there is none.
std::string mistakes(const std::string& text, const Origin& from = {"x.toml", std::nullopt}) {
    const auto settings = parse_settings(text, from);
    if (settings) return "accepted";
    CHECK(settings.error().reason == "config.refused");
    return settings.error().detail;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("the commented example loads, and its comments tell the defaults") {
    const std::string path = test::in_checkout("docs/sallyport.example.toml");
    const auto settings = load_settings(path);
    REQUIRE_MESSAGE(settings.has_value(), settings.error().detail);
    CHECK(settings->server.node == "gate-1");
    CHECK(settings->tls.certificates.size() == 2);
    CHECK(settings->listen.http_redirect == Endpoint{"0.0.0.0", 80});

    // With every commented-out setting taken in, it still loads, and says the same.
    std::ifstream file(path);
    std::string text;
    for (std::string line; std::getline(file, line);) {
        const bool setting = line.starts_with("# ") && line.contains(" = ") &&
                             !line.contains("conninfo") && !line.starts_with("# cost = {");
        text += (setting ? line.substr(2) : line) + "\n";
    }
    const auto spelt = parse_settings(text, {path, std::nullopt});
    REQUIRE_MESSAGE(spelt.has_value(), spelt.error().detail);
    CHECK(spelt->limits.header_bytes == settings->limits.header_bytes);
    CHECK(spelt->limits.body_bytes == settings->limits.body_bytes);
    CHECK(spelt->limits.connections == settings->limits.connections);
    CHECK(spelt->limits.header_timeout == settings->limits.header_timeout);
    CHECK(spelt->limits.idle_timeout == settings->limits.idle_timeout);
    CHECK(spelt->limits.handshake_timeout == settings->limits.handshake_timeout);
    CHECK(spelt->recording.dir == settings->recording.dir);
    CHECK(spelt->recording.reserve_bytes == settings->recording.reserve_bytes);
    CHECK(spelt->recording.segment_bytes == settings->recording.segment_bytes);
    CHECK(spelt->store.path == settings->store.path);
    CHECK(spelt->store.readers == settings->store.readers);
    CHECK(spelt->store.connections == settings->store.connections);
    CHECK(spelt->store.queue_max == settings->store.queue_max);
    CHECK(spelt->audit.origin == settings->audit.origin);
    CHECK(spelt->server.demo == settings->server.demo);
    CHECK(spelt->server.public_port == settings->server.public_port);
    CHECK(spelt->listen.proxy_protocol == settings->listen.proxy_protocol);
    CHECK(spelt->password.cost == settings->password.cost);
    CHECK(spelt->log.level == settings->log.level);
}

TEST_CASE("the least configuration has sound defaults") {
    const auto settings = parsed(minimal);
    CHECK(settings.server.data_dir == "/var/lib/sallyport");
    CHECK(settings.server.public_port == 443);
    CHECK_FALSE(settings.server.demo);
    CHECK(settings.listen.https == Endpoint{"127.0.0.1", 8443});
    CHECK_FALSE(settings.listen.http_redirect);
    CHECK(settings.listen.trusted_proxies.empty());
    CHECK_FALSE(settings.listen.proxy_protocol);
    CHECK(settings.store.engine == StoreEngine::sqlite);
    CHECK(settings.store.path == "/var/lib/sallyport/sallyport.db");
    CHECK(settings.recording.dir == "/var/lib/sallyport/recordings");
    CHECK(settings.audit.origin == "sallyport.example.org/audit");
    CHECK(settings.audit.anchor_dir.empty());
    CHECK_FALSE(settings.password.cost);
    CHECK(settings.passphrase.breach_list == "/var/lib/sallyport/breach-list");
    CHECK_FALSE(settings.passphrase.breach_list_is_named);
    CHECK(settings.context.place_file.empty());
    CHECK(settings.passphrase.context_words.empty());
    CHECK(settings.totp.window == 1);
    CHECK(settings.totp.algorithm == crypto::HashAlgorithm::sha1);
    CHECK(settings.push.hosts.empty());
    CHECK(settings.mail.server.empty());
    CHECK(settings.log.level == log::Level::info);
    CHECK(settings.limits.handshake_timeout == 10s);
}

TEST_CASE("every setting is read") {
    const auto settings = parsed(server + "demo = true\npublic_port = 8443\n" + R"(
[listen]
https = "[::]:443"
http_redirect = "0.0.0.0:80"
trusted_proxies = ["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"]
proxy_protocol = true
[tls]
certificates = [{ certificate = "a.pem", key = "./a.key" }]
[store]
engine = "postgres"
conninfo = "host=/run/postgresql dbname=sallyport passfile=/etc/pgpass"
owner_conninfo = "host=/run/postgresql dbname=sallyport user=sallyport_owner"
connections = 4
queue_max = 100
readers = 3
[audit]
anchor_dir = "/mnt/anchors"
origin = "gate.example.org/log"
[recording]
dir = "/srv/recordings"
reserve_bytes = 1_000_000_000
segment_bytes = 2_000_000
[limits]
header_bytes = 8192
body_bytes = 65536
connections = 100
header_seconds = 5
idle_seconds = 30
handshake_seconds = 3
[password]
cost = { memory_mib = 64, passes = 3 }
[passphrase]
breach_list = "/srv/breach-list"
context_words = ["Sankt Marien", "Marienhospital"]
[authenticators]
metadata_root = "fido-root.pem"
attestation_roots = ["/srv/maker.pem", "other-maker.pem"]
[context]
place_file = "/srv/place.mmdb"
[totp]
window = 0
algorithm = "SHA256"
[push]
hosts = ["push.example", "*.push.example.net:8443"]
contact = "mailto:it@hospital.example"
ca_file = "/etc/sallyport/push-ca.pem"
[mail]
server = "mail.hospital.example"
tls = "implicit"
from = "sallyport@hospital.example"
user = "sallyport"
password = "file:/etc/sallyport/mail-password"
ca_file = "/etc/sallyport/mail-ca.pem"
languages = ["de"]
[log]
level = "debug"
)" + keys);
    CHECK(settings.server.demo);
    CHECK(settings.server.public_port == 8443);
    CHECK(settings.listen.https == Endpoint{"::", 443});
    CHECK(settings.listen.http_redirect == Endpoint{"0.0.0.0", 80});
    CHECK(settings.listen.trusted_proxies.size() == 3);
    CHECK(settings.listen.proxy_protocol);
    CHECK(settings.tls.certificates.at(0).certificate == "/etc/sallyport/a.pem");
    CHECK(settings.tls.certificates.at(0).key == "/etc/sallyport/a.key");
    CHECK(settings.store.engine == StoreEngine::postgres);
    CHECK(settings.store.conninfo.starts_with("host=/run/postgresql"));
    CHECK(settings.store.owner_conninfo.ends_with("user=sallyport_owner"));
    CHECK(settings.store.connections == 4);
    CHECK(settings.store.queue_max == 100);
    CHECK(settings.store.readers == 3);
    CHECK(settings.audit.anchor_dir == "/mnt/anchors");
    CHECK(settings.audit.origin == "gate.example.org/log");
    CHECK(settings.recording.dir == "/srv/recordings");
    CHECK(settings.recording.reserve_bytes == 1'000'000'000);
    CHECK(settings.recording.segment_bytes == 2'000'000);
    CHECK(settings.limits.header_bytes == 8192);
    CHECK(settings.limits.body_bytes == 65536);
    CHECK(settings.limits.connections == 100);
    CHECK(settings.limits.header_timeout == 5s);
    CHECK(settings.limits.idle_timeout == 30s);
    CHECK(settings.limits.handshake_timeout == 3s);
    CHECK(settings.password.cost == crypto::PasswordCost{std::size_t{64} << 20, 3});
    CHECK(settings.passphrase.breach_list == "/srv/breach-list");
    CHECK(settings.passphrase.breach_list_is_named);
    CHECK(settings.authenticators.metadata_root == "/etc/sallyport/fido-root.pem");
    CHECK(
        settings.authenticators.attestation_roots ==
        std::vector<std::string>{"/srv/maker.pem", "/etc/sallyport/other-maker.pem"}
    );
    CHECK(settings.context.place_file == "/srv/place.mmdb");
    CHECK(settings.passphrase.context_words.at(1) == "Marienhospital");
    CHECK(settings.totp.window == 0);
    CHECK(settings.totp.algorithm == crypto::HashAlgorithm::sha256);
    CHECK(settings.push.hosts.at(1) == "*.push.example.net:8443");
    CHECK(settings.push.contact == "mailto:it@hospital.example");
    CHECK(settings.push.ca_file == "/etc/sallyport/push-ca.pem");
    CHECK(settings.mail.server == "mail.hospital.example");
    CHECK(settings.mail.tls == MailTls::implicit);
    CHECK(settings.mail.port == 465);
    CHECK(settings.mail.from == "sallyport@hospital.example");
    CHECK(settings.mail.user == "sallyport");
    CHECK(settings.mail.password == "/etc/sallyport/mail-password");
    CHECK(settings.mail.ca_file == "/etc/sallyport/mail-ca.pem");
    CHECK(settings.mail.languages == std::vector{Language::german});
    CHECK(settings.log.level == log::Level::debug);
}

TEST_CASE("mail is encrypted by default, and unencrypted to this machine only") {
    const auto mail = [](const std::string& lines) {
        return minimal + "[mail]\nfrom = \"a@hospital.example\"\n" + lines;
    };
    const auto settings = parsed(mail("server = \"mail.hospital.example\"\n"));
    CHECK(settings.mail.tls == MailTls::starttls);
    CHECK(settings.mail.port == 587);
    CHECK(parsed(mail("server = \"127.0.0.1\"\ntls = \"none\"\n")).mail.port == 25);
    CHECK(mistakes(mail("server = \"mail.hospital.example\"\ntls = \"none\"\n"))
              .contains("mail.tls may be none only where server is this machine"));
    CHECK(mistakes(mail("server = \"localhost\"\ntls = \"none\"\nuser = \"a\"\npassword = "
                        "\"file:/p\"\n"))
              .contains("mail.user needs tls"));
    CHECK(mistakes(mail("server = \"mail.hospital.example\"\nuser = \"a\"\n"))
              .contains("mail.password is missing"));
    CHECK(mistakes(mail("server = \"mail.hospital.example:25\"\n")).contains("mail.server must be")
    );
    CHECK(mistakes(minimal + "[mail]\nserver = \"mail.hospital.example\"\n")
              .contains("mail.from is missing"));
    CHECK(mistakes(minimal + "[mail]\nfrom = \"a@b\\r\\nBcc: c@d\"\n").contains("mail.from must"));
    CHECK_FALSE(
        mistakes(mail("server = \"m.example\"\nuser = \"a\"\npassword = \"hunter2!\"\n")).empty()
    );
}

TEST_CASE("mails are in both languages but where the file says which, each once") {
    const auto mail = [](const std::string& line) { return minimal + "[mail]\n" + line; };
    CHECK(parsed(minimal).mail.languages == std::vector{Language::english, Language::german});
    CHECK(
        parsed(mail("languages = [\"de\", \"en\"]")).mail.languages ==
        std::vector{Language::german, Language::english}
    );
    CHECK(
        mistakes(mail("languages = [\"en\",\n  \"fr\"]")) ==
        "x.toml:16:3: mail.languages must hold \"en\", \"de\" or both"
    );
    CHECK(
        mistakes(mail("languages = [\"de\", \"de\"]")) ==
        "x.toml:15:1: mail.languages must name each language once"
    );
    CHECK(
        mistakes(mail("languages = []")) ==
        "x.toml:15:1: mail.languages must name a language, or mails would be empty"
    );
    CHECK(
        mistakes(mail("languages = \"de\"")) ==
        "x.toml:15:1: mail.languages must be a list of texts in brackets"
    );
}

TEST_CASE("an unknown key is refused with file, line, column and the nearest valid name") {
    CHECK(mistakes(replaced(minimal, "node", "nodee"))
              .contains("x.toml:3:1: server.nodee is not a setting; did you mean node?"));
    CHECK(mistakes(minimal + "[limits]\n  headr_bytes = 8192\n")
              .contains(
                  "x.toml:15:3: limits.headr_bytes is not a setting; did you mean header_bytes?"
              ));
    CHECK(mistakes(minimal + "[recordings]\ndir = \"x\"\n")
              .contains("recordings is not a setting; did you mean recording?"));
    CHECK(mistakes(minimal + "[audit]\nfrequency = 5\n")
              .contains("audit.frequency is not a setting; known here: anchor_dir, origin"));
    CHECK(
        mistakes(minimal + "[[tls.certificates]]\ncertificate = \"./c\"\nkey = \"./k\"\nname = 1\n")
            .contains("tls.certificates.name is not a setting")
    );
}

TEST_CASE("all mistakes are told at once, in the order of the file") {
    const auto text = mistakes(R"([server]
node = 5
data_dir = "d"
sign_in_host = "https://sallyport"
device_suffix = "10.0.0.1"
public_port = 70000
[listen]
https = "localhost:443"
[log]
level = "loud"
)");
    CHECK(
        text ==
        "x.toml:1:1: keys.log_key is missing; docs/sallyport.example.toml explains it\n"
        "x.toml:1:1: keys.master_key is missing; docs/sallyport.example.toml explains it\n"
        "x.toml:2:1: server.node must be text in quotation marks\n"
        "x.toml:4:1: server.sign_in_host must be a host name in lower case, such as "
        "sallyport.example.org, without a port\n"
        "x.toml:5:1: server.device_suffix must be a host name in lower case, such as "
        "sallyport.example.org, without a port\n"
        "x.toml:6:1: server.public_port must be a whole number from 1 to 65535\n"
        "x.toml:8:1: listen.https must be an IP address and a port, such as 0.0.0.0:443 or "
        "[::]:443\n"
        "x.toml:10:1: log.level must be one of: debug, info, warning, error"
    );
}

TEST_CASE("values are held to their bounds") {
    for (const std::string bad :
         {"[limits]\nheader_bytes = 4095",
          "[limits]\nheader_bytes = 1048577",
          "[limits]\nbody_bytes = -1",
          "[limits]\nconnections = 0",
          "[limits]\nheader_seconds = 0",
          "[limits]\nidle_seconds = 3601",
          "[limits]\nhandshake_seconds = 1.5",
          "[limits]\nidle_seconds = \"75\"",
          "[recording]\nreserve_bytes = 0",
          "[recording]\nsegment_bytes = 9223372036854775807",
          "[passphrase]\ncontext_words = [\"abc\"]",
          "[passphrase]\ncontext_words = \"Marienhospital\"",
          "[totp]\nwindow = 2",
          "[totp]\nwindow = -1",
          "[totp]\nalgorithm = \"MD5\"",
          "[push]\nhosts = [\"push.example\"]",
          "[push]\ncontact = \"mailto:a@b.example\"\nhosts = [\"*\"]",
          "[push]\ncontact = \"mailto:a@b.example\"\nhosts = [\"https://push.example\"]",
          "[push]\ncontact = \"mailto:a@b.example\"\nhosts = [\"push.example:\"]",
          "[push]\ncontact = \"it@b.example\"\nhosts = [\"push.example\"]",
          "[password]\ncost = { memory_mib = 18, passes = 2 }",
          "[password]\ncost = { memory_mib = 19, passes = 1 }",
          "[password]\ncost = \"cheap\"",
          "[password]\ncost = 5",
          "[store]\nengine = \"mysql\"",
          "[store]\nengine = \"postgres\"",
          "[store]\nconninfo = \"dbname=x\"",
          "[store]\nengine = \"postgres\"\npath = \"/x\"",
          "[store]\nowner_conninfo = \"dbname=x\"",
          "[store]\nengine = \"postgres\"\nowner_conninfo = \"dbname=x\"",
          "[store]\nengine = \"postgres\"\nconninfo = \"dbname=x\"\nowner_conninfo = "
          "\"dbname=x\"",
          "[store]\nengine = \"postgres\"\nconninfo = \"dbname=x\"\nowner_conninfo = "
          "\"postgresql://db/x\"",
          "[audit]\norigin = \"two words\"",
          "[audit]\nanchor_dir = \"\"",
          "[tls]\ncertificates = \"x\"",
          "[tls]\ncertificates = [1]",
          "tls = 5",
          "[[tls.certificates]]\ncertificate = \"./x\""}) {
        CHECK_MESSAGE(mistakes(minimal + bad + "\n").starts_with("x.toml:"), bad);
    }
    for (const std::string good :
         {"[limits]\nheader_bytes = 4096",
          "[limits]\nheader_bytes = 1048576",
          "[password]\ncost = { memory_mib = 19, passes = 2 }",
          "[password]\ncost = \"auto\"",
          "[password]\ncost = { passes = 4 }"}) {
        CHECK_MESSAGE(mistakes(minimal + good + "\n") == "accepted", good);
    }
}

TEST_CASE("proxies are listed one by one, and the PROXY protocol needs them") {
    const auto with = [](const std::string& line) {
        return mistakes(server + listen + line + "\n" + keys);
    };
    CHECK(with("trusted_proxies = [\"10.0.0.0/8\", \"::1\"]") == "accepted");
    CHECK(with("trusted_proxies = [\"0.0.0.0/0\"]").contains("must not list everybody"));
    CHECK(with("trusted_proxies = [\"::/0\"]").contains("must not list everybody"));
    CHECK(with("trusted_proxies = [\"10.1.2.3/8\"]").contains("x.toml:10:20"));
    CHECK(with("trusted_proxies = \"10.0.0.0/8\"").contains("list"));
    CHECK(with("proxy_protocol = true").contains("needs trusted_proxies"));
    CHECK(with("http_redirect = \"127.0.0.1:8443\"").contains("another address or port"));
}

TEST_CASE("relative paths start at the configuration file's folder") {
    const auto text = replaced(minimal, "\"/var/lib/sallyport\"", "\"data/../data/\"");
    CHECK(parsed(text).server.data_dir == "/etc/sallyport/data");
    CHECK(parsed(text).store.path == "/etc/sallyport/data/sallyport.db");
    const auto here = parse_settings(text, {"sallyport.toml", std::nullopt});
    CHECK(here.value().server.data_dir == "data");
}

TEST_CASE("keys may be named as file: and systemd-cred: references") {
    const auto text = replaced(
        replaced(minimal, "\"/etc/sallyport/master.key\"", "\"systemd-cred:master.key\""),
        "\"/etc/sallyport/log.key\"",
        "\"file:/run/log.key\""
    );
    const auto settings = parse_settings(text, {"x.toml", "/run/credentials/sallyport"});
    REQUIRE(settings.has_value());
    CHECK(settings->keys.master_key == "/run/credentials/sallyport/master.key");
    CHECK(settings->keys.log_key == "/run/log.key");
    CHECK(settings->keys.credentials_dir == "/run/credentials/sallyport");
    CHECK(mistakes(text).contains("keys.master_key refers to a systemd credential"));
    CHECK(mistakes(replaced(text, "systemd-cred:master.key", "systemd-cred:../master.key"))
              .contains("keys.master_key"));
}

TEST_CASE("comments and paths may be in the operator's language") {
    const auto text = replaced(minimal, "/var/lib/sallyport", "/srv/Ger\u00e4te/\u533b\u9662");
    CHECK(
        parsed("# f\u00fcr \u00c4rzte\n" + text).server.data_dir == "/srv/Ger\u00e4te/\u533b\u9662"
    );
}

TEST_CASE("what is not TOML is refused with its place and no quotation") {
    const auto text = mistakes(minimal + "broken = hunter2hunter2\n");
    CHECK(text.starts_with("x.toml:14:"));
    CHECK_FALSE(text.contains("hunter2"));
    CHECK(mistakes("[server]\n  [?]\n").starts_with("x.toml:2:3: not TOML: a section's name"));
    CHECK(mistakes("[server]\nnode = \u00fc\n").starts_with("x.toml:2:"));
    CHECK(mistakes("[server] \u00fc\n").starts_with("x.toml:1:"));
    CHECK(mistakes("\u00fc = 1\n").starts_with("x.toml:1:"));
    CHECK(mistakes("[server]\n[server]\n").contains("not TOML"));
    CHECK(mistakes("a = \"\xff\"\n").contains("not TOML"));
    CHECK(mistakes("a" + std::string(2000, '.') + "\n").contains("over 1024 bytes"));
    CHECK(mistakes(std::string((1 << 20) + 1, '\n')).contains("over 1 MiB"));
    const auto deep = std::string(1000, '[');
    CHECK(mistakes("a = " + deep + "\n").contains("not TOML"));
    std::string dotted = "a";
    for (int i = 0; i < 500; ++i) {
        dotted += ".a";
    }
    CHECK(mistakes(dotted + " = 1\n").contains("a is not a setting"));
}

TEST_CASE("a file that can't be read is refused by name") {
    const test::TemporaryFolder folder;
    const auto absent = load_settings(folder / "none.toml");
    REQUIRE_FALSE(absent);
    CHECK(absent.error().reason == "config.unreadable");
    CHECK(absent.error().detail.contains(folder / "none.toml"));
    CHECK(load_settings(folder.path()).error().reason == "config.unreadable");
    CHECK(load_settings(folder.write("empty.toml", "")).error().reason == "config.refused");
    CHECK(load_settings(folder.write("good.toml", minimal)).has_value());
}

TEST_CASE("cards need all that a card host is made of, once any of it is said") {
    const std::string card = R"(
[card]
listen = "127.0.0.1:8444"
host = "card.example.org"
certificate = "tls/card.pem"
key = "tls/card.key"
anchors = "cards/root.pem"
)";
    CHECK_FALSE(parsed(minimal).card.listen.has_value());
    CHECK_FALSE(parsed(minimal + "[card]\n").card.listen.has_value());
    const auto read = parsed(minimal + card + "crls = [\"a.crl\", \"/srv/b.crl\"]\n").card;
    CHECK(read.listen == Endpoint{"127.0.0.1", 8444});
    CHECK(read.public_port == 8444);
    CHECK(read.anchors == "/etc/sallyport/cards/root.pem");
    CHECK(read.crls == std::vector<std::string>{"/etc/sallyport/a.crl", "/srv/b.crl"});
    CHECK(read.revocation == CardRevocation::crl_or_ocsp);
    CHECK(read.ocsp_nonce);
    CHECK_FALSE(read.pin_asked);

    const auto lacking = mistakes(minimal + "[card]\npin_asked = true\n");
    for (const char* const key : {"listen", "host", "certificate", "key", "anchors"}) {
        CHECK(lacking.contains("card." + std::string(key) + " is missing"));
    }
    const auto with = [&](std::string_view line) {
        return mistakes(minimal + card + std::string(line) + "\n");
    };
    CHECK(with("revocation = \"maybe\"").contains("card.revocation must be one of: crl, ocsp"));
    CHECK(with("revocation_scope = \"some\"").contains("card.revocation_scope must be one of"));
    CHECK(
        with("ocsp_url = \"https://ocsp.example.org/\"").contains("card.ocsp_url must be an http:")
    );
    CHECK(with("policies = [\"1..2\"]").contains("card.policies must hold OIDs"));
    CHECK(with("policies = [\"\"]").contains("card.policies must hold OIDs"));
    CHECK(with("crls = [\"\"]").contains("card.crls must be a path"));
    CHECK(with("pin_aksed = true").contains("did you mean pin_asked?"));
}

TEST_CASE("no text makes the loader fail otherwise than by refusing") {
    const bool held = rc::check([](std::string text) {
        const auto settings = parse_settings(text, {"x.toml", std::nullopt});
        RC_ASSERT(!settings);
        const auto changed = minimal.substr(0, text.size() % minimal.size()) + text;
        static_cast<void>(parse_settings(changed, origin));
    });
    CHECK(held);
}
