#include "domain/authn/authenticator_metadata_store.h"

#include <set>
#include <string>

namespace sallyport::authn {

using store::value;

namespace {

void insert_model(store::Tx& tx, const webauthn::AuthenticatorMetadata& model) {
    const auto aaguid = webauthn::to_text(model.aaguid);
    tx.execute(
        "INSERT INTO authenticator_model (aaguid, description, compromised) VALUES (?, ?, ?)",
        {aaguid, model.description, model.compromised}
    );
    std::int64_t position = 0;
    for (const auto& root : model.roots) {
        tx.execute(
            "INSERT INTO authenticator_model_root (aaguid, position, certificate) VALUES (?, ?, ?)",
            {aaguid, position++, root.der}
        );
    }
}

}  // namespace

std::optional<KeptMetadata> find_kept_metadata(store::Tx& tx) {
    const auto rows =
        tx.query("SELECT number, next_update, imported_at FROM authenticator_metadata");
    if (rows.empty()) return std::nullopt;
    const auto& row = rows.front();
    return KeptMetadata{
        .number = row.integer(0), .next_update = row.time(1), .imported_at = row.time(2)
    };
}

ModelCounts count_models(store::Tx& tx) {
    const auto rows =
        tx.query("SELECT COUNT(*), COUNT(NULLIF(compromised, '')) FROM authenticator_model");
    return {.models = rows.front().integer(0), .compromised = rows.front().integer(1)};
}

Result<KeptMetadata> keep_metadata(
    store::Tx& tx, const Moment& moment, const webauthn::MetadataBlob& blob
) {
    const auto before = find_kept_metadata(tx);
    if (before && blob.number <= before->number) {
        return refuse(Refusal::conflict, "metadata.replayed");
    }
    tx.execute("DELETE FROM authenticator_model_root");
    tx.execute("DELETE FROM authenticator_model");
    tx.execute("DELETE FROM authenticator_metadata");
    // The first entry of a model counts, as find_authenticator() has it.
    std::set<webauthn::Aaguid> seen;
    for (const auto& model : blob.authenticators) {
        if (seen.insert(model.aaguid).second) insert_model(tx, model);
    }
    const KeptMetadata kept{
        .number = blob.number, .next_update = Time(blob.next_update), .imported_at = moment.now
    };
    tx.execute(
        "INSERT INTO authenticator_metadata (id, number, next_update, imported_at) "
        "VALUES (1, ?, ?, ?)",
        {kept.number, value(kept.next_update), value(kept.imported_at)}
    );
    return kept;
}

std::vector<webauthn::AuthenticatorMetadata> metadata_of(
    store::Tx& tx, const webauthn::Aaguid& model
) {
    const auto aaguid = webauthn::to_text(model);
    const auto rows = tx.query(
        "SELECT description, compromised FROM authenticator_model WHERE aaguid = ?", {aaguid}
    );
    if (rows.empty()) return {};
    webauthn::AuthenticatorMetadata found{
        .aaguid = model,
        .description = rows.front().text(0),
        .roots = {},
        .compromised = rows.front().text(1),
    };
    const auto roots = tx.query(
        "SELECT certificate FROM authenticator_model_root WHERE aaguid = ? ORDER BY position",
        {aaguid}
    );
    for (const auto& row : roots) {
        // It was read when it was imported; one that can't be now trusts nothing.
        auto certificate = crypto::parse_attestation_certificate(row.blob(0));
        if (certificate) found.roots.push_back(*std::move(certificate));
    }
    return {std::move(found)};
}

}  // namespace sallyport::authn
