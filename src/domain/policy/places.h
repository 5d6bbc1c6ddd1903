#pragma once
// The place file in force: asked wherever a request comes in, replaced while the server runs.

#include "domain/policy/place_file.h"

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace sallyport::policy {

// Thread-safe.
class Places {
public:
    // From here on; null: there is none.
    void use(std::shared_ptr<const PlaceFile> file);

    // ISO 3166-1 alpha-2. Empty, which is Place::unknown: there is no file, it does not say, or the
    // address can't be read or is of no country (this host's, a private or a link's network). Never
    // a refusal: what an unknown place means is the policy's to say.
    [[nodiscard]] std::string country_of(std::string_view address) const;

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const PlaceFile> file_;
};

}  // namespace sallyport::policy
