#include "edge/gateway/http/credential_patterns.h"

#include <algorithm>
#include <array>

namespace sallyport::gateway {

namespace {

constexpr std::size_t byte_values = 256;
constexpr std::string_view base64_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Writes forms twice over: the first time to count positions, the second to fill the table. So no
// copy of any form of the password is ever made.
class FormWriter {
public:
    explicit FormWriter(std::vector<CredentialPatterns::Form>& forms) : forms_(forms) {}

    void fill(std::span<std::uint64_t> table, std::size_t words) {
        table_ = table;
        words_ = words;
        bits_ = 0;
    }

    void begin_form() { form_begin_ = bits_; }

    void begin_position() { ++bits_; }

    void fits(std::uint8_t byte) {
        if (table_.empty()) return;
        const std::size_t bit = bits_ - 1;
        table_[byte * words_ + bit / 64] |= std::uint64_t{1} << (bit % 64);
    }

    void only(std::uint8_t byte) {
        begin_position();
        fits(byte);
    }

    void either(char a, char b) {
        begin_position();
        fits(static_cast<std::uint8_t>(a));
        fits(static_cast<std::uint8_t>(b));
    }

    void text(std::string_view text) {
        for (const char c : text) {
            only(static_cast<std::uint8_t>(c));
        }
    }

    void end_form() {
        if (table_.empty() && bits_ > form_begin_) {
            forms_.push_back({form_begin_, bits_ - form_begin_});
        }
    }

    [[nodiscard]] std::size_t bits() const noexcept { return bits_; }

private:
    std::vector<CredentialPatterns::Form>& forms_;
    std::span<std::uint64_t> table_;
    std::size_t words_ = 0;
    std::size_t bits_ = 0;
    std::size_t form_begin_ = 0;
};

void write_plain(FormWriter& out, BytesView password) {
    out.begin_form();
    for (const auto byte : password) {
        out.only(std::to_integer<std::uint8_t>(byte));
    }
    out.end_form();
}

// As a form field has it: a space became '+', the rest is percent-encoded or plain.
void write_form_field(FormWriter& out, BytesView password) {
    if (std::ranges::find(password, std::byte{' '}) == password.end()) return;
    out.begin_form();
    for (const auto byte : password) {
        out.only(byte == std::byte{' '} ? std::uint8_t{'+'} : std::to_integer<std::uint8_t>(byte));
    }
    out.end_form();
}

void write_hex(FormWriter& out, BytesView password) {
    static constexpr std::string_view upper = "0123456789ABCDEF";
    static constexpr std::string_view lower = "0123456789abcdef";
    out.begin_form();
    for (const auto byte : password) {
        const auto value = std::to_integer<unsigned>(byte);
        out.either(upper[value >> 4U], lower[value >> 4U]);
        out.either(upper[value & 15U], lower[value & 15U]);
    }
    out.end_form();
}

bool bit_of(BytesView bytes, std::size_t bit) {
    return ((std::to_integer<unsigned>(bytes[bit / 8]) >> (7 - bit % 8)) & 1U) != 0;
}

// The Base64 letters that hold a bit of `bytes` when `before` bytes stand in front of it. Letters
// at the ends hold foreign bits too, which may be anything.
void write_base64(FormWriter& out, BytesView bytes, std::size_t before) {
    const std::size_t begin = before * 8;
    const std::size_t end = begin + bytes.size() * 8;
    out.begin_form();
    for (std::size_t letter = begin / 6; letter * 6 < end; ++letter) {
        unsigned known = 0;
        unsigned value = 0;
        for (std::size_t i = 0; i < 6; ++i) {
            const std::size_t bit = letter * 6 + i;
            known <<= 1U;
            value <<= 1U;
            if (bit < begin || bit >= end) continue;
            known |= 1U;
            value |= bit_of(bytes, bit - begin) ? 1U : 0U;
        }
        out.begin_position();
        for (unsigned sextet = 0; sextet < 64; ++sextet) {
            if ((sextet & known) != value) continue;
            out.fits(static_cast<std::uint8_t>(base64_letters[sextet]));
            if (sextet == 62) out.fits('-');
            if (sextet == 63) out.fits('_');
        }
    }
    out.end_form();
}

// One way to escape text: what the software of a device's page writes for each of these
// characters; nothing where it leaves the character alone.
struct Escapes {
    std::string_view ampersand;
    std::string_view less;
    std::string_view greater;
    std::string_view quote;
    std::string_view apostrophe;
    std::string_view backslash{};
    std::string_view slash{};
    std::string_view plus{};

