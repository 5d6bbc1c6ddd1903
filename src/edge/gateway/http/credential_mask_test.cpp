#include "edge/gateway/http/credential_mask.h"

#include "base/core/bytes.h"
#include "edge/http/message.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::gateway {

namespace {

crypto::Secret secret(std::string text) {
    return crypto::Secret::take(std::as_writable_bytes(std::span(text)));
}

std::shared_ptr<const CredentialPatterns> patterns_of(
    std::string_view password, std::string_view user = "service"
) {
    return std::make_shared<const CredentialPatterns>(user, secret(std::string(password)));
}

// Through the mask in pieces of these sizes, over and over.
Masked through(
    const std::shared_ptr<const CredentialPatterns>& patterns,
    std::string_view text,
    const std::vector<std::size_t>& cuts
) {
    CredentialMask mask(patterns);
    Masked all;
    const auto take = [&](Masked part) {
        all.bytes += part.bytes;
        all.spans.insert(all.spans.end(), part.spans.begin(), part.spans.end());
    };
    std::size_t at = 0;
    for (std::size_t i = 0; at < text.size(); ++i) {
        const auto size = std::max<std::size_t>(1, cuts[i % cuts.size()]);
        take(mask.push(text.substr(at, size)));
        at += size;
    }
    take(mask.finish());
    return all;
}

std::string masked(std::string_view password, std::string_view text) {
    return mask_text(patterns_of(password), text).bytes;
}

std::string percent_all(std::string_view text, bool upper) {
    static constexpr std::string_view upper_digits = "0123456789ABCDEF";
    static constexpr std::string_view lower_digits = "0123456789abcdef";
    const auto digits = upper ? upper_digits : lower_digits;
    std::string out;
    for (const char c : text) {
        const auto value = static_cast<std::uint8_t>(c);
        out += '%';
        out += digits[value >> 4U];
        out += digits[value & 15U];
    }
    return out;
}

std::string stars(std::size_t count) {
    return std::string(count, '*');
}

// Letters, so that what stands around a password cannot become part of one of its forms.
rc::Gen<std::string> dull_text() {
    return rc::gen::container<std::string>(rc::gen::elementOf(std::string(" .,;:!?<>(){}")));
}

rc::Gen<std::string> password_text() {
    return rc::gen::map(
        rc::gen::pair(
            rc::gen::container<std::string>(6, rc::gen::inRange<char>('!', '~')),
            rc::gen::container<std::string>(rc::gen::inRange<char>('!', '~'))
        ),
        [](const auto& parts) { return parts.first + parts.second.substr(0, 40); }
    );
}

}  // namespace

