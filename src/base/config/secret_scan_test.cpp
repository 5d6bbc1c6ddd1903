// tools/lint/secret_scan.py, the scanner that ./check runs, against planted secrets.

#include "tests/support/checkout.h"
#include "tests/support/clocks.h"
#include "tests/support/temporary_folder.h"

#include "base/core/bytes.h"

#include <doctest/doctest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <string>

using namespace sallyport;

namespace {

struct Scan {
    int status;
    std::string output;
};

Scan scan(const test::TemporaryFolder& folder, const std::string& more = {}) {
    const std::string command = "python3 " + test::in_checkout("tools/lint/secret_scan.py") +
                                " --root '" + folder.path().string() + "' " + more + " 2>&1";
    FILE* const pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string output;
    std::array<char, 4096> part{};
    while (const auto got = std::fread(part.data(), 1, part.size(), pipe)) {
        output.append(part.data(), got);
    }
    const int status = ::pclose(pipe);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, output};
}

// Random text as keys are spelt, the same every run, so that this file needs to hold none.
std::string random_text(std::size_t size, std::string (*spell)(BytesView)) {
    test::ReplayedRandom random(4711);
    Bytes bytes(size);
    random.fill(bytes);
    return spell(bytes);
}

}  // namespace

TEST_CASE("S0-10: the secret scanner finds what was planted, tells where, and not what") {
    const auto key = random_text(60, to_base64);
    const auto token = random_text(32, to_hex);
    const auto short_token = random_text(18, to_base64url);

    struct Planted {
        const char* file;
        std::string text;
        std::string found;
        std::string value;
    };

    const std::array planted = {
        Planted{
            "a.pem",
            "x\n-----BEGIN PRIVATE KEY-----\n" + key + "\n-----END PRIVATE KEY-----\n",
            "a.pem:2: private-key",
            key
        },
        Planted{
            "quoted.cpp",
            "const char* k =\n    \"-----BEGIN EC PRIVATE KEY-----\\n\"\n    \"" + key + "\\n\";\n",
            "quoted.cpp:2: private-key",
            key
        },
        Planted{
            "cloud.txt",
            "id: " + std::string("AKIA") + "IOSFODNN7EXAMPLE\n",
            "cloud.txt:1: access-key",
            "IOSFODNN7"
        },
        Planted{
            "code.txt",
            "\n\n" + std::string("gh") + "p_" + std::string(18, 'a') + std::string(18, '7'),
            "code.txt:3: access-key",
            "aaaaaaa"
        },
        Planted{"c.py", "password = \"" + token + "\"\n", "c.py:1: literal", token},
        Planted{
            "d.yaml", "a: 1\napi_token: " + short_token + "\n", "d.yaml:2: literal", short_token
        },
        Planted{"e.cpp", "set_secret(\n    \"" + key + "\");\n", "e.cpp:2: literal", key},
        Planted{
            "url.sh",
            "psql postgres://anna"
            ":hunter2hunter2@db/x\n",
            "url.sh:1: url-password",
            "hunter2hunter2"
        },
        Planted{"server.key", "anything\n", "server.key:1: key-file", "anything"},
        Planted{"master", token + "\n", "master:1: key-file", token},
    };
    for (const auto& [file, text, found, value] : planted) {
        const test::TemporaryFolder folder;
        folder.write(file, text);
        folder.write("harmless.txt", "nothing to see\n");
        const auto result = scan(folder);
        CHECK(result.status == 1);
        CHECK_MESSAGE(result.output.contains(found), result.output);
        CHECK_FALSE(result.output.contains(value));
        CHECK_FALSE(result.output.contains("harmless"));
    }
}

TEST_CASE("S0-10: the secret scanner looks into binaries, also for the demonstration's secrets") {
    const test::TemporaryFolder folder;
    std::filesystem::create_directories(folder / "examples/pump");
    folder.write(
        "examples/pump/service_password.h", "constexpr auto service_password = \"demo-4711\";\n"
    );
    const test::TemporaryFolder elsewhere;
    const auto clean =
        elsewhere.write("clean", std::string(5000, '\0') + "-----BEGIN PRIVATE KEY-----");
    CHECK(scan(folder, clean).status == 0);

    const auto demo = elsewhere.write("demo", std::string(5000, '\0') + "demo-4711");
    CHECK(scan(folder, demo).output.contains(demo + ":+5000: demo-secret"));
    const auto key = elsewhere.write(
        "key", std::string(100, '\0') + "-----BEGIN PRIVATE KEY-----\n" + random_text(60, to_base64)
    );
    const auto found = scan(folder, key + " " + clean);
    CHECK(found.status == 1);
    CHECK(found.output == key + ":+100: private-key\n");

    folder.write("README.md", "the pump's password is demo-4711\n");
    CHECK(scan(folder).output.contains("README.md:1: demo-secret"));
}

TEST_CASE("S0-10: what the secret scanner lets pass is listed, with a reason, and needed") {
    const test::TemporaryFolder folder;
    folder.write("vector.txt", "secret = " + random_text(32, to_hex) + "\n");
    const test::TemporaryFolder lists;
    const auto with = [&](const std::string& entries) {
        return scan(folder, "--allow " + lists.write("allow", entries));
    };
    CHECK(with("").status == 1);
    CHECK(with("# remark\n\nliteral vector.* published vector\n").status == 0);
    CHECK(with("url-password vector.* wrong kind\n").status == 1);
    CHECK(with("literal other.txt wrong file\n").status == 1);
    CHECK(with("literal vector.* good\nliteral gone.txt old\n").output.contains("remove it"));
    CHECK(with("literal vector.*\n").status == 1);  // no reason
}

TEST_CASE("S0-10: code that handles secrets is none") {
    const test::TemporaryFolder folder;
    folder.write(
        "code.cpp",
        "const auto password = read_password(stdin_is_a_terminal_2);\n"
        "if (text.contains(\"-----BEGIN PRIVATE KEY-----\")) return secret;\n"
        "auto url = fmt::format(\"postgres://{}:{}@{}/db\", user, password, host);\n"
        "curl https://$user:$password@example.org\n"
        "set_credential(\"pump-07\", \"IP2-0007-quarterly-check\");\n"
        "token_size_max = 4096; password_file = \"/etc/sallyport/keys/2026/master.key\";\n"
        "constexpr std::string_view seed_label = \"recording_key_derivation_v1\";\n"
    );
    const auto result = scan(folder);
    CHECK_MESSAGE(result.status == 0, result.output);
    CHECK(result.output == "secrets: none found\n");
}
