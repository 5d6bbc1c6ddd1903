#pragma once
// The one route table: what a path asks for before it answers. A route without a declared
// permission can't be added, and the server does not start without the table being whole
// (S0-71). Pages and JSON share it; the command line speaks the JSON half.

#include "base/core/moment.h"
#include "base/core/result.h"
#include "base/store/tx.h"
#include "domain/audit/event.h"
#include "domain/policy/lease.h"
#include "domain/policy/permit.h"
#include "domain/session/session.h"
#include "edge/api/input.h"
#include "edge/http/message.h"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::api {

enum class Access : std::uint8_t {
    open,     // anybody: sign-in, enrolment, health, assets; listed in docs/openapi.yaml as public
    session,  // a session whose role has the route's permission
};

enum class StepUp : std::uint8_t { no, yes };
enum class Activity : std::uint8_t { person, background };  // polling keeps nobody signed in
enum class Kind : std::uint8_t { read, write };
// When the audit log is not trustworthy, what changes something is refused, but for what takes
// access away, proves a person, or looks at the evidence.
enum class InAlarm : std::uint8_t { refused, allowed };

// What a handler knows about who calls. Session and Permit are null where access is open; where
// they are not, the Permit was made for this route's permission.
struct Call {
    const http::Request& request;
    const Input& input;                           // query, form or JSON members
    const std::vector<std::string>& path_values;  // of {placeholders}, in order
    const Moment& moment;
    const policy::Policy& policy;
    const session::Session* session;
    const policy::Permit* permit;
    audit::Actor actor;
};

// What must happen once the commit is durable and before the answer goes out.
struct AfterCommit {
    std::vector<std::pair<SessionId, policy::CutCause>> ended_sessions;
    std::vector<SessionId> rotated_sessions;  // alive under another token
    std::vector<std::pair<AccountId, policy::CutCause>> ended_accounts;
    std::vector<std::pair<GrantId, policy::CutCause>> ended_grants;
    std::vector<std::pair<DeviceId, policy::CutCause>> ended_devices;
    std::vector<ConnectionId> ended_connections;
    std::shared_ptr<const policy::Policy> policy;  // the version just applied, if one was
};

// What a handler answers with. Whoever sent JSON or asked for it gets `json`; whoever sent a form
// gets `page`, or is sent on to `location`.
struct Reply {
    int status = 200;
    std::string json;
    std::string page;
    std::string location;
    std::string refresh;               // with `page`: where the browser goes on to by itself
    bool clears_site = false;          // another person goes on: what the browser kept is dropped
    std::vector<std::string> cookies;  // Set-Cookie values
    std::string content_type;          // of `json`, if it is something else (a HAR file)
    std::string file_name;             // offered for download
    http::BodyPieces pieces;           // instead of `json` and `page`: a body made while it is sent
    AfterCommit after;
};

// Runs inside one transaction, on a database thread; may be run again (store::Database).
using Handler = std::function<Result<Reply>(store::Tx&, const Call&)>;

// For the few that wait for something else between transactions (password hashing).
struct LongCall {
    http::Request request;
    Input input;
    std::vector<std::string> path_values;
    std::optional<session::Session> session;
    audit::Actor actor;
};

using LongHandler = std::function<boost::asio::awaitable<Result<Reply>>(LongCall)>;

struct Route {
    std::string_view method;
    std::string_view path;  // "/api/devices/{id}"
    Access access;
    std::optional<policy::Permission> permission = std::nullopt;  // required for Access::session
    StepUp step_up = StepUp::no;
    // As its fresh proof, for 15 minutes: what binds an authenticator (policy/permit.h).
    bool recovery_code_counts = false;
    std::string_view event;  // the audit event that a success leaves; "-" for what leaves none
    Kind kind = Kind::read;
    Handler handler = nullptr;  // exactly one of the two
    LongHandler long_handler = nullptr;
    Activity activity = Activity::person;
    InAlarm in_alarm = InAlarm::refused;  // matters where kind is write
};

}  // namespace sallyport::api
