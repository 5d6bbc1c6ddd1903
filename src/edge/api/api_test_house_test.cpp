// The house that the other tests of this room knock at (api_test_house.h).

#include "edge/api/api_test_house.h"

#include "domain/authn/totp.h"
#include "edge/gateway/lease_review.h"
#include "edge/http/await.h"
#include "edge/http/target.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

namespace sallyport::api::test {

namespace {

namespace asio = boost::asio;

constexpr std::string_view origin = "https://sallyport.example.org";

crypto::Secret fixed_key() {
    std::array<std::byte, 32> bytes{};
    bytes.fill(std::byte{7});
    return crypto::Secret::take(bytes);
}

Bytes from_base32(std::string_view text) {
    Bytes out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        if (c == ' ' || c == '=') continue;
        const auto value = c >= 'A' ? c - 'A' : c - '2' + 26;
        bits = (bits << 5U) | static_cast<std::uint32_t>(value);
        count += 5;
        if (count < 8) continue;
        count -= 8;
        out.push_back(static_cast<std::byte>((bits >> static_cast<unsigned>(count)) & 0xffU));
    }
    return out;
}

}  // namespace

ApiTestHouse::ApiTestHouse() : ApiTestHouse(std::vector<Route>{}) {}

ApiTestHouse::ApiTestHouse(std::vector<Route> more) : keys_(fixed_key()) {
    build(sallyport::test::policy_document_with_codes(clock.now()), std::move(more));
}

ApiTestHouse::ApiTestHouse(const policy::Policy& first) : keys_(fixed_key()) {
    build(first, {});
}

ApiTestHouse::~ApiTestHouse() = default;

void ApiTestHouse::build(const policy::Policy& first, std::vector<Route> more) {
    moments_.assess(ClockState::synchronised);
    const auto moment = moments_.now();
    const auto in_force = database().write([&](store::Tx& tx) {
        policy::install_first_policy(tx, first, moment);
        return policy::policy_in_force(tx);
    });
    policy_.emplace(in_force, clock);
    recording::RecorderSettings settings;
    settings.folder = folder_.file("recordings");
    settings.reserve_bytes = 1U << 20U;
    settings.free_bytes_min = 1U << 20U;
    recorder_ = recording::open_recorder(std::move(settings), keys_, random_, disk_);
    authn_.emplace(authn::make_context(keys_, crypto::PasswordCost{}));
    authn_->relying_party = {.id = "sallyport.example.org", .origins = {std::string(origin)}};
    services_.emplace(Services{
        .database = database(),
        .sessions = sessions_,
        .policy = *policy_,
        .places = places,
        .leases = leases,
        .vault = vault_,
        .keys = keys_,
        .moments = moments_,
        .site =
            {"sallyport.example.org", "gate.example.net", 443, true, "https://card.example.org"},
        .listeners = {},
        .recordings_dir = folder_.file("recordings"),
        .backups_dir = folder_.file("backups"),
        .database_file = database_path(),
        .log_dir = folder_.file("log"),
        .disk = disk_,
        .read_only = read_only,
        .sends_mail = true,
    });
    gateway_.emplace(gateway::Services{
        .database = database(),
        .sessions = sessions_,
        .policy = *policy_,
        .leases = leases,
        .vault = vault_,
        .recorder = *recorder_,
        .clock = clock,
        .moments = moments_,
        .site = {"sallyport.example.org", "gate.example.net", 443},
        .alarm = read_only,
    });
    auto routes = all_routes(*services_, *authn_, pool_, pool_, *gateway_);
    for (auto& route : more) {
        routes.push_back(std::move(route));
    }
    router_.emplace(*services_, std::move(routes));
}

namespace {

// As a connection does: the pieces of a long answer one by one, until the empty one.
asio::awaitable<http::Response> whole_answer(Router& router, http::Request request) {
    auto response = co_await router.handle(std::move(request));
    while (response.pieces) {
        const auto piece = co_await response.pieces();
        if (piece.empty()) break;
        response.body += piece;
    }
    response.pieces = nullptr;
    co_return response;
}

}  // namespace

http::Response ApiTestHouse::send(http::Request request) {
    return run_to_end(whole_answer(*router_, std::move(request)));
}

http::Response ApiTestHouse::run_to_end(asio::awaitable<http::Response> work) {
    asio::io_context io;
    std::optional<http::Response> response;
    std::exception_ptr thrown;
    asio::co_spawn(
        io,
        std::move(work),
        [&](const std::exception_ptr& error, http::Response answer) {
            thrown = error;
            response.emplace(std::move(answer));
        }
    );
    io.run();
    // A thread may still be on its way out of the context that it handed the answer to (await.h).
    while (http::detail::callbacks_under_way.load() > 0) {
        std::this_thread::yield();
    }
    if (thrown) std::rethrow_exception(thrown);
    return *std::move(response);
}

