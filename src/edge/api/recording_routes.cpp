#include "edge/api/recording_routes.h"

#include "domain/recording/connections.h"
#include "domain/recording/har.h"
#include "domain/recording/reader.h"
#include "domain/recording/recordings.h"
#include "edge/api/answers.h"
#include "edge/api/pages/layout.h"
#include "edge/http/await.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace sallyport::api {

namespace {

namespace asio = boost::asio;
using policy::Permission;

nlohmann::json to_json(const recording::RecordingEntry& entry) {
    const auto& visit = entry.connection;
    nlohmann::json json{
        {"id", visit.id.text()},
        {"login_name", visit.login_name},
        {"device", visit.device_name},
        {"grant", visit.grant.text()},
        {"session", visit.session.text()},
        {"source", visit.source},
        {"opened_at", to_text(visit.opened_at)},
        {"cause", visit.cause},
        {"state", recording::to_text(entry.state)},
        {"bytes", entry.bytes},
        {"exchanges", entry.exchanges},
        {"root_hash", to_hex(visit.root_hash)},
    };
    json["closed_at"] = visit.closed_at ? nlohmann::json(to_text(*visit.closed_at)) : nullptr;
    return json;
}

// The exchanges of a HAR, without bodies and headers.
nlohmann::json summary_of(const std::string& har) {
    auto list = nlohmann::json::array();
    const auto json = nlohmann::json::parse(har, nullptr, false);
    if (!json.is_object()) return list;
    for (const auto& entry : json["log"]["entries"]) {
        list.push_back({
            {"at", entry.value("startedDateTime", "")},
            {"method", entry["request"].value("method", "")},
            {"target", entry["request"].value("url", "")},
            {"status", entry["response"].value("status", 0)},
            {"outcome", entry["_sallyport"].value("outcome", "")},
        });
    }
    return list;
}

class RecordingHandlers {
public:
    RecordingHandlers(Services& services, http::WorkPool& pool)
        : services_(services), pool_(pool) {}

    Result<Reply> list(store::Tx& tx, const Call& /*call*/) const {
        auto json = nlohmann::json::array();
        for (const auto& entry : entries(tx)) {
            json.push_back(to_json(entry));
        }
        return answer({{"recordings", json}});
    }

    // The look is on record before anything is shown; the recording is read outside any
    // transaction, since it may be large.
    asio::awaitable<Result<Reply>> show(LongCall call) const {
        auto note = [&](store::Tx& tx, const Moment& moment, const ConnectionId& id) {
            const recording::Access access{call.input.text("reason"), {}};
            recording::record_viewed(tx, moment, id, access, call.actor);
        };
        SP_CO_TRY(const auto visit, co_await noted(call, std::move(note)));
        const auto har = co_await har_of(call, visit);
        const bool on_its_way = !har && har.error().reason == "recording.on_its_way";
        if (!har && !on_its_way) co_return std::unexpected(har.error());
        auto json =
            to_json(recording::look_at_recording(services_.disk, services_.recordings_dir, visit));
        json["exchanges_list"] = summary_of(har.value_or(""));
        auto reply = answer(json);
        reply.page = shown_page(visit, json, *call.session, *services_.policy.get());
        co_return reply;
    }

    asio::awaitable<Result<Reply>> export_har(LongCall call) const {
        SP_CO_TRY(const auto reason, call.input.required("reason"));
        const auto format = call.input.text("format");
        if (!format.empty() && format != "har") {
            co_return refuse(Refusal::invalid, "recording.format_unknown", "format");
        }
        auto note = [&](store::Tx& tx, const Moment& moment, const ConnectionId& id) {
            const recording::Access access{reason, {}};
            recording::record_exported(tx, moment, id, "har", "download", access, call.actor);
        };
        SP_CO_TRY(const auto visit, co_await noted(call, std::move(note)));
        SP_CO_TRY(auto har, co_await har_of(call, visit));
        Reply reply;
        reply.json = std::move(har);
        reply.content_type = "application/json";
        reply.file_name = "sallyport-" + visit.id.text() + ".har";
        co_return reply;
    }

    Result<Reply> recordings_page(store::Tx& tx, const Call& call) const {
        Html body(
            "<table><thead><tr><th>Who</th><th>Device</th><th>Opened</th><th>Closed</th>"
            "<th>Recording</th><th>Requests</th><th></th></tr></thead><tbody>"
        );
        for (const auto& entry : entries(tx)) {
            const auto& visit = entry.connection;
            body.add(
                "<tr><td>",
                visit.login_name,
                "</td><td>",
                visit.device_name,
                "</td><td>",
                shown(visit.opened_at),
                "</td><td>",
                visit.closed_at ? shown(*visit.closed_at) : std::string("open"),
                "</td><td>",
                recording::to_text(entry.state),
                "</td><td>",
                entry.exchanges,
                "</td><td><a href=\"/recordings/",
                visit.id.text(),
                "\">Show</a></td></tr>"
            );
        }
        body.add("</tbody></table>");
        return answer_page(page("Recordings", body, call.session, &call.policy));
    }

private:
    [[nodiscard]] std::vector<recording::RecordingEntry> entries(store::Tx& tx) const {
        return recording::list_recordings(tx, services_.disk, services_.recordings_dir, {});
    }

