#pragma once
// Requests and answers as plain values. Handlers see these; sockets and parsers stay in edge/http.

#include "base/core/bytes.h"
#include "base/core/time.h"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::http {

// Header fields in the order received. Names compare without case (RFC 9110 §5.1).
class Headers {
public:
    using Field = std::pair<std::string, std::string>;

    [[nodiscard]] const std::vector<Field>& fields() const noexcept { return fields_; }

    // The only field of that name; none, if there is none or more than one.
    [[nodiscard]] std::optional<std::string_view> only(std::string_view name) const;
    [[nodiscard]] std::vector<std::string_view> all(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const;
    void add(std::string name, std::string value);
    void set(std::string_view name, std::string value);  // replaces all of that name
    std::size_t remove(std::string_view name);

private:
    std::vector<Field> fields_;
};

[[nodiscard]] bool same_field_name(std::string_view a, std::string_view b) noexcept;

struct Request {
    std::string method;
    std::string target;  // origin-form as received: "/a/b?c=d"
    std::string path;    // percent-decoded once and normalised (no dot segments, no "//")
    std::string query;   // raw, without '?'
    int version = 11;    // 10 or 11
    std::string host;    // lower case, without the port
    Headers headers;
    std::string body;
    std::string peer;  // the client's address, from the socket or a listed proxy
    bool tls = false;
    std::vector<Bytes> client_certificates = {};  // AnyStream::client_certificates()
};

// A body made while it is sent: the next piece at each call, an empty one at the end. Called again
// only once the piece before went to the network. What it throws ends the connection before the
// body's end, so that nobody takes a half for the whole.
using BodyPieces = std::function<boost::asio::awaitable<std::string>()>;

struct Response {
    int status = 200;
    Headers headers;
    std::string body;
    BodyPieces pieces = {};  // instead of `body`; sent chunked, so not to a client of HTTP/1.0

    [[nodiscard]] static Response text(int status, std::string body);
    [[nodiscard]] static Response html(int status, std::string body);
    [[nodiscard]] static Response json(int status, std::string body);
    [[nodiscard]] static Response redirect(std::string location);  // 303 See Other
};

// The value of one cookie of the Cookie header; none if absent or given twice.
[[nodiscard]] std::optional<std::string> cookie(const Request& request, std::string_view name);

// application/x-www-form-urlencoded and query strings. Refuses over 100 fields and malformed
// escapes.
class Form {
public:
    [[nodiscard]] static Result<Form> parse(std::string_view encoded);
    [[nodiscard]] std::optional<std::string> only(std::string_view name) const;
    [[nodiscard]] std::vector<std::string> all(std::string_view name) const;

    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& fields() const noexcept {
        return fields_;
    }

    // For whoever wipes the values afterwards: no copy is left.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> take() && {
        return std::move(fields_);
    }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

[[nodiscard]] std::string percent_encoded(std::string_view text);  // RFC 3986 unreserved stay
[[nodiscard]] std::string html_escaped(std::string_view text);

}  // namespace sallyport::http
