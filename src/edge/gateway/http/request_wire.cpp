#include "edge/gateway/http/request_wire.h"

namespace sallyport::gateway {

namespace {

constexpr std::string_view field_start = "Authorization: Basic ";
constexpr std::string_view head_end = "\r\n\r\n";

}  // namespace

crypto::Secret basic_token(std::string_view user_name, const crypto::Secret& password) {
    static constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const auto secret = password.expose();
    const std::size_t size = user_name.size() + 1 + secret.size();
    const auto byte_at = [&](std::size_t i) -> unsigned {
        if (i >= size) return 0;
        if (i < user_name.size()) return static_cast<unsigned char>(user_name[i]);
        if (i == user_name.size()) return ':';
        return std::to_integer<unsigned>(secret[i - user_name.size() - 1]);
    };
    Bytes token((size + 2) / 3 * 4);
    for (std::size_t group = 0; group * 3 < size; ++group) {
        const std::size_t i = group * 3;
        const unsigned word = byte_at(i) << 16U | byte_at(i + 1) << 8U | byte_at(i + 2);
        for (std::size_t j = 0; j < 4; ++j) {
            const bool padding = j > size - i;
            const char letter = padding ? '=' : letters[(word >> (18U - 6U * j)) & 63U];
            token[group * 4 + j] = static_cast<std::byte>(letter);
        }
    }
    return crypto::Secret::take(token);
}

RequestWire::RequestWire(
    const http::RequestHead& head,
    const crypto::Secret& token,
    const std::shared_ptr<const CredentialPatterns>& patterns
)
    : before_(http::serialise(head)), token_(token) {
    before_.resize(before_.size() - 2);  // the blank line
    recorded_ = mask_text(patterns, before_).bytes;
    before_ += field_start;
    recorded_ += field_start;
    recorded_.append(token.size(), '*');
    recorded_ += head_end;
}

std::vector<std::span<const char>> RequestWire::pieces() const {
    const auto token = as_text(token_.expose());
    return {std::span(before_), std::span(token), std::span(head_end)};
}

RequestBody::Part RequestBody::push(std::string_view bytes) {
    held_ += bytes;
    return part(mask_.push(bytes));
}

RequestBody::Part RequestBody::finish() {
    return part(mask_.finish());
}

RequestBody::Part RequestBody::part(Masked masked) {
    Part out{held_.substr(0, masked.bytes.size()), std::move(masked.bytes)};
    held_.erase(0, out.send.size());
    return out;
}

}  // namespace sallyport::gateway
