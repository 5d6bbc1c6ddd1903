#include "edge/api/audit_routes.h"

#include "base/crypto/crypto.h"
#include "domain/audit/log.h"
#include "domain/audit/log_export.h"
#include "edge/api/answers.h"
#include "edge/api/pages/layout.h"
#include "edge/api/paging.h"
#include "edge/http/await.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace sallyport::api {

namespace {

namespace asio = boost::asio;
using policy::Permission;

// An event's value is cut when it is longer (audit/leaf.h); an export's range must not be.
constexpr std::size_t filter_text_size_max = 1000;

Result<audit::Filter> filter_from(const Input& input) {
    audit::Filter filter;
    filter.type_prefix = input.text("type");
    filter.object = input.text("object");
    if (input.has("session")) {
        SP_TRY(const auto session, SessionId::parse(input.text("session")));
        filter.session = session;
    }
    if (input.has("grant")) {
        SP_TRY(const auto grant, GrantId::parse(input.text("grant")));
        filter.grant = grant;
    }
    if (input.has("account")) {
        SP_TRY(const auto account, AccountId::parse(input.text("account")));
        filter.account = account;
    }
    if (!input.text("from").empty()) {
        SP_TRY(const auto from, input.time("from"));
        filter.from = from;
    }
    if (!input.text("until").empty()) {
        SP_TRY(const auto until, input.time("until"));
        filter.until = until;
    }
    if (!input.text("after").empty()) {
        SP_TRY(const auto after, input.integer("after"));
        filter.before_index = after;
    }
    return filter;
}

nlohmann::json to_json(const audit::Entry& entry) {
    nlohmann::json json{
        {"id", entry.id.text()},
        {"at", to_text(entry.at)},
        {"type", entry.type},
        {"who", entry.account_name},
        {"role", entry.role},
        {"source", entry.source},
        {"action", entry.action},
        {"object", entry.object},
        {"outcome", entry.outcome},
        {"reason", entry.reason},
        {"factor", entry.amr},
    };
    if (entry.leaf_index) json["index"] = *entry.leaf_index;
    return json;
}

nlohmann::json to_json_with_leaf(const audit::Entry& entry) {
    auto json = to_json(entry);
    json["leaf"] = entry.leaf_json;  // the exact bytes that the tree hashes
    json["personal"] = nlohmann::json::parse(entry.personal_json, nullptr, false);
    return json;
}

// What was looked for, so that a look is told apart from another without repeating its terms.
std::string digest_of(const Call& call) {
    return to_hex(crypto::sha256(as_bytes(call.request.target)));
}

void note_view(store::Tx& tx, const Call& call, std::size_t rows) {
    auto event = audit::event_by(call.actor, "audit.viewed", "view", "audit");
    event.fields.push_back({"query_digest", digest_of(call)});
    event.fields.push_back({"rows", static_cast<std::int64_t>(rows)});
    audit::append(tx, call.moment, event);
}

struct Events {
    std::vector<audit::Entry> rows;
    std::optional<std::string> next;  // where the list goes on: the last one's leaf index
};

// One page of them, newest first; that it was looked at is on record.
Result<Events> events_wanted(store::Tx& tx, const Call& call) {
    SP_TRY(auto filter, filter_from(call.input));
    SP_TRY(const auto count, rows_wanted(call.input));
    filter.count_max = count + 1;
    auto [rows, more] = store::page_of(audit::list(tx, filter), count);
    note_view(tx, call, rows.size());
    // What is not numbered yet, for the blink of an eye, can't be gone on after.
    std::optional<std::string> next;
    if (more && rows.back().leaf_index) next = std::to_string(*rows.back().leaf_index);
    return Events{std::move(rows), std::move(next)};
}

Result<Reply> list(store::Tx& tx, const Call& call) {
    SP_TRY(const auto events, events_wanted(tx, call));
    auto json = nlohmann::json::array();
    for (const auto& entry : events.rows) {
        json.push_back(to_json(entry));
    }
    nlohmann::json page{{"events", json}};
    if (events.next) page["next"] = *events.next;
    return answer(page);
}

Result<Reply> show(store::Tx& tx, const Call& call) {
    SP_TRY(const auto id, path_id<EventId>(call, 0));
    const auto entry = audit::find(tx, id);
    if (!entry) return refuse(Refusal::not_found, "audit.unknown_event");
    note_view(tx, call, 1);
    return answer(to_json_with_leaf(*entry));
}

// An export under way: what of the log, and how far it is.
struct Export {
    audit::Filter filter;
    audit::ExportRange range;
    audit::ExportCursor cursor;
    std::shared_ptr<const void> place;
};

// One JSON object a line, leaves included, oldest first; made on a database thread.
asio::awaitable<std::string> next_lines(store::Database& database, std::shared_ptr<Export> on) {
    struct Lines {
        std::string text;
        audit::ExportCursor next;
    };

    while (!on->cursor.done) {
        auto work = [&on](store::Tx& tx) -> Lines {
            const auto page = audit::export_page(tx, on->filter, on->range, on->cursor);
            Lines lines{.text = {}, .next = page.next};
            for (const auto& entry : page.entries) {
                lines.text += to_json_with_leaf(entry).dump();
                lines.text += '\n';
            }
            return lines;
        };
        auto lines = co_await http::read(database, std::move(work));
        on->cursor = lines.next;
        if (!lines.text.empty()) co_return std::move(lines.text);
    }
    co_return std::string();
}

// What leaves is on record first, plainly: the range and every condition.
asio::awaitable<Result<Reply>> export_events(Services& services, LongCall call) {
    for (const auto* const paging : {"before", "count"}) {
        if (call.input.has(paging)) {
            co_return refuse(Refusal::invalid, "audit.export_is_whole", paging);
        }
    }
    SP_CO_TRY(auto filter, filter_from(call.input));
    if (filter.type_prefix.size() + filter.object.size() > filter_text_size_max) {
        co_return refuse(Refusal::invalid, "audit.filter_too_long", "object");
    }
    auto place = services.exports.take();
    const auto moment = services.moments.now();
    auto measure = [&](store::Tx& tx) {
        const auto range = audit::export_range(tx);
        return std::pair(range, audit::export_count(tx, filter, range));
    };
    const auto [range, rows] = co_await http::read(services.database, std::move(measure));
    auto begin = [&](store::Tx& tx) -> Result<void> {
        // It may have waited; the session may have been ended since.
        if (!session::find(tx, call.session->id)) {
            return refuse(Refusal::unauthenticated, "session.ended");
        }
        auto event = audit::event_by(call.actor, "audit.exported", "export", "audit");
        event.fields.push_back({"range", audit::to_text(range, filter)});
        event.fields.push_back({"destination", std::string("download")});
        event.fields.push_back({"rows", rows});
        audit::append(tx, moment, event);
        return {};
    };
    const auto noted = co_await http::write(services.database, std::move(begin));
    if (!noted) co_return std::unexpected(noted.error());

    Reply reply;
    reply.content_type = "application/x-ndjson";
    reply.file_name = "sallyport-audit.ndjson";
    // Shared, since a function that holds it must be copyable; there is one answer.
    const auto on = std::make_shared<Export>();
    on->filter = std::move(filter);
    on->range = range;
    on->place = std::move(place);
    reply.pieces = [&database = services.database, on] { return next_lines(database, on); };
    co_return reply;
}

Result<Reply> audit_page(store::Tx& tx, const Call& call) {
    SP_TRY(const auto events, events_wanted(tx, call));
    Html body(
        "<form method=\"get\" action=\"/audit\">",
        input_field("Type begins with", "type", "text", "", call.input.text("type")),
        input_field("Object", "object", "text", "", call.input.text("object")),
        "<button>Find</button></form><h2>Events</h2><table><thead><tr><th>When</th><th>What</th>"
        "<th>Who</th><th>Object</th><th>Outcome</th><th>Factor</th><th>From</th></tr></"
        "thead><tbody>"
    );
    for (const auto& entry : events.rows) {
        body.add(
            "<tr><td>",
            shown(entry.at),
            "</td><td>",
            entry.type,
            "</td><td>",
            entry.account_name,
            " <small>",
            entry.role,
            "</small></td><td>",
            entry.object,
            "</td><td>",
            entry.outcome,
            " <small>",
            entry.reason,
            "</small></td><td>",
            entry.amr,
            "</td><td>",
            entry.source,
            "</td></tr>"
        );
    }
    body.add("</tbody></table>");
    body.add(next_page_link(
        "/audit", call.input, {"type", "object", "count"}, events.next, "Older events"
    ));
    return answer_page(page("Audit", body, call.session, &call.policy));
}

}  // namespace

