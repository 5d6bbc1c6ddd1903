#include "edge/api/account_in_path.h"

namespace sallyport::api {

Result<directory::Account> account_in_path(store::Tx& tx, const Call& call) {
    const auto name = directory::LoginName::parse(call.path_values.at(0));
    auto account = name ? directory::find_account(tx, *name) : std::nullopt;
    if (!account) return refuse(Refusal::not_found, "user.unknown");
    return *std::move(account);
}

}  // namespace sallyport::api
