#pragma once
// A body that is made while it is sent, for no longer than the session that asked for it may have
// it. What a request was allowed at its start is not allowed for as long as a slow client likes.

#include "domain/policy/permission.h"
#include "edge/api/services.h"
#include "edge/http/message.h"

namespace sallyport::api {

// `pieces`, each of which leaves only while the store still has the session and the policy in force
// still gives its role `action`; else the body breaks off, so that nobody takes a half for the
// whole. Idleness is not asked about: the memory of it is ahead of the store, and the job that
// knows it ends the session (session::end_expired). A proof that was fresh at the start may age.
// `services` outlives the body.
[[nodiscard]] http::BodyPieces permitted_pieces(
    const Services& services,
    const SessionId& session,
    policy::Permission action,
    http::BodyPieces pieces
);

}  // namespace sallyport::api
