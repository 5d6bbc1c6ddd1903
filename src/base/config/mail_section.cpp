#include "base/config/mail_section.h"

#include "base/config/host_name.h"
#include "base/core/language.h"
#include "base/core/mail_address.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace sallyport::config {

namespace {

const char* mail_server(std::string_view text) {
    const bool is_address = check_network(text).has_value() && !text.contains('/');
    return is_host_name(text) || is_address
               ? nullptr
               : "must be a host name or an IP address; the port is a setting of its own";
}

const char* mail_address(std::string_view text) {
    return MailAddress::parse(text) ? nullptr : "must be an address such as it@hospital.example";
}

const char* mail_user(std::string_view text) {
    const bool good = !text.empty() && text.size() <= 255 &&
                      std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
    return good ? nullptr : "must be 1 to 255 printable ASCII characters without spaces";
}

const char* mail_language(std::string_view text) {
    return language_by_tag(text) ? nullptr : "must hold \"en\", \"de\" or both";
}

// In clear text a mail can be read on its way, and a code in it used.
void check_mail_tls(Section& section, const MailSettings& mail) {
    if (mail.tls != MailTls::none) return;
    if (mail.server != "localhost" && !is_loopback(mail.server)) {
        section.mistake("tls", "may be none only where server is this machine (127.0.0.1, ::1)");
    }
    if (!mail.user.empty()) section.mistake("user", "needs tls, or its password could be read");
}

void read_languages(Section& section, std::vector<Language>& to) {
    const auto* given = section.find("languages");
    if (given == nullptr) return;
    std::vector<std::string> tags;
    section.texts("languages", tags, mail_language);
    std::vector<Language> languages;
    for (const auto& tag : tags) {
        const auto language = language_by_tag(tag).value();
        if (std::ranges::find(languages, language) != languages.end()) {
            return section.mistake("languages", "must name each language once");
        }
        languages.push_back(language);
    }
    const auto* list = given->as<toml::Array>();
    if (list != nullptr && list->empty()) {
        section.mistake("languages", "must name a language, or mails would be empty");
    }
    if (!languages.empty()) to = std::move(languages);
}

}  // namespace

void read_mail_section(Section section, MailSettings& to) {
    constexpr std::uint16_t implicit_port = 465;
    constexpr std::uint16_t relay_port = 25;
    section.text("server", to.server, Need::optional, mail_server);
    section.choice<MailTls>(
        "tls",
        to.tls,
        {{"starttls", MailTls::starttls}, {"implicit", MailTls::implicit}, {"none", MailTls::none}}
    );
    if (to.tls == MailTls::implicit) to.port = implicit_port;
    if (to.tls == MailTls::none) to.port = relay_port;
    section.integer("port", to.port, 1, 65535);
    const auto need = to.server.empty() ? Need::optional : Need::required;
    section.text("from", to.from, need, mail_address);
    section.text("user", to.user, Need::optional, mail_user);
    section.path("password", to.password, to.user.empty() ? Need::optional : Need::required);
    if (to.user.empty() && !to.password.empty()) section.mistake("user", "is missing");
    section.path("ca_file", to.ca_file, Need::optional);
    read_languages(section, to.languages);
    check_mail_tls(section, to);
    section.finish();
}

}  // namespace sallyport::config
