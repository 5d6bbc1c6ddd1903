#include "edge/api/routes.h"

#include "edge/api/audit_routes.h"
#include "edge/api/backup_routes.h"
#include "edge/api/badge_reader_routes.h"
#include "edge/api/badge_routes.h"
#include "edge/api/card_routes.h"
#include "edge/api/cli_sign_in_routes.h"
#include "edge/api/connection_routes.h"
#include "edge/api/current_session_routes.h"
#include "edge/api/device_group_routes.h"
#include "edge/api/device_routes.h"
#include "edge/api/enrolment_routes.h"
#include "edge/api/extra_codes_routes.h"
#include "edge/api/factor_outage_routes.h"
#include "edge/api/grant_routes.h"
#include "edge/api/handoff_routes.h"
#include "edge/api/health_routes.h"
#include "edge/api/home_routes.h"
#include "edge/api/incident_routes.h"
#include "edge/api/language_routes.h"
#include "edge/api/mail_recovery_routes.h"
#include "edge/api/own_badge_routes.h"
#include "edge/api/own_passphrase_routes.h"
#include "edge/api/own_security_routes.h"
#include "edge/api/own_session_routes.h"
#include "edge/api/passkey_routes.h"
#include "edge/api/passphrase_change_routes.h"
#include "edge/api/phone_routes.h"
#include "edge/api/policy_routes.h"
#include "edge/api/posture_routes.h"
#include "edge/api/push_sign_in_routes.h"
#include "edge/api/rebinding_routes.h"
#include "edge/api/recording_routes.h"
#include "edge/api/recovery_routes.h"
#include "edge/api/second_factor_routes.h"
#include "edge/api/session_routes.h"
#include "edge/api/sign_in_routes.h"
#include "edge/api/statistics_routes.h"
#include "edge/api/step_up_routes.h"
#include "edge/api/unlock_routes.h"
#include "edge/api/user_authenticator_routes.h"
#include "edge/api/user_detail_routes.h"
#include "edge/api/user_routes.h"
#include "edge/api/workstation_certificate_routes.h"
#include "edge/api/workstation_routes.h"

#include <algorithm>
#include <iterator>

namespace sallyport::api {

std::vector<Route> all_routes(
    Services& services,
    const authn::Context& authn,
    http::WorkPool& hash_pool,
    http::WorkPool& slow_pool,
    gateway::HttpGateway& gateway
) {
    std::vector<Route> all;
    const auto add = [&all](std::vector<Route> routes) {
        std::ranges::move(routes, std::back_inserter(all));
    };
    add(health_routes(services));
    add(language_routes());
    add(sign_in_routes(services, authn, hash_pool));
    add(push_sign_in_routes(services, authn));
    add(step_up_routes(services, authn, hash_pool));
    add(enrolment_routes(services, authn, hash_pool));
    add(passkey_routes(authn));
    add(rebinding_routes(authn));
    add(extra_codes_routes(authn));
    add(passphrase_change_routes(services, authn, hash_pool));
    add(card_routes(services, authn));
    add(mail_recovery_routes(services, authn));
    add(second_factor_routes(authn));
    add(own_security_routes(services, authn));
    add(own_passphrase_routes(services, authn, hash_pool));
    add(current_session_routes());
    add(own_session_routes());
    add(unlock_routes(services, authn, hash_pool));
    add(badge_reader_routes(services));
    add(badge_routes(services, authn, hash_pool));
    add(own_badge_routes(services, authn, hash_pool));
    add(workstation_routes(services));
    add(workstation_certificate_routes(services, authn));
    add(posture_routes());
    add(phone_routes(services, authn));
    add(home_routes(services));
    add(handoff_routes(services));
    add(session_routes(services));
    add(cli_sign_in_routes(services));
    add(user_routes(services));
    add(user_detail_routes());
    add(user_authenticator_routes());
    add(recovery_routes(services));
    add(incident_routes());
    add(device_routes(services));
    add(device_group_routes(services));
    add(grant_routes(services));
    add(connection_routes(services, gateway));
    add(recording_routes(services, slow_pool));
    add(audit_routes(services));
    add(policy_routes(services));
    add(factor_outage_routes(services));
    add(statistics_routes());
    add(backup_routes(services, slow_pool));
    return all;
}

}  // namespace sallyport::api
