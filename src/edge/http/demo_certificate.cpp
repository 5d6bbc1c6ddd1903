#include "edge/http/demo_certificate.h"

#include "base/core/fault.h"
#include "edge/http/target.h"
#include "edge/http/tls_certificate.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <memory>
#include <string_view>
#include <system_error>

namespace sallyport::http {

namespace {

constexpr std::chrono::days valid_for{90};
constexpr std::chrono::hours before_now{1};  // for clients whose clock is a little behind

struct Free {
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }

    void operator()(X509* certificate) const noexcept { X509_free(certificate); }

    void operator()(X509_EXTENSION* extension) const noexcept { X509_EXTENSION_free(extension); }

    void operator()(BIO* bio) const noexcept { BIO_free_all(bio); }

    void operator()(BIGNUM* number) const noexcept { BN_free(number); }
};

template <class T>
using Owned = std::unique_ptr<T, Free>;

void require(bool done, std::string_view what) {
    if (!done) throw Fault(fmt::format("demo certificate, {}: {}", what, last_openssl_error()));
}

Owned<EVP_PKEY> new_key() {
    Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
    require(key != nullptr, "making a key");
    return key;
}

void set_serial(X509* certificate) {
    std::array<unsigned char, 16> bytes{};
    require(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1, "serial number");
    bytes[0] = static_cast<unsigned char>((bytes[0] & 0x3FU) | 0x40U);  // positive, full length
    const Owned<BIGNUM> number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
    const bool set = number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate));
    require(set, "serial number");
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Owned<X509_EXTENSION> extension(
        X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())
    );
    require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, OBJ_nid2sn(kind));
}

Owned<X509> new_certificate(const std::string& common_name, EVP_PKEY* key, Time now) {
    Owned<X509> certificate(X509_new());
    auto* const raw = certificate.get();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
    require(raw != nullptr && X509_set_version(raw, X509_VERSION_3) == 1, "version");
    set_serial(raw);
    const std::time_t begin = (seconds - before_now).count();
    const std::time_t end = (seconds + valid_for).count();
    require(ASN1_TIME_set(X509_getm_notBefore(raw), begin) != nullptr, "time");
    require(ASN1_TIME_set(X509_getm_notAfter(raw), end) != nullptr, "time");
    auto* const name = X509_get_subject_name(raw);
    const bool named = X509_NAME_add_entry_by_txt(
                           name,
                           "CN",
                           MBSTRING_UTF8,
                           reinterpret_cast<const unsigned char*>(common_name.c_str()),
                           -1,
                           -1,
                           0
                       ) == 1;
    require(named, "name");
    require(X509_set_pubkey(raw, key) == 1, "key");
    return certificate;
}

void write_pem(const std::string& file, mode_t mode, const Owned<BIO>& pem) {
    char* data = nullptr;
    const auto size = static_cast<std::size_t>(BIO_get_mem_data(pem.get(), &data));
    ::unlink(file.c_str());
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    const bool written =
        descriptor >= 0 && ::write(descriptor, data, size) == static_cast<ssize_t>(size);
    const int error = errno;
    if (descriptor >= 0) ::close(descriptor);
    if (!written) {
        throw Fault(fmt::format("can't write {}: {}", file, std::generic_category().message(error))
        );
    }
}

Owned<BIO> new_memory() {
    Owned<BIO> memory(BIO_new(BIO_s_secmem()));
    require(memory != nullptr, "memory");
    return memory;
}

void require_name(const std::string& name) {
    const auto plain = name.starts_with("*.") ? name.substr(2) : name;
    if (!parse_authority(plain) || plain.contains(':')) {
        throw Fault(fmt::format("demo certificate: {} is no host name", name));
    }
}

}  // namespace

DemoCertificates make_demo_certificates(
    const std::string& folder, const std::vector<std::string>& names, Time now
) {
    std::vector<std::string> alternative_names;
    std::vector<std::string> permitted;
    for (const auto& name : names) {
        require_name(name);
        alternative_names.push_back("DNS:" + name);
        permitted.push_back("permitted;DNS:" + (name.starts_with("*.") ? name.substr(2) : name));
    }
    if (names.empty()) throw Fault("demo certificate: no names");

    const auto authority_key = new_key();
    const auto authority = new_certificate("Sallyport demo authority", authority_key.get(), now);
    auto* const ca = authority.get();
    require(X509_set_issuer_name(ca, X509_get_subject_name(ca)) == 1, "issuer");
    extend(ca, ca, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    extend(ca, ca, NID_key_usage, "critical,keyCertSign");
    extend(ca, ca, NID_subject_key_identifier, "hash");
    extend(ca, ca, NID_name_constraints, fmt::format("critical,{}", fmt::join(permitted, ",")));
    require(X509_sign(ca, authority_key.get(), EVP_sha256()) > 0, "signing");

    const auto key = new_key();
    const auto leaf = new_certificate("Sallyport demo", key.get(), now);
    auto* const raw = leaf.get();
    require(X509_set_issuer_name(raw, X509_get_subject_name(ca)) == 1, "issuer");
    extend(raw, ca, NID_basic_constraints, "critical,CA:FALSE");
    extend(raw, ca, NID_key_usage, "critical,digitalSignature");
    extend(raw, ca, NID_ext_key_usage, "serverAuth");
    extend(raw, ca, NID_subject_alt_name, fmt::format("{}", fmt::join(alternative_names, ",")));
    extend(raw, ca, NID_subject_key_identifier, "hash");
    extend(raw, ca, NID_authority_key_identifier, "keyid");
    require(X509_sign(raw, authority_key.get(), EVP_sha256()) > 0, "signing");

    const DemoCertificates made{
        .authority_file = folder + "/demo-ca.pem",
        .files = {.certificate = folder + "/demo-cert.pem", .key = folder + "/demo-key.pem"},
    };
    const auto ca_pem = new_memory();
    require(PEM_write_bio_X509(ca_pem.get(), ca) == 1, "PEM");
    write_pem(made.authority_file, 0644, ca_pem);
    const auto certificate_pem = new_memory();
    require(PEM_write_bio_X509(certificate_pem.get(), raw) == 1, "PEM");
    write_pem(made.files.certificate, 0644, certificate_pem);
    const auto key_pem = new_memory();
    const bool key_done = PEM_write_bio_PKCS8PrivateKey(
                              key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr
                          ) == 1;
    require(key_done, "PEM");
    write_pem(made.files.key, 0600, key_pem);
    return made;
}

}  // namespace sallyport::http