std::vector<Route> audit_routes(Services& services) {
    std::vector<Route> routes;
    routes.push_back(
        {.method = "GET",
         .path = "/api/audit",
         .access = Access::session,
         .permission = Permission::audit_read,
         .event = "audit.viewed",
         .kind = Kind::write,
         .handler = list}
    );
    routes.push_back(
        {.method = "GET",
         .path = "/api/audit/{id}",
         .access = Access::session,
         .permission = Permission::audit_read,
         .event = "audit.viewed",
         .kind = Kind::write,
         .handler = show}
    );
    routes.push_back(
        {.method = "POST",
         .path = "/api/audit/export",
         .access = Access::session,
         .permission = Permission::audit_export,
         .step_up = StepUp::yes,
         .event = "audit.exported",
         .kind = Kind::write,
         .long_handler = [&services](LongCall call
                         ) { return export_events(services, std::move(call)); }}
    );
    routes.push_back(
        {.method = "GET",
         .path = "/audit",
         .access = Access::session,
         .permission = Permission::audit_read,
         .event = "audit.viewed",
         .kind = Kind::write,
         .handler = audit_page}
    );
    // The evidence can be looked at and taken away above all when it is in doubt.
    for (auto& route : routes) {
        route.in_alarm = InAlarm::allowed;
    }
    return routes;
}

}  // namespace sallyport::api
