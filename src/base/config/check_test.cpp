#include "tests/support/temporary_folder.h"

#include "base/config/config.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

using namespace sallyport;
using namespace sallyport::config;

namespace {

// A server whose folders and keys are all as they should be.
struct Sound {
    test::TemporaryFolder data;
    test::TemporaryFolder etc;
    test::TemporaryFolder anchors;
    Settings settings;

    Sound() {
        settings.server.node = "gate-1";
        settings.server.data_dir = data.path();
        settings.server.sign_in_host = "sallyport.example.org";
        settings.server.device_suffix = "gate.example.net";
        settings.listen.https = {"127.0.0.1", 8443};
        settings.store.path = data / "sallyport.db";
        settings.recording.dir = data / "recordings";
        settings.keys.master_key = etc.write("master.key", "");
        settings.keys.log_key = etc.write("log.key", "");
        settings.tls.certificates = {{etc.write("a.pem", "", 0644), etc.write("a.key", "")}};
        settings.audit.anchor_dir = anchors.path();
    }

    // The only finding's text, with its severity in front; empty if there is none.
    [[nodiscard]] std::string finding() const {
        const auto found = check_settings(settings);
        if (found.empty()) return {};
        CHECK(found.size() == 1);
        return (found[0].severity == Finding::error ? "error: " : "warning: ") + found[0].text;
    }
};

}  // namespace

TEST_CASE("a sound server has no findings") {
    CHECK(Sound().finding().empty());
}

TEST_CASE("a device suffix under the console's registrable domain is refused, or told in the demo"
) {
    Sound sound;
    sound.settings.server.device_suffix = "gate.example.org";
    CHECK(sound.finding().starts_with("error: server.device_suffix gate.example.org shares"));
    CHECK(sound.finding().contains("example.org with server.sign_in_host sallyport.example.org"));
    sound.settings.server.demo = true;
    CHECK(sound.finding().starts_with("warning: server.device_suffix"));
}

TEST_CASE("the demo's own names are two sites") {
    Sound sound;
    sound.settings.server.demo = true;
    sound.settings.server.sign_in_host = "sallyport.localhost";
    sound.settings.server.device_suffix = "gate.localhost";
    CHECK(sound.finding().empty());
}

TEST_CASE("a console among the devices is refused even in the demo") {
    for (const char* host : {"gate.example.net", "sallyport.gate.example.net"}) {
        Sound sound;
        sound.settings.server.demo = true;
        sound.settings.server.sign_in_host = host;
        CHECK(sound.finding().starts_with("error: server.sign_in_host"));
    }
    Sound sound;
    sound.settings.server.device_suffix = "example.net";
    sound.settings.server.sign_in_host = "notexample.net";
    CHECK(sound.finding().empty());
}

TEST_CASE("a key file that others can read is an error naming path, mode and remedy") {
    Sound sound;
    ::chmod(sound.settings.keys.master_key.c_str(), 0644);
    const auto text = sound.finding();
    CHECK(text.starts_with("error: keys.master_key: file " + sound.settings.keys.master_key));
    CHECK(text.contains("0644"));
    CHECK(text.contains("chmod 0600"));

    Sound log;
    ::chmod(log.settings.keys.log_key.c_str(), 0640);
    CHECK(log.finding().starts_with("error: keys.log_key"));

    Sound tls;
    ::chmod(tls.settings.tls.certificates[0].key.c_str(), 0604);
    CHECK(tls.finding().starts_with("error: tls.certificates"));
}

TEST_CASE("a missing key, certificate or folder is an error") {
    Sound key;
    std::filesystem::remove(key.settings.keys.master_key);
    CHECK(key.finding().contains("does not exist"));

    Sound certificate;
    std::filesystem::remove(certificate.settings.tls.certificates[0].certificate);
    CHECK(certificate.finding().contains("a.pem can't be read"));

    Sound none;
    none.settings.tls.certificates.clear();
    CHECK(none.finding().starts_with("error: tls.certificates is empty"));

    Sound data;
    data.settings.server.data_dir = data.data / "none";
    data.settings.store.path = data.data / "none/x.db";
    data.settings.recording.dir = data.data / "none/recordings";
    CHECK(data.finding().starts_with("error: server.data_dir " + (data.data / "none")));

    Sound file;
    file.settings.audit.anchor_dir = file.anchors.write("file", "");
    CHECK(file.finding().contains("is not a folder"));
}

TEST_CASE("a data folder that others can change is an error, that they can see a warning") {
    Sound sound;
    ::chmod(sound.data.path().c_str(), 0770);
    CHECK(sound.finding().starts_with("error: server.data_dir"));
    CHECK(sound.finding().contains("0770"));
    ::chmod(sound.data.path().c_str(), 0755);
    CHECK(sound.finding().starts_with("warning: server.data_dir"));
}

TEST_CASE("a log without an anchor, or with one beside it, is a warning") {
    Sound sound;
    sound.settings.audit.anchor_dir.clear();
    CHECK(sound.finding().starts_with("warning: audit.anchor_dir is not set"));
    sound.settings.audit.anchor_dir = sound.data / "anchors";
    std::filesystem::create_directory(sound.settings.audit.anchor_dir);
    ::chmod(sound.settings.audit.anchor_dir.c_str(), 0700);
    CHECK(sound.finding().starts_with("warning: audit.anchor_dir"));
    CHECK(sound.finding().contains("one rollback takes both"));
}

