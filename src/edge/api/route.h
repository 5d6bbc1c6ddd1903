#pragma once
// The one route table: what a path asks for before it answers. A route without a declared
// permission can't be added, and the server does not start without the table being whole
// (S0-71). Pages and JSON share it; the command line speaks the JSON half.

#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/policy/permit.h"
#include "domain/session/session.h"
#include "edge/http/message.h"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::api {

enum class Access : std::uint8_t {
    open,       // anybody: the sign-in page, health, assets; on the allow-list of docs/openapi.yaml
    in_flow,    // the cookie of a sign-in or enrolment in progress
    session,    // a session whose role has `permission`
};

enum class StepUp : std::uint8_t { no, yes };
enum class Activity : std::uint8_t { person, background };  // background polling keeps nobody signed in

// What a handler knows about who calls. The Permit was made for this route's permission.
struct Call {
    const http::Request& request;
    std::vector<std::string> path_values;  // of {placeholders}, in order
    Moment moment;
    const policy::Policy& policy;
    const session::Session* session;   // null where access is not Access::session
    const policy::Permit* permit;      // likewise
    audit::Actor actor;
};

// What a handler answers with: a status and a JSON text, or a page.
using Reply = http::Response;

// Runs inside one transaction, on a database thread.
using Handler = std::function<Result<Reply>(store::Tx&, const Call&)>;
// For the few that must wait for something else between transactions (password hashing).
using LongHandler = std::function<boost::asio::awaitable<Result<Reply>>(http::Request)>;

struct Route {
    std::string_view method;
    std::string_view path;          // "/api/devices/{id}"
    Access access;
    std::optional<policy::Permission> permission;  // required for Access::session
    StepUp step_up = StepUp::no;
    std::string_view event;         // the audit event that a success leaves; "-" for pure reads of one's own
    Activity activity = Activity::person;
    Handler handler;                // exactly one of the two
    LongHandler long_handler;
};

}  // namespace sallyport::api
