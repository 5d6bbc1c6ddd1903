#include "base/core/mail_address.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

namespace sallyport {

namespace {

bool takes(std::string_view text) {
    return MailAddress::parse(text).has_value();
}

TEST_CASE("a mail address is a dot-string, @ and a host name") {
    CHECK(takes("pat@example.org"));
    CHECK(takes("pat.o'brien+portal@mail.example.org"));
    CHECK(takes("pat@mailhost"));
    CHECK(takes(std::string(64, 'a') + "@example.org"));
    CHECK(MailAddress::parse("Pat@Example.ORG").value().text() == "Pat@example.org");
}

TEST_CASE("what could mean something else in a header or to a mail server is no address") {
    for (const std::string_view text :
         {"",
          "pat",
          "@example.org",
          "pat@",
          "pat@@example.org",
          "a@b@example.org",
          ".pat@example.org",
          "pat.@example.org",
          "pa..t@example.org",
          "pat@example..org",
          "pat@.example.org",
          "pat@-example.org",
          "pat@example.org.",
          "pat@exam_ple.org",
          "pat@[192.0.2.1]",
          "\"pat\"@example.org",
          "pat <pat@example.org>",
          "<pat@example.org>",
          "pat@example.org,eve@example.org",
          "pat@example.org;eve",
          "pat@example.org\r\nBcc: eve@example.org",
          "pat\n@example.org",
          "pat @example.org",
          "pat(comment)@example.org",
          "p\xc3\xa4t@example.org",
          "pat@ex\xc3\xa4mple.org"}) {
        CAPTURE(text);
        CHECK_FALSE(takes(text));
        CHECK(MailAddress::parse(text).error().reason == "mail_address.malformed");
    }
    CHECK_FALSE(takes(std::string(65, 'a') + "@example.org"));
    CHECK_FALSE(takes("a@" + std::string(64, 'b') + ".org"));
    CHECK_FALSE(takes(std::string("pat\0@example.org", 16)));
    std::string long_host = "a@b";
    while (long_host.size() <= MailAddress::size_max)
        long_host += ".bbbbbbbb";
    CHECK_FALSE(takes(long_host));
}

TEST_CASE("an accepted address is read back as itself and holds nothing but what it may") {
    const bool holds = rc::check([](const std::string& local, const std::string& host) {
        const auto parsed = MailAddress::parse(local + "@" + host);
        if (!parsed) return;
        RC_ASSERT(MailAddress::parse(parsed->text()).value() == *parsed);
        for (const char c : parsed->text())
            RC_ASSERT(c > ' ' && c < '\x7f');
    });
    CHECK(holds);
}

}  // namespace

}  // namespace sallyport
