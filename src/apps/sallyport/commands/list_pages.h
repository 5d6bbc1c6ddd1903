#pragma once
// Lists that the server answers a page at a time.

#include "apps/sallyport/api_client.h"
#include "apps/sallyport/commands/client_command.h"

#include <string>
#include <string_view>
#include <vector>

namespace sallyport::cli {

// Members as a query: "?type=authn.&count=5"; empty if there are none.
[[nodiscard]] std::string query_of(const nlohmann::json& members);

// --count, --after and --all.
void add_page_options(CLI::App& command, Options& options);

// Prints what `path` lists under `member`, with the members of the command's options as its
// conditions: one page, or with --all page after page. Where the list goes on, stderr says how.
void print_pages(
    ApiClient& client,
    const Options& options,
    const std::string& path,
    const std::string& member,
    const std::vector<std::string_view>& columns
);

}  // namespace sallyport::cli
