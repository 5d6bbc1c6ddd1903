#include "edge/api/answers.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace sallyport::api {

Reply answer(const nlohmann::json& json, int status) {
    Reply reply;
    reply.status = status;
    // What devices and people sent may not be UTF-8; an answer must not fail over it.
    reply.json = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return reply;
}

Reply done(const nlohmann::json& json, std::string location, int status) {
    auto reply = answer(json, status);
    reply.location = std::move(location);
    return reply;
}

Reply answer_page(std::string html) {
    Reply reply;
    reply.page = std::move(html);
    return reply;
}

}  // namespace sallyport::api
