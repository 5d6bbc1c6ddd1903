#pragma once
// What a request brings, whichever way it was written: query string, HTML form or a JSON object,
// whose members that are objects themselves are kept as JSON text. Values are wiped when the Input
// goes, since some of them are passphrases.

#include "base/core/result.h"
#include "base/core/time.h"
#include "base/crypto/secret.h"
#include "edge/http/message.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::api {

class Input {
public:
    static constexpr std::size_t members_max = 64;
    static constexpr int depth_max = 8;  // of JSON, the outermost object included

    Input() = default;
    Input(Input&&) noexcept = default;
    Input& operator=(Input&&) noexcept = default;
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;
    ~Input();

    // Takes the query of a GET, or the body of anything else by its Content-Type; wipes the body.
    // Refuses invalid "input.malformed", "input.type_unknown", "input.too_many".
    [[nodiscard]] static Result<Input> take_from(http::Request& request);

    [[nodiscard]] bool is_json() const noexcept { return is_json_; }

    // Empty if absent or given more than once.
    [[nodiscard]] std::string text(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const;
    // Refuses invalid "input.missing" with the name in `detail`.
    [[nodiscard]] Result<std::string> required(std::string_view name) const;
    [[nodiscard]] Result<crypto::Secret> secret(std::string_view name) const;
    // A new passphrase: a form asks for it twice ("passphrase", "repeated"), a program gives it
    // once. Refuses what secret() refuses, and invalid "passphrase.not_the_same".
    [[nodiscard]] Result<crypto::Secret> new_passphrase() const;
    [[nodiscard]] Result<Time> time(std::string_view name) const;
    [[nodiscard]] Result<std::int64_t> integer(std::string_view name) const;
    // Members that are JSON arrays of strings, or a form's comma-separated text.
    [[nodiscard]] std::vector<std::string> list(std::string_view name) const;

private:
    std::vector<std::pair<std::string, std::string>> members_;
    bool is_json_ = false;
};

}  // namespace sallyport::api
