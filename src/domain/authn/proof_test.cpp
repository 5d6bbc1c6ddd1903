#include "tests/support/checkout.h"

#include "domain/authn/authentication_proof.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <type_traits>

namespace sallyport::authn {

namespace {

static_assert(!std::is_copy_constructible_v<AuthenticationProof>);
static_assert(!std::is_default_constructible_v<AuthenticationProof>);
static_assert(!std::is_constructible_v<
              AuthenticationProof,
              AccountId,
              policy::Strength,
              audit::Factor,
              Time>);

TEST_CASE("law 2: only sign-in, step-up, recovery and the end of enrolment make a proof") {
    const auto sources = std::filesystem::path(test::in_checkout("src"));
    std::set<std::string> makers;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(sources)) {
        const auto& path = entry.path();
        if (path.extension() != ".cpp" && path.extension() != ".h") continue;
        if (path.filename() == "proof_test.cpp") continue;
        std::ifstream file(path);
        const std::string text(std::istreambuf_iterator<char>(file), {});
        if (text.find("proof_maker.h\"") != std::string::npos ||
            text.find("ProofMaker::") != std::string::npos) {
            makers.insert(path.lexically_relative(sources));
        }
    }
    CHECK(
        makers ==
        std::set<std::string>{
            "domain/authn/badge/badge_unlock.cpp",
            "domain/authn/certificate/card_sign_in.cpp",
            "domain/authn/enrolment_finish.cpp",
            "domain/authn/key_rebinding.cpp",
            "domain/authn/mail_recovery.cpp",
            "domain/authn/passkey_sign_in.cpp",
            "domain/authn/push/push_sign_in.cpp",
            "domain/authn/second_factor_due.cpp",
            "domain/authn/sign_in.cpp",
            "domain/authn/sign_in_second_form.cpp",
            "domain/authn/step_up.cpp",
        }
    );
}

}  // namespace

}  // namespace sallyport::authn