    // The visit that the path names, once `note` has put the look at it on record.
    template <class Note>
    asio::awaitable<Result<recording::Connection>> noted(const LongCall& call, Note note) const {
        const auto moment = services_.moments.now();
        auto work = [&](store::Tx& tx) -> Result<recording::Connection> {
            // It may have waited; the session may have been ended since.
            if (!session::find(tx, call.session->id)) {
                return refuse(Refusal::unauthenticated, "session.ended");
            }
            const auto id = ConnectionId::parse(call.path_values.at(0));
            auto visit = id ? recording::find_connection(tx, *id) : std::nullopt;
            if (!visit) return refuse(Refusal::not_found, "recording.unknown");
            note(tx, moment, visit->id);
            return *std::move(visit);
        };
        co_return co_await http::write(services_.database, std::move(work));
    }

    // What is wrong with a recording is in the HAR and, once, in the audit log.
    asio::awaitable<Result<std::string>> har_of(
        const LongCall& call, const recording::Connection& visit
    ) const {
        std::optional<recording::Problem> problem;
        auto read = [&]() -> Result<std::string> {
            SP_TRY(
                auto reader,
                recording::RecordingReader::open(
                    services_.disk, services_.recordings_dir, visit.id, services_.keys
                )
            );
            std::string har;
            recording::write_har(reader, [&har](std::string_view piece) { har += piece; });
            const auto& problems = reader.report().problems;
            if (!problems.empty()) problem = problems.front();
            return har;
        };
        auto har = co_await http::run_on(pool_, std::move(read));
        // Of a visit that has just begun or ended, its folder may be on its way from the journal.
        const bool on_its_way = visit.state == recording::SealState::open && !har &&
                                har.error().reason == "recording.missing";
        if (on_its_way) co_return refuse(Refusal::conflict, "recording.on_its_way");
        if (problem) {
            const auto moment = services_.moments.now();
            auto tell = [&](store::Tx& tx) {
                recording::record_integrity_failed(
                    tx, moment, visit.id, problem->what, problem->sequence, call.actor
                );
            };
            co_await http::write(services_.database, std::move(tell));
        }
        co_return har;
    }

    static std::string shown_page(
        const recording::Connection& visit,
        const nlohmann::json& json,
        const session::Session& session,
        const policy::Policy& policy
    ) {
        Html body(
            "<p>",
            visit.login_name,
            " at ",
            visit.device_name,
            ", ",
            shown(visit.opened_at),
            "</p><form class=\"inline\" method=\"post\" action=\"/api/recordings/",
            visit.id.text(),
            "/export\">",
            csrf_field(session),
            "<input name=\"reason\" aria-label=\"Reason\" placeholder=\"Why it leaves the server\" "
            "required><button>Export as "
            "HAR</button></form><table><thead><tr><th>When</th><th>Request"
            "</th><th>Answer</th><th>Outcome</th></tr></thead><tbody>"
        );
        for (const auto& exchange : json["exchanges_list"]) {
            body.add(
                "<tr><td>",
                exchange["at"].get<std::string>(),
                "</td><td>",
                exchange["method"].get<std::string>(),
                " ",
                exchange["target"].get<std::string>(),
                "</td><td>",
                exchange["status"].get<int>(),
                "</td><td>",
                exchange["outcome"].get<std::string>(),
                "</td></tr>"
            );
        }
        body.add("</tbody></table>");
        return page("Recording", body, &session, &policy);
    }

    Services& services_;
    http::WorkPool& pool_;
};

}  // namespace

std::vector<Route> recording_routes(Services& services, http::WorkPool& slow_pool) {
    const auto handlers = std::make_shared<RecordingHandlers>(services, slow_pool);
    using Method = Result<Reply> (RecordingHandlers::*)(store::Tx&, const Call&) const;
    const auto list = [&](std::string_view path, Method method) -> Route {
        return {
            .method = "GET",
            .path = path,
            .access = Access::session,
            .permission = Permission::recording_read,
            .event = "-",
            .handler = [handlers, method](
                           store::Tx& tx, const Call& with
                       ) { return (*handlers.*method)(tx, with); }
        };
    };
    const auto show = [&](std::string_view path) -> Route {
        return {
            .method = "GET",
            .path = path,
            .access = Access::session,
            .permission = Permission::recording_read,
            .event = "rec.viewed",
            .kind = Kind::write,
            .long_handler = [handlers](LongCall call) { return handlers->show(std::move(call)); }
        };
    };
    std::vector<Route> routes{
        list("/api/recordings", &RecordingHandlers::list),
        list("/recordings", &RecordingHandlers::recordings_page),
        show("/api/recordings/{id}"),
        show("/recordings/{id}"),
        {.method = "POST",
         .path = "/api/recordings/{id}/export",
         .access = Access::session,
         .permission = Permission::recording_export,
         .step_up = StepUp::yes,
         .event = "rec.exported",
         .kind = Kind::write,
         .long_handler = [handlers](LongCall call) { return handlers->export_har(std::move(call)); }
        },
    };
    for (auto& route : routes) {
        route.in_alarm = InAlarm::allowed;
    }
    return routes;
}

}  // namespace sallyport::api