Answer ApiTestHouse::ask(
    Browser& browser,
    const std::string& method,
    const std::string& target,
    const nlohmann::json& body
) {
    http::Request request;
    request.method = method;
    request.target = target;
    const auto parsed = http::parse_target(target);
    REQUIRE(parsed.has_value());
    request.path = parsed->path;
    request.query = parsed->query;
    request.host = "sallyport.example.org";
    request.peer = browser.peer;
    request.tls = true;
    request.headers.add("accept", "application/json");
    if (method != "GET") {
        request.headers.add("content-type", "application/json");
        request.headers.add("origin", std::string(origin));
        request.headers.add("x-sallyport-csrf", browser.csrf);
        request.body = body.is_null() ? "{}" : body.dump();
    }
    std::string cookies;
    for (const auto& [name, value] : browser.cookies) {
        cookies += (cookies.empty() ? "" : "; ") + name + "=" + value;
    }
    if (!cookies.empty()) request.headers.add("cookie", cookies);
    if (!browser.bearer.empty()) request.headers.add("authorization", "Bearer " + browser.bearer);

    Answer answer;
    answer.response = send(std::move(request));
    answer.status = answer.response.status;
    answer.json = nlohmann::json::parse(answer.response.body, nullptr, false);
    for (const auto cookie : answer.response.headers.all("set-cookie")) {
        const auto pair = cookie.substr(0, cookie.find(';'));
        const auto equals = pair.find('=');
        browser.cookies[std::string(pair.substr(0, equals))] = pair.substr(equals + 1);
    }
    if (answer.json.is_object() && answer.json.contains("csrf")) {
        browser.csrf = answer.json["csrf"].get<std::string>();
    }
    return answer;
}

std::string ApiTestHouse::code(TestPerson& person) {
    const auto now = clock.now().time_since_epoch() / std::chrono::seconds(30);
    person.step = std::max<std::int64_t>(now, person.step + 1);
    auto copy = person.seed;
    const auto seed = crypto::Secret::take(copy);
    return authn::totp_code(seed, authn::TotpStep{person.step});
}

void ApiTestHouse::enrol_key(TestPerson& person) {
    const auto options = ask(person.browser, "POST", "/api/enrolment/key/options");
    REQUIRE_MESSAGE(options.status == 200, options.response.body);
    person.key.emplace(std::string(origin));
    auto made = person.key->create(options.json);
    made["sender_key"] = person.browser.sender->key_text();
    const auto done = ask(person.browser, "POST", "/api/enrolment/key", made);
    REQUIRE_MESSAGE(done.status == 200, done.response.body);
    CHECK(done.json["recovery_codes"].size() == 10);
    person.recovery_codes = done.json["recovery_codes"].get<std::vector<std::string>>();
}

void ApiTestHouse::add_key(TestPerson& person) {
    step_up(person);
    const auto path = std::string("/api/self/authenticators/webauthn");
    const auto options = ask(person.browser, "POST", path + "/options");
    REQUIRE_MESSAGE(options.status == 200, options.response.body);
    sallyport::test::SoftwareKey key{std::string(origin)};
    auto answer = key.create(options.json);
    answer["label"] = "Key ring";
    const auto added = ask(person.browser, "POST", path, answer);
    REQUIRE_MESSAGE(added.status == 201, added.response.body);
    person.key.emplace(std::move(key));
}

void ApiTestHouse::enrol(TestPerson& person) {
    const auto seed =
        ask(person.browser, "POST", "/api/enrolment/passphrase", {{"passphrase", person.passphrase}}
        );
    REQUIRE_MESSAGE(seed.status == 200, seed.response.body);
    if (seed.json["next"] == "key") {
        enrol_key(person);
        return;
    }
    person.seed = from_base32(seed.json["totp"]["secret"].get<std::string>());
    const bool without = seed.json["second_factor"] == "optional";
    const auto done = ask(
        person.browser,
        "POST",
        "/api/enrolment/totp",
        {{"code", without ? "" : code(person)}, {"sender_key", person.browser.sender->key_text()}}
    );
    REQUIRE_MESSAGE(done.status == 200, done.response.body);
    CHECK(done.json["recovery_codes"].size() == (without ? 0 : 10));
    person.recovery_codes = done.json["recovery_codes"].get<std::vector<std::string>>();
}

std::string ApiTestHouse::page(const Browser& browser, const std::string& target) {
    http::Request request;
    request.method = "GET";
    request.target = target;
    const auto parsed = http::parse_target(target);
    request.path = parsed->path;
    request.query = parsed->query;
    request.host = "sallyport.example.org";
    request.peer = browser.peer;
    request.tls = true;
    request.headers.add("accept", "text/html");
    for (const auto& [name, value] : browser.cookies) {
        request.headers.add("cookie", name + "=" + value);
    }
    const auto response = send(std::move(request));
    CHECK(response.status == 200);
    return response.body;
}

