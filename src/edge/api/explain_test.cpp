#include "edge/api/explain.h"

#include "tests/support/checkout.h"

#include "edge/api/explain_words.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace sallyport::api {

namespace {

namespace fs = std::filesystem;

// Refused by our own mistakes alone, or for the log only: nobody can do more about them than
// their kind says.
const std::set<std::string> for_the_log{
    "bootstrap.expired",
    "bootstrap.not_first",
    "bootstrap.unknown",
    "bootstrap.used",
    // Said by the command line and at the start, with file and line.
    "place_file.malformed",
    "place_file.too_large",
    "push.phone_unusable",
    "ticket.expired",
    "ticket.revoked",
    "ticket.unknown",
    "ticket.used",
    "ticket.not_open",
    "ticket.waiting",
    "ticket.agent_code_wrong",
    "recovery.wrong_permit",
    "incident.wrong_permit",
    "passphrase.wrong",
    "breach_list.damaged",
    "breach_list.empty",
    "breach_list.malformed_line",
    "breach_list.newer",
    "breach_list.not_one",
    "breach_list.ntlm_hash",
    "breach_list.stopped",
    "breach_list.uneven",
    "breach_list.unsorted",
    "recovery_code.used",
    "recovery_code.wrong",
    "notice.other_account",
    "grant.other_device",
    "grant.other_person",
    "handoff.expired",
    "handoff.other_browser",
    "handoff.other_host",
    "handoff.refused",
    "handoff.unknown",
    "handoff.used",
    "handoff.not_web",
    "session.host_needs_handoff",
    "cli_code.expired",
    "cli_code.unknown",
    "cli_code.used",
    "cli_code.wrong_verifier",
    "device.wrong_permit",
    "grant.wrong_permit",
    "user.wrong_permit",
    "policy.wrong_permit",
    "vault.wrong_permit",
    "vault.permit_over",
    "device.capability_missing",
    "device.path_ambiguous",
    "device.path_malformed",
    "device.path_not_allowed",
    "person.unknown",
    "card.can_be_copied",
    "card.code_refused",
    "card.unknown",          // to the log: its holder is told card.not_accepted
    "security_key.unknown",  // to the log: whoever holds it is told authn.refused
};

// What was wrong with a certificate or a WebAuthn answer is for the log: the person is told by the
// flow that asked for it, in one sentence for all. Rules of mapping do not come over the API yet,
// FIDO's list comes by a command that says what is wrong with it.
bool is_of_verification(std::string_view reason) {
    constexpr std::array<std::string_view, 5> areas = {
        "certificate.", "webauthn.", "mapping.", "metadata.", "tpm."
    };
    return std::ranges::any_of(areas, [&](auto area) { return reason.starts_with(area); });
}

// Every reason that a room whose refusals reach the API writes down.
std::set<std::string> reasons() {
    static const std::regex refusal(
        R"rx(refuse\(\s*(?:sallyport::)?Refusal::\w+,\s*"([a-z_0-9]+\.[a-z_0-9]+)")rx"
    );
    std::set<std::string> found;
    for (const auto* const room :
         {"domain/authn",
          "domain/directory",
          "domain/governance",
          "domain/policy",
          "domain/session",
          "domain/vault",
          "edge/api"}) {
        for (const auto& file :
             fs::recursive_directory_iterator(test::in_checkout("src") + "/" + room)) {
            const auto name = file.path().filename().string();
            if (!name.ends_with(".cpp") || name.ends_with("_test.cpp")) continue;
            std::ifstream stream(file.path());
            const std::string text{std::istreambuf_iterator<char>(stream), {}};
            for (std::sregex_iterator at(text.begin(), text.end(), refusal), end; at != end; ++at) {
                found.insert((*at)[1]);
            }
        }
    }
    return found;
}

bool has_words(std::string_view reason) {
    const auto words = all_words();
    return std::ranges::find(words, reason, &Words::reason) != words.end();
}

}  // namespace

TEST_SUITE("the words of refusals") {
    TEST_CASE("every refusal that a person can meet has words of its own") {
        const auto all = reasons();
        REQUIRE(all.size() > 100);
        std::string wordless;
        for (const auto& reason : all) {
            const bool told =
                has_words(reason) || for_the_log.contains(reason) || is_of_verification(reason);
            if (!told) wordless += reason + ' ';
        }
        CAPTURE(wordless);
        CHECK(wordless.empty());
    }

    TEST_CASE("no refusal has words twice, and all are sentences") {
        std::set<std::string_view> seen;
        for (const auto& words : all_words()) {
            CAPTURE(words.reason);
            CHECK(seen.insert(words.reason).second);
            CHECK(words.title.ends_with('.'));
            CHECK(words.remedy.ends_with('.'));
            CHECK_FALSE(for_the_log.contains(std::string(words.reason)));
        }
    }
}

}  // namespace sallyport::api
