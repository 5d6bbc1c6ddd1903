#include "tests/support/clocks.h"
#include "tests/support/policies.h"

#include "domain/audit/log.h"
#include "domain/recording/connections.h"
#include "edge/api/api_test_house.h"
#include "edge/api/export_places.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <string>
#include <vector>

namespace sallyport::api::test {

namespace {

using recording::FrameKind;

// A visit of an engineer, recorded and sealed.
class Visit {
public:
    Visit(ApiTestHouse& house, int exchanges) : house_(house) {
        const auto moment = house.moment();
        auto by = actor();
        house.database().write([&](store::Tx& tx) {
            const auto opened =
                recording::open_connection(tx, moment, permit(), {id, "pump-07", "http"}, by);
            REQUIRE(opened.has_value());
            recording::record_started(tx, moment, id, by);
        });
        const recording::RecordingInfo info{
            id, "http", subject_.person.text(), "erin", "pump-07", grant_.text(), moment.now
        };
        const auto recorded = house.recorder().open(info).value();
        for (int i = 1; i <= exchanges; ++i) {
            const auto number = static_cast<std::uint32_t>(i);
            put(*recorded, FrameKind::to_device, number, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            put(*recorded, FrameKind::from_device, number, "HTTP/1.1 204 No Content\r\n\r\n");
            put(*recorded, FrameKind::exchange_end, number, R"({"outcome":"answered"})");
        }
        std::promise<Bytes> sealed;
        recorded->seal("logout", moment.now, [&](const auto& error, Bytes root) {
            error ? sealed.set_exception(error) : sealed.set_value(std::move(root));
        });
        const auto root = sealed.get_future().get();
        house.database().write([&](store::Tx& tx) {
            recording::close_connection(tx, moment, id, {.cause = "logout"}, by);
            recording::record_sealed(tx, moment, id, root, by);
        });
    }

    [[nodiscard]] std::string path(const std::string& more = {}) const {
        return "/api/recordings/" + id.text() + more;
    }

    // A changed byte in the middle of the first segment.
    void damage() const {
        for (const auto& at :
             std::filesystem::recursive_directory_iterator(house_.recordings_folder())) {
            if (at.path().filename() != "000001.segment") continue;
            std::fstream file(at.path(), std::ios::in | std::ios::out | std::ios::binary);
            file.seekp(static_cast<std::streamoff>(at.file_size() / 2));
            file.put('~');
        }
    }

private:
    void put(
        recording::Recording& into, FrameKind kind, std::uint32_t exchange, std::string_view text
    ) {
        const auto bytes = as_bytes(text);
        recording::Frame frame{
            kind, 1, exchange, 0, house_.clock.now(), Bytes(bytes.begin(), bytes.end())
        };
        std::promise<void> done;
        into.submit(std::move(frame), [&](const auto& error, std::uint64_t) {
            error ? done.set_exception(error) : done.set_value();
        });
        done.get_future().get();
    }

    [[nodiscard]] audit::Actor actor() const {
        audit::Actor by;
        by.who = {subject_.person, subject_.account, "erin", "engineer", {}};
        by.where = {"192.0.2.9", "web", "unregistered", "unzoned"};
        by.factor = audit::Factor{
            .amr = "pwd+otp", .aal = 2, .authenticator_id = "password+totp", .age = {}
        };
        by.session = subject_.session;
        by.policy_version = 1;
        return by;
    }

    [[nodiscard]] policy::Permit permit() const {
        const auto now = house_.clock.now();
        const policy::Question question{
            .subject = subject_,
            .action = policy::Permission::device_visit,
            .device = device_,
            .about = {},
            .grant =
                policy::GrantFacts{
                    grant_,
                    subject_.account,
                    device_,
                    true,
                    now - std::chrono::hours(1),
                    now + std::chrono::hours(1)
                },
        };
        static const auto policy =
            sallyport::test::policy_with_codes(sallyport::test::SettableClock().now());
        return policy::decide(policy, question, now).value();
    }

    ApiTestHouse& house_;
    sallyport::test::ReplayedRandom random_{11};
    DeviceId device_ = DeviceId::fresh(house_.clock.now(), random_);
    GrantId grant_ = GrantId::fresh(house_.clock.now(), random_);
    policy::Subject subject_{
        .session = SessionId::fresh(house_.clock.now(), random_),
        .account = AccountId::fresh(house_.clock.now(), random_),
        .person = PersonId::fresh(house_.clock.now(), random_),
        .role = "engineer",
        .scope = "gateway",
        .proven = policy::Strength::two_factors,
        .last_proof = house_.clock.now(),
        .ends_at = house_.clock.now() + std::chrono::hours(4),
    };

public:
    ConnectionId id = ConnectionId::fresh(house_.clock.now(), random_);
};

std::size_t count_events(ApiTestHouse& house, const std::string& type) {
    return house.database()
        .read([&](store::Tx& tx) { return audit::list(tx, {.type_prefix = type}); })
        .size();
}

}  // namespace

TEST_CASE("a recording is exported piece by piece, and is on record before") {
    ApiTestHouse house;
    auto& otto = house.person("otto", "auditor");
    const Visit visit(house, 3);
    const auto answer =
        house.ask(otto.browser, "POST", visit.path("/export"), {{"reason", "Review"}});
    REQUIRE(answer.status == 200);
    CHECK(answer.response.headers.only("content-type") == "application/json");
    CHECK(
        answer.response.headers.only("content-disposition") ==
        "attachment; filename=\"sallyport-" + visit.id.text() + ".har\""
    );
    CHECK(answer.json["log"]["entries"].size() == 3);
    CHECK(answer.json["log"]["_integrity"]["whole"] == true);
    CHECK(count_events(house, "rec.exported") == 1);
    CHECK(count_events(house, "rec.integrity_failed") == 0);
}

TEST_CASE("what was asked in a visit is shown in windows, and says where it goes on") {
    ApiTestHouse house;
    auto& otto = house.person("otto", "auditor");
    constexpr int exchanges = 1003;
    const Visit visit(house, exchanges);
    const auto first = house.ask(otto.browser, "GET", visit.path());
    REQUIRE(first.status == 200);
    CHECK(first.json["exchanges_list"].size() == 1000);
    CHECK(first.json["exchanges_next"] == 1000);
    CHECK(first.json["exchanges_list"][0]["method"] == "GET");
    CHECK(first.json["exchanges_list"][0]["target"] == "http://a/");
    CHECK(first.json["exchanges_list"][0]["status"] == 204);
    CHECK(first.json["exchanges_list"][0]["outcome"] == "answered");
    const auto last = house.ask(otto.browser, "GET", visit.path("?skip=1000"));
    CHECK(last.json["exchanges_list"].size() == 3);
    CHECK(last.json["exchanges_skipped"] == 1000);
    CHECK_FALSE(last.json.contains("exchanges_next"));
    CHECK(house.ask(otto.browser, "GET", visit.path("?skip=-1")).status == 422);
    CHECK(house.ask(otto.browser, "GET", visit.path("?skip=x")).status == 422);
    CHECK(count_events(house, "rec.viewed") == 2);
}

TEST_CASE("a damaged recording is told in what is shown, in the file, and once each in the log") {
    ApiTestHouse house;
    auto& otto = house.person("otto", "auditor");
    const Visit visit(house, 5);
    visit.damage();
    CHECK(house.ask(otto.browser, "GET", visit.path()).status == 200);
    CHECK(count_events(house, "rec.integrity_failed") == 1);
    const auto answer =
        house.ask(otto.browser, "POST", visit.path("/export"), {{"reason", "Review"}});
    REQUIRE(answer.status == 200);
    CHECK(answer.json["log"]["_integrity"]["whole"] == false);
    CHECK(answer.json["log"]["entries"].size() < 5);
    CHECK(count_events(house, "rec.integrity_failed") == 2);
}

TEST_CASE("as many exports as there are places run at a time, and a place comes back") {
    ExportPlaces places;
    std::vector<std::shared_ptr<const void>> taken;
    for (int i = 0; i < ExportPlaces::count_max; ++i) {
        taken.push_back(places.take());
    }
    auto copy = taken.back();
    taken.pop_back();
    CHECK_THROWS_AS(static_cast<void>(places.take()), http::Overloaded);
    copy.reset();
    taken.push_back(places.take());
    CHECK_THROWS_AS(static_cast<void>(places.take()), http::Overloaded);
}

TEST_CASE("an audit export is whole, oldest first, and its range is on record word by word") {
    ApiTestHouse house;
    auto& otto = house.person("otto", "auditor");
    const auto all = house.ask(otto.browser, "POST", "/api/audit/export", nlohmann::json::object());
    REQUIRE(all.status == 200);
    CHECK(all.response.headers.only("content-type") == "application/x-ndjson");
    std::vector<std::string> at;
    std::istringstream lines(all.response.body);
    for (std::string line; std::getline(lines, line);) {
        at.push_back(nlohmann::json::parse(line)["at"]);
    }
    CHECK(at.size() > 10);
    CHECK(std::ranges::is_sorted(at));
    const auto paged = house.ask(otto.browser, "POST", "/api/audit/export", {{"count", "5"}});
    CHECK(paged.status == 422);
    const auto long_one =
        house.ask(otto.browser, "POST", "/api/audit/export", {{"object", std::string(2000, 'x')}});
    CHECK(long_one.status == 422);
    CHECK(count_events(house, "audit.exported") == 1);
}

}  // namespace sallyport::api::test