TEST_SUITE("credential mask") {
    TEST_CASE("the password in clear becomes as many stars, and its place is told") {
        const auto out = mask_text(patterns_of("infuse-2009"), "pw=infuse-2009;");
        CHECK(out.bytes == "pw=***********;");
        REQUIRE(out.spans.size() == 1);
        CHECK(out.spans[0] == MaskedSpan{3, 11});
    }

    TEST_CASE("the Authorization header's Base64 loses every letter that tells of the password") {
        const auto token = to_base64(as_bytes("service:infuse-2009"));
        const auto out = masked("infuse-2009", "Basic " + token);
        CHECK(out.size() == 6 + token.size());
        CHECK(out.starts_with("Basic c2Vydmlj"));  // "servic": no secret
        // Eight bytes stand before the password: its first bit is in the eleventh letter.
        CHECK(out.substr(6 + 10, 16).find_first_not_of("*=") == std::string::npos);
        CHECK_FALSE(out.contains("aW5mdXNl"));
    }

    TEST_CASE("S2-25: Base64 is found at all three alignments, in both alphabets") {
        const std::string password = "p\xff\xfe?>~~s3cret";
        for (const std::string_view before : {"", "a", "ab", "abc", "abcd"}) {
            CAPTURE(before);
            const auto whole = std::string(before) + password + "tail";
            for (const auto& text : {to_base64(as_bytes(whole)), to_base64url(as_bytes(whole))}) {
                const auto out = masked(password, text);
                REQUIRE(out.size() == text.size());
                const std::size_t first = before.size() * 8 / 6;
                const std::size_t last = ((before.size() + password.size()) * 8 - 1) / 6;
                CHECK(out.substr(first, last - first + 1) == stars(last - first + 1));
                CHECK(out.substr(0, first) == text.substr(0, first));
                CHECK(out.substr(last + 1) == text.substr(last + 1));
            }
        }
    }

    TEST_CASE("S2-25: percent-encoding hides nothing, in either case of letters, all or in part") {
        CHECK(masked("in use&2009", percent_all("in use&2009", true)) == stars(33));
        CHECK(masked("in use&2009", percent_all("in use&2009", false)) == stars(33));
        CHECK(masked("in use&2009", "x=in%20use%262009&y") == "x=" + stars(15) + "&y");
        CHECK(masked("in use&2009", "x=in+use%262009&y") == "x=" + stars(13) + "&y");
        const auto token = to_base64(as_bytes(std::string_view("a:\xfb\xff\xfe secret")));
        const auto out = masked("\xfb\xff\xfe secret", http::percent_encoded(token));
        CHECK_FALSE(out.contains("%2B"));
        CHECK_FALSE(out.contains("%2F"));
    }

    TEST_CASE("what looks like an escape and is none counts as it stands") {
        CHECK(masked("100%4x!", "100%4x!") == stars(7));
        CHECK(masked("100%%41", "-100%%41-") == "-" + stars(7) + "-");
        CHECK(masked("100%41a", "100%41a") == stars(7));
        CHECK(masked("secret%", "secret%") == stars(7));
    }

    TEST_CASE("hexadecimal, HTML and JSON escapes are found") {
        CHECK(masked("infuse", to_hex(as_bytes("infuse"))) == stars(12));
        CHECK(masked("a<b&c\"d", "<b>a&lt;b&amp;c&quot;d</b>") == "<b>" + stars(19) + "</b>");
        CHECK(masked("a/b\\c\"d", R"({"p":"a\/b\\c\"d"})") == R"({"p":")" + stars(10) + R"("})");
    }

    TEST_CASE("S2-25: whichever characters a device's software escapes, and however, it is found") {
        const std::string password = R"(a<b&c"d'e/f\+g)";
        for (const std::string_view shown :
             {R"(a&lt;b&amp;c"d'e/f\+g)",
              R"(a&lt;b&amp;c&quot;d'e/f\+g)",
              R"(a&lt;b&amp;c&quot;d&#39;e/f\+g)",
              R"(a&lt;b&amp;c&quot;d&#039;e/f\+g)",
              R"(a&lt;b&amp;c&quot;d&#x27;e/f\+g)",
              R"(a&lt;b&amp;c&quot;d&apos;e/f\+g)",
              R"(a&lt;b&amp;c&#34;d&#39;e/f\+g)",
              R"(a&#60;b&#38;c&#34;d&#39;e/f\+g)",
              R"(a&#x3C;b&#x26;c&#x22;d&#x27;e/f\+g)",
              R"(a<b&c\"d'e/f\\+g)",
              R"(a<b&c\"d'e\/f\\+g)",
              R"(a<b&c\"d\'e/f\\+g)",
              R"(a\u003Cb\u0026c\"d'e/f\\+g)",
              R"(a\u003cb\u0026c\"d\u0027e/f\\+g)",
              R"(a\u003Cb\u0026c\u0022d\u0027e/f\\\u002Bg)"}) {
            CAPTURE(shown);
            const auto text = "- " + std::string(shown) + " -";
            CHECK(masked(password, text) == "- " + stars(shown.size()) + " -");
        }
    }

    TEST_CASE("overlapping places become one span") {
        const auto out = mask_text(patterns_of("abcabc"), "xabcabcabcx");
        CHECK(out.bytes == "x" + stars(9) + "x");
        REQUIRE(out.spans.size() == 1);
        CHECK(out.spans[0] == MaskedSpan{1, 9});
    }

    TEST_CASE("S2-25: wherever the network cuts, the same bytes are masked and none is lost") {
        const bool holds = rc::check([] {
            const auto password = *password_text();
            const auto patterns = patterns_of(password);
            const std::array<std::string, 6> forms{
                password,
                to_base64(as_bytes("service:" + password)),
                to_base64url(as_bytes("x" + password + "yz")),
                percent_all(password, true),
                http::percent_encoded(password),
                to_hex(as_bytes(password)),
            };
            const auto form = *rc::gen::elementOf(std::vector(forms.begin(), forms.end()));
            const auto text = *dull_text() + form + *dull_text() + form + *dull_text();
            const auto cuts = *rc::gen::nonEmpty(
                rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(1, 9))
            );

            const auto whole = mask_text(patterns, text);
            const auto pieces = through(patterns, text, cuts);

            RC_ASSERT(whole.bytes.size() == text.size());
            RC_ASSERT(pieces.bytes == whole.bytes);
            RC_ASSERT(pieces.spans == whole.spans);
            RC_ASSERT(!whole.spans.empty());
            RC_ASSERT(!whole.bytes.contains(form));
            RC_ASSERT(!whole.bytes.contains(password));
        });
        CHECK(holds);
    }

    TEST_CASE("any user, any password: the Basic token is never whole again") {
        const bool holds = rc::check([] {
            const auto password = *password_text();
            const auto user = *rc::gen::container<std::string>(rc::gen::inRange<char>('a', 'z'));
            const auto token = to_base64(as_bytes(user + ":" + password));
            const auto out = mask_text(patterns_of(password, user), token).bytes;
            const std::size_t first = (user.size() + 1) * 8 / 6;
            const std::size_t last = ((user.size() + 1 + password.size()) * 8 - 1) / 6;
            RC_ASSERT(out.substr(first, last - first + 1) == stars(last - first + 1));
        });
        CHECK(holds);
    }

    TEST_CASE("bytes without a password pass unchanged, whatever they are") {
        const bool holds = rc::check([](const std::string& text) {
            const auto patterns = patterns_of("\x01never to be made by chance\x02");
            RC_ASSERT(through(patterns, text, {3, 1, 5}).bytes == text);
        });
        CHECK(holds);
    }

    TEST_CASE("only a tail that may become the password is held back") {
        CredentialMask mask(patterns_of("infuse-2009"));
        CHECK(mask.push("<p>hello</p>").bytes == "<p>hello</p>");
        CHECK(mask.push("<infuse-20").bytes == "<");
        CHECK(mask.held() == 9);
        CHECK(mask.push("08>").bytes == "infuse-2008>");
        CHECK(mask.push("infuse-20").bytes.empty());
        CHECK(mask.finish().bytes == "infuse-20");
        CHECK(mask.held() == 0);
    }

    TEST_CASE("a console is not held up by a single letter, and its password is masked even so") {
        CredentialMask mask(patterns_of("infuse-2009"), Pace::interactive);
        CHECK(mask.push("i").bytes == "i");
        CHECK(mask.push("nfuse").bytes.empty());
        CHECK(mask.push("-2009\r\n").bytes == stars(10) + "\r\n");
        CHECK(mask.push("> ").bytes == "> ");
    }

    TEST_CASE("a short password is recognised in clear and in its header") {
        const auto patterns = patterns_of("pw12", "sv");
        CHECK_FALSE(mask_text(patterns, "it is pw12.").spans.empty());
        CHECK_FALSE(mask_text(patterns, to_base64(as_bytes("sv:pw12"))).spans.empty());
        CHECK(mask_text(patterns, "nothing to see").spans.empty());
    }

    TEST_CASE("a password of a kilobyte is masked too") {
        std::string password;
        for (int i = 0; password.size() < 1024; ++i) {
            password += "word" + std::to_string(i);
        }
        const auto token = to_base64(as_bytes("service:" + password));
        const auto out = through(patterns_of(password), "a " + token + " b", {1000});
        CHECK(out.spans.size() == 1);
        CHECK(out.bytes.starts_with("a c2VydmljZT"));
        CHECK(out.bytes.ends_with("* b"));
    }

    TEST_CASE("without patterns everything passes") {
        CredentialMask mask(nullptr);
        CHECK(mask.push("infuse").bytes == "infuse");
        CHECK(mask.finish().bytes.empty());
    }
}

}  // namespace sallyport::gateway
