#pragma once
// Workstations known by a certificate of their own (a machine certificate that their browser
// shows), beside the cookie: whose cookie was lost is recognised by it and gets a new one.

#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/authn/certificate/card_presentation.h"
#include "domain/directory/workstation.h"

namespace sallyport::authn {

// After take_card(), whose label and zone are the workstation's. Refuses conflict "card.bound" (a
// person's, or another workstation's), and what directory::register_workstation() refuses.
[[nodiscard]] Result<directory::RegisteredWorkstation> register_workstation(
    store::Tx& tx, const Moment& moment, const TakenCard& taken, const audit::Actor& actor
);

// The workstation that was registered with this certificate, with a new token; the earlier one is
// worth nothing any more. Refuses denied "workstation.not_recognised". Writes
// workstation.recognised.
[[nodiscard]] Result<directory::RegisteredWorkstation> recognise_workstation(
    store::Tx& tx, const Moment& moment, const PresentedCard& card, const audit::Actor& actor
);

}  // namespace sallyport::authn