    [[nodiscard]] std::string_view of(char c) const {
        switch (c) {
            case '&':
                return ampersand;
            case '<':
                return less;
            case '>':
                return greater;
            case '"':
                return quote;
            case '\'':
                return apostrophe;
            case '\\':
                return backslash;
            case '/':
                return slash;
            case '+':
                return plus;
            default:
                return {};
        }
    }
};

constexpr std::string_view escaped_backslash = R"(\\)";

constexpr std::array<Escapes, 15> escapes{{
    // HTML and XML: text, attributes in double quotes, and the ways to write an apostrophe.
    {"&amp;", "&lt;", "&gt;", "", ""},
    {"&amp;", "&lt;", "&gt;", "&quot;", ""},
    {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"},
    {"&amp;", "&lt;", "&gt;", "&quot;", "&#039;"},
    {"&amp;", "&lt;", "&gt;", "&quot;", "&#x27;"},
    {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"},
    {"&amp;", "&lt;", "&gt;", "&#34;", "&#39;"},
    {"&#38;", "&#60;", "&#62;", "&#34;", "&#39;"},
    {"&#x26;", "&#x3c;", "&#x3e;", "&#x22;", "&#x27;"},
    // JSON and scripts, without and with what is escaped to be safe inside HTML.
    {"", "", "", R"(\")", "", escaped_backslash},
    {"", "", "", R"(\")", "", escaped_backslash, R"(\/)"},
    {"", "", "", R"(\")", R"(\')", escaped_backslash},
    {R"(\u0026)", R"(\u003c)", R"(\u003e)", R"(\")", "", escaped_backslash},
    {R"(\u0026)", R"(\u003c)", R"(\u003e)", R"(\")", R"(\u0027)", escaped_backslash},
    {R"(\u0026)",
     R"(\u003c)",
     R"(\u003e)",
     R"(\u0022)",
     R"(\u0027)",
     escaped_backslash,
     "",
     R"(\u002b)"},
}};

// What software escapes with, letters of hexadecimal digits and names in either case.
void write_escape(FormWriter& out, std::string_view escape) {
    for (const char c : escape) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        constexpr char case_bit = 0x20;
        letter ? out.either(c, static_cast<char>(c ^ case_bit)) : out.text({&c, 1});
    }
}

// Each way that makes a difference for this password, once.
void write_escaped(FormWriter& out, BytesView password) {
    const auto text = as_text(password);
    for (auto escape = escapes.begin(); escape != escapes.end(); ++escape) {
        const auto same_as = [&](const Escapes& other) {
            return std::ranges::all_of(text, [&](char c) { return escape->of(c) == other.of(c); });
        };
        if (same_as({}) || std::any_of(escapes.begin(), escape, same_as)) continue;
        out.begin_form();
        for (const char c : text) {
            const auto escaped = escape->of(c);
            escaped.empty() ? out.text({&c, 1}) : write_escape(out, escaped);
        }
        out.end_form();
    }
}

// A short password leaves too little to recognise: the plain form, the header it travels in, and
// nothing that would fit by chance.
void write_short_forms(FormWriter& out, std::string_view user_name, BytesView password) {
    write_plain(out, password);
    const std::size_t prefix = user_name.size() + 1;
    if (password.size() >= 3) {
        write_base64(out, password, 0);
        write_base64(out, password, prefix % 3);
    }
}

void write_forms(FormWriter& out, std::string_view user_name, BytesView password) {
    if (password.empty()) return;
    if (password.size() < CredentialPatterns::password_size_maskable) {
        write_short_forms(out, user_name, password);
        return;
    }
    write_plain(out, password);
    write_form_field(out, password);
    write_hex(out, password);
    for (std::size_t before = 0; before < 3; ++before) {
        write_base64(out, password, before);
    }
    write_escaped(out, password);
}

crypto::Secret taken(std::vector<std::uint64_t>& table) {
    return crypto::Secret::take(std::as_writable_bytes(std::span(table)));
}

}  // namespace

CredentialPatterns::CredentialPatterns(std::string_view user_name, const crypto::Secret& password)
    : table_(crypto::Secret::random(1)),
      starts_(crypto::Secret::random(1)),
      pairs_(crypto::Secret::random(1)) {
    FormWriter writer(forms_);
    write_forms(writer, user_name, password.expose());
    words_ = (writer.bits() + 63) / 64;

    std::vector<std::uint64_t> table(byte_values * words_);
    writer.fill(table, words_);
    write_forms(writer, user_name, password.expose());

    firsts_.resize(words_);
    lasts_.resize(words_);
    for (const auto& form : forms_) {
        const std::size_t last = form.first_bit + form.size - 1;
        firsts_[form.first_bit / 64] |= std::uint64_t{1} << (form.first_bit % 64);
        lasts_[last / 64] |= std::uint64_t{1} << (last % 64);
        size_longest_ = std::max(size_longest_, form.size);
        size_shortest_ = size_shortest_ == 0 ? form.size : std::min(size_shortest_, form.size);
    }
    auto starts = starting_bytes(table);
    auto pairs = starting_pairs(table);
    starts_ = crypto::Secret::take(starts);
    pairs_ = crypto::Secret::take(pairs);
    if (words_ > 0) table_ = taken(table);
}

std::vector<std::byte> CredentialPatterns::starting_bytes(Table table) const {
    std::vector<std::byte> starts(byte_values);
    for (std::size_t byte = 0; byte < byte_values; ++byte) {
        for (std::size_t word = 0; word < words_; ++word) {
            if ((table[byte * words_ + word] & firsts_[word]) != 0) starts[byte] = std::byte{1};
        }
    }
    return starts;
}

std::vector<std::byte> CredentialPatterns::starting_pairs(Table table) const {
    std::vector<std::byte> pairs(byte_values * byte_values / 8);
    const auto fits = [&](std::size_t byte, std::size_t bit) {
        return (table[byte * words_ + bit / 64] >> (bit % 64) & 1U) != 0;
    };
    for (const auto& form : forms_) {
        for (std::size_t first = 0; first < byte_values; ++first) {
            if (!fits(first, form.first_bit)) continue;
            for (std::size_t second = 0; second < byte_values; ++second) {
                // Behind a percent sign there may be anything.
                const bool may =
                    form.size == 1 || second == '%' || fits(second, form.first_bit + 1);
                if (!may) continue;
                const std::size_t pair = first * byte_values + second;
                pairs[pair / 8] |= std::byte{1} << (pair % 8);
            }
        }
    }
    return pairs;
}

std::size_t CredentialPatterns::next_start(std::string_view bytes, std::size_t at) const noexcept {
    const auto pairs = pairs_.expose();
    for (; at + 1 < bytes.size(); ++at) {
        if (bytes[at] == '%') return at;
        const std::size_t pair = static_cast<std::uint8_t>(bytes[at]) * byte_values +
                                 static_cast<std::uint8_t>(bytes[at + 1]);
        const bool pair_fits = (pairs[pair / 8] >> (pair % 8) & std::byte{1}) != std::byte{0};
        if (pair_fits && may_begin(bytes, at)) return at;
    }
    const bool last =
        at < bytes.size() && (bytes[at] == '%' || can_start(static_cast<std::uint8_t>(bytes[at])));
    return last ? at : bytes.size();
}

bool CredentialPatterns::may_begin(std::string_view bytes, std::size_t at) const noexcept {
    constexpr std::size_t ahead_max =
        5;  // a constant: the scan stays linear whatever a device sends
    const auto ahead = bytes.substr(at, ahead_max);
    return std::ranges::any_of(forms_, [&](const Form& form) {
        const auto size = std::min(ahead.size(), form.size);
        for (std::size_t i = 0; i < size; ++i) {
            if (ahead[i] == '%') return true;  // anything may be behind it
            const std::size_t bit = form.first_bit + i;
            const auto fits = fitting(static_cast<std::uint8_t>(ahead[i]))[bit / 64] >> (bit % 64);
            if ((fits & 1U) == 0) return false;
        }
        return true;
    });
}

std::span<const std::uint64_t> CredentialPatterns::fitting(std::uint8_t byte) const noexcept {
    const auto* const rows = reinterpret_cast<const std::uint64_t*>(table_.expose().data());
    return {rows + byte * words_, words_};
}

const CredentialPatterns::Form& CredentialPatterns::form_of(std::size_t bit) const noexcept {
    const auto after = std::ranges::upper_bound(forms_, bit, {}, &Form::first_bit);
    return *std::prev(after);
}

}  // namespace sallyport::gateway
