#include "edge/gateway/http/visit.h"

#include "edge/gateway/http/request_wire.h"

#include <utility>
#include <vector>

namespace sallyport::gateway {

Visit::Visit(
    VisitFacts facts,
    const HostMap& hosts,
    std::shared_ptr<recording::Recording> recording,
    vault::LentCredential credential
)
    : facts_(std::move(facts)),
      hosts_(hosts),
      recording_(std::move(recording)),
      patterns_(
          std::make_shared<const CredentialPatterns>(credential.user_name, credential.password)
      ),
      token_(basic_token(credential.user_name, credential.password)),
      unmaskable_(credential.unmaskable),
      active_(facts_.opened_monotonic.count()) {}

std::uint64_t Visit::enter(std::function<void()> on_end) {
    const std::lock_guard lock(mutex_);
    if (ended_.load()) return 0;
    lanes_.emplace(++lanes_made_, std::move(on_end));
    return lanes_made_;
}

void Visit::leave(std::uint64_t lane) {
    std::function<void()> last;
    {
        const std::lock_guard lock(mutex_);
        lanes_.erase(lane);
        if (ended_.load() && lanes_.empty()) last = std::exchange(on_last_, nullptr);
    }
    if (last) last();
}

void Visit::set_identified(const std::string& peer, Duration monotonic) {
    const std::lock_guard lock(mutex_);
    identified_peer_ = peer;
    identified_at_ = monotonic;
}

bool Visit::is_identified(const std::string& peer, Duration monotonic, Duration for_long) const {
    const std::lock_guard lock(mutex_);
    return identified_peer_ == peer && monotonic - identified_at_ < for_long;
}

void Visit::end(std::string_view cause) {
    std::vector<std::function<void()>> told;
    std::function<void()> last;
    {
        const std::lock_guard lock(mutex_);
        if (ended_.exchange(true)) return;
        cause_ = cause;
        for (const auto& [lane, on_end] : lanes_) {
            told.push_back(on_end);
        }
        if (lanes_.empty()) last = std::exchange(on_last_, nullptr);
    }
    for (const auto& on_end : told) {
        on_end();
    }
    if (last) last();
}

void Visit::on_last(std::function<void()> callback) {
    {
        const std::lock_guard lock(mutex_);
        const bool over = ended_.load() && lanes_.empty();
        if (!over) {
            on_last_ = std::move(callback);
            return;
        }
    }
    callback();
}

std::string Visit::cause() const {
    const std::lock_guard lock(mutex_);
    return cause_;
}

void Visit::hold(policy::Lease lease) {
    const std::lock_guard lock(mutex_);
    lease_ = std::move(lease);
}

void Visit::give_back() {
    std::optional<policy::Lease> lease;
    const std::lock_guard lock(mutex_);
    lease = std::exchange(lease_, std::nullopt);
    patterns_.reset();
    token_ = crypto::Secret::random(1);
}

void Visit::count(std::uint64_t to_device, std::uint64_t from_device) noexcept {
    to_device_ += to_device;
    from_device_ += from_device;
}

OpenVisit Visit::describe() const {
    OpenVisit out{
        .connection = facts_.id,
        .session = facts_.session,
        .account = facts_.account,
        .login_name = facts_.login_name,
        .device = facts_.device.id,
        .device_name = facts_.device.name.text(),
        .grant = facts_.grant.id,
        .opened_at = facts_.opened_at,
        .ends_at = facts_.grant.until,
        .exchanges = exchanges_.load(),
        .to_device_bytes = to_device_.load(),
        .from_device_bytes = from_device_.load(),
    };
    const std::lock_guard lock(mutex_);
    if (lease_) out.ends_at = lease_->ends_at();
    out.sockets = lanes_.size();
    return out;
}

}  // namespace sallyport::gateway
