#include "base/store/postgres/values.h"

#include "base/core/fault.h"

#include <endian.h>
#include <fmt/format.h>

#include <charconv>
#include <cstring>

namespace sallyport::store::postgres {

namespace {

// From pg_type.dat; they never change.
enum : Oid {
    oid_bool = 16,
    oid_bytea = 17,
    oid_name = 19,
    oid_int8 = 20,
    oid_int2 = 21,
    oid_int4 = 23,
    oid_text = 25,
    oid_oid = 26,
    oid_float4 = 700,
    oid_float8 = 701,
    oid_bpchar = 1042,
    oid_varchar = 1043,
    oid_numeric = 1700,
    oid_void = 2278,
};

std::int64_t big_endian_integer(const char* bytes, std::size_t size) {
    // Sign-extended from the first byte.
    std::int64_t value = (static_cast<unsigned char>(bytes[0]) & 0x80U) != 0 ? -1 : 0;
    for (std::size_t at = 0; at < size; ++at) {
        value = value * 256 + static_cast<unsigned char>(bytes[at]);
    }
    return value;
}

Value binary_value(Oid type, const char* bytes, std::size_t size) {
    switch (type) {
        case oid_int8:
        case oid_int4:
        case oid_int2:
        case oid_bool:
            if (size == 0 || size > 8) throw Fault("PostgreSQL sent an integer of a strange size");
            return big_endian_integer(bytes, size);
        case oid_bytea: {
            const auto* begin = reinterpret_cast<const std::byte*>(bytes);
            return Bytes(begin, begin + size);
        }
        default:
            return std::string(bytes, size);
    }
}

std::int64_t decimal(Oid type, std::string_view text) {
    std::int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size()) {
        throw Fault(fmt::format("PostgreSQL sent a number of type {} that is no integer", type));
    }
    return value;
}

int nibble(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    throw Fault("PostgreSQL sent a bytea that is no hexadecimal");
}

Bytes unescaped_bytea(std::string_view text) {
    if (!text.starts_with("\\x") || text.size() % 2 != 0) {
        throw Fault("PostgreSQL sent a bytea in a form that we do not read");
    }
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t at = 2; at < text.size(); at += 2) {
        bytes.push_back(static_cast<std::byte>(nibble(text[at]) * 16 + nibble(text[at + 1])));
    }
    return bytes;
}

Value text_value(Oid type, std::string_view text) {
    switch (type) {
        case oid_int8:
        case oid_int4:
        case oid_int2:
        case oid_oid:
        case oid_numeric:  // what sum() of integers is
            return decimal(type, text);
        case oid_bool:
            return std::int64_t{text == "t" ? 1 : 0};
        case oid_bytea:
            return unescaped_bytea(text);
        case oid_void:
            return nullptr;
        case oid_float4:
        case oid_float8:
            throw Fault("PostgreSQL sent a floating-point number; we keep none");
        default:
            return std::string(text);
    }
}

Value column(const PGresult* result, int row, int at) {
    if (PQgetisnull(result, row, at) != 0) return nullptr;
    const char* bytes = PQgetvalue(result, row, at);
    const auto size = static_cast<std::size_t>(PQgetlength(result, row, at));
    const Oid type = PQftype(result, at);
    if (PQfformat(result, at) == 1) return binary_value(type, bytes, size);
    return text_value(type, {bytes, size});
}

}  // namespace

Parameters::Parameters(const std::vector<Value>& values) {
    integers_.reserve(values.size());  // values_ points into it
    for (const auto& value : values) {
        const auto add = [&](char letter, Oid type, const void* bytes, std::size_t size) {
            signature_ += letter;
            types_.push_back(type);
            values_.push_back(static_cast<const char*>(bytes));
            lengths_.push_back(static_cast<int>(size));
            formats_.push_back(1);
        };
        if (const auto* integer = std::get_if<std::int64_t>(&value)) {
            integers_.push_back(htobe64(static_cast<std::uint64_t>(*integer)));
            add('i', oid_int8, &integers_.back(), sizeof(std::uint64_t));
        } else if (const auto* text = std::get_if<std::string>(&value)) {
            add('t', oid_text, text->data(), text->size());
        } else if (const auto* blob = std::get_if<Bytes>(&value)) {
            // A null pointer would mean NULL.
            add('b',
                oid_bytea,
                blob->empty() ? "" : static_cast<const void*>(blob->data()),
                blob->size());
        } else {
            add('n', 0, nullptr, 0);
        }
    }
}

bool has_binary_form(Oid type) noexcept {
    switch (type) {
        case oid_bool:
        case oid_bytea:
        case oid_name:
        case oid_int8:
        case oid_int2:
        case oid_int4:
        case oid_text:
        case oid_bpchar:
        case oid_varchar:
            return true;
        default:
            return false;
    }
}

std::vector<Row> read_rows(const PGresult* result) {
    const int rows = PQntuples(result);
    const int columns = PQnfields(result);
    std::vector<Row> out;
    out.reserve(static_cast<std::size_t>(rows));
    for (int row = 0; row < rows; ++row) {
        std::vector<Value> values;
        values.reserve(static_cast<std::size_t>(columns));
        for (int at = 0; at < columns; ++at) {
            values.push_back(column(result, row, at));
        }
        out.emplace_back(std::move(values));
    }
    return out;
}

}  // namespace sallyport::store::postgres
