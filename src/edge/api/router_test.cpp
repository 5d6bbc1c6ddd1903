#include "edge/api/router.h"

#include "edge/http/url_token.h"

#include <doctest/doctest.h>

#include <string>

namespace sallyport::api {

namespace {

TEST_CASE("S0-45: a request that failed is named in the log without the token in its address") {
    http::Request request;
    request.method = "GET";
    request.path = "/devices";
    CHECK(entry_for_log(request) == "GET /devices");

    const auto token = http::token_text(crypto::Secret::random(32));
    request.path = "/devices/" + token;
    CHECK(entry_for_log(request) == "GET (address withheld)");
    request.path = "/devices";
    request.query = "x=" + token;
    CHECK(entry_for_log(request) == "GET (address withheld)");
}

}  // namespace

}  // namespace sallyport::api
