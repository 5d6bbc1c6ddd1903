#include "domain/authn/one_time_code.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>
#include <set>
#include <string>

namespace sallyport::authn {

namespace {

std::string text_of(const crypto::Secret& secret) {
    return std::string(as_text(secret.expose()));
}

TEST_CASE("a fresh code has 80 bits in four groups, and is never the same") {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const auto code = text_of(fresh_one_time_code());
        REQUIRE(code.size() == 19);
        for (std::size_t at = 0; at < code.size(); ++at) {
            const bool hyphen = at % 5 == 4;
            const bool in_place =
                hyphen ? code[at] == '-'
                       : std::string_view("0123456789ABCDEFGHJKMNPQRSTVWXYZ").contains(code[at]);
            REQUIRE(in_place);
        }
        REQUIRE(seen.insert(code).second);
    }
}

TEST_CASE("every character of the alphabet is about as frequent as the others") {
    std::map<char, int> counts;
    constexpr int codes = 2000;
    for (int i = 0; i < codes; ++i) {
        for (const char c : text_of(fresh_one_time_code())) {
            if (c != '-') ++counts[c];
        }
    }
    CHECK(counts.size() == 32);
    // 1,000 expected of each; 31 standard deviations would be needed to leave these bounds.
    for (const auto& [c, count] : counts) {
        CAPTURE(c);
        CHECK(count > 500);
        CHECK(count < 1500);
    }
}

TEST_CASE("a code may be typed in either case, with O for 0, I and L for 1, and any spacing") {
    const auto plain = read_one_time_code("7QKM-2D0V-1H4T-91WN");
    REQUIRE(plain.has_value());
    CHECK(text_of(*plain) == "7QKM2D0V1H4T91WN");
    for (const auto* typed :
         {"7qkm-2dov-ih4t-9lwn", " 7QKM 2D0V 1H4T 91WN ", "7qkm2d0v1h4t91wn", "7QKM2DOV-LH4T-9IWN\n"
         }) {
        CAPTURE(typed);
        const auto read = read_one_time_code(typed);
        REQUIRE(read.has_value());
        CHECK(text_of(*read) == text_of(*plain));
    }
}

TEST_CASE("anything else is malformed") {
    for (const std::string& typed :
         {std::string(),
          std::string("7QKM-2D0V-1H4T-91W"),
          std::string("7QKM-2D0V-1H4T-91WNX"),
          std::string("7QKM-2D0V-1H4T-91WU"),
          std::string("7QKM_2D0V_1H4T_91WN"),
          std::string("7QKM-2D0V-1H4T-91W\0", 19),
          std::string("７QKM-2D0V-1H4T-91WN"),
          std::string(65, ' ') + "7QKM-2D0V-1H4T-91WN"}) {
        CAPTURE(typed);
        const auto read = read_one_time_code(typed);
        REQUIRE_FALSE(read.has_value());
        CHECK(read.error().reason == "code.malformed");
    }
}

TEST_CASE("reading what was made gives its sixteen characters") {
    const bool holds = rc::check([] {
        auto typed = text_of(fresh_one_time_code());
        const auto spaces = *rc::gen::container<std::vector<std::size_t>>(
            rc::gen::inRange<std::size_t>(0, typed.size())
        );
        auto expected = typed;
        std::erase(expected, '-');
        for (const auto position : spaces) {
            if (typed.size() < one_time_code_text_max) typed.insert(position, " ");
        }
        const auto read = read_one_time_code(typed);
        RC_ASSERT(read.has_value());
        RC_ASSERT(text_of(*read) == expected);
    });
    CHECK(holds);
}

TEST_CASE("the MAC of a code depends on code, use and key") {
    const keys::KeyRing keys(crypto::Secret::random(32));
    const keys::KeyRing other(crypto::Secret::random(32));
    const auto code = read_one_time_code("7QKM-2D0V-1H4T-91WN").value();
    const auto near = read_one_time_code("7QKM-2D0V-1H4T-91WM").value();
    const auto mac = mac_of_code(keys, keys::Purpose::ticket_mac, "ticket", code);
    CHECK(mac == mac_of_code(keys, keys::Purpose::ticket_mac, "ticket", code));
    CHECK(mac != mac_of_code(keys, keys::Purpose::ticket_mac, "ticket", near));
    CHECK(mac != mac_of_code(keys, keys::Purpose::ticket_mac, "bootstrap", code));
    CHECK(mac != mac_of_code(keys, keys::Purpose::recovery_code_mac, "ticket", code));
    CHECK(mac != mac_of_code(other, keys::Purpose::ticket_mac, "ticket", code));
}

}  // namespace

}  // namespace sallyport::authn
