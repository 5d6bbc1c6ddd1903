#pragma once
// A workstation known by its certificate is one for as long as that certificate is good, not only
// when it was shown: it is judged again while its browser's cookie stands for it.

#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/database.h"
#include "base/store/tx.h"
#include "domain/authn/certificate/certificate_trust.h"
#include "domain/authn/certificate/presented_card.h"
#include "domain/directory/workstation.h"

#include <atomic>
#include <chrono>
#include <map>
#include <string>

namespace sallyport::authn {

inline constexpr std::chrono::minutes standing_judged_every{15};
// How long a good judgement counts where no news of revocation comes any more.
inline constexpr std::chrono::hours standing_max{24};

// Never past the certificate's own end.
[[nodiscard]] Time standing_until(const PresentedCard& card, Time now);

struct Standing {
    Time until;
    std::string refused;  // why the last judgement was no yes; empty: it was
};

// Of all workstations that have a certificate.
[[nodiscard]] std::map<directory::WorkstationId, Standing> standings(store::Tx& tx);

// Judges each once. A certificate that is good stands for standing_max more; one that is not (over,
// revoked, its issuer no longer trusted) makes its browser one like any other at once, until it is
// good again; where there is no news, what it had is left to run out. Each change writes
// workstation.certificate_judged. Waits for responders, between transactions; `stopping` ends it
// after the certificate under way.
void judge_workstations(
    store::Database& database,
    const MomentSource& moments,
    const CertificateTrust& trust,
    const AskResponder& ask,
    const std::atomic<bool>& stopping
);

}  // namespace sallyport::authn
