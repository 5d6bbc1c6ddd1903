#pragma once
// The breach list in force: asked by enrolment and at sign-in, replaced while the server runs.

#include "base/crypto/secret.h"
#include "domain/authn/breach_list.h"

#include <memory>
#include <mutex>

namespace sallyport::authn {

// Thread-safe.
class BreachCheck {
public:
    // From here on; null: there is none. A question under way ends with the list that it began
    // with.
    void use(std::shared_ptr<const BreachList> list);
    [[nodiscard]] std::shared_ptr<const BreachList> list() const;

    // Whether the passphrase became public in a breach; no if there is no list. Takes what
    // normalised_passphrase() gave. Reads about 150 KiB, so it is for the hash pool. A fault if the
    // list is damaged there. At sign-in it is to be asked of whatever was typed, right or wrong:
    // else its time tells which.
    [[nodiscard]] bool is_breached(const crypto::Secret& normalised) const;

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const BreachList> list_;
};

}  // namespace sallyport::authn
