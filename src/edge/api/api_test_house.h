#pragma once
// A router with everything real behind it but sockets: SQLite, recorder, gateway, the shipped
// policy; a clock and dice that the test holds. For tests of edge/api.

#include "tests/support/clocks.h"
#include "tests/support/databases.h"
#include "tests/support/policies.h"
#include "tests/support/sender.h"
#include "tests/support/software_key.h"

#include "domain/audit/log.h"
#include "domain/authn/bootstrap.h"
#include "domain/authn/context.h"
#include "domain/authn/mail_outbox.h"
#include "domain/policy/places.h"
#include "domain/policy/policy.h"
#include "domain/policy/policy_store.h"
#include "domain/recording/disk.h"
#include "domain/recording/recorder.h"
#include "edge/api/router.h"
#include "edge/api/routes.h"
#include "edge/gateway/http/http_gateway.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <atomic>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sallyport::api::test {

// Who knocks: cookies of its own, the CSRF token of its session, the address it comes from. A
// program has a bearer token in the cookies' place.
struct Browser {
    std::map<std::string, std::string> cookies;
    std::string csrf;
    std::string bearer;
    std::string peer = "192.0.2.7";
    // The key that its scripts make when its person signs in.
    std::shared_ptr<const sallyport::test::Sender> sender =
        std::make_shared<sallyport::test::Sender>("https://sallyport.example.org");
};

struct Answer {
    int status = 0;
    nlohmann::json json;
    http::Response response;
};

struct TestPerson {
    std::string name;
    std::string passphrase;
    std::string role;
    Bytes seed;
    std::int64_t step = 0;
    std::optional<sallyport::test::SoftwareKey> key = {};  // where the role asks for one
    std::vector<std::string> recovery_codes = {};
    Browser browser;
};

class ApiTestHouse {
public:
    // Under the shipped policy, but that codes are enough for every role.
    ApiTestHouse();

    // When its clock begins.
    [[nodiscard]] static Time start() { return sallyport::test::SettableClock().now(); }

    // Under this one.
    explicit ApiTestHouse(const policy::Policy& first);
    // With these routes beside the shipped ones (to show that a hole in the table is refused).
    explicit ApiTestHouse(std::vector<Route> more);
    ~ApiTestHouse();
    ApiTestHouse(const ApiTestHouse&) = delete;
    ApiTestHouse& operator=(const ApiTestHouse&) = delete;
    ApiTestHouse(ApiTestHouse&&) = delete;
    ApiTestHouse& operator=(ApiTestHouse&&) = delete;

    // JSON both ways. Follows nothing.
    Answer ask(
        Browser& browser,
        const std::string& method,
        const std::string& target,
        const nlohmann::json& body = nullptr
    );
    [[nodiscard]] http::Response send(http::Request request);
    // What a handler of another host answers.
    [[nodiscard]] static http::Response run_to_end(boost::asio::awaitable<http::Response> work);
    // What a person sees at this address.
    [[nodiscard]] std::string page(const Browser& browser, const std::string& target);

    // The code that makes the first administrator, as the console shows it.
    [[nodiscard]] std::string bootstrap_code();
    // The first administrator, enrolled by the bootstrap code and signed in.
    TestPerson& administrator();
    // A person of that role, created by the first administrator, or by `creator`, and enrolled.
    TestPerson& person(const std::string& name, const std::string& role);
    TestPerson& person(TestPerson& creator, const std::string& name, const std::string& role);
    // The policy in force with `change`: proposed by sam, approved by paula, who are made first.
    // What the proposal was answered.
    Answer put_in_force(const std::function<void(nlohmann::json&)>& change);
    // A zone of one network, 10.3.0.0/16.
    void name_ward();
    // As person(), but the ticket was issued anew by `issuer`, another administrator.
    TestPerson& person_by_second_ticket(
        TestPerson& issuer, const std::string& name, const std::string& role
    );
    // What is asked for at `path` (GET), answered there by the person's key (POST).
    Answer with_key(TestPerson& person, const std::string& path);
    // What `browser` shows at POST /api/handoff for the challenge of GET /handoff: {challenge,
    // signature}. `query`: "host=…&nonce=…".
    nlohmann::json handoff_proof(Browser& browser, const std::string& query);
    // A key beside what the person has.
    void add_key(TestPerson& person);
    // Asked for by one, approved by the other, and enrolled anew.
    void recover(TestPerson& agent, TestPerson& approver, TestPerson& holder);
    // New factors, with a ticket, or with both codes of a recovery.
    void enrol_again(
        TestPerson& person, const std::string& ticket, const std::string& agent_code = {}
    );
    void sign_in(TestPerson& person);
    void step_up(TestPerson& person);
    // The next code of the person's authenticator app.
    [[nodiscard]] std::string code(TestPerson& person);

    void register_device(const std::string& name);
    // What the gateway's tick begins after a change of the policy, to its end.
    void review_leases();
    // Asked for by `requester`, for the next hour, undecided. Its id.
    std::string request_grant(TestPerson& requester, const std::string& device);
    // Those on their way, taken as the job does: each once.
    [[nodiscard]] std::vector<authn::Mail> mails();
    [[nodiscard]] std::vector<audit::Entry> events(const std::string& type_prefix);

    [[nodiscard]] Router& router() { return *router_; }

    // For a host beside the sign-in host; to be changed as a configuration would.
    [[nodiscard]] Services& services() { return *services_; }

    [[nodiscard]] recording::Recorder& recorder() { return *recorder_; }

    // To be changed as a configuration would, while nobody asks.
    [[nodiscard]] authn::Context& authn() { return *authn_; }

    [[nodiscard]] std::string recordings_folder() const { return folder_.file("recordings"); }

    [[nodiscard]] Moment moment() { return moments_.now(); }

    [[nodiscard]] MomentSource& moments() { return moments_; }

    [[nodiscard]] store::Database& database() { return sqlite_.database(); }

    [[nodiscard]] const std::string& database_path() const { return sqlite_.settings().path; }

    sallyport::test::SettableClock clock;
    std::atomic<bool> read_only{false};
    policy::Leases leases;
    policy::Places places;

private:
    void build(const policy::Policy& first, std::vector<Route> more);
    nlohmann::json create(TestPerson& creator, const std::string& name, const std::string& role);
    void enrol(TestPerson& person);
    void enrol_key(TestPerson& person);
    void wait_for_fresh_code(const TestPerson& person);

    sallyport::test::SqliteFixture sqlite_;
    sallyport::test::TemporaryFolder folder_;
    sallyport::test::ReplayedRandom random_;
    MomentSource moments_{clock, random_, "test"};
    keys::KeyRing keys_;
    session::SessionCache sessions_;
    std::optional<policy::CurrentPolicy> policy_;
    vault::Vault vault_{keys_};
    recording::PosixDisk disk_;
    std::unique_ptr<recording::Recorder> recorder_;
    std::optional<authn::Context> authn_;
    http::WorkPool pool_;
    std::optional<Services> services_;
    std::optional<gateway::HttpGateway> gateway_;
    std::optional<Router> router_;
    std::map<std::string, TestPerson> people_;
};

}  // namespace sallyport::api::test
