#include "edge/api/permitted_pieces.h"

#include "domain/session/session.h"
#include "edge/api/api_test_house.h"

#include <boost/system/system_error.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sallyport::api::test {

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr const char* audit_export = "/api/audit/export";

asio::awaitable<std::string> numbered_piece(int number) {
    co_return number < 2 ? "piece" : "";
}

// An answer on its way to a person's browser, fetched piece by piece.
class UnderWay {
public:
    UnderWay(ApiTestHouse& house, TestPerson& person, const std::string& path) {
        http::Request request;
        request.method = "POST";
        request.target = request.path = path;
        request.host = "sallyport.example.org";
        request.peer = person.browser.peer;
        request.tls = true;
        request.headers.add("accept", "application/json");
        request.headers.add("content-type", "application/json");
        request.headers.add("origin", "https://sallyport.example.org");
        request.headers.add("x-sallyport-csrf", person.browser.csrf);
        const auto& cookie = person.browser.cookies["__Host-sallyport"];
        request.headers.add("cookie", "__Host-sallyport=" + cookie);
        request.body = "{}";
        begun_ = ApiTestHouse::run_to_end(house.router().handle(std::move(request)));
        REQUIRE_MESSAGE(begun_.status == 200, begun_.body);
        REQUIRE(begun_.pieces);
    }

    std::string next() { return ApiTestHouse::run_to_end(one_piece(begun_.pieces)).body; }

    // Whether it breaks off where the next piece would be.
    bool breaks_off() {
        try {
            (void)next();
        } catch (const boost::system::system_error&) {
            return true;
        }
        return false;
    }

private:
    static asio::awaitable<http::Response> one_piece(http::BodyPieces pieces) {
        http::Response response;
        response.body = co_await pieces();
        co_return response;
    }

    http::Response begun_;
};

struct Ward {
    Ward() {
        // More than one piece has room for.
        for (int i = 0; i < 210; ++i) {
            REQUIRE(house.ask(anna.browser, "GET", "/api/audit?count=1").status == 200);
        }
        house.sign_in(otto);
    }

    ApiTestHouse house;
    TestPerson& anna = house.administrator();
    TestPerson& otto = house.person("otto", "auditor");
};

SessionId session_of(ApiTestHouse& house, const TestPerson& person) {
    return house.database().read([&](store::Tx& tx) {
        const auto open = session::list_open(tx, std::nullopt);
        const auto newest = std::ranges::max(open, {}, [&](const session::Session& each) {
            return std::pair(each.login_name == person.name, each.created_at);
        });
        return newest.id;
    });
}

void end_by(ApiTestHouse& house, TestPerson& anna, const std::string& path) {
    house.step_up(anna);
    const auto done = house.ask(anna.browser, "POST", path, {{"cause", "termination"}});
    REQUIRE_MESSAGE(done.status == 200, done.response.body);
}

}  // namespace

TEST_CASE("an export that is left alone is whole, and may take longer than a proof is fresh") {
    Ward ward;
    UnderWay under_way(ward.house, ward.otto, audit_export);
    std::string text = under_way.next();
    REQUIRE_FALSE(text.empty());
    ward.house.clock.advance(10min);  // a proof is fresh for five
    const auto second = under_way.next();
    CHECK_FALSE(second.empty());
    text += second;
    for (auto piece = under_way.next(); !piece.empty(); piece = under_way.next()) {
        text += piece;
    }
    CHECK(std::ranges::count(text, '\n') > 210);
}

TEST_CASE("an export is broken off in the middle as soon as its session may not have it any more") {
    Ward ward;
    auto& house = ward.house;
    auto& anna = ward.anna;
    auto& otto = ward.otto;
    auto& olga = house.person("olga", "auditor");

    struct End {
        std::string how;
        TestPerson& whose;
        std::function<void()> act;
    };

    const std::vector<End> ends{
        {"he signs out",
         otto,
         [&] {
             const auto done = house.ask(otto.browser, "POST", "/api/session/end");
             REQUIRE(done.status == 200);
         }},
        {"an administrator ends his session",
         otto,
         [&] { end_by(house, anna, "/api/sessions/" + session_of(house, otto).text() + "/end"); }},
        {"it locks or ends for idleness",
         otto,
         [&] {
             house.clock.advance(15min);
             const auto moment = house.moment();
             const auto over = house.database().write([&](store::Tx& tx) {
                 return session::end_expired(tx, moment);
             });
             REQUIRE_FALSE(over.empty());
         }},
        {"its hard cap is reached, before any job saw it", otto, [&] { house.clock.advance(8h); }},
        {"his account is disabled", otto, [&] { end_by(house, anna, "/api/users/otto/disable"); }},
        {"another policy takes the permission away",
         olga,
         [&] {
             auto other = *house.services().policy.get();
             ++other.version;
             for (auto& role : other.roles) {
                 role.permissions.reset(static_cast<std::size_t>(policy::Permission::audit_export));
             }
             house.services().policy.set(std::make_shared<const policy::Policy>(other));
         }},
    };
    for (const auto& end : ends) {
        CAPTURE(end.how);
        house.sign_in(anna);
        house.sign_in(end.whose);
        UnderWay under_way(house, end.whose, audit_export);
        CHECK_FALSE(under_way.next().empty());
        end.act();
        CHECK(under_way.breaks_off());
        // It does not come back either.
        CHECK(under_way.breaks_off());
    }
}

TEST_CASE(
    "whatever route makes its answer in pieces, no end of it leaves for a session that is over"
) {
    Route in_pieces{
        .method = "POST",
        .path = "/api/test/pieces",
        .access = Access::session,
        .permission = policy::Permission::self_manage,
        .event = "audit.exported",
        .handler = [at = std::make_shared<int>(0)](store::Tx&, const Call&) -> Result<Reply> {
            Reply reply;
            reply.content_type = "text/plain";
            // Two pieces, then the end.
            reply.pieces = [at] { return numbered_piece((*at)++ % 3); };
            return reply;
        },
    };
    ApiTestHouse house({in_pieces});
    auto& anna = house.administrator();
    UnderWay whole(house, anna, "/api/test/pieces");
    CHECK(whole.next() == "piece");
    CHECK(whole.next() == "piece");
    CHECK(whole.next().empty());

    UnderWay cut(house, anna, "/api/test/pieces");
    CHECK(cut.next() == "piece");
    CHECK(cut.next() == "piece");
    REQUIRE(house.ask(anna.browser, "POST", "/api/session/end").status == 200);
    CHECK(cut.breaks_off());
}

}  // namespace sallyport::api::test
