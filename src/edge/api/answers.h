#pragma once
// The few shapes that handlers answer with.

#include "edge/api/route.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace sallyport::api {

[[nodiscard]] Reply answer(const nlohmann::json& json, int status = 200);
// The same, and where the sender of a form goes next.
[[nodiscard]] Reply done(const nlohmann::json& json, std::string location, int status = 200);
[[nodiscard]] Reply answer_page(std::string html);

// The id in the route's nth placeholder. Refuses not_found "id.unknown".
template <class IdType>
[[nodiscard]] Result<IdType> path_id(const Call& call, std::size_t position) {
    auto id = IdType::parse(call.path_values.at(position));
    if (!id) return refuse(Refusal::not_found, "id.unknown");
    return *id;
}

}  // namespace sallyport::api
