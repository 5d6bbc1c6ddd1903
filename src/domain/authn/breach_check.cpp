#include "domain/authn/breach_check.h"

#include <utility>

namespace sallyport::authn {

void BreachCheck::use(std::shared_ptr<const BreachList> list) {
    const std::lock_guard lock(mutex_);
    // The one before goes after the lock: its file is closed then.
    std::swap(list_, list);
}

std::shared_ptr<const BreachList> BreachCheck::list() const {
    const std::lock_guard lock(mutex_);
    return list_;
}

bool BreachCheck::is_breached(const crypto::Secret& normalised) const {
    const auto in_force = list();
    return in_force != nullptr && in_force->contains(normalised);
}

}  // namespace sallyport::authn