std::string ApiTestHouse::bootstrap_code() {
    const auto moment = moments_.now();
    const auto made = database().write([&](store::Tx& tx) {
        return authn::create_bootstrap_code(tx, moment, keys_);
    });
    REQUIRE(made.has_value());
    return std::string(as_text(made->code.expose()));
}

std::vector<authn::Mail> ApiTestHouse::mails() {
    const auto moment = moments_.now();
    return database().write([&](store::Tx& tx) {
        auto mails = authn::take_due_mails(tx, moment, keys_, authn::mails_waiting_max);
        for (const auto& mail : mails)
            authn::remove_mail(tx, mail.id);
        return mails;
    });
}

TestPerson& ApiTestHouse::administrator() {
    const auto known = people_.find("anna");
    if (known != people_.end()) return known->second;
    auto& anna = people_["anna"];
    anna.name = "anna";
    anna.passphrase = "four lamps over the harbour";
    anna.role = "gateway_administrator";
    const auto setup =
        ask(anna.browser,
            "POST",
            "/api/setup",
            {{"code", bootstrap_code()}, {"login_name", "anna"}, {"display_name", "Anna"}});
    REQUIRE_MESSAGE(setup.status == 200, setup.response.body);
    enrol(anna);
    return anna;
}

TestPerson& ApiTestHouse::person(const std::string& name, const std::string& role) {
    return person(administrator(), name, role);
}

TestPerson& ApiTestHouse::person(
    TestPerson& creator, const std::string& name, const std::string& role
) {
    const auto created = create(creator, name, role);
    auto& made = people_[name];
    enrol_again(made, created["ticket"]["code"].get<std::string>());
    return made;
}

Answer ApiTestHouse::put_in_force(const std::function<void(nlohmann::json&)>& change) {
    const auto signed_in = [&](const std::string& name, const std::string& role) -> TestPerson& {
        const auto known = people_.find(name);
        if (known == people_.end()) return person(name, role);
        sign_in(known->second);
        return known->second;
    };
    auto& sam = signed_in("sam", "security_officer");
    auto& paula = signed_in("paula", "approver");
    auto wanted = ask(sam.browser, "GET", "/api/policy").json;
    change(wanted);
    auto proposed =
        ask(sam.browser,
            "POST",
            "/api/policy/proposals",
            {{"policy", wanted}, {"rationale", "what the test is about"}});
    REQUIRE_MESSAGE(proposed.status == 201, proposed.response.body);
    step_up(paula);
    const auto version = std::to_string(proposed.json["version"].get<int>());
    const auto path = "/api/policy/proposals/" + version + "/approve";
    const auto approved = ask(paula.browser, "POST", path);
    REQUIRE_MESSAGE(approved.status == 200, approved.response.body);
    return proposed;
}

void ApiTestHouse::name_ward() {
    put_in_force([](nlohmann::json& policy) {
        policy["zones"] = nlohmann::json::array(
            {{{"name", "ward-3"}, {"kind", "ward"}, {"networks", {"10.3.0.0/16"}}}}
        );
    });
}

nlohmann::json ApiTestHouse::create(
    TestPerson& creator, const std::string& name, const std::string& role
) {
    step_up(creator);
    auto& made = people_[name];
    made.name = name;
    made.role = role;
    made.passphrase = "a bell rings under water " + name;
    const auto created =
        ask(creator.browser,
            "POST",
            "/api/users",
            {{"login_name", name},
             {"display_name", name},
             {"role", role},
             {"proofing_method", "in_person"},
             {"proofing_evidence", "identity card"}});
    REQUIRE_MESSAGE(created.status == 201, created.response.body);
    return created.json;
}

TestPerson& ApiTestHouse::person_by_second_ticket(
    TestPerson& issuer, const std::string& name, const std::string& role
) {
    create(administrator(), name, role);
    step_up(issuer);
    const auto issued = ask(issuer.browser, "POST", "/api/users/" + name + "/ticket");
    REQUIRE_MESSAGE(issued.status == 201, issued.response.body);
    auto& made = people_[name];
    enrol_again(made, issued.json["ticket"]["code"].get<std::string>());
    return made;
}

void ApiTestHouse::recover(TestPerson& agent, TestPerson& approver, TestPerson& holder) {
    step_up(agent);
    const nlohmann::json checks{"called_back"};
    const nlohmann::json wanted{{"login_name", holder.name}, {"checks", checks}};
    const auto opened = ask(agent.browser, "POST", "/api/recovery", wanted);
    REQUIRE_MESSAGE(opened.status == 201, opened.response.body);
    step_up(approver);
    const auto path = "/api/recovery/" + opened.json["id"].get<std::string>() + "/approve";
    const auto approved = ask(approver.browser, "POST", path);
    REQUIRE_MESSAGE(approved.status == 200, approved.response.body);
    enrol_again(
        holder,
        approved.json["ticket"]["code"].get<std::string>(),
        opened.json["agent_code"].get<std::string>()
    );
}

