#pragma once
// FIDO's list of models, as it was last imported (webauthn/authenticator_metadata.h): asked by each
// registration, in its own transaction, so that what is imported counts at once.

#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/authn/webauthn/authenticator_metadata.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace sallyport::authn {

struct KeptMetadata {
    std::int64_t number = 0;
    Time next_update;  // the beginning of that day: by its end there is a newer list
    Time imported_at;

    [[nodiscard]] bool is_outdated(Time now) const noexcept {
        return now >= next_update + std::chrono::days(1);
    }
};

// Empty if none was imported.
[[nodiscard]] std::optional<KeptMetadata> find_kept_metadata(store::Tx& tx);

struct ModelCounts {
    std::int64_t models = 0;
    std::int64_t compromised = 0;  // a report against them
};

// Of the kept list.
[[nodiscard]] ModelCounts count_models(store::Tx& tx);

// In the place of what was there. `blob` is what verify_metadata_blob() gave. Refuses conflict
// "metadata.replayed" (its number is not above the kept one's). Nothing is written down: that is
// the caller's.
[[nodiscard]] Result<KeptMetadata> keep_metadata(
    store::Tx& tx, const Moment& moment, const webauthn::MetadataBlob& blob
);

// What the kept list says about the model: one entry, or none.
[[nodiscard]] std::vector<webauthn::AuthenticatorMetadata> metadata_of(
    store::Tx& tx, const webauthn::Aaguid& model
);

}  // namespace sallyport::authn
