#include "edge/api/recording_routes.h"

#include "domain/directory/account.h"
#include "domain/directory/device.h"
#include "domain/recording/connections.h"
#include "domain/recording/exchange_list.h"
#include "domain/recording/har.h"
#include "domain/recording/reader.h"
#include "domain/recording/recordings.h"
#include "edge/api/answers.h"
#include "edge/api/pages/layout.h"
#include "edge/api/paging.h"
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

Result<DeviceId> device_named(store::Tx& tx, const std::string& text) {
    const auto name = directory::DeviceName::parse(text);
    const auto device = name ? directory::find_device(tx, *name) : std::nullopt;
    if (!device) return refuse(Refusal::not_found, "device.unknown");
    return device->id;
}

Result<AccountId> account_named(store::Tx& tx, const std::string& text) {
    const auto name = directory::LoginName::parse(text);
    const auto account = name ? directory::find_account(tx, *name) : std::nullopt;
    if (!account) return refuse(Refusal::not_found, "user.unknown");
    return account->id;
}

// Which visits, and from where on; an empty member is not asked.
Result<recording::ConnectionFilter> filter_from(store::Tx& tx, const Input& input) {
    recording::ConnectionFilter filter;
    if (const auto device = input.text("device"); !device.empty()) {
        SP_TRY(filter.device, device_named(tx, device));
    }
    if (const auto name = input.text("login_name"); !name.empty()) {
        SP_TRY(filter.account, account_named(tx, name));
    }
    if (!input.text("from").empty()) {
        SP_TRY(filter.from, input.time("from"));
    }
    if (!input.text("until").empty()) {
        SP_TRY(filter.until, input.time("until"));
    }
    if (const auto after = input.text("after"); !after.empty()) {
        SP_TRY(const auto id, ConnectionId::parse(after));
        const auto visit = recording::find_connection(tx, id);
        if (!visit) return refuse(Refusal::not_found, "recording.unknown");
        filter.after = {visit->opened_at, visit->id};
    }
    SP_TRY(filter.count_max, rows_wanted(input));
    return filter;
}

// Of one look at a recording.
constexpr std::size_t exchanges_shown_max = 1000;

nlohmann::json to_json(const std::vector<recording::ExchangeLine>& lines) {
    auto list = nlohmann::json::array();
    for (const auto& line : lines) {
        list.push_back({
            {"at", to_text(line.at)},
            {"method", line.method},
            {"target", line.url},
            {"status", line.status},
            {"outcome", line.outcome},
        });
    }
    return list;
}

// A recording on its way out as a HAR file.
struct Download {
    Download(
        recording::RecordingReader reader,
        const ConnectionId& of,
        audit::Actor by,
        std::shared_ptr<const void> with_place
    )
        : file(std::move(reader)), visit(of), actor(std::move(by)), place(std::move(with_place)) {}

    recording::HarExport file;
    ConnectionId visit;
    audit::Actor actor;
    std::shared_ptr<const void> place;
    bool problem_told = false;
};

class RecordingHandlers {
public:
    RecordingHandlers(Services& services, http::WorkPool& pool)
        : services_(services), pool_(pool), places_(services.exports) {}

    Result<Reply> list(store::Tx& tx, const Call& call) const {
        SP_TRY(const auto listed, entries(tx, call));
        auto json = nlohmann::json::array();
        for (const auto& entry : listed) {
            json.push_back(to_json(entry));
        }
        nlohmann::json body{{"recordings", json}};
        if (const auto next = next_of(listed, id_of)) body["next"] = *next;
        return answer(body);
    }

    // The look is on record before anything is shown; the recording is read outside any
    // transaction, since it may be large.
    asio::awaitable<Result<Reply>> show(LongCall call) const {
        std::int64_t skipped = 0;
        if (call.input.has("skip")) {
            SP_CO_TRY(skipped, call.input.integer("skip"));
            if (skipped < 0) co_return refuse(Refusal::invalid, "input.number_malformed", "skip");
        }
        auto note = [&](store::Tx& tx, const Moment& moment, const ConnectionId& id) {
            const recording::Access access{call.input.text("reason"), {}};
            recording::record_viewed(tx, moment, id, access, call.actor);
        };
        SP_CO_TRY(const auto visit, co_await noted(call, std::move(note)));
        auto json =
            to_json(recording::look_at_recording(services_.disk, services_.recordings_dir, visit));
        json["exchanges_list"] = nlohmann::json::array();
        json["exchanges_skipped"] = skipped;
        auto reader = co_await open_reader(visit);
        const bool on_its_way = !reader && reader.error().reason == "recording.on_its_way";
        if (!reader && !on_its_way) co_return std::unexpected(reader.error());
        if (reader) {
            recording::ExchangeList list(
                *std::move(reader), static_cast<std::uint64_t>(skipped), exchanges_shown_max
            );
            bool problem_told = false;
            while (!list.done()) {
                auto step = [&list] { list.step(); };
                co_await http::run_on(pool_, std::move(step));
                co_await tell_problem(visit.id, list.report(), problem_told, call.actor);
            }
            json["exchanges_list"] = to_json(list.lines());
            const auto next = static_cast<std::uint64_t>(skipped) + list.lines().size();
            if (!list.lines().empty() && next < list.count()) json["exchanges_next"] = next;
        }
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
        auto place = places_.take();
        auto note = [&](store::Tx& tx, const Moment& moment, const ConnectionId& id) {
            const auto leaving = recording::find_connection(tx, id).value();
            const recording::Export what{"har", "download", leaving.exchanges};
            recording::record_exported(tx, moment, id, what, {reason, {}}, call.actor);
        };
        SP_CO_TRY(const auto visit, co_await noted(call, std::move(note)));
        SP_CO_TRY(auto reader, co_await open_reader(visit));
        Reply reply;
        // Shared, since a function that holds it must be copyable; there is one answer.
        const auto download =
            std::make_shared<Download>(std::move(reader), visit.id, call.actor, std::move(place));
        reply.pieces = [this, download] { return next_piece(download); };
        reply.content_type = "application/json";
        reply.file_name = "sallyport-" + visit.id.text() + ".har";
        co_return reply;
    }

