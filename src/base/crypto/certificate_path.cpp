#include "base/crypto/certificate_path.h"

#include "base/crypto/path_refusal.h"
#include "base/crypto/x509.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace sallyport::crypto {

namespace {

using openssl::require;

// What the callback notes while OpenSSL walks a path.
struct Notes {
    std::vector<CrlStatus> crls;

    CrlStatus& at(int depth) {
        const auto index = static_cast<std::size_t>(std::max(depth, 0));
        if (crls.size() <= index) crls.resize(index + 1, CrlStatus::not_listed);
        return crls[index];
    }
};

// OpenSSL asks here whether to go on after each error. Trouble with a list is noted and left to the
// caller, who may have an OCSP answer; all else ends the search. Only C may call it, so nothing may
// be thrown through: a vector of at most intermediates_max + 2 elements is reserved before.
int note(int ok, X509_STORE_CTX* context) {
    if (ok == 1) return 1;
    auto& notes = *static_cast<Notes*>(X509_STORE_CTX_get_app_data(context));
    const int error = X509_STORE_CTX_get_error(context);
    auto& noted = notes.at(X509_STORE_CTX_get_error_depth(context));
    if (const auto status = crl_trouble(error)) {
        if (noted == CrlStatus::not_listed) noted = *status;
    } else if (error != X509_V_ERR_CERT_REVOKED || noted != CrlStatus::unusable) {
        // (What an unusable list lists is not believed either. A stale list still is.)
        return 0;
    }
    X509_STORE_CTX_set_error(context, X509_V_OK);
    return 1;
}

openssl::Store store_of(std::span<const Certificate> anchors) {
    openssl::Store store(X509_STORE_new());
    require(store != nullptr, "no certificate store");
    for (const auto& anchor : anchors) {
        require(X509_STORE_add_cert(store.get(), anchor.parsed()) == 1, "a trust anchor");
    }
    return store;
}

openssl::Certificates stack_of(std::span<const Certificate> certificates) {
    openssl::Certificates stack(sk_X509_new_null());
    require(stack != nullptr, "no stack of certificates");
    for (const auto& certificate : certificates) {
        require(
            X509_add_cert(stack.get(), certificate.parsed(), X509_ADD_FLAG_UP_REF) == 1,
            "an intermediate certificate"
        );
    }
    return stack;
}

openssl::Crls stack_of(std::span<const Crl> crls) {
    openssl::Crls stack(sk_X509_CRL_new_null());
    require(stack != nullptr, "no stack of CRLs");
    for (const auto& crl : crls) {
        require(X509_CRL_up_ref(crl.parsed()) == 1, "a CRL");
        if (sk_X509_CRL_push(stack.get(), crl.parsed()) == 0) {
            X509_CRL_free(crl.parsed());
            require(false, "a CRL");
        }
    }
    return stack;
}

// Policies are always processed: OpenSSL counts policyConstraints as understood, so that without
// this flag a critical "requireExplicitPolicy" would pass unread.
unsigned long flags_of(const PathInput& input) {
    unsigned long flags = X509_V_FLAG_POLICY_CHECK | X509_V_FLAG_TRUSTED_FIRST;
    if (input.conformance == Conformance::strict) flags |= X509_V_FLAG_X509_STRICT;
    if (input.anchored == Anchors::any_certificate) flags |= X509_V_FLAG_PARTIAL_CHAIN;
    if (!input.policies.empty()) flags |= X509_V_FLAG_EXPLICIT_POLICY;
    if (!input.crls.empty()) flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
    return flags;
}

Result<void> set_rules(X509_VERIFY_PARAM* parameters, const PathInput& input) {
    X509_VERIFY_PARAM_set_time(parameters, openssl::seconds_of(input.now));
    X509_VERIFY_PARAM_set_depth(parameters, input.intermediates_max);
    require(X509_VERIFY_PARAM_set_flags(parameters, flags_of(input)) == 1, "flags of a path");
    for (const auto& policy : input.policies) {
        openssl::Owned<ASN1_OBJECT, ASN1_OBJECT_free> oid(OBJ_txt2obj(policy.c_str(), 1));
        if (oid == nullptr) return refuse(Refusal::invalid, "certificate.policy_malformed", policy);
        require(X509_VERIFY_PARAM_add0_policy(parameters, oid.release()) == 1, "a policy");
    }
    return {};
}

Certificate find(const PathInput& input, const X509* wanted) {
    if (input.leaf.parsed() == wanted) return input.leaf;
    for (const auto& among : {input.intermediates, input.anchors}) {
        for (const auto& certificate : among) {
            if (certificate.parsed() == wanted) return certificate;
        }
    }
    throw Fault("OpenSSL found a path through a certificate that it was not given");
}

CertificatePath path_of(X509_STORE_CTX* context, const PathInput& input, Notes notes) {
    CertificatePath path;
    const auto* chain = X509_STORE_CTX_get0_chain(context);
    for (int i = 0; i < sk_X509_num(chain); ++i) {
        path.certificates.push_back(find(input, sk_X509_value(chain, i)));
    }
    // Without any list OpenSSL was not told to look.
    const auto untold = input.crls.empty() ? CrlStatus::missing : CrlStatus::not_listed;
    path.crls = std::move(notes.crls);
    path.crls.resize(path.certificates.size(), untold);
    return path;
}

}  // namespace

Result<CertificatePath> find_certificate_path(const PathInput& input) {
    const openssl::ErrorsDropped dropped;
    const auto store = store_of(input.anchors);
    const auto intermediates = stack_of(input.intermediates);
    const auto crls = stack_of(input.crls);
    const openssl::StoreContext context(X509_STORE_CTX_new());
    require(
        context != nullptr &&
            X509_STORE_CTX_init(
                context.get(), store.get(), input.leaf.parsed(), intermediates.get()
            ) == 1,
        "the search for a path"
    );
    SP_CHECK(set_rules(X509_STORE_CTX_get0_param(context.get()), input));
    X509_STORE_CTX_set0_crls(context.get(), crls.get());

    Notes notes;
    notes.crls.reserve(static_cast<std::size_t>(input.intermediates_max) + 8);
    X509_STORE_CTX_set_app_data(context.get(), &notes);
    X509_STORE_CTX_set_verify_cb(context.get(), note);
    const int answer = X509_verify_cert(context.get());
    const int error = X509_STORE_CTX_get_error(context.get());
    if (answer == 1 && error == X509_V_OK) {
        return path_of(context.get(), input, std::move(notes));
    }
    const auto* at = X509_STORE_CTX_get_current_cert(context.get());
    return refuse_path(error, at);
}

}  // namespace sallyport::crypto
