#include "edge/http/tls_certificate.h"

#include "base/core/fault.h"
#include "edge/http/ascii.h"
#include "edge/http/ip_set.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <system_error>

namespace sallyport::http {

namespace {

struct Free {
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }

    void operator()(X509* certificate) const noexcept { X509_free(certificate); }

    void operator()(GENERAL_NAMES* names) const noexcept { GENERAL_NAMES_free(names); }
};

template <class T>
using Owned = std::unique_ptr<T, Free>;

[[noreturn]] void fail(const std::string& file, std::string_view what) {
    throw Fault(fmt::format("TLS certificate {}: {}", file, what));
}

void require_private(const std::string& file) {
    struct stat status{};
    if (stat(file.c_str(), &status) != 0) {
        fail(file, std::generic_category().message(errno));
    }
    if ((status.st_mode & (S_IROTH | S_IWOTH)) != 0) {
        fail(file, "the key may be read by everybody; run chmod 0600 on it");
    }
}

Time time_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) throw Fault("an unreadable time in a certificate");
    return Time(std::chrono::seconds(timegm(&parts)));
}

std::string name_text(const GENERAL_NAME& name) {
    const auto text = [](const ASN1_STRING* string) {
        return std::string_view(
            reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
            static_cast<std::size_t>(ASN1_STRING_length(string))
        );
    };
    if (name.type == GEN_DNS) return lower_case(text(name.d.dNSName));
    if (name.type != GEN_IPADD) return {};
    const auto bytes = text(name.d.iPAddress);
    IpBytes address{};
    if (bytes.size() == 4) {
        address[10] = address[11] = 0xFF;
        std::ranges::copy(bytes, address.begin() + 12);
    } else if (bytes.size() == 16) {
        std::ranges::copy(bytes, address.begin());
    } else {
        return {};
    }
    return ip_text(address);
}

}  // namespace

std::string last_openssl_error() {
    std::array<char, 256> text{};
    const auto code = ERR_peek_last_error();
    ERR_error_string_n(code, text.data(), text.size());
    ERR_clear_error();
    return text.data();
}

void load_certificate(SSL_CTX* context, const CertificateFiles& files) {
    ERR_clear_error();
    struct stat status{};
    if (stat(files.certificate.c_str(), &status) != 0) {
        fail(files.certificate, std::generic_category().message(errno));
    }
    if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
        fail(files.certificate, fmt::format("no certificate in PEM: {}", last_openssl_error()));
    }
    require_private(files.key);
    if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        fail(files.key, fmt::format("no fitting private key in PEM: {}", last_openssl_error()));
    }
    if (SSL_CTX_check_private_key(context) != 1) {
        fail(files.key, fmt::format("is not the key of {}", files.certificate));
    }
}

CertificateInfo read_certificate_info(const std::string& file) {
    const Owned<BIO> bio(BIO_new_file(file.c_str(), "r"));
    if (!bio) fail(file, last_openssl_error());
    const Owned<X509> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!certificate) fail(file, fmt::format("no certificate in PEM: {}", last_openssl_error()));

    CertificateInfo info{.file = file, .names = {}, .not_after = {}};
    info.not_after = time_of(X509_get0_notAfter(certificate.get()));
    const Owned<GENERAL_NAMES> names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)
    ));
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        auto name = name_text(*sk_GENERAL_NAME_value(names.get(), i));
        if (!name.empty()) info.names.push_back(std::move(name));
    }
    return info;
}

bool covers(const CertificateInfo& certificate, std::string_view host) {
    return std::ranges::any_of(certificate.names, [&](std::string_view name) {
        if (same_ignoring_case(name, host)) return true;
        if (!name.starts_with("*.")) return false;
        const auto dot = host.find('.');
        return dot != std::string_view::npos && dot > 0 &&
               same_ignoring_case(name.substr(1), host.substr(dot));
    });
}

CertificateFindings check_certificates(
    const std::vector<CertificateInfo>& certificates,
    const std::vector<std::string>& hosts,
    Time now,
    std::chrono::days warn_within
) {
    CertificateFindings findings;
    for (const auto& host : hosts) {
        const bool covered = std::ranges::any_of(certificates, [&](const auto& certificate) {
            return covers(certificate, host);
        });
        if (!covered) findings.uncovered_hosts.push_back(host);
    }
    for (const auto& certificate : certificates) {
        if (certificate.not_after - now < warn_within) {
            findings.expiring.push_back({certificate.file, certificate.not_after});
        }
    }
    return findings;
}

}  // namespace sallyport::http
