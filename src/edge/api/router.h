#pragma once
// From a request to its route, through the one decision, and back. The order is the same for every
// route: token in the URL → route → input → session → origin and CSRF → decide → transaction →
// effects → answer. A route table that is not whole does not make a Router.

#include "edge/api/route.h"
#include "edge/api/services.h"
#include "edge/http/url_token.h"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <vector>

namespace sallyport::api {

class Router {
public:
    // Throws Fault naming the entry: a session route without a permission, an entry without a
    // handler or with two, a change without an event or with one that the catalogue does not have,
    // a permission that always asks for step-up where the entry does not say so, a method and path
    // given twice (S0-71).
    Router(Services& services, std::vector<Route> routes);

    // Never throws for what a request brought: a fault becomes 500 or 503 with an incident number
    // that is in the log.
    [[nodiscard]] boost::asio::awaitable<http::Response> handle(http::Request request);

    [[nodiscard]] const std::vector<Route>& routes() const noexcept { return routes_; }

private:
    struct Match {
        const Route* route = nullptr;
        std::vector<std::string> path_values;
        std::string allowed;  // where none takes the method: those that the path takes
    };

    struct Caller {
        std::optional<session::Session> session;
        session::TokenDigest digest{};
        bool by_cookie = false;
    };

    [[nodiscard]] Match match(const http::Request& request) const;
    [[nodiscard]] boost::asio::awaitable<http::Response> answer_for(http::Request request);
    [[nodiscard]] Result<void> check_sender(
        const Route& route, const http::Request& request, const Input& input, const Caller& caller
    ) const;
    [[nodiscard]] boost::asio::awaitable<Result<Reply>> run(
        const Route& route, http::Request request, Input input, Match matched, Caller caller
    );
    [[nodiscard]] boost::asio::awaitable<Result<Caller>> find_caller(const http::Request& request);
    [[nodiscard]] boost::asio::awaitable<Result<session::Session>> resume(
        session::TokenDigest digest, Moment moment
    );
    [[nodiscard]] boost::asio::awaitable<void> note_refusal(
        const Route& route, audit::Actor actor, Refusal why
    );
    [[nodiscard]] boost::asio::awaitable<http::Response> refuse_token_in_target(
        http::Request request, http::UrlToken found
    );
    void apply(const AfterCommit& after);
    void doubt_what_is_known();

    Services& services_;
    std::vector<Route> routes_;
};

// `__Host-` cookies of the sign-in host (RFC 6265bis §4.1.3.2).
inline constexpr std::string_view session_cookie = "__Host-sallyport";
inline constexpr std::string_view form_cookie = "__Host-sallyport-form";

// The digest of a token as its holder writes it; none if it is not one.
[[nodiscard]] std::optional<session::TokenDigest> token_digest(std::string_view text);
// How a request that failed is named in the server's log: without a token that its address holds.
[[nodiscard]] std::string entry_for_log(const http::Request& request);

}  // namespace sallyport::api
