#include "domain/audit/leaf.h"

#include "base/core/fault.h"
#include "domain/audit/canonical_json.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

namespace sallyport::audit {

namespace {

std::string_view word(ClockState clock) noexcept {
    switch (clock) {
        case ClockState::synchronised:
            return "synchronised";
        case ClockState::unsynchronised:
            return "unsynchronised";
        case ClockState::behind:
            return "behind";
    }
    std::unreachable();
}

std::string_view word(Outcome outcome) noexcept {
    switch (outcome) {
        case Outcome::success:
            return "success";
        case Outcome::refused:
            return "refused";
        case Outcome::failed:
            return "failed";
    }
    std::unreachable();
}

// Writes one leaf front to back, keys in ascending order as the caller names them. Where a section
// is empty, it is left out.
class Encoder {
public:
    Encoder(const Moment& moment, std::size_t value_max) : moment_(moment), value_max_(value_max) {}

    void open() {
        out_ += '{';
        first_ = true;
    }

    void open(std::string_view key) {
        name(key);
        open();
        path_ = std::string(key) + ".";
    }

    void close() {
        out_ += '}';
        first_ = false;
        path_.clear();
    }

    void text(std::string_view key, std::string_view value) {
        if (value.empty()) return;
        const auto clean = cleaned(key, value);
        name(key);
        append_json_string(out_, clean);
    }

    void personal(std::string_view key, std::string_view value) {
        if (value.empty()) return;
        PersonalText beside{path_ + std::string(key), {}, cleaned(key, value)};
        moment_.random.fill(beside.salt);
        name(key);
        out_ += R"({"sha256":)";
        append_json_string(out_, to_hex(commitment(beside.name, beside.salt, beside.text)));
        out_ += '}';
        personal_.push_back(std::move(beside));
    }

    // What a double can't hold exactly is written as text.
    void integer(std::string_view key, std::int64_t value) {
        if (value > json_integer_max || value < -json_integer_max) {
            return text(key, std::to_string(value));
        }
        name(key);
        out_ += std::to_string(value);
    }

    void boolean(std::string_view key, bool value) {
        name(key);
        out_ += value ? "true" : "false";
    }

    // The paths whose value is not whole.
    void list(std::string_view key, std::vector<std::string> paths) {
        if (paths.empty()) return;
        std::ranges::sort(paths);
        name(key);
        out_ += '[';
        for (std::size_t i = 0; i < paths.size(); ++i) {
            if (i > 0) out_ += ',';
            append_json_string(out_, paths[i]);
        }
        out_ += ']';
    }

    [[nodiscard]] const std::vector<std::string>& cut() const { return cut_; }

    [[nodiscard]] const std::vector<std::string>& replaced() const { return replaced_; }

    [[nodiscard]] Leaf take() && { return {std::move(out_), std::move(personal_)}; }

private:
    void name(std::string_view key) {
        if (!first_) out_ += ',';
        first_ = false;
        append_json_string(out_, key);
        out_ += ':';
    }

    std::string cleaned(std::string_view key, std::string_view value) {
        auto clean = clean_text(value, value_max_);
        if (clean.cut) cut_.push_back(path_ + std::string(key));
        if (clean.replaced) replaced_.push_back(path_ + std::string(key));
        return std::move(clean.text);
    }

