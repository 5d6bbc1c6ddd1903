#include "apps/sallyport/card_trust_files.h"

#include "apps/sallyport/command.h"

#include "base/core/log.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

namespace sallyport::cli {

namespace {

constexpr std::size_t certificates_size_max = std::size_t{2} << 20;
// PEM is a third longer than its DER.
constexpr std::size_t list_size_max = crypto::crl_size_max + crypto::crl_size_max / 2;

std::vector<crypto::Certificate> certificates_in(
    recording::Disk& disk, std::string_view setting, const std::string& path
) {
    if (path.empty()) return {};
    const auto bytes = recording::read_file(disk, path, certificates_size_max);
    auto read = crypto::Certificate::all_from_pem(as_text(bytes), crypto::anchors_max);
    if (!read) {
        throw CommandFailed(
            fmt::format("{}: file {} is refused ({})", setting, path, read.error().reason)
        );
    }
    return *std::move(read);
}

Result<crypto::Crl> list_in(recording::Disk& disk, const std::string& path) {
    const auto bytes = recording::read_file(disk, path, list_size_max);
    const auto text = as_text(bytes);
    return text.contains("-----BEGIN") ? crypto::Crl::from_pem(text) : crypto::Crl::from_der(bytes);
}

authn::RevocationPolicy revocation_of(const config::CardSettings& settings) {
    // In the order of config::CardRevocation and config::CardRevocationScope.
    using Source = authn::RevocationSource;
    constexpr std::array sources{
        Source::crl, Source::ocsp, Source::crl_or_ocsp, Source::crl_and_ocsp, Source::none
    };
    constexpr std::array scopes{authn::RevocationScope::whole_path, authn::RevocationScope::leaf};
    return {
        .source = sources.at(static_cast<std::size_t>(settings.revocation)),
        .scope = scopes.at(static_cast<std::size_t>(settings.revocation_scope)),
    };
}

}  // namespace

CardTrustFiles::CardTrustFiles(recording::Disk& disk, config::CardSettings settings)
    : disk_(disk), settings_(std::move(settings)), stamps_(stamps()), trust_(read()) {}

std::shared_ptr<const authn::CertificateTrust> CardTrustFiles::current() {
    const std::lock_guard lock(mutex_);
    auto found = stamps();
    if (found == stamps_) return trust_;
    stamps_ = std::move(found);
    try {
        trust_ = read();
        log::info("files about client certificates read anew");
    } catch (const Fault& fault) {
        log::error("files about client certificates kept as they were", {{"fault", fault.what()}});
    }
    return trust_;
}

std::vector<std::string> CardTrustFiles::unusable_lists() {
    const std::lock_guard lock(mutex_);
    return unusable_;
}

std::vector<std::optional<CardTrustFiles::Stamp>> CardTrustFiles::stamps() const {
    std::vector<std::optional<Stamp>> found;
    const auto add = [&found](const std::string& path) {
        std::error_code no_time;
        std::error_code no_size;
        const Stamp stamp{
            .written_at = std::filesystem::last_write_time(path, no_time),
            .size = std::filesystem::file_size(path, no_size),
        };
        const bool there = !no_time && !no_size;
        found.push_back(there ? std::optional(stamp) : std::nullopt);
    };
    add(settings_.anchors);
    add(settings_.intermediates);
    for (const auto& path : settings_.crls) {
        add(path);
    }
    return found;
}

std::shared_ptr<const authn::CertificateTrust> CardTrustFiles::read() {
    auto trust = std::make_shared<authn::CertificateTrust>();
    trust->anchors = certificates_in(disk_, "card.anchors", settings_.anchors);
    trust->intermediates = certificates_in(disk_, "card.intermediates", settings_.intermediates);
    std::vector<std::string> unusable;
    for (const auto& path : settings_.crls) {
        try {
            auto list = list_in(disk_, path);
            if (list) {
                trust->crls.push_back(*std::move(list));
            } else {
                unusable.push_back(fmt::format("{}: {}", path, list.error().reason));
            }
        } catch (const Fault& fault) {
            unusable.emplace_back(fault.what());
        }
    }
    for (const auto& text : unusable) {
        log::error("a list of revoked certificates can't be used", {{"what", text}});
    }
    unusable_ = std::move(unusable);
    if (settings_.smart_card_logon) {
        trust->chain.purpose = crypto::ClientPurpose::client_auth_or_smart_card_logon;
    }
    trust->chain.policies = settings_.policies;
    trust->revocation = revocation_of(settings_);
    trust->ocsp.nonce =
        settings_.ocsp_nonce ? crypto::OcspNonce::demanded : crypto::OcspNonce::may_be_absent;
    trust->ocsp_url = settings_.ocsp_url;
    trust->key_in_hardware = settings_.key_in_hardware;
    trust->pin_asked = settings_.pin_asked;
    return trust;
}

}  // namespace sallyport::cli