void ApiTestHouse::enrol_again(
    TestPerson& person, const std::string& ticket, const std::string& agent_code
) {
    person.browser = {};
    nlohmann::json codes{{"ticket", ticket}};
    if (!agent_code.empty()) codes["agent_code"] = agent_code;
    const auto started = ask(person.browser, "POST", "/api/enrolment", codes);
    REQUIRE_MESSAGE(started.status == 200, started.response.body);
    enrol(person);
}

Answer ApiTestHouse::with_key(TestPerson& person, const std::string& path) {
    const auto asked = ask(person.browser, "GET", path);
    REQUIRE_MESSAGE(asked.status == 200, asked.response.body);
    auto shown = person.key->get(asked.json);
    shown["sender_key"] = person.browser.sender->key_text();
    return ask(person.browser, "POST", path, shown);
}

nlohmann::json ApiTestHouse::handoff_proof(Browser& browser, const std::string& query) {
    const auto offered = ask(browser, "GET", "/handoff?" + query);
    REQUIRE_MESSAGE(offered.status == 200, offered.response.body);
    const auto bytes = [&](const char* name) {
        return from_base64url(offered.json[name].get<std::string>()).value();
    };
    session::HandoffTarget target{.host = offered.json["host"], .nonce_digest = {}};
    std::ranges::copy(bytes("nonce"), target.nonce_digest.begin());
    const auto asked = browser.sender->prove(bytes("challenge"), target);
    return {
        {"challenge", offered.json["challenge"]},
        {"signature", to_base64url(asked.proof.signature)},
    };
}

void ApiTestHouse::sign_in(TestPerson& person) {
    if (!person.key) wait_for_fresh_code(person);
    Browser fresh;
    fresh.peer = person.browser.peer;
    person.browser = fresh;
    const auto first =
        ask(person.browser,
            "POST",
            "/api/sign-in",
            {{"login_name", person.name}, {"passphrase", person.passphrase}});
    REQUIRE_MESSAGE(first.status == 200, first.response.body);
    const auto second =
        person.key
            ? with_key(person, "/api/sign-in/key")
            : ask(person.browser,
                  "POST",
                  "/api/sign-in/code",
                  {{"code", code(person)}, {"sender_key", person.browser.sender->key_text()}});
    REQUIRE_MESSAGE(second.status == 200, second.response.body);
}

void ApiTestHouse::step_up(TestPerson& person) {
    if (!person.key) wait_for_fresh_code(person);
    const auto done = person.key
                          ? with_key(person, "/api/step-up/key")
                          : ask(person.browser, "POST", "/api/step-up", {{"code", code(person)}});
    REQUIRE_MESSAGE(done.status == 200, done.response.body);
}

// A code is good once: people wait for the next one, and so does the clock here.
void ApiTestHouse::wait_for_fresh_code(const TestPerson& person) {
    const auto period = std::chrono::seconds(30);
    const auto due = Time(period * (person.step + 1));
    if (clock.now() < due) clock.advance(due - clock.now());
}

void ApiTestHouse::review_leases() {
    gateway::LeaseReview review(database(), *policy_, leases, moments_);
    review.step();
}

void ApiTestHouse::register_device(const std::string& name) {
    auto& anna = administrator();
    step_up(anna);
    const auto made =
        ask(anna.browser,
            "POST",
            "/api/devices",
            {{"name", name},
             {"serial", "SN-" + name},
             {"address", "127.0.0.1"},
             {"port", 18080},
             {"archetype", "A2"},
             {"ephi", "none"}});
    REQUIRE_MESSAGE(made.status == 201, made.response.body);
}

std::string ApiTestHouse::request_grant(TestPerson& requester, const std::string& device) {
    const auto now = clock.now();
    const auto asked =
        ask(requester.browser,
            "POST",
            "/api/grants",
            {{"device", device},
             {"purpose", "Quarterly check of the sensor"},
             {"change_ticket", "CHG-1042"},
             {"from", to_text(now)},
             {"until", to_text(now + std::chrono::hours(1))}});
    REQUIRE_MESSAGE(asked.status == 201, asked.response.body);
    return asked.json["id"].get<std::string>();
}

std::vector<audit::Entry> ApiTestHouse::events(const std::string& type_prefix) {
    return database().read([&](store::Tx& tx) {
        return audit::list(tx, {.type_prefix = type_prefix, .count_max = 1000});
    });
}

}  // namespace sallyport::api::test