    const Moment& moment_;
    std::size_t value_max_;
    std::string out_;
    std::string path_;
    bool first_ = true;
    std::vector<PersonalText> personal_;
    std::vector<std::string> cut_;
    std::vector<std::string> replaced_;
};

template <class IdType>
std::string text_of(const std::optional<IdType>& id) {
    return id ? id->text() : std::string();
}

void encode_factor(Encoder& out, const Factor& factor) {
    out.open("factor");
    out.integer("aal", factor.aal);
    if (factor.age) out.integer("age", factor.age->count());
    out.text("amr", factor.amr);
    out.text("authenticator", factor.authenticator_id);
    out.boolean("phishing_resistant", factor.phishing_resistant);
    out.close();
}

bool well_named(std::string_view name) {
    return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

// By name, as the canonical order wants them.
std::vector<const Field*> sorted_fields(const Event& event) {
    const auto complain = [&](std::string_view why) {
        throw Fault("audit event " + std::string(event.type) + " " + std::string(why));
    };
    if (event.fields.size() > leaf_fields_max) complain("has too many fields");
    std::vector<const Field*> fields;
    for (const auto& field : event.fields) {
        if (!well_named(field.name)) complain("has a field whose name is not a-z 0-9 _");
        fields.push_back(&field);
    }
    const auto by_name = [](const Field* field) -> const std::string& { return field->name; };
    std::ranges::sort(fields, {}, by_name);
    const auto twin = std::ranges::adjacent_find(fields, {}, by_name);
    if (twin != fields.end()) complain("has fields." + (*twin)->name + " twice");
    return fields;
}

void encode_field(Encoder& out, const Field& field) {
    if (field.personal) {
        const auto* text = std::get_if<std::string>(&field.value);
        const auto* number = std::get_if<std::int64_t>(&field.value);
        const auto* flag = std::get_if<bool>(&field.value);
        if (text != nullptr) out.personal(field.name, *text);
        if (number != nullptr) out.personal(field.name, std::to_string(*number));
        if (flag != nullptr) out.personal(field.name, *flag ? "true" : "false");
    } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
        out.integer(field.name, *number);
    } else if (const auto* flag = std::get_if<bool>(&field.value)) {
        out.boolean(field.name, *flag);
    } else {
        out.text(field.name, std::get<std::string>(field.value));
    }
}

void encode_who(Encoder& out, const Who& who) {
    out.open("who");
    out.text("account", text_of(who.account));
    out.personal("account_name", who.account_name);
    out.text("person", text_of(who.person));
    out.text("role", who.role);
    out.text("system", who.system);
    if (!who.account && !who.person && who.system.empty()) out.boolean("unknown", true);
    out.close();
}

// `cut` and `replaced` stand before the values they speak of, so they come from a first run.
Leaf encode(
    const EventId& id,
    const Moment& moment,
    const Event& event,
    std::size_t value_max,
    const Encoder* first_run
) {
    Encoder out(moment, value_max);
    out.open();
    out.integer("at", to_micros(moment.now));
    out.text("clock", word(moment.clock));
    if (first_run != nullptr) out.list("cut", first_run->cut());
    if (event.factor) encode_factor(out, *event.factor);
    if (!event.fields.empty()) {
        out.open("fields");
        for (const auto* field : sorted_fields(event)) {
            encode_field(out, *field);
        }
        out.close();
    }
    out.text("grant", text_of(event.grant));
    out.text("id", id.text());
    out.integer("mono", moment.monotonic.count());
    out.text("outcome", word(event.outcome));
    out.integer("policy", event.policy_version);
    out.text("reason", event.reason);
    if (first_run != nullptr) out.list("replaced", first_run->replaced());
    out.text("session", text_of(event.session));
    out.text("ticket", event.ticket);
    out.text("type", event.type);
    out.integer("v", 1);
    out.open("what");
    out.text("action", event.action);
    out.text("object", event.object);
    out.close();
    out.open("where");
    out.text("channel", event.where.channel);
    out.text("node", moment.node);
    out.personal("source", event.where.source);
    out.text("workstation", event.where.workstation);
    out.text("zone", event.where.zone);
    out.close();
    encode_who(out, event.who);
    out.close();
    if (first_run == nullptr && !(out.cut().empty() && out.replaced().empty())) {
        return encode(id, moment, event, value_max, &out);
    }
    return std::move(out).take();
}

// ---- reading -----------------------------------------------------------------------------------

class Reader {
public:
    explicit Reader(std::string_view bytes) : in_(bytes) {}

    Result<LeafContent> read() {
        in_.object([this](std::string_view key) { top(key); });
        if (!in_.finished() || version_ != 1 || content_.columns.event_id.empty()) {
            return refuse(Refusal::invalid, "leaf.malformed");
        }
        return std::move(content_);
    }

private:
    void top(std::string_view key) {
        auto& columns = content_.columns;
        if (key == "at") {
            columns.at_us = in_.integer();
        } else if (key == "v") {
            version_ = in_.integer();
        } else if (key == "policy" || key == "mono") {
            skip_number();
        } else if (key == "cut" || key == "replaced") {
            in_.array([this] { skip_text(); });
        } else if (key == "fields") {
            in_.object([this](std::string_view name) { field(name); });
        } else if (auto* column = top_column(key)) {
            keep(*column);
        } else {
            section(key);
        }
    }

    void keep(std::string_view& column) {
        column = in_.string();
        if (in_.was_unescaped()) column = content_.unescaped.emplace_back(column);
    }

    // The members that are plain texts; `&dropped_` for those that no column keeps.
    std::string_view* top_column(std::string_view key) {
        auto& columns = content_.columns;
        if (key == "id") return &columns.event_id;
        if (key == "type") return &columns.type;
        if (key == "outcome") return &columns.outcome;
        if (key == "reason") return &columns.reason;
        if (key == "session") return &columns.session;
        if (key == "grant") return &columns.grant;
        if (key == "clock" || key == "ticket") return &dropped_;
        return nullptr;
    }

