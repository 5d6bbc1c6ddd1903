#pragma once
// The factor outage matrix: what still signs people in, and whom it leaves outside, when something
// around the hospital's server is gone. Computed from the policy in force and from what people have
// bound, so that it can't be out of date (S1-39 asks what is left; this says it beforehand).

#include "base/core/id.h"
#include "base/core/time.h"
#include "base/store/tx.h"
#include "domain/authn/authenticator.h"
#include "domain/policy/policy.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::authn {

// What may be gone.
enum class Outage : std::uint8_t {
    internet,
    mail,          // the hospital's mail server
    push_service,  // which wakes phones; phones whose page is open ask by themselves
    directory,     // a directory of people kept elsewhere
    clock,         // ours is not trusted: it runs behind a time that it has seen
};

inline constexpr std::array all_outages{
    Outage::internet, Outage::mail, Outage::push_service, Outage::directory, Outage::clock
};

[[nodiscard]] std::string_view to_text(Outage outage) noexcept;

// What this site's factors lean on beside the server itself.
struct Surroundings {
    bool push_service = false;        // phones are woken through one
    bool certificate_status = false;  // a certificate's state is asked for over the internet
    bool smart_cards = false;         // there is a listener for them
    bool mail = false;                // it sends mail, to mailboxes that are anywhere
};

// In order of harm.
enum class Effect : std::uint8_t {
    none,
    by_hand,  // works, with a step more: the phone's page has to be opened
    lost,
};

[[nodiscard]] std::string_view to_text(Effect effect) noexcept;

// Pure. What the outage does to one factor.
[[nodiscard]] Effect effect_on(
    AuthenticatorKind factor, Outage outage, const Surroundings& surroundings
) noexcept;

// What somebody proves who they are with, all of it together.
struct WayIn {
    std::string_view name;  // "passphrase_and_app"; stable
    std::array<Effect, all_outages.size()> under;
};

inline constexpr std::size_t shut_out_names_max = 20;

struct ShutOut {
    std::int64_t people = 0;
    std::vector<std::string> login_names;  // the first shut_out_names_max of them
};

struct RoleInOutages {
    std::string role;
    std::string scope;
    policy::Strength strength;     // what is demanded now
    std::vector<WayIn> ways;       // that satisfy it
    std::vector<WayIn> ways_back;  // for who was locked, or has lost what they sign in with
    std::int64_t people = 0;       // active accounts
    ShutOut already;               // what these have bound does not suffice today
    std::array<ShutOut, all_outages.size()> shut_out;  // these could today, and can't then
};

// An active account and what it has bound.
struct Holder {
    std::string login_name;
    std::string role;
    std::vector<Authenticator> authenticators;
};

// One row for each role of the policy. Holders are counted one after the other, so that a hundred
// thousand of them need not be in memory together.
class OutageCount {
public:
    // `policy` as CurrentPolicy gives it: with what is demanded now.
    OutageCount(const policy::Policy& policy, const Surroundings& surroundings, Time now);

    // A role that the policy does not know signs nobody in and is left out.
    void add(const Holder& holder);

    [[nodiscard]] const std::vector<RoleInOutages>& roles() const noexcept { return roles_; }

private:
    [[nodiscard]] bool can_sign_in(
        std::span<const Authenticator> authenticators, policy::Strength demanded
    ) const noexcept;

    std::vector<RoleInOutages> roles_;
    Surroundings surroundings_;
    Time now_;
};

// Of everybody in the store.
[[nodiscard]] std::vector<RoleInOutages> factor_outages(
    store::Tx& tx, const policy::Policy& policy, const Surroundings& surroundings, Time now
);

}  // namespace sallyport::authn
