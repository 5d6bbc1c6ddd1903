#include "edge/api/posture_routes.h"

#include "domain/policy/workstation_posture.h"
#include "edge/api/answers.h"

#include <nlohmann/json.hpp>

namespace sallyport::api {

namespace {

// The reports come as the text that was exported, so that what is doubled in it is still seen to
// be: a JSON document within another is read once, and loses that.
Result<Reply> take_reports(store::Tx& tx, const Call& call) {
    SP_TRY(const auto text, call.input.required("reports"));
    SP_TRY(const auto reports, policy::parse_posture_reports(text, call.moment.now));
    const auto import = policy::import_posture(tx, call.moment, reports, call.actor);
    return done(
        {{"taken", import.taken}, {"outdated", import.outdated}, {"unknown", import.unknown}},
        "/workstations"
    );
}

}  // namespace

std::vector<Route> posture_routes() {
    return {
        {.method = "POST",
         .path = "/api/workstations/posture",
         .access = Access::session,
         .permission = policy::Permission::user_manage,
         .step_up = StepUp::yes,
         .event = "workstation.posture_reported",
         .kind = Kind::write,
         .handler = take_reports},
    };
}

}  // namespace sallyport::api