    void section(std::string_view key) {
        if (key == "factor") {
            in_.object([this](std::string_view name) { factor(name); });
        } else if (key == "what") {
            in_.object([this](std::string_view name) { what(name); });
        } else if (key == "where") {
            in_.object([this](std::string_view name) { where(name); });
        } else if (key == "who") {
            in_.object([this](std::string_view name) { who(name); });
        } else {
            in_.fail();
        }
    }

    void factor(std::string_view name) {
        if (name == "amr") {
            keep(content_.columns.amr);
        } else if (name == "authenticator") {
            skip_text();
        } else if (name == "phishing_resistant") {
            static_cast<void>(in_.boolean());
        } else if (name == "aal" || name == "age") {
            skip_number();
        } else {
            in_.fail();
        }
    }

    void what(std::string_view name) {
        if (name == "action") {
            keep(content_.columns.action);
        } else if (name == "object") {
            keep(content_.columns.object);
        } else {
            in_.fail();
        }
    }

    void where(std::string_view name) {
        if (name == "source") {
            committed("where", "source");
        } else if (name == "channel" || name == "node" || name == "workstation" || name == "zone") {
            skip_text();
        } else {
            in_.fail();
        }
    }

    void who(std::string_view name) {
        auto& columns = content_.columns;
        if (name == "account") {
            keep(columns.account);
        } else if (name == "account_name") {
            committed("who", "account_name");
        } else if (name == "person") {
            keep(columns.person);
        } else if (name == "role") {
            keep(columns.role);
        } else if (name == "system") {
            keep(columns.system);
        } else if (name == "unknown") {
            if (!in_.boolean()) in_.fail();
        } else {
            in_.fail();
        }
    }

    void field(std::string_view name) {
        if (name == "count" && in_.peek() != '"' && in_.peek() != '{') {
            content_.count = in_.integer();
            return;
        }
        switch (in_.peek()) {
            case '{':
                return committed("fields", name);
            case '"':
                return skip_text();
            case 't':
            case 'f':
                static_cast<void>(in_.boolean());
                return;
            default:
                return skip_number();
        }
    }

    void committed(std::string_view section, std::string_view member) {
        crypto::Sha256Digest digest{};
        bool there = false;
        in_.object([&](std::string_view key) {
            there = key == "sha256" && read_digest(in_.string(), digest);
            if (!there) in_.fail();
        });
        if (!there) return in_.fail();
        content_.commitments.push_back({section, member, digest});
    }

    // Lower-case hexadecimal, as it is written.
    static bool read_digest(std::string_view hex, crypto::Sha256Digest& digest) {
        const auto value = [](char c) {
            return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        };
        if (hex.size() != 2 * digest.size()) return false;
        for (std::size_t i = 0; i < digest.size(); ++i) {
            const auto high = value(hex[2 * i]);
            const auto low = value(hex[2 * i + 1]);
            if (high < 0 || low < 0) return false;
            digest[i] = static_cast<std::byte>(high * 16 + low);
        }
        return true;
    }

    // Integers that a double can't hold were written as text.
    void skip_number() {
        if (in_.peek() == '"') return skip_text();
        static_cast<void>(in_.integer());
    }

    void skip_text() { static_cast<void>(in_.string()); }

    JsonScanner in_;
    LeafContent content_;
    std::int64_t version_ = 0;
    std::string_view dropped_;
};

}  // namespace

crypto::Sha256Digest commitment(std::string_view name, const Salt& salt, std::string_view text) {
    std::string message = "sallyport audit commitment v1\n";
    message += name;
    message += '\n';
    message += as_text(salt);
    message += text;
    return crypto::sha256(as_bytes(message));
}

bool Commitment::named(std::string_view name) const noexcept {
    return name.size() == section.size() + 1 + member.size() && name.starts_with(section) &&
           name[section.size()] == '.' && name.ends_with(member);
}

std::string Commitment::name() const {
    return std::string(section) + '.' + std::string(member);
}

Leaf encode_leaf(const EventId& id, const Moment& moment, const Event& event) {
    // An event whose values are all long is cut harder, until it fits; with 64 bytes a value it
    // always does, whatever has to be escaped.
    auto value_max = leaf_value_size_max;
    auto leaf = encode(id, moment, event, value_max, nullptr);
    while (leaf.bytes.size() > leaf_size_max && value_max > 64) {
        value_max /= 2;
        leaf = encode(id, moment, event, value_max, nullptr);
    }
    if (leaf.bytes.size() > leaf_size_max) {
        throw Fault("audit event " + std::string(event.type) + " does not fit into a leaf");
    }
    return leaf;
}

Result<LeafContent> read_leaf(std::string_view bytes) {
    if (bytes.size() > leaf_size_max) return refuse(Refusal::invalid, "leaf.malformed");
    return Reader(bytes).read();
}

}  // namespace sallyport::audit
