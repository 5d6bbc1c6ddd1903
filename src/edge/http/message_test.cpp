#include "edge/http/message.h"

#include "edge/http/target.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace sallyport::http {

TEST_SUITE("message") {
    TEST_CASE("field names compare without case, values are kept in order") {
        Headers headers;
        headers.add("Set-Cookie", "a=1");
        headers.add("set-cookie", "b=2");
        headers.add("X", "y");

        CHECK(headers.all("SET-COOKIE") == std::vector<std::string_view>{"a=1", "b=2"});
        CHECK_FALSE(headers.only("Set-Cookie").has_value());
        CHECK(headers.only("x") == "y");
        CHECK(headers.remove("Set-cookie") == 2);
        CHECK_FALSE(headers.has("Set-Cookie"));
        headers.set("x", "z");
        CHECK(headers.all("X") == std::vector<std::string_view>{"z"});
    }

    TEST_CASE("a cookie is found by its exact name, and not at all if it is there twice") {
        Request request;
        request.headers.add("Cookie", "a=1; __Host-s=x=y ;b=");
        request.headers.add("Cookie", "c=3; A=4");
        CHECK(cookie(request, "a") == "1");
        CHECK(cookie(request, "__Host-s") == "x=y");
        CHECK(cookie(request, "b") == "");
        CHECK(cookie(request, "c") == "3");
        CHECK_FALSE(cookie(request, "host-s").has_value());
        request.headers.add("Cookie", "a=5");
        CHECK_FALSE(cookie(request, "a").has_value());
    }

    TEST_CASE("a form is decoded once") {
        const auto form = Form::parse("a=1+2&b=%2B%25&a=3&&empty&e%3D=");
        REQUIRE(form.has_value());
        CHECK(form->all("a") == std::vector<std::string>{"1 2", "3"});
        CHECK_FALSE(form->only("a").has_value());
        CHECK(form->only("b") == "+%");
        CHECK(form->only("empty") == "");
        CHECK(form->only("e=") == "");
        CHECK_FALSE(form->only("nothing").has_value());
    }

    TEST_CASE("a form with broken escapes or over 100 fields is refused") {
        for (const auto* text : {"a=%", "a=%4", "a=%4G", "%zz=1"}) {
            CAPTURE(text);
            const auto form = Form::parse(text);
            REQUIRE_FALSE(form.has_value());
            CHECK(form.error().reason == "form.escape_malformed");
        }
        std::string many = "a=1";
        for (int i = 0; i < 99; ++i) {
            many += "&a=1";
        }
        CHECK(Form::parse(many).has_value());
        const auto more = Form::parse(many + "&a=1");
        REQUIRE_FALSE(more.has_value());
        CHECK(more.error().reason == "form.too_many_fields");
    }

    TEST_CASE("text that is escaped says nothing in HTML") {
        CHECK(
            html_escaped("<a href='x' b=\"y\">&") ==
            "&lt;a href=&#39;x&#39; b=&quot;y&quot;&gt;&amp;"
        );
    }

    TEST_CASE("percent-encoding is undone by decoding") {
        CHECK(percent_encoded("a-B_1.~/ %\xFF") == "a-B_1.~%2F%20%25%FF");
        const bool holds = rc::check([] {
            const auto text = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
            RC_ASSERT(percent_decoded(percent_encoded(text)).value() == text);
            const auto form = Form::parse(percent_encoded(text) + "=" + percent_encoded(text));
            RC_ASSERT(form.value().only(text) == text);
        });
        CHECK(holds);
    }

    TEST_CASE("made answers name their type") {
        CHECK(Response::json(200, "{}").headers.only("Content-Type") == "application/json");
        CHECK(Response::html(200, "").headers.only("Content-Type") == "text/html; charset=utf-8");
        const auto redirect = Response::redirect("/x");
        CHECK(redirect.status == 303);
        CHECK(redirect.headers.only("Location") == "/x");
    }
}

}  // namespace sallyport::http
