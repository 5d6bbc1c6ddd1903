#include "apps/sallyport/commands/list_pages.h"

#include "apps/sallyport/print.h"

#include "edge/http/message.h"

#include <iostream>

namespace sallyport::cli {

std::string query_of(const nlohmann::json& members) {
    std::string query;
    for (const auto& [name, value] : members.items()) {
        query += (query.empty() ? "?" : "&") + name + "=" +
                 http::percent_encoded(value.get<std::string>());
    }
    return query;
}

void add_page_options(CLI::App& command, Options& options) {
    auto* const count =
        add_member(command, options, "--count", "count", "At most this many, up to 1000 (100)");
    add_member(
        command, options, "--after", "after", "Go on after this one, as the page before said"
    );
    command.add_flag("--all", options.all, "All of them, however many")->excludes(count);
}

void print_pages(
    ApiClient& client,
    const Options& options,
    const std::string& path,
    const std::string& member,
    const std::vector<std::string_view>& columns
) {
    auto conditions = options.body;
    if (options.all) conditions["count"] = "1000";
    auto rows = nlohmann::json::array();
    std::string next;
    do {
        const auto page = client.expect("GET", path + query_of(conditions));
        for (const auto& row : page.value(member, nlohmann::json::array())) {
            rows.push_back(row);
        }
        next = page.value("next", "");
        conditions["after"] = next;
    } while (options.all && !next.empty());
    print_list(rows, columns, options.as_json);
    if (next.empty()) return;
    std::cerr << "There are more: --after " << next << " goes on, --all shows all.\n";
}

}  // namespace sallyport::cli