TEST_CASE("a master key within the data folder is a warning") {
    Sound sound;
    sound.settings.keys.master_key = sound.data.write("master.key", "");
    CHECK(sound.finding().starts_with("warning: keys.master_key"));
    CHECK(sound.finding().contains("keep it elsewhere"));
}

TEST_CASE("a systemd credential stands in for the master key's file") {
    Sound sound;
    const test::TemporaryFolder credentials;
    credentials.write("master.key", "", 0440);
    sound.settings.keys.credentials_dir = credentials.path();
    sound.settings.keys.master_key = "/nowhere/master.key";
    CHECK(sound.finding().empty());
    ::chmod((credentials / "master.key").c_str(), 0444);
    CHECK(sound.finding().starts_with("error: keys.master_key"));
}

TEST_CASE("PostgreSQL's password file must be private too") {
    Sound sound;
    const auto path = sound.etc.write("pgpass", "", 0644);
    sound.settings.store.engine = StoreEngine::postgres;
    sound.settings.store.conninfo = "host=db passfile='" + path + "' dbname=x";
    CHECK(sound.finding().contains("store.conninfo passfile: file " + path));
    ::chmod(path.c_str(), 0600);
    CHECK(sound.finding().empty());
    sound.settings.store.conninfo = "passfile=" + path;
    CHECK(sound.finding().empty());
    ::chmod(path.c_str(), 0640);
    sound.settings.store.conninfo = "dbname=x passfile = " + path + " user=sallyport";
    CHECK(sound.finding().contains("store.conninfo passfile: file " + path));
    sound.settings.store.conninfo = "dbname=sslpassfile user=sallyport";
    sound.settings.store.owner_conninfo = "user=owner passfile=" + path;
    CHECK(sound.finding().contains("store.owner_conninfo passfile: file " + path));
    sound.settings.store.owner_conninfo = "user=owner passfile=";
    CHECK(sound.finding().empty());
}

TEST_CASE("a breach list that is named must be there, the default one need not") {
    Sound sound;
    auto& passphrase = sound.settings.passphrase;
    passphrase.breach_list = sound.data / "breach-list";
    CHECK(sound.finding().empty());
    passphrase.breach_list_is_named = true;
    CHECK(sound.finding().starts_with("error: passphrase.breach_list /"));
    CHECK(sound.finding().contains("sallyport breach-list import"));
    passphrase.breach_list = sound.data.write("breach-list", "");
    CHECK(sound.finding().empty());
}

TEST_CASE("a place file that is named must be there") {
    Sound sound;
    sound.settings.context.place_file = sound.etc.file("place.mmdb");
    CHECK(sound.finding().starts_with("error: context.place_file: file /"));
    sound.settings.context.place_file = sound.etc.write("place.mmdb", "");
    CHECK(sound.finding().empty());
}

TEST_CASE("a card host has a name and files of its own, and says when nobody tells of revocation") {
    Sound sound;
    auto& card = sound.settings.card;
    card.host = "sallyport.example.org";
    CHECK(sound.finding().empty());  // nobody listens
    card.listen = {"127.0.0.1", 8444};
    card.certificate = {sound.etc.write("card.pem", "", 0644), sound.etc.write("card.key", "")};
    card.anchors = sound.etc.write("root.pem", "", 0644);
    CHECK(sound.finding().starts_with("error: card.host sallyport.example.org must be neither"));
    card.host = "card.gate.example.net";
    CHECK(sound.finding().starts_with("error: card.host card.gate.example.net"));
    card.host = "card.example.org";
    CHECK(sound.finding().empty());
    card.revocation = CardRevocation::none;
    CHECK(sound.finding().starts_with("warning: card.revocation is \"none\""));
    card.revocation = CardRevocation::crl;
    card.crls = {sound.etc / "cards.crl"};
    CHECK(sound.finding().starts_with("error: card.crls: file"));
    card.crls.clear();
    ::chmod(card.certificate.key.c_str(), 0644);
    CHECK(sound.finding().starts_with("error: card.key: file"));
}

TEST_CASE("a mail password must be its owner's alone, and mail without encryption is told") {
    Sound sound;
    auto& mail = sound.settings.mail;
    mail.password = sound.data / "mail-password";
    CHECK(sound.finding().empty());
    mail.server = "mail.hospital.example";
    CHECK(sound.finding().starts_with("error: mail.password: "));
    mail.password.clear();
    mail.ca_file = sound.data / "mail-ca.pem";
    CHECK(sound.finding().starts_with("error: mail.ca_file /"));
    mail.ca_file.clear();
    mail.tls = MailTls::none;
    CHECK(sound.finding().starts_with("warning: mail.tls is none"));
}

TEST_CASE("a demo that other machines can reach says so") {
    Sound sound;
    sound.settings.server.demo = true;
    sound.settings.listen.https = {"0.0.0.0", 8443};
    CHECK(sound.finding().starts_with("warning: server.demo is on"));
}
