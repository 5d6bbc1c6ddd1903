#include "base/store/postgres/conninfo.h"

#include "base/core/fault.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace sallyport::store::postgres {

namespace {

struct FreeOptions {
    void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};

struct Setting {
    std::string_view name;
    std::string_view value;
};

constexpr std::array own_settings = {
    Setting{"application_name", "sallyport"},
    Setting{"client_encoding", "UTF8"},
    Setting{"connect_timeout", "5"},
    Setting{"keepalives_idle", "10"},
    Setting{"keepalives_interval", "5"},
    Setting{"keepalives_count", "3"},
    Setting{"tcp_user_timeout", "25000"},
    Setting{"target_session_attrs", "read-write"},
};

constexpr std::array<std::string_view, 2> secret_settings = {"password", "sslpassword"};

}  // namespace

std::vector<std::pair<std::string, std::string>> connection_settings(const std::string& conninfo) {
    if (std::getenv("PGPASSWORD") != nullptr) {  // NOLINT(concurrency-mt-unsafe)
        throw Fault(
            "the environment has PGPASSWORD: a password is not passed there. Put it into a file "
            "that only Sallyport can read, and name that as passfile in the conninfo."
        );
    }
    // libpq's own error text may quote what it could not read, so it is not passed on.
    char* error = nullptr;
    const std::unique_ptr<PQconninfoOption, FreeOptions> options(
        PQconninfoParse(conninfo.c_str(), &error)
    );
    PQfreemem(error);
    if (!options) {
        throw Fault(
            "the PostgreSQL conninfo can't be read: it is keyword=value pairs, or a postgresql:// "
            "URL"
        );
    }

    std::vector<std::pair<std::string, std::string>> settings;
    for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val == nullptr) continue;
        const std::string_view name = option->keyword;
        if (std::ranges::find(secret_settings, name) != secret_settings.end()) {
            throw Fault(fmt::format(
                "the PostgreSQL conninfo holds \"{}\": put the password into a file that only "
                "Sallyport can read, and name that as passfile",
                name
            ));
        }
        settings.emplace_back(name, option->val);
    }
    for (const auto& own : own_settings) {
        const bool given = std::ranges::any_of(settings, [&](const auto& setting) {
            return setting.first == own.name;
        });
        if (!given) settings.emplace_back(own.name, own.value);
    }
    return settings;
}

}  // namespace sallyport::store::postgres