    Result<Reply> recordings_page(store::Tx& tx, const Call& call) const {
        SP_TRY(const auto listed, entries(tx, call));
        const auto& input = call.input;
        Html body(
            "<form method=\"get\" action=\"/recordings\">",
            input_field("Device", "device", "text", "", input.text("device")),
            input_field("Who", "login_name", "text", "", input.text("login_name")),
            input_field("Opened before (UTC)", "until", "datetime-local", "", input.text("until")),
            "<button>Find</button></form><h2>Visits</h2>"
            "<table><thead><tr><th>Who</th><th>Device</th><th>Opened</th><th>Closed</th>"
            "<th>Recording</th><th>Requests</th><th><span class=\"hidden\">What to "
            "do</span></th></tr></thead><tbody>"
        );
        for (const auto& entry : listed) {
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
        body.add(
            "</tbody></table>",
            next_page_link(
                "/recordings",
                input,
                {"device", "login_name", "from", "until", "count"},
                next_of(listed, id_of),
                "Older visits"
            )
        );
        return answer_page(page("Recordings", body, call.session, &call.policy));
    }

private:
    [[nodiscard]] Result<store::Page<recording::RecordingEntry>> entries(
        store::Tx& tx, const Call& call
    ) const {
        SP_TRY(const auto filter, filter_from(tx, call.input));
        return recording::list_recordings(tx, services_.disk, services_.recordings_dir, filter);
    }

    static ConnectionId id_of(const recording::RecordingEntry& entry) {
        return entry.connection.id;
    }

    static Result<recording::Connection> visit_in_path(store::Tx& tx, const LongCall& call) {
        const auto id = ConnectionId::parse(call.path_values.at(0));
        auto visit = id ? recording::find_connection(tx, *id) : std::nullopt;
        if (!visit) return refuse(Refusal::not_found, "recording.unknown");
        return *std::move(visit);
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
            SP_TRY(auto visit, visit_in_path(tx, call));
            note(tx, moment, visit.id);
            return visit;
        };
        co_return co_await http::write(services_.database, std::move(work));
    }

    asio::awaitable<Result<recording::RecordingReader>> open_reader(
        const recording::Connection& visit
    ) const {
        auto open = [&] {
            return recording::RecordingReader::open(
                services_.disk, services_.recordings_dir, visit.id, services_.keys
            );
        };
        auto reader = co_await http::run_on(pool_, std::move(open));
        // Of a visit that has just begun or ended, its folder may be on its way from the journal.
        const bool on_its_way = visit.state == recording::SealState::open && !reader &&
                                reader.error().reason == "recording.missing";
        if (on_its_way) co_return refuse(Refusal::conflict, "recording.on_its_way");
        co_return reader;
    }

    // Read on the pool, a step at a time, and no further than the client has taken.
    asio::awaitable<std::string> next_piece(std::shared_ptr<Download> download) const {
        std::string piece;
        while (piece.empty() && !download->file.done()) {
            auto step = [&download] { return download->file.step(); };
            piece = co_await http::run_on(pool_, std::move(step));
            co_await tell_problem(
                download->visit, download->file.report(), download->problem_told, download->actor
            );
        }
        co_return piece;
    }

    // What is wrong with a recording is in the HAR and, as soon as it is met and once, in the audit
    // log.
    asio::awaitable<void> tell_problem(
        const ConnectionId& visit,
        const recording::IntegrityReport& report,
        bool& told,
        const audit::Actor& actor
    ) const {
        if (told || report.whole()) co_return;
        told = true;
        const auto problem = report.problems.front();
        const auto moment = services_.moments.now();
        auto tell = [&](store::Tx& tx) {
            recording::record_integrity_failed(
                tx, moment, visit, problem.what, problem.sequence, actor
            );
        };
        co_await http::write(services_.database, std::move(tell));
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
        if (json.contains("exchanges_next")) {
            body.add(
                "<p><a href=\"/recordings/",
                visit.id.text(),
                "?skip=",
                json["exchanges_next"].get<std::uint64_t>(),
                "\">Later requests</a></p>"
            );
        }
        return page("Recording", body, &session, &policy);
    }

    Services& services_;
    http::WorkPool& pool_;
    ExportPlaces& places_;
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
