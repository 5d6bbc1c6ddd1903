#include "domain/authn/webauthn/client_data.h"

#include "domain/directory/bounded_json.h"

namespace sallyport::authn::webauthn {

namespace {

constexpr std::size_t type_size_max = 64;
constexpr std::size_t challenge_size_max = 1024;
constexpr std::size_t origin_size_max = 1024;

}  // namespace

Result<ClientData> parse_client_data(BytesView json) {
    nlohmann::json document;
    std::string problem;
    if (!directory::parse_bounded_json(as_text(json), client_data_size_max, document, problem)) {
        return refuse(Refusal::invalid, "webauthn.client_data", problem);
    }
    directory::MemberReader members(document, "", problem);
    ClientData data;
    data.type = members.text("type", 1, type_size_max);
    data.challenge = members.text("challenge", 1, challenge_size_max);
    data.origin = members.text("origin", 1, origin_size_max);
    if (members.has("crossOrigin")) data.cross_origin = members.boolean("crossOrigin");
    if (members.has("topOrigin")) data.top_origin = members.text("topOrigin", 1, origin_size_max);
    if (!problem.empty()) return refuse(Refusal::invalid, "webauthn.client_data", problem);
    return data;
}

}  // namespace sallyport::authn::webauthn
